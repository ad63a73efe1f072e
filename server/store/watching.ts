import mongoose from 'mongoose';
import { TongkeError } from '../../protocol/errors.ts';
import { type Note, type Report, type Stretch, union } from '../../protocol/watching.ts';
import { attempt, isDuplicateKey } from './database.ts';

/*
 * What belongs to one who watches a replay. Every function is given whose it is, and finds nothing of anybody else's:
 * the account is part of each query, never compared afterwards.
 */

interface ProgressRow {
  /** Lesson and account. */
  _id: string;
  lesson: string;
  account: string;
  t: number;
  watched: Stretch[];
  at: Date;
  /** Counts changes: two devices that report at once lose nothing of each other. */
  revision: number;
}

interface NoteRow {
  /** Lesson, account and the writer's own id. */
  _id: string;
  lesson: string;
  account: string;
  note: string;
  t: number;
  text: string;
  at: Date;
}

interface QuestionRow {
  _id: string;
  lesson: string;
  account: string;
  t: number;
  text: string;
  at: Date;
  answer?: { text: string; at: Date };
}

export interface KeptProgress {
  readonly account: string;
  readonly t: number;
  readonly watched: readonly Stretch[];
  /** Wall time, ms. */
  readonly at: number;
}

export interface KeptQuestion {
  readonly id: string;
  readonly account: string;
  readonly t: number;
  readonly text: string;
  readonly at: number;
  readonly answer: { readonly text: string; readonly at: number } | null;
}

/** Of one person in one lesson: more is a script's work. */
const NOTES_LIMIT = 500;
const QUESTIONS_LIMIT = 100;

const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;
const when = { type: Date, required: true } as const;
const { Mixed } = mongoose.Schema.Types;
const options = { versionKey: false, minimize: false } as const;

const progressSchema = new mongoose.Schema<ProgressRow>(
  {
    ...{ _id: String, lesson: { ...text, index: true }, account: text, t: number },
    ...{ watched: { type: Mixed, required: true }, at: when, revision: number },
  },
  options,
);
const noteSchema = new mongoose.Schema<NoteRow>(
  { _id: String, lesson: text, account: text, note: text, t: number, text, at: when },
  options,
);
noteSchema.index({ lesson: 1, account: 1 });
const questionSchema = new mongoose.Schema<QuestionRow>(
  { _id: String, lesson: { ...text, index: true }, account: text, t: number, text, at: when, answer: Mixed },
  options,
);

const Progress = mongoose.model('Progress', progressSchema, 'watching');
const Notes = mongoose.model('Note', noteSchema, 'notes');
const Questions = mongoose.model('Question', questionSchema, 'questions');

/** Ids hold no colon, so that no two of these are the same. */
const key = (...ids: readonly string[]): string => ids.join(':');

export async function progressOf(lesson: string, account: string): Promise<KeptProgress | null> {
  const row = await attempt(() => Progress.findById(key(lesson, account)).lean());
  return row && presentProgress(row);
}

/** Of everyone who has watched any of it. */
export async function progressIn(lesson: string): Promise<KeptProgress[]> {
  return (await attempt(() => Progress.find({ lesson }).lean())).map(presentProgress);
}

/** Adds what was watched, and keeps where one was last. */
export async function reportProgress(
  lesson: string,
  account: string,
  { t, ago, watched }: Report,
): Promise<void> {
  const _id = key(lesson, account);
  const told = { t, at: new Date(Date.now() - ago) };
  for (;;) {
    const before = await attempt(() => Progress.findById(_id).lean());
    const place = before && before.at > told.at ? { t: before.t, at: before.at } : told;
    const next = { lesson, account, ...place, watched: union(before?.watched ?? [], watched) };
    if (!before) {
      if (await inserted(() => Progress.insertOne({ ...next, _id, revision: 1 }))) return;
      continue;
    }
    const { revision } = before;
    const same = { _id, revision };
    const { matchedCount } = await attempt(() =>
      Progress.updateOne(same, { $set: { ...next, revision: revision + 1 } }),
    );
    if (matchedCount > 0) return;
  }
}

