import { join } from 'node:path';
import type { Archive } from './archive.ts';
import { isMissing } from './durable.ts';
import {
  type LessonFolder,
  RENDITION_KINDS,
  type RecordingFile,
  type RenditionKind,
  type StoredPack,
} from './lesson-folder.ts';
import { comparedWithSums, type Pace, writeSums } from './sums.ts';
import { inspectTrack } from './track-reader.ts';

/** What a disk or a store has lost of a recording that was good. */
export interface Losses {
  /** Names of a finished rendition's files. */
  readonly files: ReadonlyMap<RenditionKind, readonly string[]>;
  /** Tracks of which something cannot be read any more; `unusable`: they end too early, or are not there. */
  readonly tracks: readonly { readonly file: string; readonly unusable: boolean }[];
  readonly stored: readonly StoredPack[];
}

/** Whether nothing of it is being made: only then does what is there have to be what was noted. */
export function isSettled(file: RecordingFile | null): file is RecordingFile {
  if (!file || file.to === null) return false;
  return RENDITION_KINDS.every((kind) => file[kind].state === 'ready' || file[kind].state === 'failed');
}

/** Names of a recording's finished files that lie here and are not what was noted, by kind. */
export async function damagedFiles(
  folder: LessonFolder,
  file: RecordingFile,
  pace?: Pace,
): Promise<Map<RenditionKind, readonly string[]>> {
  const away = awayOf(file);
  const place = folder.renditions.slice(folder.path.length + 1);
  const files = new Map<RenditionKind, readonly string[]>();
  for (const kind of RENDITION_KINDS) {
    if (file[kind].state !== 'ready') continue;
    const changed = await comparedWithSums(folder, kind, pace);
    // One of before there were sums: what it is today was verified when it was made, and is all that can be known.
    if (changed === null && !file.stored && isSettled(file)) await writeSums(folder, file, kind);
    const lost = changed?.filter((name) => !away.has(`${place}/${name}`)) ?? [];
    if (lost.length > 0) files.set(kind, lost);
  }
  return files;
}

/** Reads all that there is of a recording, at `pace`. */
export async function inspect(
  folder: LessonFolder,
  file: RecordingFile,
  archive: Archive,
  pace: Pace,
): Promise<Losses> {
  const stored = await archive.lost(file, pace);
  const files = await damagedFiles(folder, file, pace);
  const away = awayOf(file);
  const tracks: { file: string; unusable: boolean }[] = [];
  for (const { file: name, bytes } of file.tracks) {
    if (away.has(`tracks/${name}`)) continue;
    const found = await inspectTrack(join(folder.tracks, name), pace).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    const unusable = !found || found.torn > 0 || found.bytes < bytes;
    if (unusable || found.damaged > 0) tracks.push({ file: name, unusable });
  }
  return { files, tracks, stored };
}

/** What lies in the store and not here. */
function awayOf({ stored = [] }: RecordingFile): Set<string> {
  const packs = stored.filter(({ here }) => !here);
  return new Set(packs.flatMap(({ folder, files }) => files.map(({ name }) => `${folder}/${name}`)));
}
