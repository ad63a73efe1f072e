import type { Localised } from '../../protocol/common.ts';
import { NO_RULES, type StorageRules } from '../../protocol/storage-rules.ts';
import { attempt } from './database.ts';
import { Accounts, Lessons, Schools } from './models.ts';

/**
 * Lessons that are over and whose replays a school keeps, those it teaches and those it took in; oldest first. `before`:
 * only those that ended, or were taken in, before.
 */
export async function keptLessons(school: string, before?: Date): Promise<string[]> {
  const old = before && { $lt: before };
  const filter = {
    ...(await keptBy(school)),
    // A package may have been on its way for longer than it is to be kept.
    ...(old && {
      $and: [{ $or: [{ 'brought.takenAt': old }, { 'brought.takenAt': { $exists: false }, endsAt: old }] }],
    }),
  };
  const rows = await attempt(() => Lessons.find(filter, { _id: 1 }).sort({ endsAt: 1 }).lean());
  return rows.map(({ _id }) => _id);
}

/** What those of these lessons are that a school keeps. */
export async function keptAmong(
  school: string,
  lessons: readonly string[],
): Promise<Map<string, { title: Localised; startsAt: number }>> {
  const filter = { ...(await keptBy(school)), _id: { $in: [...lessons] } };
  const rows = await attempt(() => Lessons.find(filter, { title: 1, startsAt: 1 }).lean());
  return new Map(rows.map(({ _id, title, startsAt }) => [_id, { title, startsAt: startsAt.getTime() }]));
}

/** The lessons that are over and that a school keeps, as a filter. */
async function keptBy(school: string) {
  const accounts = await attempt(() => Accounts.find({ school }, { _id: 1 }).lean());
  return {
    state: 'ended' as const,
    deletion: { $exists: false },
    $or: [{ lead: { $in: accounts.map(({ _id }) => _id) } }, { 'brought.into': school }],
  };
}

export interface SchoolRules {
  readonly id: string;
  readonly name: Localised;
  readonly rules: StorageRules;
}

export async function storageRules(schools: readonly string[]): Promise<SchoolRules[]> {
  const rows = await attempt(() => Schools.find({ _id: { $in: schools } }, { name: 1, storage: 1 }).lean());
  return rows.map(({ _id, name, storage }) => ({ id: _id, name, rules: storage ?? NO_RULES }));
}

/** Of the schools that have any. */
export async function allStorageRules(): Promise<Pick<SchoolRules, 'id' | 'rules'>[]> {
  const rows = await attempt(() => Schools.find({ storage: { $exists: true } }, { storage: 1 }).lean());
  return rows.map(({ _id, storage }) => ({ id: _id, rules: storage ?? NO_RULES }));
}

export async function setStorageRules(school: string, storage: StorageRules): Promise<void> {
  await attempt(() => Schools.updateOne({ _id: school }, { $set: { storage } }));
}
