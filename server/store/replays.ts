import mongoose from 'mongoose';
import type { Language, Localised } from '../../protocol/common.ts';
import {
  type Audience,
  type Cue,
  eraseAtOf,
  type Hidden,
  NO_EDIT,
  placeOf,
  type ReplayEdit,
} from '../../protocol/replay-edit.ts';
import { attempt, isDuplicateKey } from './database.ts';
import { Lessons, newId } from './models.ts';

/** What was made of a lesson after it. */
export interface SavedEdit {
  readonly revision: number;
  /** Of the save that last changed what is shown; 0: all of it is. */
  readonly cut: number;
  readonly edit: ReplayEdit;
  readonly previous: ReplayEdit | null;
}

export const UNEDITED: SavedEdit = {
  revision: 0,
  cut: 0,
  edit: NO_EDIT,
  previous: null,
};

/** `eraseAt`: of the first passage that is to be erased. */
type EditRow = SavedEdit & { _id: string; eraseAt: Date | null };

export interface CaptionRow {
  _id: string;
  lesson: string;
  language: Language;
  label: string;
  /** In lesson time. */
  cues: Cue[];
}

export interface ShareRow {
  _id: string;
  lesson: string;
  /** SHA-256 of the token, base64url: who reads the database can open nothing. */
  token: string;
  label: string;
  by: string;
  madeAt: Date;
  until: Date;
  revoked: boolean;
  opened: number;
  lastOpenedAt: Date | null;
}

const { Mixed } = mongoose.Schema.Types;
const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;
const when = { type: Date, required: true } as const;
/** Checked by the protocol's schema before it comes here. */
const checked = { type: Mixed, required: true } as const;
const options = { versionKey: false, minimize: false } as const;

const editSchema = new mongoose.Schema<EditRow>(
  {
    _id: String,
    revision: number,
    cut: number,
    edit: checked,
    previous: { type: Mixed, default: null },
    eraseAt: { type: Date, default: null, index: true },
  },
  options,
);
const captionSchema = new mongoose.Schema<CaptionRow>(
  { _id: String, lesson: { ...text, index: true }, language: text, label: text, cues: checked },
  options,
);
const shareSchema = new mongoose.Schema<ShareRow>(
  {
    _id: String,
    lesson: { ...text, index: true },
    token: { ...text, unique: true },
    label: { type: String, default: '' },
    by: text,
    madeAt: when,
    until: when,
    revoked: { type: Boolean, default: false },
    opened: { type: Number, default: 0 },
    lastOpenedAt: { type: Date, default: null },
  },
  options,
);

const Edits = mongoose.model('ReplayEdit', editSchema, 'replay_edits');
const Captions = mongoose.model('Caption', captionSchema, 'captions');
const Shares = mongoose.model('Share', shareSchema, 'shares');

export async function findEdit(lesson: string): Promise<SavedEdit> {
  const row = await attempt(() => Edits.findById(lesson).lean());
  if (!row) return UNEDITED;
  const { revision, cut, edit, previous, eraseAt } = row;
  // Of before each passage had a time of its own.
  const untold = eraseAt?.getTime() ?? null;
  const hidden = edit.hidden.map((one) => ({
    ...one,
    eraseAt: one.eraseAt === undefined ? untold : one.eraseAt,
  }));
  return { revision, cut, edit: { ...edit, hidden }, previous };
}

