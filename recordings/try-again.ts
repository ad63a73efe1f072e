import { join } from 'node:path';
import {
  type LessonFolder,
  NOTHING_LEFT,
  RENDITION_KINDS,
  type RecordingFile,
  type RenditionKind,
  WAITING,
} from './lesson-folder.ts';
import { isThere } from './served.ts';

/** What of a lesson is to be made first: the others follow by themselves. */
export function dueKind(file: RecordingFile | null): RenditionKind | undefined {
  return RENDITION_KINDS.find((kind) => file?.[kind].state === 'waiting' || file?.[kind].state === 'working');
}

/** What failed is made once more: since then there may be room, or an encoder that does better. */
export async function tryAgain(folder: LessonFolder, file: RecordingFile): Promise<RecordingFile> {
  const again: RenditionKind[] = [];
  for (const kind of RENDITION_KINDS) {
    const { state, reason } = file[kind];
    if (state !== 'failed') continue;
    if (reason === NOTHING_LEFT || !(await hasTracks(folder, file, kind))) break; // nor what is made of it
    again.push(kind);
  }
  if (again.length === 0) return file;
  return await folder.change((latest) => {
    if (!latest) throw new Error('The recording’s state file is gone');
    const failed = again.filter((kind) => latest[kind].state === 'failed');
    const waiting = failed.map((kind) => [kind, { ...WAITING, asked: latest[kind].asked }]);
    return { ...latest, ...Object.fromEntries(waiting) };
  });
}

/** Whether all that a rendition is made of is here, or in the store. AAC is made of Opus. */
async function hasTracks(folder: LessonFolder, file: RecordingFile, kind: RenditionKind): Promise<boolean> {
  if (kind === 'aac') return true;
  const stored = file.stored?.filter((pack) => pack.folder === 'tracks' && !pack.here) ?? [];
  const away = new Set(stored.flatMap(({ files }) => files.map(({ name }) => name)));
  const own = file.tracks.filter(({ source }) => (source === 'mic') === (kind === 'voice'));
  const here = own.filter((track) => !away.has(track.file));
  return (await Promise.all(here.map((track) => isThere(join(folder.tracks, track.file))))).every(Boolean);
}
