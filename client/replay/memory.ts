import { z } from 'zod';
import { remember, remembered } from '../ui/remember.ts';

/** What this device remembers of watching: where one left each lesson, how fast one listens and to which rendition. */

const Left = z.object({ t: z.number().min(0) });
const Habits = z.object({
  rate: z.number().min(0.25).max(4).optional(),
  watching: z.enum(['voice', 'picture', 'ink']).optional(),
});
export type Habits = z.infer<typeof Habits>;

const HABITS = 'watch';
const leftKey = (lesson: string): string => `watch.${lesson}`;

/** Nearer to the end than this the lesson counts as watched, and begins anew; milliseconds. */
const WATCHED_MS = 5000;

function read<T>(key: string, schema: z.ZodType<T>): T | null {
  const text = remembered(key);
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // no JSON: not written by this version, as if it were not there
  }
}

/** Lesson time (milliseconds) to go on from, or null to begin at the beginning. */
export function resumeAt(lesson: string, from: number, to: number): number | null {
  const t = read(leftKey(lesson), Left)?.t;
  return t !== undefined && t > from && t < to - WATCHED_MS ? t : null;
}

export function leaveAt(lesson: string, t: number): void {
  remember(leftKey(lesson), JSON.stringify({ t: Math.round(t) }));
}

export function habits(): Habits {
  return read(HABITS, Habits) ?? {};
}

export function keepHabits(patch: Habits): void {
  remember(HABITS, JSON.stringify({ ...habits(), ...patch }));
}