/** False where the one that it was made from, of revision `made`, is not the last any more. */
export async function saveEdit(lesson: string, saved: SavedEdit, made: number): Promise<boolean> {
  const row = { ...saved, eraseAt: asDate(eraseAtOf(saved.edit)) };
  if (made === 0) {
    try {
      await attempt(() => Edits.insertOne({ ...row, _id: lesson }));
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
  const { matchedCount } = await attempt(() =>
    Edits.updateOne({ _id: lesson, revision: made }, { $set: row }),
  );
  return matchedCount === 1;
}

/** Lessons of which something hidden is to be erased by now. */
export async function editsToErase(now: Date): Promise<string[]> {
  const rows = await attempt(() => Edits.find({ eraseAt: { $ne: null, $lte: now } }, { _id: 1 }).lean());
  return rows.map(({ _id }) => _id);
}

/** When these passages are erased (null: they have been), in whatever edit is in force now: what was saved meanwhile keeps its own time. */
export async function setEraseAt(
  lesson: string,
  passages: readonly Hidden[],
  at: number | null,
): Promise<void> {
  const places = new Set(passages.map(placeOf));
  for (let isDone = false; !isDone; ) {
    const { revision, edit } = await findEdit(lesson);
    if (!edit.hidden.some((one) => places.has(placeOf(one)))) return;
    const hidden = edit.hidden.map((one) => (places.has(placeOf(one)) ? { ...one, eraseAt: at } : one));
    const marked = { ...edit, hidden };
    const row = { edit: marked, eraseAt: asDate(eraseAtOf(marked)) };
    const { matchedCount } = await attempt(() => Edits.updateOne({ _id: lesson, revision }, { $set: row }));
    isDone = matchedCount === 1;
  }
}

function asDate(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

export async function setAudience(lesson: string, audience: Audience): Promise<void> {
  await attempt(() => Lessons.updateOne({ _id: lesson }, { $set: { audience } }));
}

export interface NextLesson {
  readonly lesson: string;
  readonly title: Localised;
  readonly startsAt: number;
}

/** The lesson of the same course that comes next and has not begun. */
export async function nextLesson(lesson: string): Promise<NextLesson | null> {
  const row = await attempt(() => Lessons.findById(lesson).lean());
  if (!row) return null;
  const later = { course: row.course, state: 'ready', startsAt: { $gt: row.startsAt } } as const;
  return presentNext(await attempt(() => Lessons.findOne(later).sort({ startsAt: 1 }).lean()));
}

/** The lesson that a replay is shown with. */
export async function attachedTo(lesson: string): Promise<NextLesson | null> {
  return presentNext(await attempt(() => Lessons.findOne({ before: lesson }).lean()));
}

function presentNext(row: { _id: string; title: Localised; startsAt: Date } | null): NextLesson | null {
  return row && { lesson: row._id, title: row.title, startsAt: row.startsAt.getTime() };
}

/** `to` null: with none. */
export async function attach(lesson: string, to: string | null): Promise<void> {
  await attempt(() => Lessons.updateMany({ before: lesson }, { $pull: { before: lesson } }));
  if (to !== null) await attempt(() => Lessons.updateOne({ _id: to }, { $addToSet: { before: lesson } }));
}

export async function addCaptions(captions: Omit<CaptionRow, '_id'>): Promise<string> {
  const id = newId('w');
  await attempt(() => Captions.insertOne({ ...captions, _id: id }));
  return id;
}

export async function countCaptions(lesson: string): Promise<number> {
  return await attempt(() => Captions.countDocuments({ lesson }));
}

export async function captionsOf(lesson: string): Promise<CaptionRow[]> {
  return attempt(() => Captions.find({ lesson }).sort({ _id: 1 }).lean());
}

export async function removeCaptions(lesson: string, id: string): Promise<boolean> {
  const { deletedCount } = await attempt(() => Captions.deleteOne({ _id: id, lesson }));
  return deletedCount > 0;
}

/** Replaces what a track says: for erasing. */
export async function replaceCues(id: string, cues: readonly Cue[]): Promise<void> {
  await attempt(() => Captions.updateOne({ _id: id }, { $set: { cues: [...cues] } }));
}

export async function addShare(
  share: Pick<ShareRow, 'lesson' | 'token' | 'label' | 'by' | 'until'>,
): Promise<ShareRow> {
  const row: ShareRow = {
    ...share,
    _id: newId('h'),
    madeAt: new Date(),
    revoked: false,
    opened: 0,
    lastOpenedAt: null,
  };
  await attempt(() => Shares.insertOne(row));
  return row;
}

/** Newest first. */
export async function sharesOf(lesson: string): Promise<ShareRow[]> {
  return attempt(() => Shares.find({ lesson }).sort({ madeAt: -1 }).lean());
}

export async function shareByToken(token: string): Promise<ShareRow | null> {
  return attempt(() => Shares.findOne({ token }).lean());
}

/** Whether any of these is a share of that lesson that is good at `now`. */
export async function isShared(lesson: string, shares: readonly string[], now: Date): Promise<boolean> {
  const good = { _id: { $in: [...shares] }, lesson, revoked: false, until: { $gt: now } };
  return (await attempt(() => Shares.exists(good))) !== null;
}

export async function noteOpened(id: string): Promise<void> {
  await attempt(() =>
    Shares.updateOne({ _id: id }, { $inc: { opened: 1 }, $set: { lastOpenedAt: new Date() } }),
  );
}

export async function revokeShare(lesson: string, id: string): Promise<boolean> {
  const { matchedCount } = await attempt(() =>
    Shares.updateOne({ _id: id, lesson }, { $set: { revoked: true } }),
  );
  return matchedCount > 0;
}

/** Forgets all that was made of a lesson after it: edit, captions, links, and where it is attached or published. */
export async function forgetReplay(lesson: string): Promise<void> {
  await attempt(() => Captions.deleteMany({ lesson }));
  await attempt(() => Shares.deleteMany({ lesson }));
  await attempt(() => Edits.deleteOne({ _id: lesson }));
  await attach(lesson, null);
  await attempt(() => Lessons.updateOne({ _id: lesson }, { $unset: { audience: 1 } }));
}
