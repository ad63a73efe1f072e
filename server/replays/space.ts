import type { DamagedReplay } from '../../protocol/api-storage.ts';
import type { RecordingDamage, RecordingSpace, RecordingsApi } from '../../protocol/recording.ts';
import { keptAmong, keptLessons } from '../store/school-storage.ts';

/** What a school's recordings take. The recorder weighs each once, until it changes. */
export async function spaceOf(
  recordings: Pick<RecordingsApi, 'space'>,
  school: string,
): Promise<RecordingSpace & { readonly lessons: number }> {
  const sum = { lessons: 0, voice: 0, picture: 0, tracks: 0 };
  // One after the other: a thousand folders are no reason to keep the disk from a lesson.
  for (const lesson of await keptLessons(school)) {
    const space = await recordings.space(lesson);
    if (!space) continue;
    sum.lessons += 1;
    sum.voice += space.voice;
    sum.picture += space.picture;
    sum.tracks += space.tracks;
  }
  return sum;
}

/** Those of a school's replays that were damaged. */
export async function damagedIn(school: string, found: readonly RecordingDamage[]): Promise<DamagedReplay[]> {
  if (found.length === 0) return [];
  const lessons = await keptAmong(
    school,
    found.map(({ lesson }) => lesson),
  );
  return found.flatMap((damage) => {
    const about = lessons.get(damage.lesson);
    return about ? [{ ...damage, ...about }] : [];
  });
}

export function bytesOf({ voice, picture, tracks }: RecordingSpace): number {
  return voice + picture + tracks;
}
