import { z } from 'zod';
import { remember, remembered } from '../ui/remember.ts';

/** What this device remembers of watching, whoever watches: how fast, which rendition, with captions or without. */

const Habits = z.object({
  rate: z.number().min(0.25).max(4).optional(),
  watching: z.enum(['voice', 'picture', 'ink']).optional(),
  /** Lines of the picture; null: as the link carries. */
  height: z.number().nullable().optional(),
  captions: z.boolean().optional(),
});
export type Habits = z.infer<typeof Habits>;

const HABITS = 'watch';

export function habits(): Habits {
  const text = remembered(HABITS);
  if (text === null) return {};
  try {
    return Habits.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {}; // no JSON: not written by this version, as if it were not there
  }
}

export function keepHabits(patch: Habits): void {
  remember(HABITS, JSON.stringify({ ...habits(), ...patch }));
}

const PLACE = 'watch.place ';

/** Where whoever has no account here left a lesson on this device, lesson time; null: nowhere. */
export function placeIn(lesson: string): number | null {
  const t = Number(remembered(PLACE + lesson) ?? Number.NaN);
  return Number.isFinite(t) ? t : null;
}

export function keepPlace(lesson: string, t: number): void {
  remember(PLACE + lesson, String(Math.round(t)));
}
