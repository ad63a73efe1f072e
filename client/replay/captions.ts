import { z } from 'zod';
import { LessonTime } from '../../protocol/common.ts';

/** A text spoken at a time of the lesson, milliseconds. */
export interface Cue {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const Cues = z.object({
  ok: z.literal(true),
  data: z.object({ cues: z.array(z.object({ from: LessonTime, to: LessonTime, text: z.string() })) }),
});

/** The cues at a path of the site. Rejects where they do not come through, or are none. */
export async function fetchCues(path: string, signal: AbortSignal): Promise<Cue[]> {
  const response = await fetch(path, { signal });
  return Cues.parse(await response.json()).data.cues;
}

/** What is said at `t`: more than one where people speak at once. `cues` in the order of their beginnings. */
export function cuesAt(cues: readonly Cue[], t: number): readonly Cue[] {
  return cues.filter(({ from, to }) => from <= t && t < to);
}
