import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '../protocol/common.ts';
import { finishBringing } from './bring.ts';
import type { JobKind } from './jobs.ts';
import type { LessonFolder, RecordingFile } from './lesson-folder.ts';
import type { RecorderLog } from './log.ts';
import { isThere } from './served.ts';
import { dropSingles } from './single-file.ts';
import { dueKind, tryAgain } from './try-again.ts';
import { LIVE_PLAYLIST, VOICE_PLAYLIST } from './voice-packager.ts';

/** What an earlier run left. */
export interface Left {
  readonly jobs: { readonly lesson: string; readonly kind: JobKind }[];
  /** Lessons that it was recording when it was cut off. */
  readonly cutOff: string[];
  /** Lessons with segments for those who were late. */
  readonly live: string[];
  /** How many lessons have something in the store. */
  stored: number;
}

export interface SweepOptions {
  readonly directory: string;
  /** Of a lesson in it; not kept in memory, for there are years of finished ones. */
  readonly open: (lesson: string) => LessonFolder;
  /** Whether all of it may go into the store. */
  readonly isDue: (file: RecordingFile) => boolean;
  readonly log: RecorderLog;
}

export async function sweep({ directory, open, isDue, log }: SweepOptions): Promise<Left> {
  await finishBringing(directory);
  const left: Left = { jobs: [], cutOff: [], live: [], stored: 0 };
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const lesson = entry.name;
    if (!entry.isDirectory() || !Id.safeParse(lesson).success) continue;
    try {
      const folder = open(lesson);
      const found = await folder.read();
      if (!found && (await folder.listTracks()).length === 0) {
        // What a crash left of a lesson that was being brought, begun or deleted: nothing can be made of it, or shown.
        if (!(await isThere(folder.setAside))) await rm(folder.path, { recursive: true, force: true });
        continue;
      }
      if (!found || found.to === null) {
        left.cutOff.push(lesson);
        continue;
      }
      const file = await tryAgain(folder, found);
      if (file.stored?.some((pack) => !pack.here)) {
        left.stored += 1;
        await dropSingles(folder);
      }
      const kind = dueKind(file);
      if (kind) left.jobs.push({ lesson, kind });
      else if (await isThere(join(folder.renditions, LIVE_PLAYLIST))) left.live.push(lesson);
      if (isDue(file) && (await isHere(folder, file))) left.jobs.push({ lesson, kind: 'store' });
    } catch (error) {
      log.error({ err: error, lesson }, 'a recording’s state cannot be read');
    }
  }
  return left;
}

async function isHere({ tracks, renditions }: LessonFolder, file: RecordingFile): Promise<boolean> {
  const paths = [join(renditions, VOICE_PLAYLIST), ...file.tracks.map((track) => join(tracks, track.file))];
  return (await Promise.all(paths.map(isThere))).includes(true);
}
