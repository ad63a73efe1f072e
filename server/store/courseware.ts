import mongoose from 'mongoose';
import type { PageFile } from '../../protocol/board-events.ts';
import type { Courseware } from '../../protocol/courseware.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { attempt, unlessAllThere } from './database.ts';
import { newId } from './models.ts';

/** A file that was brought to a lesson, and how far it has come. The row is also the job of making pages of it. */
export interface CoursewareRow {
  _id: string;
  lesson: string;
  /** Whose share of space it takes. */
  school: string;
  by: string;
  name: string;
  bytes: number;
  /** The page of the board behind which its pages come. */
  after: string | null;
  state: Courseware['state'];
  problem: ErrorCode | null;
  /** Of the file, once it is here. */
  sha256: string | null;
  pages: PageFile[];
  of: number | null;
  addedAt: Date;
  /** Until when the process that makes its pages may be taken to be alive. */
  claimedUntil: Date;
}

/** A lesson's right to a file: it has been on its board, and a log forgets nothing. */
interface LessonFileRow {
  _id: string;
  lesson: string;
  sha256: string;
  form: PageFile['form'];
  bytes: number;
}

const options = { versionKey: false, minimize: false } as const;
const required = { type: String, required: true } as const;
const NEVER = new Date(0);

const coursewareSchema = new mongoose.Schema<CoursewareRow>(
  {
    _id: String,
    lesson: { ...required, index: true },
    school: { ...required, index: true },
    by: required,
    name: required,
    bytes: { type: Number, required: true },
    after: { type: String, default: null },
    state: { ...required, index: true },
    problem: { type: String, default: null },
    sha256: { type: String, default: null, index: true },
    pages: { type: mongoose.Schema.Types.Mixed, required: true },
    of: { type: Number, default: null },
    addedAt: { type: Date, required: true },
    claimedUntil: { type: Date, required: true },
  },
  options,
);

const fileSchema = new mongoose.Schema<LessonFileRow>(
  {
    _id: String,
    lesson: { ...required, index: true },
    sha256: { ...required, index: true },
    form: required,
    bytes: { type: Number, required: true },
  },
  options,
);

const Rows = mongoose.model('Courseware', coursewareSchema, 'courseware');
const Files = mongoose.model('LessonFile', fileSchema, 'lesson_files');

export type NewCourseware = Pick<CoursewareRow, 'lesson' | 'school' | 'by' | 'name' | 'bytes' | 'after'>;

export async function addCourseware(row: NewCourseware): Promise<string> {
  const _id = newId('w');
  const rest = { state: 'arriving', problem: null, sha256: null, pages: [], of: null } as const;
  await attempt(() =>
    Rows.insertOne({ ...row, ...rest, pages: [], _id, addedAt: new Date(), claimedUntil: NEVER }),
  );
  return _id;
}

export async function findCourseware(lesson: string, id: string): Promise<CoursewareRow | null> {
  return await attempt(() => Rows.findOne({ _id: id, lesson }).lean());
}

export async function coursewareOf(lesson: string): Promise<CoursewareRow[]> {
  return await attempt(() => Rows.find({ lesson }).sort({ addedAt: 1, _id: 1 }).lean());
}

/** The file is whole and kept: pages may be made of it. */
export async function coursewareArrived(id: string, sha256: string): Promise<void> {
  await attempt(() => Rows.updateOne({ _id: id }, { $set: { state: 'waiting', sha256, problem: null } }));
}

/** Takes the job that has waited longest, for so long; null where there is none. One process gets each. */
export async function claimCourseware(now: Date, until: Date): Promise<CoursewareRow | null> {
  const free = {
    $or: [{ state: 'waiting' as const }, { state: 'working' as const, claimedUntil: { $lt: now } }],
  };
  const claim = { $set: { state: 'working' as const, claimedUntil: until, pages: [], of: null } };
  return await attempt(() =>
    Rows.findOneAndUpdate(free, claim, { sort: { addedAt: 1 }, returnDocument: 'after' }).lean(),
  );
}

