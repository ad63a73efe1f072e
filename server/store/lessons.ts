import type { Localised } from '../../protocol/common.ts';
import type { Role, Subject } from '../../protocol/roles.ts';
import type { LessonRecord, LessonRecords } from '../lessons/record.ts';
import { attempt, unlessThere } from './database.ts';
import { Accounts, Classes, Courses, type LessonRow, Lessons, newId, Schools } from './models.ts';

/** `ready` unless said otherwise. The id may be given where making it twice must make it once. */
export type NewLesson = Omit<LessonRow, '_id' | 'state'> & {
  readonly id?: string;
  readonly state?: LessonRow['state'];
};

/** What live lessons need of the timetable. */
export const lessonRecords: LessonRecords = {
  async find(id) {
    const row = await attempt(() => Lessons.findById(id).lean());
    return row ? ((await complete([row]))[0] ?? null) : null;
  },

  async live() {
    const rows = await attempt(() => Lessons.find({ state: 'live' }, { _id: 1 }).lean());
    return rows.map((row) => row._id);
  },

  async setState(id, state) {
    await attempt(() => Lessons.updateOne({ _id: id }, { $set: { state } }));
  },

  async describe(subject) {
    const [account, school] = await attempt(() =>
      Promise.all([Accounts.findById(subject.id).lean(), Schools.findById(subject.school).lean()]),
    );
    return { name: account?.name ?? { 'zh-CN': subject.id }, school: school?.name };
  },
};

export async function createLesson({
  id = newId('l'),
  state = 'ready',
  ...lesson
}: NewLesson): Promise<string> {
  await unlessThere(() => Lessons.insertOne({ ...lesson, _id: id, state }));
  return id;
}

export async function moveLesson(id: string, startsAt: Date, endsAt: Date): Promise<void> {
  await attempt(() => Lessons.updateOne({ _id: id }, { $set: { startsAt, endsAt } }));
}

/** Ends lessons whose id begins with `prefix` and whose time went by without anyone starting them. */
export async function endUntaught(prefix: string, before: Date): Promise<void> {
  const filter = {
    _id: { $gte: prefix, $lt: `${prefix}\uffff` },
    state: 'ready',
    endsAt: { $lt: before },
  } as const;
  await attempt(() => Lessons.updateMany(filter, { $set: { state: 'ended' } }));
}

/**
 * The lessons that may concern `subject` and that start in [from, to) or are live; soonest first. Whom they concern
 * in truth is for `can()` to say: this only spares it the rest of the county.
 */
export async function lessonsAround(subject: Subject, from: Date, to: Date): Promise<LessonRecord[]> {
  const filter = {
    $and: [await concerning(subject), { $or: [{ startsAt: { $gte: from, $lt: to } }, { state: 'live' }] }],
  };
  return complete(await attempt(() => Lessons.find(filter).sort({ startsAt: 1, _id: 1 }).lean()));
}

/** Finished lessons that were published beyond their class, newest first. Who may watch which is for `can()` to say. */
export async function publishedLessons(limit: number): Promise<LessonRecord[]> {
  const filter = { state: 'ended', audience: { $in: ['school', 'library'] } } as const;
  return complete(await attempt(() => Lessons.find(filter).sort({ startsAt: -1 }).limit(limit).lean()));
}

async function concerning(subject: Subject): Promise<object> {
  const watches: Role[] = ['observer', 'administrator'];
  if (watches.includes(subject.role)) {
    const accounts = await attempt(() => Accounts.find({ school: subject.school }, { _id: 1 }).lean());
    const ids = accounts.map((account) => account._id);
    return { $or: [{ lead: { $in: ids } }, { rooms: { $in: ids } }] };
  }
  const classes = await attempt(() => Classes.find({ students: subject.id }, { _id: 1 }).lean());
  return {
    $or: [
      { lead: subject.id },
      { locals: subject.id },
      { rooms: subject.id },
      { classes: { $in: classes.map((row) => row._id) } },
    ],
  };
}

