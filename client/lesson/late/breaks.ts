/** A link that flaps is away for a few seconds again and again; longer is an outage, and its end is the end of it, ms. */
const SHORT_MS = 5_000;
/** Two breaks so close to each other will not be the last; without another for as long, they were, ms. */
const CLOSE_MS = 20_000;

/** The short breaks of a link, and whether more are to come. Times are lesson times, ms. */
export class Breaks {
  #last = Number.NEGATIVE_INFINITY;
  #before = Number.NEGATIVE_INFINITY;

  add(from: number, to: number): void {
    if (to - from > SHORT_MS) return;
    this.#before = this.#last;
    this.#last = to;
  }

  flaps(now: number): boolean {
    return this.#last - this.#before < CLOSE_MS && now - this.#last < CLOSE_MS;
  }
}
