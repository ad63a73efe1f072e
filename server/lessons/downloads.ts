import { setTimeout as wait } from 'node:timers/promises';
import type { Begun, Ceilings } from './ceilings.ts';
import type { DownloadRates } from './download-rates.ts';

/** Less would be mostly headers; more, and TCP, which finds a lost packet by those after it, would find it late. */
const LEAST_BYTES = 500;
/** At a time, so that a voice never waits long behind a file. */
const PART_MS = 100;
const BITS = 8;

/** One browser's line: all files that it fetches share it. */
interface Line {
  readonly receiving: Map<string, DownloadRates>;
  /** Files under way. */
  open: number;
  /** When the next part may go. */
  nextAt: number;
}

/** Whose browser fetches: `by` as in `MediaUser`. */
export interface Fetching {
  readonly by: string;
  readonly participant: string;
  /** The application, or what they have missed of the lesson: it gives way to a ceiling only. */
  readonly isNeeded: boolean;
}

/**
 * How fast files go to the browsers of those who receive a lesson: one budget for the link, in which the voice comes first
 * (`download-rates.ts`). Outside a lesson a room's ceiling alone holds.
 */
export class Downloads {
  readonly #ceilings: Pick<Ceilings, 'kbps' | 'fetching'>;
  readonly #lines = new Map<string, Line>();

  constructor(ceilings: Pick<Ceilings, 'kbps' | 'fetching'>) {
    this.#ceilings = ceilings;
  }

  /** What a receiver's browser may fetch from now on; null: it receives no more. */
  limit(by: string, transport: string, rates: DownloadRates | null): void {
    const line = this.#line(by);
    if (rates) line.receiving.set(transport, rates);
    else line.receiving.delete(transport);
    this.#forget(by);
  }

  isBusy(by: string): boolean {
    return (this.#lines.get(by)?.open ?? 0) > 0;
  }

  /** A file begins. */
  begin({ by, participant }: Fetching): Begun {
    this.#line(by).open += 1;
    const { known, end } = this.#ceilings.fetching(participant);
    return {
      known,
      end: () => {
        end();
        this.#line(by).open -= 1;
        this.#forget(by);
      },
    };
  }

  /** How many bytes may go at a time; null: all, at once. */
  part(fetching: Fetching): number | null {
    const kbps = this.#kbps(fetching);
    return kbps === null ? null : Math.max(LEAST_BYTES, Math.round((kbps * PART_MS) / BITS));
  }

  /** Resolves when it is the turn of so many bytes; null: it is. */
  turn(fetching: Fetching, bytes: number): Promise<void> | null {
    const kbps = this.#kbps(fetching);
    if (kbps === null) return null;
    const line = this.#line(fetching.by);
    const now = performance.now();
    const from = Math.max(now, line.nextAt);
    line.nextAt = from + (bytes * BITS) / kbps;
    return from > now ? wait(from - now, undefined, { ref: false }) : null;
  }

  #kbps({ by, participant, isNeeded }: Fetching): number | null {
    const receiving = [...(this.#lines.get(by)?.receiving.values() ?? [])];
    const rates = receiving.flatMap(({ link, ceiling }) => (isNeeded ? [ceiling] : [link, ceiling]));
    if (receiving.length === 0) rates.push(this.#ceilings.kbps(participant));
    const known = rates.filter((rate) => rate !== null);
    return known.length > 0 ? Math.min(...known) : null;
  }

  #line(by: string): Line {
    const known = this.#lines.get(by);
    if (known) return known;
    const made: Line = { receiving: new Map(), open: 0, nextAt: 0 };
    this.#lines.set(by, made);
    return made;
  }

  /** A line that nobody uses is none; what it has sent just now still counts. */
  #forget(by: string): void {
    const line = this.#lines.get(by);
    const isUsed = line && (line.open > 0 || line.receiving.size > 0 || line.nextAt > performance.now());
    if (!isUsed) this.#lines.delete(by);
  }
}
