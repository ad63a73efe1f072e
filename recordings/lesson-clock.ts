/**
 * Maps a stream's RTP time onto the lesson's clock.
 *
 * A packet's arrival is its RTP time plus a delay that is never less than the network's shortest. So the least
 * delay of the last seconds says where RTP time zero lies; the mapping follows it slowly, which takes out the
 * drift of the sender's crystal without passing on the jitter, and jumps only when the two clocks part.
 */

/** The least delay is sought in this many buckets of one second. */
const WINDOW_S = 5;
/** Beyond this the sender's timestamps have jumped, or the path's delay has changed for good. */
const JUMP_MS = 300;
/**
 * Ms of correction in a second of media. Later: twenty times the drift of the worst crystals. Earlier, which is
 * certain as soon as one packet came sooner than the mapping allows: quick.
 */
const SLEW_MS_PER_S = { later: 2, earlier: 20 };
/**
 * Right after the first packet, which may have waited in a queue, nothing is yet contiguous with it that a
 * correction could tear: until then the mapping takes the least delay at once.
 */
const SETTLE_MS = 1000;

export class LessonClock {
  readonly #rate: number;
  /** Least delay by second of arrival. */
  readonly #least = new Map<number, number>();
  #offset: number | undefined;
  #firstArrival = 0;
  #lastMedia = 0;

  /** `rate`: RTP ticks a second. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Takes note of a packet as it arrives. `arrival`: lesson time, ms. */
  observe(timestamp: number, arrival: number): void {
    const media = (timestamp / this.#rate) * 1000;
    const delay = arrival - media;
    const least = this.#track(Math.floor(arrival / 1000), delay);
    if (this.#offset === undefined) {
      this.#offset = delay;
      this.#firstArrival = arrival;
      this.#lastMedia = media;
      return;
    }
    const error = least - this.#offset;
    const settling = arrival - this.#firstArrival < SETTLE_MS && error < 0;
    if (settling || Math.abs(error) > JUMP_MS) {
      this.#offset = least;
    } else {
      const passed = Math.max(0, Math.min(1, (media - this.#lastMedia) / 1000));
      const { later, earlier } = SLEW_MS_PER_S;
      this.#offset += Math.max(-earlier * passed, Math.min(later * passed, error));
    }
    this.#lastMedia = Math.max(this.#lastMedia, media);
  }

  /** Lesson time of a timestamp that was observed, ms, not rounded. */
  at(timestamp: number): number {
    return (timestamp / this.#rate) * 1000 + (this.#offset ?? 0);
  }

  #track(second: number, delay: number): number {
    const known = this.#least.get(second);
    if (known === undefined || delay < known) this.#least.set(second, delay);
    let least = Number.POSITIVE_INFINITY;
    for (const [bucket, value] of this.#least) {
      if (bucket <= second - WINDOW_S) this.#least.delete(bucket);
      else least = Math.min(least, value);
    }
    return least;
  }
}
