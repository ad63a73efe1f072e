import { TongkeError } from '../../protocol/errors.ts';
import type { LinkReport } from '../../protocol/link.ts';
import type { Connection } from './connection.ts';
import type { LinkMeasure } from './link-meter.ts';

const MEASURE_EVERY_MS = 1_000;
/** Often enough for a teacher to see a room in trouble; 20 bytes a second. */
const REPORT_EVERY_MS = 10_000;
/** More of the voice made up than this is told at once: something else must give way. */
const SUFFERS = 0.05;
/** On a link with a queue an answer takes seconds; what is amiss there is not to wait for it. */
const MOST_AT_ONCE = 4;

export interface LinkOptions {
  readonly connection: Pick<Connection, 'ask' | 'connected'>;
  /** How the link has done since last asked; null where nothing is received. */
  measure(): Promise<LinkMeasure | null>;
  report(error: unknown): void;
}

/** Measures one's own link, its round trip by the reports themselves: each tells how long the one before it took. */
export class LinkReporter {
  readonly #options: LinkOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #roundTripMs: number | null = null;
  #measures: LinkMeasure[] = [];
  #reportedAt = 0;
  /** By the last two trains, kbit/s. */
  #carried: readonly number[] = [];
  #measuring = false;
  /** Reports on their way. */
  #telling = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  start(roundTripMs: number): void {
    this.stop();
    this.#roundTripMs = roundTripMs;
    this.#reportedAt = performance.now();
    this.#timer = setInterval(() => void this.#measureOnce(), MEASURE_EVERY_MS);
    this.#tell(); // the server begins with as much as it knows of the link
  }

  /**
   * As far as trains have told, kbit/s. What comes between its datagrams, or a page that is busy, makes a train tell of a
   * thinner link: one alone proves none.
   */
  get carried(): number | null {
    return this.#carried.length < 2 ? null : Math.max(...this.#carried);
  }

  /** A train has shown what the link carries: told at once, since more may be given then. */
  carries(kbps: number): void {
    this.#carried = [...this.#carried.slice(-1), kbps];
    this.#tell(kbps);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#measures = [];
  }

  async #measureOnce(): Promise<void> {
    if (this.#measuring) return;
    this.#measuring = true;
    try {
      const measure = await this.#options.measure();
      if (measure) this.#measures.push(measure);
      const suffers = (measure?.concealed ?? 0) > SUFFERS;
      const due = performance.now() - this.#reportedAt >= REPORT_EVERY_MS;
      if (this.#telling < (suffers ? MOST_AT_ONCE : 1) && (suffers || due)) this.#tell();
    } catch (error) {
      this.#options.report(error);
    } finally {
      this.#measuring = false;
    }
  }

  /** Its answer is not waited for: measuring goes on while it is on its way. */
  #tell(carriesKbps?: number): void {
    if (this.#roundTripMs === null || !this.#options.connection.connected) return;
    this.#telling += 1;
    const report = { roundTripMs: this.#roundTripMs, carriesKbps, ...summary(this.#measures) };
    this.#measures = [];
    const asked = performance.now();
    this.#reportedAt = asked;
    this.#options.connection
      .ask('link.report', report)
      .then(() => {
        this.#roundTripMs = performance.now() - asked;
      })
      .catch((error: unknown) => {
        if (error instanceof TongkeError && error.code === 'lesson_ended') this.stop();
        // A report that gets lost is a link reported by its silence.
        else if (this.#options.connection.connected) this.#options.report(error);
      })
      .finally(() => {
        this.#telling -= 1;
      });
  }
}

function summary(measures: readonly LinkMeasure[]): Omit<LinkReport, 'roundTripMs'> {
  const mean = (of: (measure: LinkMeasure) => number) =>
    measures.reduce((sum, measure) => sum + of(measure), 0) / measures.length;
  const latest = measures.at(-1);
  if (!latest) return { loss: 0 };
  const heard = measures.flatMap(({ concealed }) => concealed ?? []);
  return {
    loss: mean(({ loss }) => loss),
    receivedKbps: Math.round(mean(({ receivedKbps }) => receivedKbps)),
    // The last second alone where it suffers: what was before says nothing of now.
    ...(heard.length > 0 && {
      concealed: Math.max(heard.at(-1) ?? 0, heard.reduce((a, b) => a + b, 0) / heard.length),
    }),
    ...(latest.pathMs !== null && { pathMs: Math.round(latest.pathMs) }),
  };
}
