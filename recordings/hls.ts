import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ffmpeg } from './ffmpeg.ts';
import { type InitSegment, readInitSegment, readMediaSegment, SegmentError } from './fmp4.ts';

/** HTTP Live Streaming (RFC 8216), version 7: fragmented MP4 with an EXT-X-MAP. */

/** A media playlist that was checked, segment by segment. */
export interface VerifiedPlaylist {
  readonly name: string;
  readonly codec: string;
  /** Every file it needs, its own included. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** Milliseconds, from the samples themselves. */
  readonly duration: number;
  /** bit/s: of the fattest segment, and of all. */
  readonly peak: number;
  readonly average: number;
}

/** What a segment's playlist line may be wrong by: players add them up. */
const EXTINF_TOLERANCE_MS = 50;
/** A rendition ends with a whole frame (at most 67 ms), and AAC adds its encoder's delay. */
const LENGTH_TOLERANCE_MS = 250;

interface Line {
  readonly uri: string;
  readonly milliseconds: number;
}

function parsePlaylist(text: string): { map: string; segments: Line[] } {
  const map = /^#EXT-X-MAP:URI="([^"]+)"/m.exec(text)?.[1];
  if (!map || !text.includes('#EXT-X-ENDLIST')) throw new SegmentError('the playlist was not finished');
  const segments = Array.from(
    text.matchAll(/^#EXTINF:([\d.]+),[^\n]*\n([^#\n]+)$/gm),
    ([, seconds, uri]) => ({
      uri: uri ?? '',
      milliseconds: Number(seconds) * 1000,
    }),
  );
  return { map, segments };
}

/**
 * Reads every segment of a playlist: each must be there, hold together, begin where the one before ended, and last
 * as long as its line says, `expected` milliseconds in the whole. An encoder's exit code says none of this (on a full
 * disk ffmpeg's HLS muxer ends with 0). Throws a SegmentError that names the file.
 */
export async function verifyPlaylist(
  directory: string,
  name: string,
  expected: number,
  signal: AbortSignal,
): Promise<VerifiedPlaylist> {
  const text = await readFile(join(directory, name));
  const { map, segments } = parsePlaylist(text.toString('utf8'));
  if (segments.length === 0) throw new SegmentError(`${name} has no segments`);
  const head = await readFile(join(directory, map));
  const init = readInitSegment(head);
  let bytes = text.length + head.length;
  let duration = 0;
  let peak = 0;
  let next: number | undefined;
  for (const segment of segments) {
    signal.throwIfAborted();
    const { size, ticks, decodeTime } = await checkSegment(directory, segment, init);
    if (next !== undefined && decodeTime !== next) {
      throw new SegmentError(`${segment.uri} begins at ${decodeTime}, not at ${next}`);
    }
    next = decodeTime + ticks;
    bytes += size;
    duration += (ticks / init.timescale) * 1000;
    peak = Math.max(peak, (size * 8 * init.timescale) / ticks);
  }
  checkLength(name, duration, expected);
  const average = Math.ceil((bytes * 8000) / duration);
  const files = [name, map, ...segments.map(({ uri }) => uri)];
  return { name, codec: init.codec, files, bytes, duration, peak: Math.ceil(peak), average };
}

/** The same of whatever a rendition's playlist leads to. */
export async function verifyRendition(
  directory: string,
  name: string,
  expected: number,
  signal: AbortSignal,
): Promise<void> {
  const text = await readFile(join(directory, name), 'utf8');
  const inside = [...text.matchAll(/^([^#\n]+\.m3u8)$|URI="([^"]+\.m3u8)"/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  for (const one of inside.length > 0 ? inside : [name])
    await verifyPlaylist(directory, one, expected, signal);
}

/** What somebody else makes of finished playlists: ffprobe must open each, and find the same length. */
export async function probePlaylists(
  directory: string,
  playlists: readonly VerifiedPlaylist[],
  expected: number,
  { ffmpeg, signal }: { ffmpeg: Ffmpeg; signal: AbortSignal },
): Promise<void> {
  const path = join(directory, 'probe.m3u8');
  await writeFile(path, voicePlaylist(playlists));
  try {
    checkLength(path, await ffmpeg.duration(path, signal), expected);
  } finally {
    await rm(path);
  }
}

/** Throws a SegmentError; both in ms. */
export function checkLength(name: string, found: number, expected: number): void {
  if (Math.abs(found - expected) > LENGTH_TOLERANCE_MS)
    throw new SegmentError(`${name} lasts ${found} ms, not ${expected}`);
}

async function checkSegment(
  directory: string,
  { uri, milliseconds }: Line,
  init: InitSegment,
): Promise<{ size: number; ticks: number; decodeTime: number }> {
  try {
    const data = await readFile(join(directory, uri));
    const { decodeTime, duration } = readMediaSegment(data, init);
    if (Math.abs((duration / init.timescale) * 1000 - milliseconds) > EXTINF_TOLERANCE_MS) {
      throw new SegmentError(
        `it lasts ${duration}/${init.timescale} s, the playlist says ${milliseconds} ms`,
      );
    }
    return { size: data.length, ticks: duration, decodeTime };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SegmentError(`${uri}: ${reason}`, { cause: error });
  }
}

/**
 * Arguments for ffmpeg's HLS muxer: `<name>.m3u8`, `<name>-init.mp4` and `<name>-00000.m4s`, in the working folder. A
 * segment has its name when it is whole. `first`: the number of the first one, where earlier ones are there.
 */
export function hlsOutput(directory: string, name: string, segmentSeconds: number, first = 0): string[] {
  return [
    ...['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_playlist_type', 'vod', '-hls_list_size', '0'],
    ...['-hls_segment_type', 'fmp4', '-hls_flags', 'independent_segments+temp_file'],
    ...['-start_number', String(first), '-hls_fmp4_init_filename', `${name}-init.mp4`],
    ...['-hls_segment_filename', join(directory, `${name}-%05d.m4s`)],
    join(directory, `${name}.m3u8`),
  ];
}

/** A finished media playlist of segments as `hlsOutput` names them, of these lengths in seconds. */
export function mediaPlaylist(name: string, seconds: readonly number[]): string {
  const lines = [
    ...HEAD,
    `#EXT-X-TARGETDURATION:${Math.ceil(Math.max(1, ...seconds))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-MAP:URI="${name}-init.mp4"`,
    ...seconds.flatMap((length, index) => [
      `#EXTINF:${Number(length.toFixed(4))},`,
      segmentName(name, index),
    ]),
    '#EXT-X-ENDLIST',
  ];
  return `${lines.join('\n')}\n`;
}

export function segmentName(name: string, index: number): string {
  return `${name}-${String(index).padStart(5, '0')}.m4s`;
}

const HEAD = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];

/** The score of a voice that is preferred to the one after it. */
const BEST = 2;

/** Variants of the voice alone, the one to prefer first. */
export function voicePlaylist(variants: readonly VerifiedPlaylist[]): string {
  const lines = variants.flatMap(({ peak, average, codec, name }, index) => [
    `#EXT-X-STREAM-INF:BANDWIDTH=${peak},AVERAGE-BANDWIDTH=${average},CODECS="${codec}",SCORE=${BEST - index}`,
    name,
  ]);
  return `${[...HEAD, ...lines].join('\n')}\n`;
}

export interface PictureFormat {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

/**
 * One picture in several sizes, with the voice beside it: the voice's segments are on the disk, and in a viewer's
 * cache, once.
 */
export function picturePlaylist(
  variants: readonly (PictureFormat & { readonly picture: VerifiedPlaylist })[],
  voice: VerifiedPlaylist,
): string {
  const lines = [
    `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="voice",NAME="voice",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="1",URI="${voice.name}"`,
  ];
  for (const { picture, width, height, framesPerSecond } of variants) {
    const attributes = [
      `BANDWIDTH=${picture.peak + voice.peak}`,
      `AVERAGE-BANDWIDTH=${picture.average + voice.average}`,
      `CODECS="${picture.codec},${voice.codec}"`,
      `RESOLUTION=${width}x${height}`,
      `FRAME-RATE=${framesPerSecond.toFixed(3)}`,
      'AUDIO="voice"',
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, picture.name);
  }
  return `${[...HEAD, ...lines].join('\n')}\n`;
}
