import type { LogEntry } from '../../protocol/events.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { type LogStore, LogTaken } from '../../server/store/log.ts';
import type { Random } from './virtual-time.ts';

interface Batch {
  readonly writer: string;
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly text: string;
}

/** What the database answered, or nothing that one could tell it from. */
class StoreTrouble extends Error {}

/**
 * The log store's contract without a database: a batch is there whole or not at all, two writers never hold the same
 * place, and an insert may fail with or without having happened. What it holds outlives every server.
 */
export class MemoryStore implements LogStore {
  /** How often an insert fails, 0..1; half of those have happened all the same. */
  trouble = 0;
  readonly #random: Random;
  #batches: Batch[] = [];
  #snapshot: { seq: number; text: string } | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  async append(_lesson: string, writer: string, entries: readonly LogEntry[]): Promise<void> {
    const [first, last] = [entries[0], entries.at(-1)];
    if (!first || !last) return;
    await this.#delay();
    const fails = this.#random.chance(this.trouble);
    if (fails && this.#random.chance(0.5)) throw new StoreTrouble('not written');
    const there = this.#batches.find(({ from }) => from === first.seq);
    if (there && (there.writer !== writer || there.to !== last.seq)) throw new LogTaken(`at ${first.seq}`);
    const batch = { writer, from: first.seq, to: last.seq, at: Date.now(), text: JSON.stringify(entries) };
    if (!there) this.#batches.push(batch);
    await this.#delay();
    if (fails) throw new StoreTrouble('written, but who knows');
  }

  async read(_lesson: string, after = 0): Promise<{ entries: LogEntry[]; at: number | null }> {
    await this.#delay();
    const batches = this.#batches.filter(({ to }) => to > after).sort((a, b) => a.from - b.from);
    const entries = batches
      .flatMap(({ text }): LogEntry[] => JSON.parse(text))
      .filter(({ seq }) => seq > after);
    return { entries, at: batches.at(-1)?.at ?? null };
  }

  async saveSnapshot(_lesson: string, state: LessonState): Promise<void> {
    await this.#delay();
    if (state.seq > (this.#snapshot?.seq ?? 0))
      this.#snapshot = { seq: state.seq, text: JSON.stringify(state) };
  }

  async loadSnapshot(): Promise<LessonState | null> {
    await this.#delay();
    return this.#snapshot && JSON.parse(this.#snapshot.text);
  }

  #delay(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#random.between(0.5, 25)));
  }
}
