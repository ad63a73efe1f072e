import { TongkeError } from '../../protocol/errors.ts';
import type { Connection } from './connection.ts';

/** Often enough for a teacher to see a room in trouble; 20 bytes a second. */
const REPORT_EVERY_MS = 10_000;

export interface LinkOptions {
  readonly connection: Pick<Connection, 'ask' | 'connected'>;
  /** Share of media packets lost since last asked, 0..1; null where none are received. */
  loss(): Promise<number | null>;
  report(error: unknown): void;
}

/** Measures one's own link by the reports themselves, each telling how long the one before it took. */
export class LinkReporter {
  readonly #options: LinkOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #roundTripMs: number | null = null;
  #busy = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  start(roundTripMs: number): void {
    this.stop();
    this.#roundTripMs = roundTripMs;
    this.#timer = setInterval(() => void this.#reportOnce(), REPORT_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #reportOnce(): Promise<void> {
    if (this.#busy || this.#roundTripMs === null || !this.#options.connection.connected) return;
    this.#busy = true;
    try {
      const loss = (await this.#options.loss()) ?? 0;
      const asked = performance.now();
      await this.#options.connection.ask('link.report', { roundTripMs: this.#roundTripMs, loss });
      this.#roundTripMs = performance.now() - asked;
    } catch (error) {
      if (error instanceof TongkeError && error.code === 'lesson_ended') this.stop();
      // A report that gets lost is a link reported by its silence.
      else if (this.#options.connection.connected) this.#options.report(error);
    } finally {
      this.#busy = false;
    }
  }
}
