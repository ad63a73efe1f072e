import { subtract } from './cut.ts';
import type { Stretch } from './timeline.ts';
import type { TrackFrame } from './track-format.ts';
import { vp8KeyFrameSize } from './vp8.ts';

/** What is known of one frame of a picture track. */
export interface PictureFrame {
  readonly time: number;
  readonly keyFrame: boolean;
  /** Of a key frame, where its codec says so plainly. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

export interface PictureTrack {
  readonly path: string;
  readonly mimeType: string;
  readonly source: 'camera' | 'screen';
  /** When the stream closed, or its last frame where a crash closed it. */
  readonly to: number;
  readonly frames: readonly PictureFrame[];
}

/** A stretch of the lesson that shows one track, from frames `first` to before `end`. */
export interface Piece extends Stretch {
  readonly track: PictureTrack;
  /** Index of the key frame that decoding begins with, perhaps before `from`. */
  readonly first: number;
  readonly end: number;
}

export function indexFrame(frame: TrackFrame, mimeType: string): PictureFrame {
  const vp8 = frame.keyFrame && mimeType.toLowerCase() === 'video/vp8';
  return { time: frame.time, keyFrame: frame.keyFrame, size: vp8 ? vp8KeyFrameSize(frame.payload) : null };
}

/** Rather wait so long for a coming key frame than decode everything since the last one, ms. */
const KEY_FRAME_WAIT_MS = 2000;
/** Shapes that differ less are the same one, rounded to a simulcast layer's whole pixels. */
const SHAPE_TOLERANCE = 0.03;

/**
 * What a viewer sees where nothing is `hidden`. A picture that follows upon a hidden passage begins at a key frame behind it:
 * no frame in between is even decoded.
 */
export function planShown(
  tracks: readonly PictureTrack[],
  whole: Stretch,
  hidden: readonly Stretch[],
): Piece[] {
  return subtract(whole, hidden).flatMap((stretch) => {
    const ends = hidden.map(({ to }) => to).filter((to) => to <= stretch.from);
    const barrier = Math.max(Number.NEGATIVE_INFINITY, ...ends);
    const frames = (track: PictureTrack): PictureFrame[] =>
      track.frames.map((frame) => (frame.time < barrier ? { ...frame, keyFrame: false } : frame));
    return planPicture(
      tracks.map((track) => ({ ...track, frames: frames(track) })),
      stretch,
    );
  });
}

/** What a viewer sees: a screen while one is shared, else the camera. In order, not overlapping. */
export function planPicture(tracks: readonly PictureTrack[], { from, to }: Stretch): Piece[] {
  const screens = layOut(tracks, 'screen', [{ from, to }]);
  const free = subtract({ from, to }, screens);
  const cameras = layOut(tracks, 'camera', free);
  return [...screens, ...cameras].sort((a, b) => a.from - b.from).flatMap(splitByShape);
}

function layOut(tracks: readonly PictureTrack[], source: string, free: readonly Stretch[]): Piece[] {
  const pieces: Piece[] = [];
  for (const stretch of free) {
    let cursor = stretch.from;
    const candidates = tracks.filter((track) => track.source === source && track.to > stretch.from);
    for (const track of candidates.sort((a, b) => startOf(a) - startOf(b))) {
      const piece = cut(track, { from: cursor, to: stretch.to });
      if (!piece) continue;
      pieces.push(piece);
      cursor = piece.to;
    }
  }
  return pieces;
}

function startOf(track: PictureTrack): number {
  return track.frames[0]?.time ?? Number.POSITIVE_INFINITY;
}

function cut(track: PictureTrack, { from, to }: Stretch): Piece | null {
  const before = track.frames.findLastIndex((frame) => frame.keyFrame && frame.time <= from);
  const after = track.frames.findIndex((frame) => frame.keyFrame && frame.time > from);
  const wait = (track.frames[after]?.time ?? Number.POSITIVE_INFINITY) - from;
  const waited = from - (track.frames[before]?.time ?? Number.NEGATIVE_INFINITY);
  const first = before < 0 || (wait < KEY_FRAME_WAIT_MS && waited > wait) ? after : before;
  const start = track.frames[first];
  if (!start) return null;
  const piece = { from: Math.max(from, start.time), to: Math.min(to, track.to) };
  if (piece.to <= piece.from) return null;
  const later = track.frames.findIndex((frame) => frame.time >= piece.to);
  return { ...piece, track, first, end: later < 0 ? track.frames.length : later };
}

/** A picture is fitted into the rendition's by its shape: a telephone that was turned begins a new piece. */
function splitByShape(piece: Piece): Piece[] {
  const { track } = piece;
  const pieces: Piece[] = [];
  let current = piece;
  let shape: number | undefined;
  for (let index = piece.first; index < piece.end; index++) {
    const frame = track.frames[index];
    if (!frame?.size || frame.size.height === 0) continue;
    const here = frame.size.width / frame.size.height;
    if (shape !== undefined && Math.abs(here / shape - 1) > SHAPE_TOLERANCE) {
      const at = Math.max(current.from, frame.time);
      if (at > current.from) pieces.push({ ...current, to: at, end: index });
      current = { ...current, from: at, first: index };
    }
    shape = here;
  }
  return [...pieces, current];
}
