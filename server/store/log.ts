import mongoose from 'mongoose';
import type { LogEntry } from '../../protocol/events.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { attempt, isDuplicateKey } from './database.ts';

/** What one writer put into a lesson's log in one go. */
interface Batch {
  lesson: string;
  /** First and last `seq` inside. */
  from: number;
  to: number;
  /** Wall time of writing: where the lesson's clock goes on after a restart. */
  at: Date;
  /** The opened lesson that wrote it: tells a repeated insert of ours from somebody else's. */
  writer: string;
  entries: LogEntry[];
}

interface Saved {
  _id: string;
  seq: number;
  state: LessonState;
}

/** Nothing is acknowledged before the database has it in its own journal on disk. */
const JOURNALED = { w: 1, j: true } as const;

const batchSchema = new mongoose.Schema<Batch>(
  {
    lesson: { type: String, required: true },
    from: { type: Number, required: true },
    to: { type: Number, required: true },
    at: { type: Date, required: true },
    writer: { type: String, required: true },
    entries: { type: mongoose.Schema.Types.Mixed, required: true },
  },
  { versionKey: false, minimize: false, writeConcern: JOURNALED },
);
// Two writers cannot both hold `from`: the second one's insert fails, whatever it believed.
batchSchema.index({ lesson: 1, from: 1 }, { unique: true });

const snapshotSchema = new mongoose.Schema<Saved>(
  {
    _id: String,
    seq: { type: Number, required: true },
    state: { type: mongoose.Schema.Types.Mixed, required: true },
  },
  { versionKey: false, minimize: false, writeConcern: JOURNALED },
);

const Batches = mongoose.model('LogBatch', batchSchema, 'log');
const Snapshots = mongoose.model('LogSnapshot', snapshotSchema, 'log_snapshots');

/** Another process writes this lesson's log now. This one must stop: its state is no longer the lesson's. */
export class LogTaken extends Error {}

/** A lesson's log as it is on disk. */
export interface LogStore {
  /** Resolves once the entries are journaled; safe to call again with the same batch after an unclear failure. */
  append(lesson: string, writer: string, entries: readonly LogEntry[]): Promise<void>;
  /** Entries after `seq`, in order, and when the last of them was written (wall time, ms). */
  read(lesson: string, after?: number): Promise<{ entries: LogEntry[]; at: number | null }>;
  saveSnapshot(lesson: string, state: LessonState): Promise<void>;
  loadSnapshot(lesson: string): Promise<LessonState | null>;
}

export const logStore: LogStore = {
  async append(lesson, writer, entries) {
    const first = entries[0];
    const last = entries.at(-1);
    if (!first || !last) return;
    const batch = { lesson, writer, from: first.seq, to: last.seq, at: new Date(), entries: [...entries] };
    try {
      await Batches.insertOne(batch);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const there = await Batches.findOne({ lesson, from: first.seq }).lean();
      if (there?.writer !== writer || there.to !== last.seq)
        throw new LogTaken(`log of ${lesson} at ${first.seq}`);
    }
  },

  async read(lesson, after = 0) {
    const batches = await Batches.find({ lesson, to: { $gt: after } })
      .sort({ from: 1 })
      .lean();
    const entries = batches.flatMap((batch) => batch.entries).filter((entry) => entry.seq > after);
    return { entries, at: batches.at(-1)?.at.getTime() ?? null };
  },

  async saveSnapshot(lesson, state) {
    // Only forward: a slow save of an older state must not undo a newer one.
    const older = { _id: lesson, seq: { $lt: state.seq } };
    try {
      await Snapshots.updateOne(older, { $set: { seq: state.seq, state } }, { upsert: true });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  },

  async loadSnapshot(lesson) {
    return (await Snapshots.findById(lesson).lean())?.state ?? null;
  },
};

/** A lesson's entries after `seq`, for its replay. Rejects with `database_unavailable`. */
export async function readLog(lesson: string, after = 0): Promise<LogEntry[]> {
  return (await attempt(() => logStore.read(lesson, after))).entries;
}

/** Replaces a finished lesson's log by what `keep` leaves of it, in the batches it was written in. For erasing. */
export async function rewriteLog(
  lesson: string,
  keep: (entries: readonly LogEntry[]) => readonly LogEntry[],
): Promise<void> {
  const batches = await attempt(() => Batches.find({ lesson }).sort({ from: 1 }).lean());
  const kept = new Map(keep(batches.flatMap(({ entries }) => entries)).map((entry) => [entry.seq, entry]));
  for (const batch of batches) {
    const entries = batch.entries.flatMap(({ seq }) => kept.get(seq) ?? []);
    await attempt(() => Batches.updateOne({ _id: batch._id }, { $set: { entries } }));
  }
  // It is a fold of what is gone now.
  await attempt(() => Snapshots.deleteOne({ _id: lesson }));
}

/** Forgets a lesson's log, where another one takes its place. */
export async function deleteLog(lesson: string): Promise<void> {
  await attempt(() => Batches.deleteMany({ lesson }));
  await attempt(() => Snapshots.deleteOne({ _id: lesson }));
}
