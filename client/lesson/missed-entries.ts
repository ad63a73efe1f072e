import { WireError } from '../../protocol/bytes.ts';
import { EntriesDecoder } from '../../protocol/entries-line.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { getWhole, hedged } from './hedged.ts';

/** A satellite's round trip and half a minute of ink at 64 kbit/s. */
const HEDGE_MS = 1_300;
const AT_ONCE = 3;
/** Where the link was there all the while it is a thin and busy one, which requests beside each other only fill. */
const STEADY = { hedgeMs: 4_000, atOnce: 2 };
/** The socket has been joined by then, or the link is away again. */
const GIVEN_UP_MS = 20_000;
/** What is written while the socket is still away is asked for so often. */
const AGAIN_MS = 2_000;

export interface MissedEntriesOptions {
  readonly lesson: string;
  /** The last entry that is known here; null before any. */
  known(): number | null;
  /** The link is there, and the socket is not. */
  isWanted(): boolean;
  /** The link has not been away lately. */
  isSteady(): boolean;
  took(entries: LogEntry[]): void;
  report(error: unknown): void;
}

/**
 * After an outage: what the log says meanwhile, over HTTP as soon as the link is back. A connection that the browser has kept
 * brings it in one exchange, where a socket takes four, each a round trip of a satellite; it may be joined when it comes.
 */
export class MissedEntries {
  readonly #options: MissedEntriesOptions;
  #stop: AbortController | null = null;
  #isHere = true;

  constructor(options: MissedEntriesOptions) {
    this.#options = options;
  }

  /** What was written in the outage is here, or has been given up. */
  get isHere(): boolean {
    return this.#isHere;
  }

  /** Fetches it where it is wanted, and what follows, until the socket is there. */
  async fetch(): Promise<void> {
    if (this.#stop || !this.#options.isWanted()) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#isHere = false;
    while (!stop.signal.aborted && this.#options.isWanted()) {
      await this.#fetchOnce(stop.signal);
      this.#isHere = true;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    this.#isHere = true;
    this.#stop = null;
  }

  close(): void {
    this.#stop?.abort();
  }

  async #fetchOnce(closed: AbortSignal): Promise<void> {
    const since = this.#options.known();
    if (since === null) return;
    const signal = AbortSignal.any([closed, AbortSignal.timeout(GIVEN_UP_MS)]);
    try {
      const bytes = await this.#ask(since, signal);
      if (bytes && bytes.length > 0) this.#options.took(new EntriesDecoder().decode(bytes));
    } catch (error) {
      // Of the network: the link is away again, and the socket brings it.
      if (error instanceof WireError) this.#options.report(error);
    }
  }

  async #ask(since: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const path = `/replays/${encodeURIComponent(this.#options.lesson)}/log?after=${since}`;
    const ask = (ended: AbortSignal) => getWhole(path, ended);
    const haste = this.#options.isSteady() ? STEADY : { hedgeMs: HEDGE_MS, atOnce: AT_ONCE };
    const bytes = await hedged(ask, { ...haste, signal });
    return bytes && !signal.aborted ? new Uint8Array(bytes) : null;
  }
}
