import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { passages } from './cut.ts';
import { AAC_PLAYLIST } from './growing-aac.ts';
import {
  type PictureFormat,
  picturePlaylist,
  probePlaylists,
  type VerifiedPlaylist,
  verifyPlaylist,
} from './hls.ts';
import { IvfWriter } from './ivf.ts';
import type { TrackSummary } from './lesson-folder.ts';
import {
  clearPlan,
  FRAMES_PER_SECOND,
  finishRung,
  ladderFilter,
  ladderOutputs,
  type Rung,
  resumeAt,
  rungsFor,
  SEGMENT_S,
} from './picture-ladder.ts';
import { indexFrame, type PictureFrame, type PictureTrack, type Piece, planShown } from './picture-plan.ts';
import type { Stretch } from './timeline.ts';
import { readFrames } from './track-reader.ts';
import type { MadeRendition, RenditionContext } from './voice-rendition.ts';

const FRAME_MS = 1000 / FRAMES_PER_SECOND;
/** A picture that stopped is held so long, then gives way to plain dark: it is no longer what happens. */
const HOLD_MS = 10_000;
const BLANK = '0x14181c';
/** 854 by 480 is 16 by 9 to this. */
const SAME_SHAPE = 0.005;
/** Of a source whose codec does not say how high it is before it is decoded. */
const UNKNOWN_HEIGHT = 720;

/** Null where no lead sent a picture that can be decoded. Goes on at the segment that an earlier run had reached. */
export async function makePicture(context: RenditionContext): Promise<MadeRendition | null> {
  const { folder, stretch, tracks, ffmpeg, signal, onProgress } = context;
  const sources = await indexTracks(context);
  const hidden = hiddenFrom(context);
  const whole = visiblePieces(sources, stretch, hidden);
  if (whole.length === 0) return null;
  const rungs = rungsFor(heightOf(whole));
  const directory = folder.work('picture');
  const plan = JSON.stringify({ stretch, rungs, tracks: tracks.map(({ file, bytes }) => [file, bytes]) });
  const first = await resumeAt(directory, rungs, plan);
  const length = stretch.to - stretch.from;
  const rest = { from: stretch.from + first * SEGMENT_S * 1000, to: stretch.to };
  if (rest.to - rest.from > FRAME_MS) {
    await render(
      context,
      { directory, rungs, first, rest, pieces: visiblePieces(sources, rest, hidden) },
      (ms) => onProgress(Math.min(1, (rest.from - stretch.from + ms) / length)),
    );
  }
  const voice = await verifyPlaylist(folder.renditions, AAC_PLAYLIST, length, signal);
  const variants: (Rung & { picture: VerifiedPlaylist })[] = [];
  for (const rung of rungs) {
    await finishRung(directory, rung.name);
    const picture = await verifyPlaylist(directory, `${rung.name}.m3u8`, length, signal);
    variants.push({ ...rung, picture });
  }
  const playlist = 'picture.m3u8';
  const pictures = variants.map(({ picture }) => picture);
  await probePlaylists(directory, pictures, length, { ffmpeg, signal });
  await writeFile(join(directory, playlist), picturePlaylist(variants, voice));
  await clearPlan(directory);
  // A viewer takes one of them: at most the largest.
  const bytes = Math.max(...variants.map(({ picture }) => picture.bytes)) + voice.bytes;
  return { directory, playlist, bytes };
}

interface Rendering {
  readonly directory: string;
  readonly rungs: readonly Rung[];
  /** Number of the first segment to make, and the lesson times from there. */
  readonly first: number;
  readonly rest: Stretch;
  readonly pieces: readonly Piece[];
}

async function render(
  { ffmpeg, signal }: RenditionContext,
  { directory, rungs, first, rest, pieces }: Rendering,
  onProgress: (milliseconds: number) => void,
): Promise<void> {
  const size = rungs.at(-1);
  if (!size) throw new Error('A picture of no size');
  const inputs: string[] = [];
  try {
    for (const [index, piece] of pieces.entries()) {
      signal.throwIfAborted();
      const path = join(directory, `piece-${index}.ivf`);
      inputs.push(path);
      await writePiece(path, piece, size);
    }
    await ffmpeg.run(
      [
        // A layer's change of size is the scaler's business; a rebuilt filter graph would lose its place in time.
        ...inputs.flatMap((path) => ['-reinit_filter', '0', '-i', path]),
        ...['-filter_complex', `${pictureFilter(pieces, rest, size)};${ladderFilter(rungs)}`],
        ...ladderOutputs(directory, rungs, first),
      ],
      { signal, onProgress },
    );
  } finally {
    for (const path of inputs) await rm(path, { force: true });
  }
}