export async function notesOf(lesson: string, account: string): Promise<Note[]> {
  const rows = await attempt(() => Notes.find({ lesson, account }).sort({ t: 1, at: 1 }).lean());
  return rows.map(({ note, t, text: written, at }) => ({ id: note, t, text: written, at: at.getTime() }));
}

/** Makes or changes. Rejects with `too_large` where there are too many. */
export async function putNote(lesson: string, account: string, note: Omit<Note, 'at'>): Promise<Note> {
  const _id = key(lesson, account, note.id);
  const at = new Date();
  const count = await attempt(() => Notes.countDocuments({ lesson, account, _id: { $ne: _id } }));
  if (count >= NOTES_LIMIT) throw new TongkeError('too_large');
  const row = { lesson, account, note: note.id, t: note.t, text: note.text, at };
  await attempt(() => Notes.updateOne({ _id }, { $set: row }, { upsert: true }));
  return { ...note, at: at.getTime() };
}

export async function deleteNote(lesson: string, account: string, note: string): Promise<void> {
  await attempt(() => Notes.deleteOne({ _id: key(lesson, account, note) }));
}

/** Of one person, or of everyone. */
export async function questionsIn(lesson: string, account?: string): Promise<KeptQuestion[]> {
  const filter = account === undefined ? { lesson } : { lesson, account };
  return (await attempt(() => Questions.find(filter).sort({ t: 1, at: 1 }).lean())).map(presentQuestion);
}

/** Asked twice under one id, it is there once. Rejects with `too_large`, or `bad_request` for an id that is not free. */
export async function askQuestion(
  lesson: string,
  account: string,
  question: { readonly id: string; readonly t: number; readonly text: string },
): Promise<KeptQuestion> {
  const _id = key(lesson, question.id);
  const count = await attempt(() => Questions.countDocuments({ lesson, account, _id: { $ne: _id } }));
  if (count >= QUESTIONS_LIMIT) throw new TongkeError('too_large');
  const row = { _id, lesson, account, t: question.t, text: question.text, at: new Date() };
  if (await inserted(() => Questions.insertOne(row))) return presentQuestion(row);
  const there = await attempt(() => Questions.findOne({ _id, account }).lean());
  if (!there) throw new TongkeError('bad_request');
  return presentQuestion(there);
}

/** Rejects with `not_found`. */
export async function answerQuestion(lesson: string, id: string, answer: string): Promise<KeptQuestion> {
  const change = { $set: { answer: { text: answer, at: new Date() } } };
  const row = await attempt(() =>
    Questions.findOneAndUpdate({ _id: key(lesson, id) }, change, { returnDocument: 'after' }).lean(),
  );
  if (!row) throw new TongkeError('not_found');
  return presentQuestion(row);
}

export async function deleteQuestion(lesson: string, account: string, id: string): Promise<void> {
  await attempt(() => Questions.deleteOne({ _id: key(lesson, id), account }));
}

/** False where there is one of that id. */
async function inserted(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt(insert);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

function presentProgress({ account, t, watched, at }: ProgressRow): KeptProgress {
  return { account, t, watched, at: at.getTime() };
}

function presentQuestion({ _id, lesson, account, t, text: asked, at, answer }: QuestionRow): KeptQuestion {
  return {
    ...{ account, t, text: asked, at: at.getTime() },
    id: _id.slice(lesson.length + 1),
    answer: answer ? { text: answer.text, at: answer.at.getTime() } : null,
  };
}

/** Forgets everybody's notes and questions about a lesson, and what of it they have watched. */
export async function forgetWatching(lesson: string): Promise<void> {
  await attempt(() => Progress.deleteMany({ lesson }));
  await attempt(() => Notes.deleteMany({ lesson }));
  await attempt(() => Questions.deleteMany({ lesson }));
}