export type CoursewareProgress = Partial<
  Pick<CoursewareRow, 'state' | 'problem' | 'of' | 'pages' | 'claimedUntil'>
>;

/** False where it was given up meanwhile. */
export async function noteCourseware(id: string, progress: CoursewareProgress): Promise<boolean> {
  const { matchedCount } = await attempt(() => Rows.updateOne({ _id: id }, { $set: progress }));
  return matchedCount > 0;
}

export async function removeCourseware(id: string): Promise<void> {
  await attempt(() => Rows.deleteOne({ _id: id }));
}

/** The pages that were made of the very same file before, for this lesson or another. */
export async function pagesMadeOf(sha256: string): Promise<PageFile[] | null> {
  const row = await attempt(() => Rows.findOne({ sha256, state: 'ready' }, { pages: 1 }).lean());
  return row && row.pages.length > 0 ? row.pages : null;
}

/** Whether some row still needs the file that was brought. */
export async function isSourceNeeded(sha256: string): Promise<boolean> {
  const states = ['waiting', 'working', 'failed'] as const;
  return (await attempt(() => Rows.exists({ sha256, state: { $in: states } }))) !== null;
}

/** Bytes of a school's share: what is on its way, and pages that were made. */
export async function bytesUsed(school: string): Promise<number> {
  const waiting = { $in: ['$state', ['arriving', 'waiting', 'working', 'failed']] };
  const [sum] = await attempt(() =>
    Rows.aggregate<{ bytes: number }>([
      { $match: { school } },
      { $group: { _id: null, bytes: { $sum: { $cond: [waiting, '$bytes', { $sum: '$pages.bytes' }] } } } },
    ]),
  );
  return sum?.bytes ?? 0;
}

/** Uploads that nobody has gone on with since `before`. */
export async function coursewareLeft(before: Date): Promise<CoursewareRow[]> {
  return await attempt(() => Rows.find({ state: 'arriving', addedAt: { $lt: before } }).lean());
}

/** From now on the lesson's people may read these files. */
export async function grantFiles(lesson: string, files: readonly LessonFile[]): Promise<void> {
  if (files.length === 0) return;
  const writes = files.map(({ sha256, form, bytes }) => {
    const _id = `${lesson}/${sha256}`;
    return {
      updateOne: { filter: { _id }, update: { $setOnInsert: { lesson, sha256, form, bytes } }, upsert: true },
    };
  });
  await unlessAllThere(() => Files.bulkWrite(writes, { ordered: false }));
}

export type LessonFile = Pick<PageFile, 'sha256' | 'form' | 'bytes'>;

export async function lessonFile(lesson: string, sha256: string): Promise<LessonFile | null> {
  return await attempt(() => Files.findById(`${lesson}/${sha256}`, { _id: 0, lesson: 0 }).lean());
}

/** All files of a lesson's pages, for who carries them somewhere. */
export async function lessonFiles(lesson: string): Promise<LessonFile[]> {
  return await attempt(() => Files.find({ lesson }, { _id: 0, lesson: 0 }).sort({ _id: 1 }).lean());
}

/** Whether a page's file belongs to another lesson, too: it is kept once, however many show it. */
export async function isFileElsewhere(lesson: string, sha256: string): Promise<boolean> {
  const other = { lesson: { $ne: lesson } };
  const [granted, made] = await attempt(() =>
    Promise.all([Files.exists({ ...other, sha256 }), Rows.exists({ ...other, 'pages.sha256': sha256 })]),
  );
  return granted !== null || made !== null;
}

/** Takes a lesson's right to a file away. */
export async function revokeFile(lesson: string, sha256: string): Promise<void> {
  await attempt(() => Files.deleteOne({ _id: `${lesson}/${sha256}` }));
}