/** A camera that was on for a blink gives no frame to hold: its place stays dark. */
function visiblePieces(
  tracks: readonly PictureTrack[],
  stretch: Stretch,
  hidden: readonly Stretch[],
): Piece[] {
  return planShown(tracks, stretch, hidden).filter(({ from, to }) => to - from >= 2 * FRAME_MS);
}

function heightOf(pieces: readonly Piece[]): number {
  const heights = pieces.flatMap(({ track, first, end }) =>
    track.frames.slice(first, end).flatMap(({ size }) => (size ? [size.height] : [])),
  );
  return heights.length > 0 ? heights.reduce((most, height) => Math.max(most, height)) : UNKNOWN_HEIGHT;
}

/** What is hidden of those who are seen, and what comes before a lesson's beginning as it was trimmed. */
function hiddenFrom({ tracks, cut, stretch }: RenditionContext): Stretch[] {
  const seen = new Set(tracks.filter(isSeen).map(({ participant }) => participant));
  const hidden = [...seen].flatMap((participant) => passages(cut, participant));
  return cut?.from === undefined || cut.from === null ? hidden : [...hidden, { from: 0, to: stretch.from }];
}

function isSeen({ source, part }: TrackSummary): boolean {
  return source !== 'mic' && part === 'lead';
}

async function indexTracks({ folder, tracks, signal }: RenditionContext): Promise<PictureTrack[]> {
  const found: PictureTrack[] = [];
  for (const { file, source, mimeType, to } of tracks.filter(isSeen)) {
    if (source === 'mic') continue;
    signal.throwIfAborted();
    const path = join(folder.tracks, file);
    const frames: PictureFrame[] = [];
    for await (const frame of readFrames(path)) {
      if (!frame.end) frames.push(indexFrame(frame, mimeType));
    }
    found.push({ path, mimeType, source, to, frames });
  }
  return found;
}

/** Frames from the key frame on, with times from the piece's beginning; those before it rush by in its first ms. */
async function writePiece(path: string, piece: Piece, size: PictureFormat): Promise<void> {
  const { track, first, end, from } = piece;
  const codec = track.mimeType.toLowerCase() === 'video/h264' ? 'H264' : 'VP80';
  const ivf = await IvfWriter.create(path, codec, track.frames[first]?.size ?? size);
  try {
    let index = 0;
    let last = -1;
    for await (const frame of readFrames(track.path)) {
      if (index >= end) break;
      if (index >= first && !frame.end) {
        last = Math.max(last + 1, Math.round(frame.time - from));
        await ivf.write(last, frame.payload);
      }
      index++;
    }
  } catch (error) {
    await ivf.abandon();
    throw error;
  }
  await ivf.close();
}

/** Whether every frame is of the rendition's shape but for rounding: then no frame has to be copied into a larger one. */
function fills({ track, first, end }: Piece, shape: number): boolean {
  const sizes = track.frames.slice(first, end).flatMap(({ size }) => (size ? [size] : []));
  return (
    sizes.length > 0 && sizes.every(({ width, height }) => Math.abs(width / height / shape - 1) < SAME_SHAPE)
  );
}

/** One chain a piece, each exactly as many frames as its place on the clock has, and plain dark between them. */
function pictureFilter(
  pieces: readonly Piece[],
  stretch: Stretch,
  { width, height, framesPerSecond }: PictureFormat,
): string {
  const at = (time: number): number => Math.round((time - stretch.from) / FRAME_MS);
  const total = at(stretch.to);
  const chains: string[] = [];
  const blank = (frames: number): void => {
    if (frames <= 0) return;
    const source = `color=c=${BLANK}:s=${width}x${height}:r=${framesPerSecond}`;
    chains.push(`${source},format=yuv420p,setsar=1,trim=end_frame=${frames}`);
  };
  const whole = `scale=${width}:${height},setsar=1,format=yuv420p`;
  const framed =
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2,` +
    `pad=${width}:${height}:-1:-1:color=${BLANK},setsar=1,format=yuv420p`;
  let cursor = 0;
  for (const [index, piece] of pieces.entries()) {
    const start = at(piece.from);
    const next = pieces[index + 1];
    const until = Math.min(at(next?.from ?? stretch.to), at(piece.to + HOLD_MS), total);
    if (until <= start) continue;
    blank(start - cursor);
    const rate = `fps=${framesPerSecond}:start_time=0,tpad=stop=-1:stop_mode=clone`;
    const fit = fills(piece, width / height) ? whole : framed;
    chains.push(`[${index}:v]${fit},${rate},trim=end_frame=${until - start},setpts=PTS-STARTPTS`);
    cursor = until;
  }
  blank(total - cursor);
  const labels = chains.map((_, index) => `[c${index}]`);
  const parts = chains.map((chain, index) => `${chain}${labels[index]}`);
  return `${parts.join(';')};${labels.join('')}concat=n=${chains.length}:v=1:a=0[picture]`;
}