/** Adds what a lesson's record needs of other collections, in one query each however many lessons there are. */
async function complete(rows: readonly LessonRow[]): Promise<LessonRecord[]> {
  const [courses, classes, accounts, before] = await attempt(() =>
    Promise.all([
      Courses.find({ _id: { $in: rows.map((row) => row.course) } }).lean(),
      Classes.find({ _id: { $in: rows.flatMap((row) => row.classes) } }).lean(),
      Accounts.find({ _id: { $in: rows.flatMap((row) => [row.lead, ...row.rooms]) } }).lean(),
      Lessons.find({ _id: { $in: rows.flatMap((row) => row.before ?? []) } }, { title: 1 }).lean(),
    ]),
  );
  const schools = await attempt(() =>
    Schools.find({ _id: { $in: accounts.map((account) => account.school) } }).lean(),
  );
  const find = {
    course: byId(courses),
    class: byId(classes),
    account: byId(accounts),
    school: byId(schools),
    before: byId(before),
  };
  return rows.map((row) => {
    const lead = find.account(row.lead);
    const rooms = row.rooms.flatMap((id) => find.account(id) ?? []);
    const home = lead?.school ?? row.brought?.into ?? find.course(row.course)?.school;
    const homes = [lead, ...rooms].flatMap((account) => account?.school ?? row.brought?.into ?? []);
    return {
      id: row._id,
      title: row.title,
      course: row.brought?.course ?? find.course(row.course)?.name ?? UNKNOWN,
      teacher: row.brought?.teacher ?? lead?.name ?? UNKNOWN,
      school: row.brought?.school ?? find.school(lead?.school)?.name ?? UNKNOWN,
      rooms: rooms.map((room) => room.name),
      startsAt: row.startsAt.getTime(),
      endsAt: row.endsAt.getTime(),
      state: row.state,
      before: (row.before ?? []).flatMap((id) => {
        const replay = find.before(id);
        return replay ? { lesson: replay._id, title: replay.title } : [];
      }),
      members: {
        lead: row.lead,
        locals: row.locals,
        rooms: row.rooms,
        students: row.classes.flatMap((id) => find.class(id)?.students ?? []),
        schools: [...new Set(homes)],
        home,
        leadDeletes: find.school(home)?.storage?.leadDeletes,
        audience: row.audience,
      },
      ...(row.deletion && { replayDeleted: true }),
    };
  });
}

/** Stands for what was deleted while something still named it. */
const UNKNOWN: Localised = { 'zh-CN': '—' };

function byId<T extends { _id: string }>(rows: readonly T[]): (id: string | undefined) => T | undefined {
  const map = new Map(rows.map((row) => [row._id, row]));
  return (id) => (id === undefined ? undefined : map.get(id));
}

/** Lessons of the same course that are over and were planned before this one, latest first. */
export async function earlierOfCourse(
  id: string,
  most: number,
): Promise<{ id: string; title: Localised; startsAt: number }[]> {
  const lesson = await attempt(() => Lessons.findById(id, { course: 1, startsAt: 1 }).lean());
  if (!lesson) return [];
  const filter = {
    course: lesson.course,
    state: 'ended',
    startsAt: { $lt: lesson.startsAt },
    deletion: { $exists: false },
  } as const;
  const rows = await attempt(() => Lessons.find(filter).sort({ startsAt: -1 }).limit(most).lean());
  return rows.map(({ _id, title, startsAt }) => ({ id: _id, title, startsAt: startsAt.getTime() }));
}

/** Where a lesson lies in the one that was merged of it and another. */
export interface PlaceInWhole {
  readonly isFirst: boolean;
  /** Added to its times, ms. */
  readonly shift: number;
  /** Lesson time of the whole at which the second begins. */
  readonly at: number;
}

/** Lessons that were merged of this one and another. */
export async function mergedOf(lesson: string): Promise<({ id: string; title: Localised } & PlaceInWhole)[]> {
  const filter = { merged: lesson, deletion: { $exists: false } } as const;
  const rows = await attempt(() => Lessons.find(filter, MERGED).lean());
  return rows.map((row) => ({
    ...{ id: row._id, title: row.title },
    ...placeIn(row, row.merged?.[0] === lesson),
  }));
}

