import { randomUUID } from 'node:crypto';
import { own } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { LessonEvent, LogEntry, OperationId, RecordingMark } from '../../protocol/events.ts';
import { digest, EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';
import { isMarked, type Mark } from '../../protocol/mark.ts';
import type { LessonFeed } from '../../protocol/recording.ts';
import type { Log } from '../log.ts';
import { type LogStore, LogTaken } from '../store/log.ts';

/** Entries waiting for the database beyond which new ones are refused: some minutes of a busy lesson. */
const QUEUE_LIMIT = 20_000;
/** Most entries written in one insert; keeps one batch far below MongoDB's 16 MB a document. */
const BATCH_LIMIT = 500;
/** Entries kept at hand for those who come back. About half an hour of writing. */
const TAIL_LIMIT = 4_000;
const SNAPSHOT_EVERY = 1_000;
/** After a restart the clock goes on by the wall; a wall clock that leapt must not make a lesson of days. */
const LONGEST_PAUSE_MS = 60 * 60_000;
const RETRY_FIRST_MS = 50;
const RETRY_MOST_MS = 1_000;

interface Waiting {
  readonly entry: LogEntry;
  readonly done: (seq: number) => void;
  readonly failed: (error: unknown) => void;
}

export interface Published {
  readonly actor?: string;
  readonly op?: OperationId;
}

/**
 * One open lesson: the only writer of its log. `publish` gives an event its place, journals it together with its
 * neighbours, and only then lets anyone see it: state, subscribers and the caller's acknowledgement.
 */
export class Lesson implements LessonFeed {
  readonly lesson: string;
  readonly #writer = randomUUID();
  readonly #store: LogStore;
  readonly #log: Log;
  readonly #subscribers = new Set<(entries: readonly LogEntry[]) => void>();
  #state: LessonState;
  #mark: Mark | null = null;
  /** Entries after the first that memory still holds, oldest first. */
  #tail: LogEntry[] = [];
  #queue: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #nextSeq: number;
  /** Operations given a place but not yet journaled. */
  readonly #placed = new Map<string, { n: number; actor: string; result: Promise<number> }>();
  readonly #clock: { base: number; mark: number };
  #savedSeq: number;
  #stopped: Error | null = null;

  private constructor(
    id: string,
    store: LogStore,
    log: Log,
    state: LessonState,
    clockBase: number,
    savedSeq: number,
  ) {
    this.lesson = id;
    this.#store = store;
    this.#log = log;
    this.#state = state;
    this.#nextSeq = state.seq + 1;
    this.#clock = { base: clockBase, mark: performance.now() };
    this.#savedSeq = savedSeq;
  }

  /** Rebuilds the lesson from its last snapshot and the log after it. */
  static async open(id: string, store: LogStore, log: Log): Promise<Lesson> {
    const snapshot = (await store.loadSnapshot(id)) ?? EMPTY_LESSON;
    const { entries, at } = await store.read(id, snapshot.seq);
    const state = entries.reduce(reduce, snapshot);
    const away = at === null ? 0 : Math.min(Math.max(Date.now() - at, 0), LONGEST_PAUSE_MS);
    const lesson = new Lesson(id, store, log, state, state.t + away, snapshot.seq);
    lesson.#tail = entries.slice(-TAIL_LIMIT);
    return lesson;
  }

  state(): LessonState {
    return this.#state;
  }

  /** The last entry with a number that everyone compares at, and the state's digest after it; null before there was one. */
  mark(): Mark | null {
    return this.#mark;
  }

  /** Monotonic: unmoved by corrections of the host's clock. */
  now(): number {
    return Math.round(this.#clock.base + performance.now() - this.#clock.mark);
  }

  subscribe(listener: (entry: LogEntry) => void): () => void {
    return this.subscribeBatches((entries) => {
      for (const entry of entries) listener(entry);
    });
  }

  /** As `subscribe`, in the batches in which entries became durable. */
  subscribeBatches(listener: (entries: readonly LogEntry[]) => void): () => void {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  }

  recordingChanged(recording: RecordingMark): void {
    if (this.#state.recording === recording || this.#stopped) return;
    this.publish({ type: 'recording.changed', recording }).catch((error: unknown) => {
      this.#log.error({ err: error, lesson: this.lesson }, 'could not log the state of the recording');
    });
  }

  /**
   * Resolves with the entry's `seq` once it is journaled. An operation that the log already has resolves with 0 and
   * changes nothing. Rejects with `forbidden` under a client id of somebody else's, `database_unavailable` when too much waits, `shutting_down` when stopped.
   */
  publish(event: LessonEvent, { actor, op }: Published = {}): Promise<number> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    if (op) {
      const placed = this.#placed.get(op.client);
      const owner = placed?.actor ?? own(this.#state.clients, op.client);
      // Under another's count one could make their next operations look like ones that were sent twice.
      if (owner !== undefined && owner !== (actor ?? '')) return Promise.reject(new TongkeError('forbidden'));
      if (placed && op.n <= placed.n) return placed.result.then(() => 0);
      if (op.n <= (own(this.#state.operations, op.client) ?? 0)) return Promise.resolve(0);
    }
    if (this.#queue.length >= QUEUE_LIMIT) return Promise.reject(new TongkeError('database_unavailable'));
    const entry: LogEntry = { seq: this.#nextSeq++, t: this.now(), actor, op, event };
    const result = new Promise<number>((done, failed) => this.#queue.push({ entry, done, failed }));
    if (op) this.#rememberPlaced(op, actor ?? '', result);
    this.#writing ??= this.#write();
    return result;
  }

  /** What someone who last saw `since` needs to be up to date: the entries missed, or a whole state. */
  catchUp(since: number | undefined): { snapshot?: LessonState; entries: readonly LogEntry[] } {
    const first = this.#tail[0]?.seq ?? this.#state.seq + 1;
    const known = since !== undefined && since > 0 && since <= this.#state.seq && since >= first - 1;
    if (!known) return { snapshot: this.#state, entries: [] };
    return { entries: this.#tail.slice(since - first + 1) };
  }

  /** Writes what waits, keeps a snapshot, and takes nothing more. Idempotent. */
  async close(): Promise<void> {
    this.#stopped ??= new TongkeError('shutting_down');
    await this.#writing;
    await this.#saveSnapshot();
    this.#subscribers.clear();
  }

  #rememberPlaced(op: OperationId, actor: string, result: Promise<number>): void {
    const placed = { n: op.n, actor, result };
    this.#placed.set(op.client, placed);
    const forget = () => {
      if (this.#placed.get(op.client) === placed) this.#placed.delete(op.client);
    };
    result.then(forget, forget);
  }

  /** The only writer: takes all that waits, journals it in one insert, applies it, until nothing waits. */
  async #write(): Promise<void> {
    await Promise.resolve(); // neighbours published in this very tick come along
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH_LIMIT);
      const entries = batch.map(({ entry }) => entry);
      try {
        await this.#appendUntilDone(entries);
      } catch (error) {
        this.#fail(error);
        break;
      }
      this.#queue.splice(0, batch.length);
      this.#apply(entries);
      for (const { entry, done } of batch) done(entry.seq);
    }
    this.#writing = null;
    if (this.#state.seq - this.#savedSeq >= SNAPSHOT_EVERY) await this.#saveSnapshot();
  }

  /** A database that is away comes back: writing goes on trying, and what waits is not lost meanwhile. */
  async #appendUntilDone(entries: readonly LogEntry[]): Promise<void> {
    for (let delay = RETRY_FIRST_MS; ; delay = Math.min(delay * 2, RETRY_MOST_MS)) {
      try {
        return await this.#store.append(this.lesson, this.#writer, entries);
      } catch (error) {
        if (error instanceof LogTaken) throw error;
        if (this.#stopped) throw this.#stopped;
        this.#log.warn(
          { err: error, lesson: this.lesson, waiting: this.#queue.length },
          'journal not written, trying again',
        );
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
  }

  #apply(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      this.#state = reduce(this.#state, entry);
      if (isMarked(entry.seq)) this.#mark = { seq: entry.seq, digest: digest(this.#state) };
    }
    this.#tail.push(...entries);
    // Cut rarely, by half: shifting an array on every batch costs more than holding a little longer.
    if (this.#tail.length > 2 * TAIL_LIMIT) this.#tail = this.#tail.slice(-TAIL_LIMIT);
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(entries);
      } catch (error) {
        this.#log.error({ err: error, lesson: this.lesson }, 'a subscriber of the lesson failed');
      }
    }
  }

  #fail(error: unknown): void {
    this.#log.error({ err: error, lesson: this.lesson }, 'the lesson can no longer be written here');
    this.#stopped ??= error instanceof Error ? error : new TongkeError('internal');
    for (const { failed } of this.#queue.splice(0)) failed(new TongkeError('database_unavailable'));
  }

  async #saveSnapshot(): Promise<void> {
    const state = this.#state;
    if (state.seq === this.#savedSeq) return;
    try {
      await this.#store.saveSnapshot(this.lesson, state);
      this.#savedSeq = state.seq;
    } catch (error) {
      // Nothing is lost by it: opening the lesson reads more of the log instead.
      this.#log.warn({ err: error, lesson: this.lesson }, 'snapshot not saved');
    }
  }
}
