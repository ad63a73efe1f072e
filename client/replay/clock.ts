/** A clock that can be set, stopped and run at another speed: lesson time where no voice gives it. */
export class RunningClock {
  readonly #now: () => number;
  #at = 0;
  #since: number | null = null;
  #rate = 1;

  /** `now`: a monotonic clock, milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get time(): number {
    return this.#since === null ? this.#at : this.#at + (this.#now() - this.#since) * this.#rate;
  }

  get rate(): number {
    return this.#rate;
  }

  set(time: number): void {
    this.#at = time;
    if (this.#since !== null) this.#since = this.#now();
  }

  setRate(rate: number): void {
    this.set(this.time);
    this.#rate = rate;
  }

  run(): void {
    this.#since ??= this.#now();
  }

  stop(): void {
    this.#at = this.time;
    this.#since = null;
  }
}
