import type { BoardParts } from '../../protocol/board-parts.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { digest, type LessonState, reduce } from '../../protocol/lesson.ts';
import { isMarked, type Mark } from '../../protocol/mark.ts';
import type { Arrival } from './arrival.ts';

/** Entries held while the ones before them are fetched; far more than any answer takes. */
const HELD_LIMIT = 10_000;

/** The confirmed state: the server's log as far as it is known here, without gaps and nothing twice. */
export class ConfirmedLog {
  /** Told of the state after each entry at which all compare theirs. */
  readonly #marked: (mark: Mark) => void;
  #arrival: Arrival | null = null;
  /** Since the snapshot whose board is still arriving: laid over more of it each time. */
  #since: LogEntry[] = [];
  #state: LessonState | null = null;
  /** Entries that came before their predecessors. */
  #held = new Map<number, LogEntry>();

  constructor(marked: (mark: Mark) => void = () => {}) {
    this.#marked = marked;
  }

  /** What the board is still being filled from; null once it is whole. */
  get arrival(): Arrival | null {
    return this.#arrival;
  }

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

  /** Begins from the server's word, whatever was here: a state, whole or arriving. Returns entries held that follow it. */
  restore(snapshot: LessonState, arrival: Arrival | null = null): LogEntry[] {
    this.#state = arrival?.state() ?? snapshot;
    this.#arrival = arrival?.whole ? null : arrival;
    this.#since = [];
    for (const seq of this.#held.keys()) if (seq <= snapshot.seq) this.#held.delete(seq);
    return this.#applyHeld([]);
  }

  /** More of the board has come. What happened meanwhile may have changed it: it is folded again. */
  arrive(parts: BoardParts): void {
    if (!this.#arrival) return;
    this.#arrival.take(parts);
    this.#state = this.#since.reduce(reduce, this.#arrival.state());
    if (!this.#arrival.whole) return;
    this.#arrival = null;
    this.#since = [];
  }

  #apply(entry: LogEntry, applied: LogEntry[]): void {
    if (this.#state) this.#state = reduce(this.#state, entry);
    applied.push(entry);
    if (this.#arrival) this.#since.push(entry);
    else if (this.#state && isMarked(entry.seq))
      this.#marked({ seq: entry.seq, digest: digest(this.#state) });
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
