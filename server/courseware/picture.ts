import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RasterKind } from './kinds.ts';
import type { MadePage, Making } from './making.ts';
import { readRaster } from './raster.ts';
import { FileRefused } from './refused.ts';
import { runTool, ToolError } from './tool.ts';

/** Of what is unpacked to be made smaller: a large camera's picture. Four times as much is in memory then. */
const MOST_PIXELS = 64_000_000;
/** Sides of a page's picture: a little more than a classroom's screen, so that a look closer shows more. */
const WIDEST = 2_048;
const HIGHEST = 2_048;
/** libwebp's: letters of photographed books stay readable; at 70 they fray. */
const QUALITY = 78;

const LIMITS = { seconds: 60, patienceSeconds: 240, megabytes: 2_048, fileMegabytes: 32 };

/** ffmpeg's name for a file of one picture: it is told, never guessed, so that no file is read as a playlist. */
const DEMUXERS: Readonly<Record<RasterKind, string>> = {
  png: 'png_pipe',
  jpeg: 'jpeg_pipe',
  webp: 'webp_pipe',
  gif: 'gif',
};

/** EXIF's orientations as what turns a picture upright. */
const UPRIGHT: Readonly<Record<number, string>> = {
  2: 'hflip',
  3: 'hflip,vflip',
  4: 'vflip',
  5: 'transpose=0',
  6: 'transpose=1',
  7: 'transpose=3',
  8: 'transpose=2',
};

/** A picture, upright and no larger than a page shows. Throws FileRefused. */
export async function makePicture(path: string, kind: RasterKind, making: Making): Promise<MadePage> {
  const { width, height, orientation } = readRaster(kind, await readFile(path));
  if (width * height > MOST_PIXELS) throw new FileRefused('picture_too_large', `${width} x ${height}`);
  const output = join(making.folder, 'picture.webp');
  // The darker of two cautions: transparent parts become the white of the page they lie on.
  const turned = UPRIGHT[orientation];
  const filters = [
    ...(turned ? [turned] : []),
    `scale=w='min(iw,${WIDEST})':h='min(ih,${HIGHEST})':force_original_aspect_ratio=decrease:flags=lanczos`,
  ];
  const args = [
    ...['-v', 'error', '-nostdin', '-y', '-threads', '1', '-protocol_whitelist', 'file'],
    ...['-xerror', '-err_detect', 'explode', '-noautorotate', '-f', DEMUXERS[kind], '-i', path],
    ...['-map', '0:v:0', '-frames:v', '1', '-vf', filters.join(','), '-map_metadata', '-1', '-an'],
    ...['-c:v', 'libwebp', '-quality', String(QUALITY), '-compression_level', '5', '-f', 'webp', output],
  ];
  try {
    await runTool({
      program: making.tools.ffmpeg,
      args,
      folder: making.folder,
      limits: LIMITS,
      signal: making.signal,
    });
  } catch (error) {
    if (error instanceof ToolError)
      throw new FileRefused('file_damaged', error.stderr.slice(0, 400), { cause: error });
    throw error;
  }
  const data = await readFile(output);
  const made = readRaster('webp', data);
  return { form: 'webp', data, width: made.width, height: made.height };
}

/** Puts bytes where a tool can read them. */
export async function draft(making: Making, name: string, data: Uint8Array): Promise<string> {
  const path = join(making.folder, name);
  await writeFile(path, data);
  return path;
}
