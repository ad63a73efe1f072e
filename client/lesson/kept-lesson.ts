import type { LogEntry } from '../../protocol/events.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { reduce } from '../../protocol/lesson.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { KeptState, LessonStorage } from './storage.ts';
import type { LessonView } from './types.ts';

type You = NonNullable<LessonView['you']>;

/** A whole board is written once; what comes after is written behind it, so often, ms. */
const WRITE_EVERY_MS = 1_000;
/** The browser finds a moment for it within this, ms. */
const IDLE_WITHIN_MS = 5_000;
/** With so many entries behind it the board is written anew: about half an hour of writing. */
const REWRITE_AFTER = 4_000;

export interface KeptLessonOptions {
  readonly lesson: string;
  /** Who uses this page; null: nothing is kept, and nothing that was kept is shown. */
  readonly account: string | null;
  readonly storage: LessonStorage;
  /** The confirmed state, once all of it is here. */
  state(): LessonState | null;
  report(error: unknown): void;
}

/**
 * The confirmed lesson on this device, so that a page that is reloaded without a link shows its board and goes on
 * writing. It may lack the last second; what was written here and is not in the log yet is kept by the outbox.
 */
export class KeptLesson {
  readonly #options: KeptLessonOptions;
  #you: You | null = null;
  /** `seq` of the state that is written, and how many entries are behind it; null before there is one. */
  #base: { readonly seq: number; behind: number } | null = null;
  #waiting: LogEntry[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: KeptLessonOptions) {
    this.#options = options;
  }

  /** As it was when this page, or one before it, last saw it; null where nothing is of use. */
  async load(): Promise<{ you: You; state: LessonState } | null> {
    const { lesson, account, storage, report } = this.#options;
    try {
      const kept = account === null ? null : await storage.loadLesson(lesson);
      if (!kept || kept.state.version !== PROTOCOL_VERSION || kept.state.you.participant !== account)
        return null;
      let { state } = kept.state;
      for (const entry of kept.entries) if (entry.seq === state.seq + 1) state = reduce(state, entry);
      return { you: kept.state.you, state };
    } catch (error) {
      report(error); // a browser that keeps nothing still teaches
      return null;
    }
  }

  /** One is in the lesson: what is known of it from now on is kept. */
  joined(you: You): void {
    this.#you = you;
    this.#later();
  }

  /** Confirmed, and in the state by now. */
  took(entries: readonly LogEntry[]): void {
    if (!this.#you) return;
    if (this.#base) this.#waiting.push(...entries);
    this.#later();
  }

  /** The state is another than what was written and what came after it. */
  replaced(): void {
    this.#base = null;
    this.#waiting = [];
    if (this.#you) this.#later();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#you) this.#write();
  }

  #later(): void {
    if (this.#options.account === null) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // A whole board takes some frames to copy: not while a pen is being followed, if that can be helped.
      if (!this.#base && 'requestIdleCallback' in globalThis)
        requestIdleCallback(() => this.#write(), { timeout: IDLE_WITHIN_MS });
      else this.#write();
    }, WRITE_EVERY_MS);
  }

  #write(): void {
    const { lesson, account, storage, report } = this.#options;
    const state = this.#options.state();
    if (!this.#you || !state || account !== this.#you.participant) return;
    const entries = this.#waiting.splice(0);
    let write: () => Promise<void>;
    if (state.phase === 'ended') write = () => storage.forgetLesson(lesson);
    else if (!this.#base || this.#base.behind + entries.length > REWRITE_AFTER) {
      const kept: KeptState = { lesson, version: PROTOCOL_VERSION, you: this.#you, state, at: Date.now() };
      this.#base = { seq: state.seq, behind: 0 };
      write = () => storage.keepLesson(kept);
    } else {
      if (entries.length === 0) return;
      this.#base.behind += entries.length;
      write = () => storage.keepEntries(lesson, entries);
    }
    // One after the other: entries must not overtake the state that they follow.
    this.#writing = this.#writing.then(write).catch(report);
  }
}
