import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { isMissing, replaceFile } from './durable.ts';
import type { LessonFolder, RecordingFile, RenditionKind } from './lesson-folder.ts';
import { kindOfFile } from './pack.ts';

const Sums = z.object({
  files: z.array(z.object({ name: z.string(), bytes: z.number(), crc32: z.number() })),
});

/** Called after so many bytes were read: resolves when more may be. */
export type Pace = (bytes: number) => Promise<void>;

const atOnce: Pace = () => Promise.resolve();

/** Notes what a rendition’s files are: what the disk gives back years later is compared with it. */
export async function writeSums(
  folder: LessonFolder,
  file: RecordingFile,
  kind: RenditionKind,
): Promise<void> {
  const place = folder.renditions;
  const names = (await namesIn(place)).filter(
    (name) => kindOfFile(basename(place), name, file.tracks) === kind,
  );
  const files = await Promise.all(names.sort().map((name) => sumOf(place, name, atOnce)));
  const path = pathOf(folder, kind);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, JSON.stringify({ files: files.filter((one) => one !== null) }));
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
  pace: Pace,
): Promise<string[] | null> {
  const text = await readFile(pathOf(folder, kind), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const sums = Sums.safeParse(json(text)).data;
  if (!sums) return null;
  const changed: string[] = [];
  for (const noted of sums.files) {
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
