import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BroughtRecording } from '../protocol/recording.ts';
import { syncDirectory } from './durable.ts';
import { AAC_PLAYLIST } from './growing-aac.ts';
import { type LessonFolder, RENDITION_KINDS, type RenditionRecord, syncFolder } from './lesson-folder.ts';
import { dropSums, writeSums } from './sums.ts';

/** Puts finished renditions in their place, durably. They cannot be cut: there are no tracks to make them again of. */
export async function bring(folder: LessonFolder, recording: BroughtRecording): Promise<void> {
  await folder.create();
  for (const kind of RENDITION_KINDS) await dropSums(folder, kind);
  await rm(folder.original, { recursive: true, force: true });
  await mkdir(folder.original, { recursive: true, mode: 0o700 });
  for (const name of await readdir(recording.directory))
    await rename(join(recording.directory, name), join(folder.original, name));
  await syncFolder(folder.original);
  await syncDirectory(folder.path);
  const names = await readdir(folder.original);
  const record = (kind: 'voice' | 'picture'): RenditionRecord => {
    const found = recording.renditions.find((rendition) => rendition.kind === kind);
    return { state: 'ready', failures: 0, playlist: found?.url, bytes: found?.bytes ?? 0 };
  };
  const aac = names.includes(AAC_PLAYLIST) ? AAC_PLAYLIST : undefined;
  const { lesson, revision, from, to, gaps } = recording;
  const file = await folder.change(() => ({
    ...{ version: 1, lesson, from, to, gaps: [...gaps] },
    ...{ sessions: [{ from, to }], moves: [], tracks: [] },
    // Nothing is cut off here; what was brought before has had another address, and is found under this one by nobody.
    cut: { revision, from: null, to: null, hidden: [] },
    voice: record('voice'),
    aac: { state: 'ready', failures: 0, playlist: aac, bytes: 0 },
    picture: record('picture'),
  }));
  for (const kind of RENDITION_KINDS) await writeSums(folder, file, kind);
}
