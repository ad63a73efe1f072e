import { z } from 'zod';

/**
 * What this browser remembers of watching: where one left, how fast and in which rendition. A browser that keeps
 * nothing (private windows, storage refused or full) remembers until the page is closed.
 */

const Left = z.object({ t: z.number().min(0) });
const Habits = z.object({
  rate: z.number().min(0.25).max(4).optional(),
  watching: z.enum(['voice', 'picture', 'ink']).optional(),
});
export type Habits = z.infer<typeof Habits>;

const HABITS = 'tongke.watch';
const leftKey = (lesson: string): string => `${HABITS}.${lesson}`;

/** Nearer to the end than this the lesson counts as watched, and begins anew; milliseconds. */
const WATCHED_MS = 5000;

const unkept = new Map<string, string>();

function read<T>(key: string, schema: z.ZodType<T>): T | null {
  const text = unkept.get(key) ?? stored(key);
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // not ours, or of another version: as if it were not there
  }
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage refused: `unkept` is all there is
  }
}

function write(key: string, value: unknown): void {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(key, text);
    unkept.delete(key);
  } catch {
    unkept.set(key, text);
  }
}

/** Lesson time (milliseconds) to go on from, or null to begin at the beginning. */
export function resumeAt(lesson: string, from: number, to: number): number | null {
  const t = read(leftKey(lesson), Left)?.t;
  return t !== undefined && t > from && t < to - WATCHED_MS ? t : null;
}

export function leaveAt(lesson: string, t: number): void {
  write(leftKey(lesson), { t: Math.round(t) });
}

export function habits(): Habits {
  return read(HABITS, Habits) ?? {};
}

export function keepHabits(patch: Habits): void {
  write(HABITS, { ...habits(), ...patch });
}
