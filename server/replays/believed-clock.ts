import { readSetting, writeSetting } from '../store/settings.ts';

const DAY_MS = 86_400_000;
/** A school's long holidays, with the server off. */
const LEAP_MS = 75 * DAY_MS;
/** A clock that was wrong is noticed, and set right, within a day of teaching. */
const DOUBTED_MS = DAY_MS;
/** The latest wall time, ms, at which nothing was doubted. */
const SEEN = 'clock-seen-at';

/**
 * Wall time for what cannot be taken back. A board without a battery, or a mistyped year, sets a server years ahead: it is not to
 * delete at once all that would be too old then.
 */
export class BelievedClock {
  readonly #now: () => number;
  readonly #uptime: () => number;
  #doubtedSince: number | null = null;
  #leapMs = 0;

  constructor(now = () => Date.now(), uptime = () => performance.now()) {
    this.#now = now;
    this.#uptime = uptime;
  }

  /** Milliseconds; null while it has leapt ahead and has not gone on for a day since. */
  async now(): Promise<number | null> {
    const now = this.#now();
    const seen = Number(await readSetting(SEEN)) || now;
    this.#leapMs = now - seen;
    if (this.#leapMs > LEAP_MS) {
      this.#doubtedSince ??= this.#uptime();
      if (this.#uptime() - this.#doubtedSince < DOUBTED_MS) return null;
    }
    this.#doubtedSince = null;
    await writeSetting(SEEN, String(now));
    return now;
  }

  /** In plain English, for an operator. */
  warnings(): string[] {
    if (this.#doubtedSince === null) return [];
    const days = Math.round(this.#leapMs / DAY_MS);
    return [
      `clock: it is ${days} days later than when this server last ran; if that is wrong, set it right: what is too old is deleted in a day from the start`,
    ];
  }
}
