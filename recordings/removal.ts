import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingSpace } from '../protocol/recording.ts';
import type { Archive } from './archive.ts';
import { isMissing, syncDirectory } from './durable.ts';
import type { LessonFolder, RecordingFile, RenditionRecord } from './lesson-folder.ts';
import { kindOfFile, weighFolder } from './pack.ts';
import { dropSums } from './sums.ts';

/** What a recording takes, here and in the store. */
export async function spaceOf(folder: LessonFolder): Promise<RecordingSpace | null> {
  const file = await folder.read();
  if (!file) return null;
  const space = { voice: 0, picture: 0, tracks: 0 };
  const add = (name: string, kind: string, bytes: number): void => {
    space[name === 'tracks' ? 'tracks' : kind === 'picture' ? 'picture' : 'voice'] += bytes;
  };
  for (const name of folder.lasting) {
    const bytes = await weighFolder(join(folder.path, name), name, file.tracks);
    for (const [kind, size] of Object.entries(bytes)) add(name, kind, size);
  }
  for (const pack of file.stored ?? []) if (!pack.here) add(pack.folder, pack.kind, pack.bytes);
  return space;
}

const NOTHING: RenditionRecord = { state: 'ready', failures: 0, bytes: 0 };

/** Deletes the pictures of a lesson for good, with the tracks that they were made of. */
export async function removePicture(folder: LessonFolder, archive: Archive): Promise<void> {
  // First nobody is offered them any more; what a crash leaves behind is removed by the next call.
  const file = await folder.change((latest) => {
    if (!latest) throw new Error('The recording’s state file is gone');
    const whole = latest.whole && { ...latest.whole, picture: NOTHING };
    return { ...latest, picture: NOTHING, ...(whole && { whole }) };
  });
  await archive.remove(folder.lesson, 'picture');
  await dropSums(folder, 'picture');
  for (const name of folder.lasting) await removeFilesOf(join(folder.path, name), name, file);
  await folder.change((latest) => {
    if (!latest) throw new Error('The recording’s state file is gone');
    return { ...latest, tracks: latest.tracks.filter(({ source }) => source === 'mic') };
  });
}

async function removeFilesOf(path: string, name: string, file: RecordingFile): Promise<void> {
  const names = await readdir(path).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (!names) return;
  for (const one of names) {
    if (kindOfFile(name, one, file.tracks) === 'picture') await rm(join(path, one), { force: true });
  }
  await syncDirectory(path);
}
