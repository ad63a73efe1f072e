import type { Stretch } from '../../protocol/watching.ts';

/** A longer step between two looks is a leap, not playing: at double speed in a tab that is looked at seldom. Lesson ms. */
const STEP_MS = 4_000;

/** Which parts of the lesson were played, from what is seen of its clock. Lesson times in milliseconds. */
export class Watched {
  #stretches: Stretch[] = [];
  #from = 0;
  #last: number | null = null;

  /** To be called often while it plays, and once when it no longer does. */
  look(t: number, playing: boolean): void {
    const goesOn = this.#last !== null && t >= this.#last && t - this.#last <= STEP_MS;
    if (!goesOn) {
      this.#close();
      this.#from = t;
    }
    this.#last = t;
    if (playing) return;
    this.#close();
    this.#last = null;
  }

  /** What was played since the last time, and is forgotten here. */
  take(): Stretch[] {
    this.#close();
    this.#from = this.#last ?? 0;
    return this.#stretches.splice(0);
  }

  #close(): void {
    if (this.#last === null) return;
    const [from, to] = [Math.floor(this.#from), Math.floor(this.#last)];
    if (to > from) this.#stretches.push([from, to]);
  }
}