/** What a merged lesson was made of, the first first; nothing for any other. */
export async function partsOf(lesson: string): Promise<({ id: string } & PlaceInWhole)[]> {
  const row = await attempt(() => Lessons.findById(lesson, MERGED).lean());
  return (row?.merged ?? []).map((id, i) => ({ id, ...placeIn(row ?? {}, i === 0) }));
}

const MERGED = { title: 1, merged: 1, mergedShift: 1, mergedAt: 1 } as const;

function placeIn(
  { mergedShift = 0, mergedAt }: { mergedShift?: number; mergedAt?: number },
  isFirst: boolean,
): PlaceInWhole {
  return { isFirst, shift: isFirst ? 0 : mergedShift, at: mergedAt ?? mergedShift };
}

/** A merged lesson that nobody finished in so long was broken off, ms. */
const MERGING_MOST_MS = 3_600_000;

/**
 * Begins the lesson that two others are together. Until `finishMerged` it counts as one whose replay is deleted: nobody
 * gets anything of it, and what of it is left behind by whatever stops the merging is removed an hour later.
 */
export async function beginMerged(id: string, first: string, second: string): Promise<void> {
  const rows = await attempt(() => Lessons.find({ _id: { $in: [first, second] } }).lean());
  const [one, other] = [first, second].map((lesson) => rows.find(({ _id }) => _id === lesson));
  if (!one || !other) return;
  const both = (key: 'locals' | 'rooms' | 'classes') => [...new Set([...one[key], ...other[key]])];
  const { title, course, lead, startsAt } = one;
  const row = {
    ...{ title, course, lead, startsAt, endsAt: other.endsAt, state: 'ended' as const },
    ...{ locals: both('locals'), rooms: both('rooms'), classes: both('classes'), audience: 'lead' as const },
    ...{ merged: [first, second], merging: true },
    deletion: { at: new Date(Date.now() + MERGING_MOST_MS), left: true },
  };
  await attempt(() => Lessons.updateOne({ _id: id }, { $set: row }, { upsert: true }));
}

/** From now on it is there, for its lead alone until it is published. */
export async function finishMerged(id: string, { shift, at }: Omit<PlaceInWhole, 'isFirst'>): Promise<void> {
  const row = { mergedShift: shift, mergedAt: at };
  await attempt(() => Lessons.updateOne({ _id: id }, { $set: row, $unset: { deletion: 1, merging: 1 } }));
}

/** Lessons of the same lead and course, not parts of this one, that are over and began within so long of it, soonest first. */
export async function neighboursOf(
  { id, startsAt, members }: LessonRecord,
  withinMs: number,
): Promise<LessonRecord[]> {
  const row = await attempt(() => Lessons.findById(id, { course: 1, merged: 1 }).lean());
  const filter = {
    ...{
      _id: { $nin: [id, ...(row?.merged ?? [])] },
      course: row?.course,
      lead: members.lead,
      state: 'ended' as const,
    },
    startsAt: { $gte: new Date(startsAt - withinMs), $lte: new Date(startsAt + withinMs) },
    ...{ deletion: { $exists: false }, merged: { $exists: false } },
  };
  return complete(await attempt(() => Lessons.find(filter).sort({ startsAt: 1 }).lean()));
}

/** Notes that a lesson goes on with another's board. */
export async function noteBoard(lesson: string, from: string): Promise<void> {
  const row = await attempt(() => Lessons.findById(from, { boards: 1 }).lean());
  const boards = { $each: [from, ...(row?.boards ?? [])] };
  await attempt(() => Lessons.updateOne({ _id: lesson }, { $addToSet: { boards } }));
}

/** Lessons that go on with this one's board, soonest first. */
export async function withBoardOf(lesson: string): Promise<{ title: Localised; startsAt: number }[]> {
  const filter = { boards: lesson, deletion: { $exists: false } } as const;
  const rows = await attempt(() =>
    Lessons.find(filter, { title: 1, startsAt: 1 }).sort({ startsAt: 1 }).lean(),
  );
  return rows.map(({ title, startsAt }) => ({ title, startsAt: startsAt.getTime() }));
}
