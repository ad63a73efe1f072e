/**
 * The lesson's clock on this machine, in milliseconds. Runs on `performance.now()`: whoever sets the wall clock, the
 * lesson's time neither leaps nor turns back.
 */
export class LessonClock {
  readonly #monotonic: () => number;
  #offset = 0;
  #least = 0;

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /**
   * Sets the clock from an answer that said `now`. The server wrote it somewhere between question and answer;
   * half the round trip is the best guess and at most half of it wrong.
   */
  set(now: number, roundTripMs: number): void {
    this.#offset = now + roundTripMs / 2 - this.#monotonic();
    this.#least = now;
  }

  /** An entry of that time has been seen: it is at least as late. */
  atLeast(t: number): void {
    if (t <= this.now()) return;
    this.#least = t;
    this.#offset = t - this.#monotonic();
  }

  now(): number {
    return Math.max(this.#least, Math.round(this.#offset + this.#monotonic()));
  }
}
