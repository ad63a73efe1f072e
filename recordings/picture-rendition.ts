import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hlsOutput, type PictureFormat, picturePlaylist, verifyPlaylist } from './hls.ts';
import { IvfWriter } from './ivf.ts';
import { indexFrame, type PictureFrame, type PictureTrack, type Piece, planPicture } from './picture-plan.ts';
import type { Stretch } from './timeline.ts';
import { readFrames } from './track-reader.ts';
import { AAC_PLAYLIST, type MadeRendition, type RenditionContext } from './voice-rendition.ts';

const FORMAT: PictureFormat = { width: 640, height: 360, framesPerSecond: 15 };
const FRAME_MS = 1000 / FORMAT.framesPerSecond;
/** Every segment begins with a key frame at a whole multiple of this. */
const SEGMENT_S = 4;
/** Faces and writing stay legible; the ceiling fits a 3G link together with the voice. */
const QUALITY = ['-crf', '27', '-maxrate', '450k', '-bufsize', '900k'];
/** A picture that stopped is held so long, then gives way to plain dark: it is no longer what happens. */
const HOLD_MS = 10_000;
const BLANK = '0x14181c';

/** Null where no lead sent a picture that can be decoded. */
export async function makePicture(context: RenditionContext): Promise<MadeRendition | null> {
  const { folder, stretch, ffmpeg, signal, onProgress } = context;
  const planned = planPicture(await indexTracks(context), stretch);
  // A camera that was on for a blink gives no frame to hold: its place stays dark.
  const pieces = planned.filter(({ from, to }) => to - from >= 2 * FRAME_MS);
  if (pieces.length === 0) return null;
  const directory = await folder.freshWork('picture');
  const inputs: string[] = [];
  for (const [index, piece] of pieces.entries()) {
    signal.throwIfAborted();
    const path = join(directory, `piece-${index}.ivf`);
    await writePiece(path, piece);
    inputs.push(path);
  }
  const length = stretch.to - stretch.from;
  const keyFrameEvery = String(SEGMENT_S * FORMAT.framesPerSecond);
  await ffmpeg.run(
    [
      // A layer's change of size is the scaler's business; a rebuilt filter graph would lose its place in time.
      ...inputs.flatMap((path) => ['-reinit_filter', '0', '-i', path]),
      ...['-filter_complex', pictureFilter(pieces, stretch), '-map', '[picture]'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', ...QUALITY],
      // No B frames: they would need an edit list, which not every player of segments honours.
      ...['-bf', '0', '-g', keyFrameEvery, '-keyint_min', keyFrameEvery, '-sc_threshold', '0'],
      ...hlsOutput(directory, 'picture-360', SEGMENT_S),
    ],
    { signal, onProgress: (milliseconds) => onProgress(Math.min(1, milliseconds / length)) },
  );
  for (const path of inputs) await rm(path);
  const checks = { ffmpeg, signal };
  const picture = await verifyPlaylist(directory, 'picture-360.m3u8', length, checks);
  const voice = await verifyPlaylist(folder.renditions, AAC_PLAYLIST, length, checks);
  const playlist = 'picture.m3u8';
  await writeFile(join(directory, playlist), picturePlaylist(picture, voice, FORMAT));
  return { directory, playlist, bytes: picture.bytes + voice.bytes };
}

async function indexTracks({ folder, tracks, signal }: RenditionContext): Promise<PictureTrack[]> {
  const found: PictureTrack[] = [];
  for (const { file, source, part, mimeType, to } of tracks) {
    if (source === 'mic' || part !== 'lead') continue;
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
async function writePiece(path: string, piece: Piece): Promise<void> {
  const { track, first, end, from } = piece;
  const codec = track.mimeType.toLowerCase() === 'video/h264' ? 'H264' : 'VP80';
  const ivf = await IvfWriter.create(path, codec, track.frames[first]?.size ?? FORMAT);
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

/** One chain a piece, each exactly as many frames as its place on the clock has, and plain dark between them. */
function pictureFilter(pieces: readonly Piece[], stretch: Stretch): string {
  const { width, height, framesPerSecond } = FORMAT;
  const at = (time: number): number => Math.round((time - stretch.from) / FRAME_MS);
  const total = at(stretch.to);
  const chains: string[] = [];
  const blank = (frames: number): void => {
    if (frames <= 0) return;
    const source = `color=c=${BLANK}:s=${width}x${height}:r=${framesPerSecond}`;
    chains.push(`${source},format=yuv420p,setsar=1,trim=end_frame=${frames}`);
  };
  const fit =
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
    chains.push(`[${index}:v]${fit},${rate},trim=end_frame=${until - start},setpts=PTS-STARTPTS`);
    cursor = until;
  }
  blank(total - cursor);
  const labels = chains.map((_, index) => `[c${index}]`);
  const parts = chains.map((chain, index) => `${chain}${labels[index]}`);
  return `${parts.join(';')};${labels.join('')}concat=n=${chains.length}:v=1:a=0[picture]`;
}
