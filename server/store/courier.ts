import mongoose from 'mongoose';
import type { TrustedSchool } from '../../protocol/api-courier.ts';
import type { Localised } from '../../protocol/common.ts';
import { attempt } from './database.ts';
import { type LessonRow, Lessons } from './models.ts';

interface TrustRow {
  _id: string;
  school: string;
  fingerprint: string;
  name: string;
  since: Date;
}

const text = { type: String, required: true } as const;
const Trusted = mongoose.model(
  'TrustedSchool',
  new mongoose.Schema<TrustRow>(
    {
      _id: String,
      school: { ...text, index: true },
      fingerprint: text,
      name: text,
      since: { type: Date, required: true },
    },
    { versionKey: false },
  ),
  'courier_schools',
);

/** Outlives the lesson: what was hidden before that was deleted must not come back with an older package. */
const Taken = mongoose.model(
  'TakenPackage',
  new mongoose.Schema<{ _id: string; madeAt: number }>(
    { _id: String, madeAt: { type: Number, required: true } },
    { versionKey: false },
  ),
  'courier_taken',
);

/** A package that is being put in the place of what was there of its lesson. */
export interface Taking {
  readonly upload: string;
  readonly school: string;
}

const Takings = mongoose.model(
  'Taking',
  new mongoose.Schema<Taking & { _id: string }>(
    { _id: String, upload: text, school: text },
    { versionKey: false, writeConcern: { w: 1, j: true } },
  ),
  'courier_takings',
);

const idOf = (school: string, fingerprint: string): string => `${school} ${fingerprint}`;

/** Whose packages the administrators of this school take in. */
export async function trustedBy(school: string): Promise<TrustedSchool[]> {
  const rows = await attempt(() => Trusted.find({ school }).sort({ name: 1 }).lean());
  return rows.map(({ fingerprint, name, since }) => ({ fingerprint, name, since: since.getTime() }));
}

export async function trust(school: string, fingerprint: string, name: string): Promise<void> {
  const row = { school, fingerprint, name };
  await attempt(() =>
    Trusted.updateOne(
      { _id: idOf(school, fingerprint) },
      { $set: row, $setOnInsert: { since: new Date() } },
      { upsert: true },
    ),
  );
}

export async function untrust(school: string, fingerprint: string): Promise<void> {
  await attempt(() => Trusted.deleteOne({ _id: idOf(school, fingerprint) }));
}

export async function isTrusted(school: string, fingerprint: string): Promise<boolean> {
  return (await attempt(() => Trusted.exists({ _id: idOf(school, fingerprint) }))) !== null;
}

/** The id of the package that a brought lesson was taken from; null where it is not here, or not any more. */
export async function packageOf(lesson: string): Promise<string | null> {
  const row = await attempt(() => Lessons.findById(lesson, { brought: 1, deletion: 1 }).lean());
  return row?.deletion ? null : (row?.brought?.package ?? null);
}

/** When the newest package of a lesson that was ever taken in here was made; 0 where none was. */
export async function newestTaken(lesson: string): Promise<number> {
  const [row, taken] = await attempt(() =>
    Promise.all([Lessons.findById(lesson, { brought: 1 }).lean(), Taken.findById(lesson).lean()]),
  );
  return Math.max(row?.brought?.madeAt ?? 0, taken?.madeAt ?? 0);
}

/** The lesson that a school took from a package, if it is here. */
export async function takenFrom(
  school: string,
  id: string,
): Promise<{ lesson: string; title: Localised } | null> {
  const filter = { 'brought.into': school, 'brought.package': id, deletion: { $exists: false } };
  const row = await attempt(() => Lessons.findOne(filter, { title: 1 }).lean());
  return row && { lesson: row._id, title: row.title };
}

/** Makes or replaces a lesson that was brought from elsewhere. */
export async function putBrought(lesson: LessonRow): Promise<void> {
  const { _id, ...row } = lesson;
  const madeAt = row.brought?.madeAt ?? 0;
  await attempt(() => Taken.updateOne({ _id }, { $max: { madeAt } }, { upsert: true }));
  await attempt(() => Lessons.updateOne({ _id }, { $set: row, $unset: { deletion: 1 } }, { upsert: true }));
}

/** On the disk when it resolves: from now on `takingsLeft` has it, until it is ended. */
export async function beginTaking(lesson: string, { upload, school }: Taking): Promise<void> {
  await attempt(() => Takings.updateOne({ _id: lesson }, { $set: { upload, school } }, { upsert: true }));
}

export async function endTaking(lesson: string): Promise<void> {
  await attempt(() => Takings.deleteOne({ _id: lesson }));
}

/** Those that a stop has broken off. */
export async function takingsLeft(): Promise<(Taking & { lesson: string })[]> {
  const rows = await attempt(() => Takings.find().lean());
  return rows.map(({ _id: lesson, upload, school }) => ({ lesson, upload, school }));
}

/**
 * What a package that is made now is called made at: later than every earlier one of that lesson, whatever became of the clock in
 * between. Who has taken in an earlier one takes in none that is older.
 */
export async function nextMadeAt(lesson: string): Promise<number> {
  const later = { $max: [Date.now(), { $add: ['$packagedAt', 1] }] };
  const row = await attempt(() =>
    Lessons.findOneAndUpdate({ _id: lesson }, [{ $set: { packagedAt: later } }], {
      ...{ projection: { packagedAt: 1 }, returnDocument: 'after', updatePipeline: true },
    }).lean(),
  );
  return row?.packagedAt ?? Date.now();
}
