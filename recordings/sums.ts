import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { isMissing, replaceFile } from './durable.ts';
import type { LessonFolder, RecordingFile, RenditionKind } from './lesson-folder.ts';
import { kindOfFile } from './pack.ts';

const Sum = z.object({ name: z.string(), bytes: z.number(), crc32: z.number() });
/** Of a file, as it was written. */
export type Sum = z.infer<typeof Sum>;
const Sums = z.object({ files: z.array(Sum) });

/** Called after so many bytes were read: resolves when more may be. */
export type Pace = (bytes: number) => Promise<void>;

const atOnce: Pace = () => Promise.resolve();

/**
 * Notes what a rendition’s files are: what the disk gives back years later is compared with it. Those that are `known` are not read:
 * who wrote them knows better than a disk.
 */
export async function writeSums(
  folder: LessonFolder,
  file: RecordingFile,
  kind: RenditionKind,
  known: readonly Sum[] = [],
): Promise<void> {
  const place = folder.renditions;
  const names = (await namesIn(place)).filter(
    (name) => kindOfFile(basename(place), name, file.tracks) === kind,
  );
  const files = await Promise.all(
    names.sort().map((name) => known.find((one) => one.name === name) ?? sumOf(place, name, atOnce)),
  );
  await noteSums(
    folder,
    kind,
    files.filter((one) => one !== null),
  );
}

/** Notes what was written, before anything of it is read. */
export async function noteSums(
  folder: LessonFolder,
  kind: RenditionKind,
  files: readonly Sum[],
): Promise<void> {
  const path = pathOf(folder, kind);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, JSON.stringify({ files }));
}

/** Null where nothing was noted. */
export async function notedSums(folder: LessonFolder, kind: RenditionKind): Promise<readonly Sum[] | null> {
  const text = await readFile(pathOf(folder, kind), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  return Sums.safeParse(json(text)).data?.files ?? null;
}

/** What was noted of a kind's files goes, before they do. */
export async function dropSums({ path }: LessonFolder, kind: RenditionKind): Promise<void> {
  const place = join(path, 'sums');
  for (const name of await namesIn(place)) if (name.endsWith(`-${kind}.json`)) await rm(join(place, name));
}

/** Those files of a rendition that are not what they were, or not there; null where nothing was noted of them. */
export async function comparedWithSums(
  folder: LessonFolder,
  kind: RenditionKind,
  pace: Pace = atOnce,
): Promise<string[] | null> {
  const sums = await notedSums(folder, kind);
  if (!sums) return null;
  const changed: string[] = [];
  for (const noted of sums) {
    const found = await sumOf(folder.renditions, noted.name, pace);
    if (found?.bytes !== noted.bytes || found.crc32 !== noted.crc32) changed.push(noted.name);
  }
  return changed;
}

async function sumOf(place: string, name: string, pace: Pace) {
  let [bytes, sum] = [0, 0];
  try {
    for await (const chunk of createReadStream(join(place, name))) {
      sum = crc32(chunk, sum);
      bytes += chunk.length;
      await pace(chunk.length);
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  return { name, bytes, crc32: sum };
}

/** Beside what it speaks of: a folder that is moved into the store is empty afterwards. */
function pathOf({ path, renditions }: LessonFolder, kind: RenditionKind): string {
  return join(path, 'sums', `${basename(renditions)}-${kind}.json`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // damaged itself: as though nothing had been noted
  }
}

async function namesIn(path: string): Promise<string[]> {
  return await readdir(path).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}
