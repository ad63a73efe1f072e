import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { PackagedCaptions, PackagedLog, type PackageManifest } from '../../protocol/api-courier.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { WrittenPages } from '../../protocol/replay.ts';
import { type PageFile, pagesIn } from './pages.ts';

const RENDITION_FILE = /\.(m3u8|mp4|m4s)$/;

/** What lay in a package. */
export interface Contents {
  readonly log: PackagedLog;
  readonly captions: PackagedCaptions;
  readonly words: WrittenPages;
  readonly pages: readonly PageFile[];
  /** A folder with the files of its renditions, and nothing else. */
  readonly renditions: string;
}

/** What was extracted to `folder`: all of it is a lesson's, but for the renditions, which are only there, or it rejects with `package_hostile`. */
export async function readContents(
  folder: string,
  { files, renditions }: PackageManifest,
): Promise<Contents> {
  const log = await read(join(folder, 'log.json'), PackagedLog);
  const captions = await read(join(folder, 'captions.json'), PackagedCaptions);
  const words = await read(join(folder, 'words.json'), WrittenPages);
  const pages = await pagesIn(folder);
  const names = files.map(({ name }) => name).filter((name) => RENDITION_FILE.test(name));
  const missing = renditions.find(({ url }) => !names.includes(url));
  if (missing) throw new TongkeError('package_hostile', `it has no ${missing.url}`);
  const place = join(folder, 'renditions');
  await mkdir(place, { mode: 0o700 });
  for (const name of names) await rename(join(folder, name), join(place, name));
  return { log, captions, words, pages, renditions: place };
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const found = schema.safeParse(json(await readFile(path, 'utf8').catch(() => '')));
  if (!found.success) throw new TongkeError('package_hostile', 'its log or captions are none');
  return found.data;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
