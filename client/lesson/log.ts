import type { LogEntry } from '../../protocol/events.ts';
import { type LessonState, reduce } from '../../protocol/lesson.ts';

/** Entries held while the ones before them are fetched; far more than any answer takes. */
const HELD_LIMIT = 10_000;

/** The confirmed state: the server's log as far as it is known here, without gaps and nothing twice. */
export class ConfirmedLog {
  #state: LessonState | null = null;
  /** Entries that came before their predecessors. */
  #held = new Map<number, LogEntry>();

  get state(): LessonState | null {
    return this.#state;
  }

  /** Something is missing between the state and what is held. */
  get hasGap(): boolean {
    return this.#held.size > 0;
  }

  /** The entries that could be applied, in order; others are held, known ones ignored. */
  take(entries: readonly LogEntry[]): LogEntry[] {
    const applied: LogEntry[] = [];
    for (const entry of entries) {
      if (this.#state && entry.seq === this.#state.seq + 1) this.#apply(entry, applied);
      else if (entry.seq > (this.#state?.seq ?? 0)) this.#hold(entry);
    }
    return this.#applyHeld(applied);
  }

  /** Begins from a whole state: the server's word, whatever was here. Returns entries held that follow it. */
  restore(snapshot: LessonState): LogEntry[] {
    this.#state = snapshot;
    for (const seq of this.#held.keys()) if (seq <= snapshot.seq) this.#held.delete(seq);
    return this.#applyHeld([]);
  }

  #apply(entry: LogEntry, applied: LogEntry[]): void {
    if (this.#state) this.#state = reduce(this.#state, entry);
    applied.push(entry);
  }

  #applyHeld(applied: LogEntry[]): LogEntry[] {
    while (this.#state && this.#held.size > 0) {
      const { seq } = this.#state;
      const next = this.#held.get(seq + 1);
      if (!next) {
        for (const held of this.#held.keys()) if (held <= seq) this.#held.delete(held);
        break;
      }
      this.#held.delete(next.seq);
      this.#apply(next, applied);
    }
    return applied;
  }

  #hold(entry: LogEntry): void {
    // Beyond any sense: what is dropped here comes with the next join.
    if (this.#held.size < HELD_LIMIT) this.#held.set(entry.seq, entry);
  }
}
