import type { RecordingSpace, RecordingsApi } from '../../protocol/recording.ts';
import { keptLessons } from '../store/school-storage.ts';

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

export function bytesOf({ voice, picture, tracks }: RecordingSpace): number {
  return voice + picture + tracks;
}
