import type { LessonSummary } from '../../../protocol/api.ts';
import { daysFrom } from '../../ui/time.ts';

/** A room is there before its lesson, so that the teacher sees it and what is wrong is found in time. Milliseconds. */
const EARLY = 15 * 60_000;

/** The lesson that a room should be in now: the live one, or today's next once it is near. */
export function lessonFor(lessons: readonly LessonSummary[], now: number): LessonSummary | undefined {
  const own = lessons.filter((lesson) => lesson.part === 'room');
  const live = own.findLast((lesson) => lesson.state === 'live');
  return live ?? own.find((lesson) => isReadyToday(lesson, now) && lesson.startsAt - EARLY <= now);
}

/** What the waiting screen announces: today's next lesson that has not begun. */
export function nextFor(lessons: readonly LessonSummary[], now: number): LessonSummary | undefined {
  return lessons.find((lesson) => lesson.part === 'room' && isReadyToday(lesson, now));
}

function isReadyToday(lesson: LessonSummary, now: number): boolean {
  return lesson.state === 'ready' && daysFrom(now, lesson.startsAt) === 0;
}
