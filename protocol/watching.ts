import { z } from 'zod';
import { Id, LessonTime, Localised, WallTime } from './common.ts';

/** What people do with a replay besides playing it. Lesson times in milliseconds. */

/** From and to, lesson time. */
export const Stretch = z.tuple([LessonTime, LessonTime]).refine(([from, to]) => from < to);
export type Stretch = z.infer<typeof Stretch>;

/** Nearer than this two stretches are one: nobody means to skip a second. */
const JOIN_MS = 1_000;
/** Stretches kept of one person and lesson: beyond it the nearest become one. */
export const STRETCH_LIMIT = 200;

/** The stretches of both, ascending, none touching another. */
export function union(a: readonly Stretch[], b: readonly Stretch[]): Stretch[] {
  const merged: [number, number][] = [];
  for (const [from, to] of [...a, ...b].sort((x, y) => x[0] - y[0])) {
    const last = merged.at(-1);
    if (last && from - last[1] <= JOIN_MS) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  while (merged.length > STRETCH_LIMIT) joinNearest(merged);
  return merged;
}

function joinNearest(stretches: [number, number][]): void {
  let nearest = 1;
  const gap = (i: number): number => (stretches[i]?.[0] ?? 0) - (stretches[i - 1]?.[1] ?? 0);
  for (let i = 2; i < stretches.length; i++) if (gap(i) < gap(nearest)) nearest = i;
  const [later] = stretches.splice(nearest, 1);
  const earlier = stretches[nearest - 1];
  if (earlier && later) earlier[1] = Math.max(earlier[1], later[1]);
}

/** How much of `from` to `to` the stretches cover, 0 to 1. */
export function shareOf(stretches: readonly Stretch[], from: number, to: number): number {
  const covered = stretches.reduce(
    (sum, [begin, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(begin, from)),
    0,
  );
  return to > from ? covered / (to - from) : 0;
}

export const NoteText = z.string().trim().min(1).max(2_000);
export const QuestionText = z.string().trim().min(1).max(500);

/** A private note at a time of the lesson: nobody but its writer ever gets it. */
export const Note = z.object({ id: Id, t: LessonTime, text: NoteText, at: WallTime });
export type Note = z.infer<typeof Note>;

/** To the teacher, about a time of the lesson. Seen by its asker and the teacher. */
export const Question = z.object({
  id: Id,
  t: LessonTime,
  text: QuestionText,
  at: WallTime,
  by: Id,
  name: Localised,
  answer: z.object({ text: QuestionText, at: WallTime }).nullable(),
});
export type Question = z.infer<typeof Question>;

/** One's own in a lesson; for the teacher who gave it, `questions` are everybody's. */
export const Watching = z.object({
  /** Where one left, on whichever device. */
  position: z.object({ t: LessonTime, at: WallTime }).nullable(),
  watched: z.array(Stretch),
  notes: z.array(Note),
  questions: z.array(Question),
});
export type Watching = z.infer<typeof Watching>;

/** Longer ago than this a place is as good as this long ago, ms. */
export const STALEST_MS = 30 * 86_400_000;

/** Where one was, how long ago, and what was played since the last report. */
export const Report = z.object({
  t: LessonTime,
  /** Milliseconds: a device that had no link tells of it late, and another may have gone on meanwhile. */
  ago: z.number().int().min(0).max(STALEST_MS).default(0),
  watched: z.array(Stretch).max(64),
});
export type Report = z.infer<typeof Report>;

/** What the teacher is told of one of the lesson's students: which parts, how much, and when last. */
export const Viewer = z.object({
  id: Id,
  name: Localised,
  watched: z.array(Stretch),
  /** Null: not begun. */
  at: WallTime.nullable(),
});
export type Viewer = z.infer<typeof Viewer>;
