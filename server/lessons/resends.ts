/** Some seconds' worth: at 8 packets of thin voice a second, one second says nothing of loss. */
const KEPT = 0.85;
const ENOUGH = 40;

/**
 * A link's loss by what had to be sent again. A receiver's own count (RTCP) does not show it: a voice that was repaired
 * was not lost, and asking for a packet twice does not lose it twice.
 */
export class Resends {
  #before: { readonly sent: number; readonly resent: number } | null = null;
  #sent = 0;
  #resent = 0;

  /** Counters since the beginning; gives the share of the last seconds, 0..1, or null before there was enough. */
  read(sent: number, resent: number): number | null {
    const before = this.#before;
    this.#before = { sent, resent };
    // Fewer than before: other streams are counted now.
    if (!before || sent < before.sent || resent < before.resent) return this.#share();
    this.#sent = this.#sent * KEPT + sent - before.sent;
    this.#resent = this.#resent * KEPT + resent - before.resent;
    return this.#share();
  }

  #share(): number | null {
    return this.#sent < ENOUGH ? null : Math.min(1, this.#resent / this.#sent);
  }
}
