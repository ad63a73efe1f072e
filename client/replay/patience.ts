/** A picture is waited for so long in all, milliseconds: of what it plays, a sixth makes up for that. */
const MOST_MS = 10_000;
const MAKES_UP = 6;
/** A page that is not looked at has no frames: what passes between two of them is no wait. */
const LONGEST_LOOK_MS = 1_000;

/** Tells when a link does not carry what is played. */
export class Patience {
  #waited = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** True once it is at an end. `now`: monotonic, milliseconds. */
  look(now: number, isWaiting: boolean): boolean {
    const passed = Math.min(now - this.#last, LONGEST_LOOK_MS);
    this.#last = now;
    this.#waited = Math.max(0, this.#waited + (isWaiting ? passed : -passed / MAKES_UP));
    return this.#waited > MOST_MS;
  }
}
