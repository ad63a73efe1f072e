import type { LessonSummary } from '../../protocol/api.ts';

const HOUR_MS = 3_600_000;
/** The night before begins and ends so many hours from that midnight: schools are empty, and links are cheap. */
const NIGHT = { from: -2, to: 5 };

/**
 * When a room begins to fetch a lesson's pack (wall time, ms): the night before, each at a time of its own, so that a
 * county's rooms do not all come at ten. `share`: 0..1, the room's own. A screen that was off then begins once it is on.
 */
export function packTime({ startsAt }: Pick<LessonSummary, 'startsAt'>, share: number): number {
  const midnight = new Date(startsAt).setHours(0, 0, 0, 0);
  return midnight + (NIGHT.from + share * (NIGHT.to - NIGHT.from)) * HOUR_MS;
}

/** The lesson whose pack is to be fetched now, the earliest first; none while one is live. */
export function packDue(
  lessons: readonly LessonSummary[],
  now: number,
  share: number,
  done: ReadonlySet<string>,
): LessonSummary | undefined {
  if (lessons.some(({ state }) => state === 'live')) return undefined;
  return lessons
    .filter(({ id, state, endsAt }) => state === 'ready' && endsAt > now && !done.has(id))
    .filter((lesson) => packTime(lesson, share) <= now)
    .sort((a, b) => a.startsAt - b.startsAt)[0];
}

/** A number of a room's own, the same every night. */
export function shareOf(room: string): number {
  let hash = 2_166_136_261;
  for (const letter of room) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  // Names that differ in their last letter must not lie side by side (MurmurHash3's finish).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
