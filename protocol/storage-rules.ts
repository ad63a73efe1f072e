import { z } from 'zod';

/** Fewer would delete what a class has not seen again yet. */
export const LEAST_DAYS = 7;
const Days = z.number().int().min(LEAST_DAYS).max(3_650);

/** What becomes of a school's replays as time goes: nothing, unless its administrator says so. */
export const StorageRules = z.object({
  /** Days after a lesson when its pictures are deleted; voice and ink stay. Null: never. */
  pictureDays: Days.nullable(),
  /** Days after a lesson when all of its replay is deleted. Null: never. */
  allDays: Days.nullable(),
  /** Whether teachers may delete replays of their own lessons. */
  leadDeletes: z.boolean(),
});
export type StorageRules = z.infer<typeof StorageRules>;

export const NO_RULES: StorageRules = { pictureDays: null, allDays: null, leadDeletes: false };
