import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TongkeError } from '../protocol/errors.ts';
import type { BroughtRecording } from '../protocol/recording.ts';
import { isMissing, syncDirectory } from './durable.ts';
import { SegmentError } from './fmp4.ts';
import { AAC_PLAYLIST } from './growing-aac.ts';
import { verifyRendition } from './hls.ts';
import {
  LessonFolder,
  RENDITION_KINDS,
  type RecordingFile,
  type RenditionRecord,
  syncFolder,
} from './lesson-folder.ts';
import { isThere } from './served.ts';
import { writeSums } from './sums.ts';

/** Beside the lessons' folders, and no lesson's names: those that are being brought, and those that they take the place of. */
const FRESH = '.bringing';
const OLD = '.replaced';

/**
 * Rejects with `package_hostile` where what is to be brought could not be played: there would be no tracks to make it again of, and
 * nobody who knows what it was.
 */
export async function verifyBrought({ directory, from, to, renditions }: BroughtRecording): Promise<void> {
  const never = new AbortController().signal;
  try {
    for (const { url } of renditions) await verifyRendition(directory, url, to - from, never);
  } catch (error) {
    if (!(error instanceof SegmentError || isMissing(error))) throw error;
    throw new TongkeError('package_hostile', 'A rendition does not hold together', { cause: error });
  }
}

/**
 * Puts finished renditions in the place of whatever there is of that lesson: all of them are on the disk, in a folder of their own,
 * before anything that is there is touched. They cannot be cut: there are no tracks to make them again of.
 */
export async function bring(folder: LessonFolder, recording: BroughtRecording): Promise<void> {
  const directory = dirname(folder.path);
  await folder.replace(async () => {
    const fresh = new LessonFolder(join(directory, FRESH), folder.lesson);
    const old = join(directory, OLD, folder.lesson);
    for (const left of [fresh.path, old]) await rm(left, { recursive: true, force: true });
    const file = await fill(fresh, recording);
    await mkdir(dirname(old), { recursive: true, mode: 0o700 });
    for (const path of [dirname(fresh.path), directory]) await syncDirectory(path);
    // The new one is whole: what a crash leaves from here on is finished by the next start.
    await moveIfThere(folder.path, old);
    await rename(fresh.path, folder.path);
    await syncDirectory(directory);
    await rm(old, { recursive: true, force: true });
    return file;
  });
}

/** After a crash: what was there is whole where it lies, or was moved away for what is whole. */
export async function finishBringing(directory: string): Promise<void> {
  const [fresh, old] = [join(directory, FRESH), join(directory, OLD)];
  for (const lesson of await namesIn(old)) {
    const path = join(directory, lesson);
    if (await isThere(path)) continue;
    await rename(join((await isThere(join(fresh, lesson))) ? fresh : old, lesson), path);
  }
  await syncDirectory(directory);
  for (const path of [fresh, old]) await rm(path, { recursive: true, force: true });
}

async function fill(fresh: LessonFolder, recording: BroughtRecording): Promise<RecordingFile> {
  await fresh.create();
  await mkdir(fresh.original, { mode: 0o700 });
  const names = await readdir(recording.directory);
  for (const name of names) await rename(join(recording.directory, name), join(fresh.original, name));
  await syncFolder(fresh.original);
  const record = (kind: 'voice' | 'picture'): RenditionRecord => {
    const found = recording.renditions.find((rendition) => rendition.kind === kind);
    return { state: 'ready', failures: 0, playlist: found?.url, bytes: found?.bytes ?? 0 };
  };
  const aac = names.includes(AAC_PLAYLIST) ? AAC_PLAYLIST : undefined;
  const { lesson, revision, from, to, gaps } = recording;
  const file: RecordingFile = {
    ...{ version: 1, lesson, from, to, gaps: [...gaps] },
    ...{ sessions: [{ from, to }], moves: [], tracks: [] },
    // Nothing is cut off here; what was brought before has had another address, and is found under this one by nobody.
    cut: { revision, from: null, to: null, hidden: [] },
    voice: record('voice'),
    aac: { state: 'ready', failures: 0, playlist: aac, bytes: 0 },
    picture: record('picture'),
  };
  for (const kind of RENDITION_KINDS) await writeSums(fresh, file, kind);
  return await fresh.change(() => file);
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function namesIn(path: string): Promise<string[]> {
  return await readdir(path).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}
