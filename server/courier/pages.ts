import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TongkeError } from '../../protocol/errors.ts';
import type { ObjectStore } from '../../protocol/storage.ts';
import { cleanSvg } from '../courseware/clean-svg.ts';
import { fileKey } from '../courseware/keys.ts';
import type { LessonFile } from '../store/courseware.ts';

const NAME = /^page-([0-9a-f]{64})\.(svg|webp)$/;

/** A file beneath the ink, as it is called in a package. */
export function nameOfPage({ sha256, form }: LessonFile): string {
  return `page-${sha256}.${form}`;
}

/** One that was brought. */
export interface PageFile {
  readonly sha256: string;
  readonly form: LessonFile['form'];
  readonly path: string;
}

/**
 * What is drawn beneath the ink, in an unpacked package. The hashes were compared when it was unpacked; one that is not what we
 * would have made ourselves is refused with `package_hostile`.
 */
export async function pagesIn(folder: string): Promise<PageFile[]> {
  const pages: PageFile[] = [];
  for (const name of await readdir(folder)) {
    const [, sha256 = '', form] = NAME.exec(name) ?? [];
    if (form !== 'svg' && form !== 'webp') continue;
    const path = join(folder, name);
    if (!(await (form === 'svg' ? isOurDrawing(path) : isWebp(path))))
      throw new TongkeError('package_hostile', `${name} is no page of ours`);
    pages.push({ sha256, form, path });
  }
  return pages;
}

/** Copies them to where such files are kept. */
export async function keepPages(pages: readonly PageFile[], objects: ObjectStore): Promise<LessonFile[]> {
  const kept: LessonFile[] = [];
  for (const { sha256, form, path } of pages) {
    const key = fileKey(sha256);
    // Named by its content: what another lesson brought, or was taught with, is here already.
    const { bytes } = (await objects.info(key)) ?? (await objects.put(key, createReadStream(path)));
    kept.push({ sha256, form, bytes });
  }
  return kept;
}

/** Only what is allowed, written as we write it: it comes out of the cleaning as it went in. */
async function isOurDrawing(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8');
  try {
    return cleanSvg(text).text === text;
  } catch {
    return false; // too much of it, or no drawing at all
  }
}

async function isWebp(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(12);
    await file.read(head, 0, head.length, 0);
    const { size } = await stat(path);
    const isRiff = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8) === 'WEBP';
    return isRiff && head.readUInt32LE(4) + 8 === size;
  } finally {
    await file.close();
  }
}
