import { voicesSince } from '../store/device-series.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;
/** A voice that is understood peaks 20 dB above this, dBov; levels come in steps of six. */
const QUIET_DB = -45;
/** Fewer reports, one a minute on the stage, or on fewer days, say nothing: perhaps nobody spoke. */
const LEAST_REPORTS = 10;
const LEAST_DAYS = 2;

/** Which devices' microphones brought no voice in a week, though they were open. Read from the series once an hour. */
export class QuietVoices {
  #readAt = Number.NEGATIVE_INFINITY;
  #devices: ReadonlySet<string> = new Set();

  async devices(now: number): Promise<ReadonlySet<string>> {
    if (now - this.#readAt < HOUR) return this.#devices;
    const heard = await voicesSince(now - WEEK);
    const quiet = heard.filter(
      ({ loudest, reports, days }) => loudest < QUIET_DB && reports >= LEAST_REPORTS && days >= LEAST_DAYS,
    );
    this.#devices = new Set(quiet.map(({ device }) => device));
    this.#readAt = now;
    return this.#devices;
  }
}
