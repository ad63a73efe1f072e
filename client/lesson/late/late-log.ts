import type { LogEntry } from '../../../protocol/events.ts';
import { type LessonState, reduce } from '../../../protocol/lesson.ts';

/** The board as it was when what is heard was said, from entries that are here already. */
export class LateLog {
  #shown: LessonState;
  #coming: LogEntry[] = [];
  #over: { readonly live: LessonState; readonly shown: LessonState; readonly both: LessonState } | null =
    null;

  constructor(shown: LessonState) {
    this.#shown = shown;
  }

  take(entries: readonly LogEntry[]): void {
    this.#coming.push(...entries);
  }

  /** Goes on to lesson time `t`, ms; the entries that are shown by it. */
  advance(t: number): readonly LogEntry[] {
    const count = this.#coming.findIndex((entry) => entry.t > t);
    const due = this.#coming.splice(0, count === -1 ? this.#coming.length : count);
    for (const entry of due) this.#shown = reduce(this.#shown, entry);
    return due;
  }

  /** All that has not been shown. */
  rest(): readonly LogEntry[] {
    return this.#coming.splice(0);
  }

  /** Who is here, who may speak, what is said in writing: as it is now. The board alone is late. */
  over(live: LessonState): LessonState {
    if (this.#over?.live !== live || this.#over.shown !== this.#shown)
      this.#over = { live, shown: this.#shown, both: { ...live, board: this.#shown.board } };
    return this.#over.both;
  }
}
