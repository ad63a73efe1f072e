import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ffmpeg } from './ffmpeg.ts';
import { readInitSegment, readMediaSegment, SegmentError } from './fmp4.ts';
import { aacInitSegment, aacMediaSegment, opusInitSegment } from './fmp4-writer.ts';
import { AAC_BITRATE, AAC_FRAME, AAC_RATE } from './growing-aac.ts';
import { segmentName } from './hls.ts';
import { OPUS_RATE } from './opus.ts';

/** A piece's frames end so many before it does: the last one's other half lies behind it, and the encoder looks ahead. */
const BEHIND = 4;
/** Frames before the first one that is kept, in which an encoder has become what the one before it was at its end. */
const RUN_UP = 8;
const PER_AAC = OPUS_RATE / AAC_RATE;

/** A row of segments of Opus, each of which has one of AAC beside it. */
export interface Row {
  /** Names of both, as their files and playlists begin. */
  readonly opus: string;
  readonly aac: string;
  /** What every segment but the last covers. */
  readonly ms: number;
}

/** What there is of a row, from its playlist in Opus. */
interface Extent {
  readonly count: number;
  /** Samples of AAC in all; null while it grows. */
  readonly length: number | null;
}

/** The frame with which a piece begins: an encoder's last frames need what comes behind them. */
function firstFrame({ ms }: Row, piece: number): number {
  const frames = (piece * ms * AAC_RATE) / 1000 / AAC_FRAME;
  return Math.max(0, Math.floor(frames) - BEHIND);
}

function lines({ opus }: Row): RegExp {
  return new RegExp(`^#EXTINF:([\\d.]+),\\n${opus}-(\\d{5})\\.m4s$`, 'gm');
}

function extentOf(row: Row, opus: string): Extent {
  const found = [...opus.matchAll(lines(row))];
  const seconds = found.reduce((sum, [, lasts]) => sum + Number(lasts), 0);
  const ended = opus.includes('#EXT-X-ENDLIST');
  return {
    count: Number(found.at(-1)?.[2] ?? -1) + 1,
    length: ended ? Math.round(seconds * AAC_RATE) : null,
  };
}

/** Of a piece: from the first of its frames to before the last. */
function framesOf(row: Row, piece: number, { count, length }: Extent): { begin: number; end: number } {
  const isLast = length !== null && piece === count - 1;
  const begin = firstFrame(row, piece);
  return {
    begin,
    end: isLast ? Math.max(begin + 1, Math.ceil(length / AAC_FRAME)) : firstFrame(row, piece + 1),
  };
}

/** The playlist in AAC, with segment for segment what the one in Opus has, left out what that leaves out. */
export function aacPlaylistOf(row: Row, opus: string): string {
  const extent = extentOf(row, opus);
  return opus
    .replace(lines(row), (_line, _lasts, index: string) => {
      const { begin, end } = framesOf(row, Number(index), extent);
      const seconds = ((end - begin) * AAC_FRAME) / AAC_RATE;
      return `#EXTINF:${Number(seconds.toFixed(4))},\n${segmentName(row.aac, Number(index))}`;
    })
    .replace(`${row.opus}-init.mp4`, `${row.aac}-init.mp4`);
}

/** Which piece of a row in AAC a name stands for; null where there is no such one. `opus`: the whole playlist. */
export function pieceOf(row: Row, name: string, opus: string): number | null {
  const index = new RegExp(`^${row.aac}-(\\d{5})\\.m4s$`).exec(name)?.[1];
  return index !== undefined && Number(index) < extentOf(row, opus).count ? Number(index) : null;
}

export interface PiecesOptions {
  /** The whole playlist in Opus. */
  readonly opus: string;
  readonly first: number;
  /** As many as there are, at most. */
  readonly count: number;
  /** A segment of Opus, by its name. */
  readonly read: (name: string) => Promise<Buffer>;
  /** Where an encoder works, alone. */
  readonly work: string;
  readonly ffmpeg: Ffmpeg;
  readonly signal: AbortSignal;
  /** A class waits for it. */
  readonly isAwaited?: boolean;
}

/**
 * Pieces that follow each other, made in one run of the encoder and read back. Each run begins a little earlier than what is
 * kept of it, on one grid of frames, so that a decoder goes from one run's frames to the next one's as though they were of
 * the same.
 */
export async function makePieces(
  row: Row,
  options: PiecesOptions,
): Promise<{ name: string; data: Buffer }[]> {
  const extent = extentOf(row, options.opus);
  const last = Math.min(options.first + options.count, extent.count) - 1;
  const { begin } = framesOf(row, options.first, extent);
  const runUp = Math.min(RUN_UP, begin);
  const frames = await encode(row, options, { last, at: begin - runUp });
  const init = readInitSegment(aacInitSegment());
  const pieces: { name: string; data: Buffer }[] = [];
  for (let piece = options.first; piece <= last; piece++) {
    const span = framesOf(row, piece, extent);
    // The encoder's first frame is the half that lies before its first sample.
    const own = frames.slice(span.begin - begin + runUp + 1, span.end - begin + runUp + 1);
    const data = aacMediaSegment(piece + 1, span.begin * AAC_FRAME, own);
    const name = segmentName(row.aac, piece);
    if (own.length !== span.end - span.begin)
      throw new SegmentError(`${name} has ${own.length} frames, not ${span.end - span.begin}`);
    readMediaSegment(data, init);
    pieces.push({ name, data });
  }
  return pieces;
}

/** Frames of AAC, the first of which begins with the sample before frame `at`. */
async function encode(
  row: Row,
  { first, read, work, ffmpeg, signal, isAwaited = false }: PiecesOptions,
  { last, at }: { last: number; at: number },
): Promise<Buffer[]> {
  const opus = readInitSegment(opusInitSegment());
  const parts: Buffer[] = [opusInitSegment()];
  // Of the piece before, too: Opus has learnt the voice when the run-up begins.
  for (let piece = Math.max(0, first - 1); piece <= last; piece++)
    parts.push(await read(segmentName(row.opus, piece)));
  const start = readMediaSegment(parts[1] ?? Buffer.alloc(0), opus).decodeTime / PER_AAC;
  const source = join(work, `${row.aac}.mp4`);
  const made = join(work, `${row.aac}.aac`);
  const trim = `aresample=${AAC_RATE},atrim=start_sample=${Math.round(at * AAC_FRAME - start)}`;
  try {
    await mkdir(work, { recursive: true, mode: 0o700 });
    await writeFile(source, Buffer.concat(parts));
    await ffmpeg.run(
      [
        ...['-c:a', 'libopus', '-i', source],
        // A lesson's last frames reach behind its end.
        ...[
          '-af',
          `aformat=channel_layouts=mono,${trim},asetpts=PTS-STARTPTS,apad=pad_len=${BEHIND * AAC_FRAME}`,
        ],
        ...['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', String(AAC_BITRATE), '-f', 'adts', made],
      ],
      { signal, isAwaited },
    );
    return adtsFrames(await readFile(made));
  } finally {
    await rm(source, { force: true });
    await rm(made, { force: true });
  }
}

/** Frames without their headers (13818-7, 6.2): seven bytes, of which 13 bits say a frame's length with them. */
function adtsFrames(data: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const length = data.length - at < 7 ? 0 : (data.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
    if (data.readUInt16BE(at) >> 4 !== 0xfff || length < 7 || at + length > data.length)
      throw new SegmentError('a frame of AAC is cut off');
    frames.push(data.subarray(at + 7, at + length));
    at += length;
  }
  return frames;
}
