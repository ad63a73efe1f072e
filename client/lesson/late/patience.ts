/** What is behind must come nearer to what is live; standing still for so long, it is left behind, ms. */
const PATIENCE_MS = 15_000;
/** What has come nearer makes up for half as much of standing still: for all of it, it might never arrive. */
const MADE_UP_FOR = 0.5;

/**
 * How long a late voice is waited for. It is heard faster than it was said, so catching up ends by itself as long as
 * there is something to hear: whatever it is that keeps it waiting, this bounds it. The more was missed, the more often it
 * halts on a lossy link, and the more it comes nearer in between. Times are lesson times, ms.
 */
export class Patience {
  #before: { readonly now: number; readonly heard: number } | null = null;
  #stoodMs = 0;

  /** `mayStay`: it is held back on purpose. Whether waiting for it has been long enough. */
  isOver(now: number, heard: number, mayStay: boolean): boolean {
    const before = this.#before;
    this.#before = { now, heard };
    if (!before) return false;
    const passed = now - before.now;
    const gained = heard - before.heard - passed;
    const stood = gained < (mayStay ? -passed / 2 : 0) ? passed : -MADE_UP_FOR * gained;
    this.#stoodMs = Math.max(0, this.#stoodMs + stood);
    return this.#stoodMs > PATIENCE_MS;
  }

  /** More was missed: that takes its time too. */
  renew(): void {
    this.#before = null;
    this.#stoodMs = 0;
  }
}
