import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readIfThere } from './durable.ts';
import { moveSegment, readInitSegment, readMediaSegment, SegmentError } from './fmp4.ts';
import { hlsOutput, mediaPlaylist, type PictureFormat, segmentName } from './hls.ts';

/** Every segment begins with a key frame at a whole multiple of this, in every size at once. */
export const SEGMENT_S = 4;
export const FRAMES_PER_SECOND = 15;

/** One size of a picture. */
export interface Rung extends PictureFormat {
  /** Of its files. */
  readonly name: string;
  /** bit/s, over two seconds. A face that sits still takes less. */
  readonly maxRate: number;
}

function rung(width: number, height: number, maxRate: number): Rung {
  return { name: `picture-${height}`, width, height, framesPerSecond: FRAMES_PER_SECOND, maxRate };
}

/** From a thin link to a fibre; the heights and rates that schools' links were found to carry. */
const LADDER = [
  rung(256, 144, 100_000),
  rung(426, 240, 200_000),
  rung(854, 480, 600_000),
  rung(1280, 720, 1_500_000),
] as const;
/** A height may be this much above the source's: a camera of 360 lines is worth 480 to no one. */
const ABOVE = 1.05;
/** Faces and writing stay legible below every rung's ceiling. */
const QUALITY = 27;

/** The sizes worth making of a source so many lines high: none above it, and always the least. */
export function rungsFor(sourceHeight: number): Rung[] {
  return LADDER.filter(({ height }, index) => index === 0 || height <= sourceHeight * ABOVE);
}

/** Output arguments for ffmpeg: `[picture]` in every size. `first`: the number of the first segment to make. */
export function ladderOutputs(directory: string, rungs: readonly Rung[], first: number): string[] {
  const every = String(SEGMENT_S * FRAMES_PER_SECOND);
  // Half of the machine at most: the other half is a live lesson's.
  const threads = String(Math.max(1, Math.floor(availableParallelism() / 2)));
  return rungs.flatMap(({ name, maxRate }) => [
    ...[
      '-map',
      `[${name}]`,
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-profile:v',
      'main',
      '-threads',
      threads,
    ],
    ...['-crf', String(QUALITY), '-maxrate', String(maxRate), '-bufsize', String(2 * maxRate)],
    // No B frames: they would need an edit list, which not every player of segments honours.
    ...['-bf', '0', '-g', every, '-keyint_min', every, '-sc_threshold', '0'],
    ...hlsOutput(directory, name, SEGMENT_S, first),
  ]);
}

/** The filter that makes every size of `[picture]`, which has the largest one's. */
export function ladderFilter(rungs: readonly Rung[]): string {
  const labels = rungs.map((_, index) => `[size${index}]`).join('');
  const scales = rungs.map(
    ({ name, width, height }, index) => `[size${index}]scale=${width}:${height}[${name}]`,
  );
  return `[picture]split=${rungs.length}${labels};${scales.join(';')}`;
}

/**
 * How many segments an earlier run made whole, in every size. What it made is of use only where `plan` says that it
 * was the same that is to be made now; else the folder is empty afterwards.
 */
export async function resumeAt(directory: string, rungs: readonly Rung[], plan: string): Promise<number> {
  const path = join(directory, PLAN);
  if ((await readIfThere(path))?.toString('utf8') !== plan) {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(path, plan);
    return 0;
  }
  const counts = await Promise.all(rungs.map(({ name }) => countWhole(directory, name)));
  return Math.min(...counts);
}

const PLAN = 'plan.json';

async function countWhole(directory: string, name: string): Promise<number> {
  const head = await readIfThere(join(directory, `${name}-init.mp4`));
  if (!head) return 0;
  try {
    const init = readInitSegment(head);
    for (let count = 0; ; count++) {
      const data = await readIfThere(join(directory, segmentName(name, count)));
      if (!data) return count;
      const { duration } = readMediaSegment(data, init);
      // The last of a lesson is shorter, and cheap to make again.
      if (duration !== SEGMENT_S * init.timescale) return count;
    }
  } catch (error) {
    if (error instanceof SegmentError || error instanceof RangeError) return 0; // torn: from the beginning
    throw error;
  }
}

/** Puts every segment in its place in time, which ffmpeg counts from its own start, and writes the playlist. */
export async function finishRung(directory: string, name: string): Promise<void> {
  const init = readInitSegment(await readFile(join(directory, `${name}-init.mp4`)));
  const seconds: number[] = [];
  for (;;) {
    const path = join(directory, segmentName(name, seconds.length));
    const data = await readIfThere(path);
    if (!data) break;
    const wanted = seconds.length * SEGMENT_S * init.timescale;
    const { decodeTime, duration } = readMediaSegment(data, init);
    if (decodeTime !== wanted) {
      moveSegment(data, wanted);
      await writeFile(path, data);
    }
    seconds.push(duration / init.timescale);
  }
  await writeFile(join(directory, `${name}.m3u8`), mediaPlaylist(name, seconds));
}

/** Leaves only what belongs to the rendition. */
export async function clearPlan(directory: string): Promise<void> {
  await rm(join(directory, PLAN));
}
