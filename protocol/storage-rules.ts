import { z } from 'zod';

/** Fewer would delete what a class has not seen again yet. */
export const LEAST_DAYS = 7;
const Days = z.number().int().min(LEAST_DAYS).max(3_650);

export const GIGABYTE = 1e9;
/** From this part of its space on, a school is told. */
export const NEARLY_FULL = 0.9;

/** What a school's replays may take, and what becomes of them as time goes: nothing, unless its administrator says so. */
export const StorageRules = z.object({
  /** Days after a lesson when its pictures are deleted; voice and ink stay. Null: never. */
  pictureDays: Days.nullable(),
  /** Days after a lesson when all of its replay is deleted. Null: never. */
  allDays: Days.nullable(),
  /**
   * Gigabytes that its recordings may take; null: all there is. Beyond them lessons are recorded without pictures, and no replay
   * of another school is taken in.
   */
  quotaGb: z.number().int().min(1).max(1_000_000).nullable(),
  /** Whether teachers may delete replays of their own lessons. */
  leadDeletes: z.boolean(),
});
export type StorageRules = z.infer<typeof StorageRules>;

export const NO_RULES: StorageRules = {
  pictureDays: null,
  allDays: null,
  quotaGb: null,
  leadDeletes: false,
};
