import { type ErrorCode, TongkeError } from '../../protocol/errors.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { Replay, ReplayLog } from '../../protocol/replay.ts';
import { Listeners } from '../listeners.ts';
import { isUnfinished } from './renditions.ts';

/** Where a replay comes from. Rejects with a TongkeError where the server refuses, with anything else where it cannot be reached. */
export interface ReplaySource {
  show(lesson: string): Promise<Replay>;
  /** The entries after a `seq`; all of them after 0. */
  log(replay: Replay, after: number): Promise<ReplayLog>;
}

export interface Loaded {
  readonly replay: Replay;
  readonly entries: readonly LogEntry[];
}

export interface LoaderView {
  /** `pending`: the lesson has no replay yet. `refused`: see `code`. */
  readonly status: 'loading' | 'pending' | 'refused' | 'open';
  readonly code: ErrorCode | null;
  /** The server could not be reached the last time it was asked; it is asked again. */
  readonly unreachable: boolean;
  readonly loaded: Loaded | null;
}

/** How long until the manifest is asked for again while something is being made, milliseconds: it grows to the longest. */
const ASK_AGAIN_MS = 2000;
const ASK_AGAIN_LONGEST_MS = 15_000;
/** The voice of a lesson that goes on grows by a segment as often as this, milliseconds. */
const LIVE_MS = 3000;

/** Refusals that pass by themselves. */
const PASSING: readonly ErrorCode[] = [
  'database_unavailable',
  'shutting_down',
  'internal',
  'too_many_requests',
];

/** Fetches manifest and log, and the manifest again until every rendition is there. Framework-free. */
export class ReplayLoader {
  readonly #lesson: string;
  readonly #source: ReplaySource;
  readonly #listeners = new Listeners();
  #view: LoaderView = { status: 'loading', code: null, unreachable: false, loaded: null };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delay: number;
  #stopped = false;

  /** `askAgain`: the first wait before the manifest is asked for again, milliseconds. */
  constructor(lesson: string, source: ReplaySource, askAgain = ASK_AGAIN_MS) {
    this.#lesson = lesson;
    this.#source = source;
    this.#delay = askAgain;
  }

  readonly view = (): LoaderView => this.#view;

  readonly subscribe = this.#listeners.add;

  /** Asks now, and again for as long as there is reason to. */
  async load(): Promise<void> {
    this.#stopped = false;
    clearTimeout(this.#timer);
    try {
      const replay = await this.#source.show(this.#lesson);
      const entries = await this.#entries(replay);
      this.#set({ status: 'open', code: null, unreachable: false, loaded: { replay, entries } });
      if (replay.live) this.#askAgain(LIVE_MS);
      else if (isUnfinished(replay)) this.#askAgain();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Asks no more, until `load` is called again. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** All of the log once, and anew where its teacher has changed what is shown; of a lesson that goes on, or did when it was asked for last, what is new. */
  async #entries(replay: Replay): Promise<readonly LogEntry[]> {
    const before = this.#view.loaded;
    const isSame = before?.replay.cut === replay.cut;
    if (before && isSame && !before.replay.live) return before.entries;
    const known = before && isSame ? before.entries : [];
    const { entries } = await this.#source.log(replay, known.at(-1)?.seq ?? 0);
    return entries.length > 0 ? [...known, ...entries] : known;
  }

  #failed(error: unknown): void {
    const code = error instanceof TongkeError ? error.code : null;
    if (code === 'replay_not_ready') this.#set({ status: 'pending', code, unreachable: false });
    else if (code === null || PASSING.includes(code)) this.#set({ unreachable: true });
    else {
      this.#set({ status: 'refused', code, unreachable: false, loaded: null });
      return;
    }
    this.#askAgain();
  }

  #askAgain(wait?: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), wait ?? this.#delay);
    if (wait === undefined) this.#delay = Math.min(this.#delay * 1.5, ASK_AGAIN_LONGEST_MS);
  }

  #set(patch: Partial<LoaderView>): void {
    if (this.#stopped) return;
    this.#view = { ...this.#view, ...patch };
    this.#listeners.tell();
  }
}
