import type { LessonSummary } from '../../../protocol/api.ts';
import { daysFrom } from '../../ui/time.ts';

/** The lessons of one day, soonest first. */
export interface Day {
  /** When its first lesson starts, wall time. */
  readonly at: number;
  /** Days from today: 1 is tomorrow. */
  readonly distance: number;
  readonly lessons: readonly LessonSummary[];
}

export interface Arranged {
  /** Today's lessons, and any that is live: whatever its day, it is now. */
  readonly today: readonly LessonSummary[];
  /** Coming days, nearest first. */
  readonly later: readonly Day[];
  /** Past days, nearest first: what one would want to watch again. */
  readonly earlier: readonly Day[];
  /** The one lesson that the page offers above all others. */
  readonly next: LessonSummary | undefined;
}

/** Orders a week's lessons around `now` (wall time, milliseconds). */
export function arrange(lessons: readonly LessonSummary[], now: number): Arranged {
  const ofToday = (lesson: LessonSummary) => lesson.state === 'live' || daysFrom(now, lesson.startsAt) === 0;
  const today = lessons.filter(ofToday);
  const days: { at: number; distance: number; lessons: LessonSummary[] }[] = [];
  for (const lesson of lessons) {
    if (ofToday(lesson)) continue;
    const distance = daysFrom(now, lesson.startsAt);
    const day = days.find((known) => known.distance === distance);
    if (day) day.lessons.push(lesson);
    else days.push({ at: lesson.startsAt, distance, lessons: [lesson] });
  }
  return {
    today,
    later: days.filter((day) => day.distance > 0).sort((a, b) => a.distance - b.distance),
    earlier: days.filter((day) => day.distance < 0).sort((a, b) => b.distance - a.distance),
    next: today.find((lesson) => lesson.state === 'live') ?? today.find((lesson) => lesson.state === 'ready'),
  };
}

export interface Step {
  readonly to: string;
  readonly text: 'teach' | 'continueTeaching' | 'join' | 'watch' | 'observe' | 'openRoom';
}

/** What one tap does, or null where there is nothing to do yet. */
export function stepFor(lesson: LessonSummary, now: number): Step | null {
  if (lesson.state === 'ended') return lesson.replay ? { to: `/watch/${lesson.id}`, text: 'watch' } : null;
  const isLive = lesson.state === 'live';
  if (lesson.part === 'lead') {
    return { to: `/teach/${lesson.id}`, text: isLive ? 'continueTeaching' : 'teach' };
  }
  if (!isLive && daysFrom(now, lesson.startsAt) > 0) return null;
  if (lesson.part === 'room') return { to: '/room', text: 'openRoom' };
  if (lesson.part === 'observer') return isLive ? { to: `/seat/${lesson.id}`, text: 'observe' } : null;
  return { to: `/seat/${lesson.id}`, text: 'join' };
}
