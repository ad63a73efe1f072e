import type { RecordingsApi } from '../../protocol/recording.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { refreshDemo, seedDemo } from './school.ts';

export { DEMO_PASSWORD, demoRuns } from './school.ts';

const REFRESH_MS = 60_000;

/** The demo school while the server runs: made at first start, kept around today from then on. */
export class Demo {
  readonly #recordings: RecordingsApi;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  constructor(_config: Config, recordings: RecordingsApi, log: Log) {
    this.#recordings = recordings;
    this.#log = log;
  }

  async open(): Promise<void> {
    await seedDemo();
    await refreshDemo(Date.now());
    this.#timer = setInterval(() => void this.#refresh(), REFRESH_MS);
  }

  makeReplay(): void {
    void this.#recordings;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #refresh(): Promise<void> {
    try {
      await refreshDemo(Date.now());
    } catch (error) {
      this.#log.warn({ err: error }, 'the demo week could not be brought up to date; trying again');
    }
  }
}
