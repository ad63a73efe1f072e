import { getStroke } from 'perfect-freehand';
import { fromBase64url } from '../../protocol/base64.ts';
import type { Stroke } from '../../protocol/board.ts';
import type { Brush } from '../../protocol/events.ts';
import { InkDecoder, InkError, type InkPoint } from '../../protocol/ink.ts';

/** A stroke's points, on its brush's grid. The same object as long as the stroke has the same points. */
export interface DecodedStroke {
  readonly id: string;
  readonly brush: Brush;
  readonly points: readonly InkPoint[];
  /** `t` of the last point of the first batch, ms since pen-down: the stroke's own `t` is when that one arrived. */
  readonly firstBatchMs: number;
}

interface Decoding {
  readonly decoder: InkDecoder;
  readonly chunks: readonly string[];
  readonly decoded: DecodedStroke;
  readonly failed: boolean;
}

/** Strokes whose decoder is kept to go on from: those being written, and those just written (confirmed anew). */
const RECENT_LIMIT = 128;
const recent = new Map<string, Decoding>();
const decodedStrokes = new WeakMap<Stroke, DecodedStroke>();

/** In proportion to what is new in it. Points up to a batch that cannot be read, where there is one. */
export function decodeStroke(stroke: Stroke): DecodedStroke {
  const known = decodedStrokes.get(stroke);
  if (known) return known;
  const before = recent.get(stroke.id);
  const decoding = before && continues(stroke, before) ? goOn(stroke, before) : goOn(stroke, begin(stroke));
  recent.delete(stroke.id);
  recent.set(stroke.id, decoding);
  for (const id of recent.keys()) {
    if (recent.size <= RECENT_LIMIT) break;
    recent.delete(id);
  }
  decodedStrokes.set(stroke, decoding.decoded);
  return decoding.decoded;
}

export function isDecoded(stroke: Stroke): boolean {
  return decodedStrokes.has(stroke);
}

/** Lets go of what was read of a stroke: some kilobytes, which thousands of strokes on other pages need not keep. */
export function forgetStroke(stroke: Stroke): void {
  const decoded = decodedStrokes.get(stroke);
  if (decoded) boxes.delete(decoded.points);
  decodedStrokes.delete(stroke);
}

function continues(stroke: Stroke, { chunks }: Decoding): boolean {
  return chunks.length <= stroke.chunks.length && chunks.every((chunk, i) => chunk === stroke.chunks[i]);
}

function begin({ id, brush }: Stroke): Decoding {
  const decoded = { id, brush, points: [], firstBatchMs: 0 };
  return { decoder: new InkDecoder(), chunks: [], decoded, failed: false };
}

function goOn(stroke: Stroke, before: Decoding): Decoding {
  const { decoder, decoded } = before;
  if (before.failed || before.chunks.length === stroke.chunks.length) return before;
  const points = [...decoded.points];
  let { firstBatchMs } = decoded;
  let failed = false;
  for (const chunk of stroke.chunks.slice(before.chunks.length)) {
    try {
      points.push(...decoder.push(bytesOf(chunk)));
    } catch (error) {
      if (!(error instanceof InkError)) throw error;
      console.error(`Stroke ${stroke.id} cannot be read to its end`, error);
      failed = true;
      break;
    }
    if (firstBatchMs === 0) firstBatchMs = points.at(-1)?.[2] ?? 0;
  }
  return { decoder, chunks: stroke.chunks, decoded: { ...decoded, points, firstBatchMs }, failed };
}

function bytesOf(chunk: string): Uint8Array {
  const bytes = fromBase64url(chunk);
  if (!bytes) throw new InkError('The ink is not base64url');
  return bytes;
}

/** What of a path's methods is needed to draw ink: a Path2D, a canvas context, or what makes an SVG of it. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void;
  closePath(): void;
}

/** Without a pen's pressure, a width that a pen makes in ordinary writing. */
const NO_PRESSURE = 128;
const EVEN_WIDTH = 0.75;
/** How much of the width pressure decides: a light touch is a third of the full width. */
const THINNING = 0.5;
const DOT_WIDTH = 1.25;

/** Traces the stroke's shape in board units: filled for a pen, `outlined` by `brush.width` for a highlighter. */
export function traceStroke(
  sink: PathSink,
  brush: Brush,
  points: readonly InkPoint[],
  even = isEven(points),
): void {
  if (brush.tool === 'highlighter') traceLine(sink, brush, points);
  else traceOutline(sink, penOutline(brush, points, even));
}

/** Nothing in it tells of pressure. A piece of a stroke is as even as the whole is. */
export function isEven(points: readonly InkPoint[]): boolean {
  return points.every(([, , , pressure]) => pressure === NO_PRESSURE);
}

/** The polygon around a pen's stroke, in board units. */
export function penOutline(
  brush: Brush,
  points: readonly InkPoint[],
  even = isEven(points),
): [number, number][] {
  const [first] = points;
  if (first && points.every(([x, y]) => x === first[0] && y === first[1])) return dotOutline(brush, points);
  const scaled = points.map(([x, y, , pressure]): [number, number, number] => [
    x / brush.grid,
    y / brush.grid,
    pressure / 255,
  ]);
  return getStroke(scaled, {
    // The library draws full pressure (1 + thinning) times as wide as its `size`.
    size: even ? brush.width * EVEN_WIDTH : brush.width / (1 + THINNING),
    thinning: even ? 0 : THINNING,
    smoothing: 0.5,
    streamline: 0.35,
    simulatePressure: false,
    last: true, // the tip is where the pen is, in the middle of a stroke too
  });
}

/** A tap: as wide as the hardest press of the pen made it, and a little more, since dots look thinner than lines. */
function dotOutline(brush: Brush, points: readonly InkPoint[]): [number, number][] {
  const [x, y] = points[0] ?? [0, 0];
  const hardest = Math.max(...points.map(([, , , pressure]) => pressure)) / 255;
  const share =
    hardest * 255 === NO_PRESSURE ? EVEN_WIDTH : (1 + THINNING * (2 * hardest - 1)) / (1 + THINNING);
  const radius = (brush.width * share * DOT_WIDTH) / 2;
  return Array.from({ length: 12 }, (_, i) => [
    x / brush.grid + radius * Math.cos((i * Math.PI) / 6),
    y / brush.grid + radius * Math.sin((i * Math.PI) / 6),
  ]);
}

/** A closed curve through the middles of the polygon's sides: smooth wherever the polygon is. */
function traceOutline(sink: PathSink, outline: readonly [number, number][]): void {
  const last = outline.at(-1);
  const first = outline[0];
  if (!first || !last) return;
  sink.moveTo((last[0] + first[0]) / 2, (last[1] + first[1]) / 2);
  outline.forEach(([x, y], i) => {
    const [nextX, nextY] = outline[i + 1] ?? first;
    sink.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  });
  sink.closePath();
}

function traceLine(sink: PathSink, { grid }: Brush, points: readonly InkPoint[]): void {
  const [first] = points;
  if (!first) return;
  sink.moveTo(first[0] / grid, first[1] / grid);
  points.forEach(([x, y], i) => {
    const next = points[i + 1];
    if (next) sink.quadraticCurveTo(x / grid, y / grid, (x + next[0]) / 2 / grid, (y + next[1]) / 2 / grid);
    else sink.lineTo(x / grid, y / grid);
  });
}

/** In board units. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const boxes = new WeakMap<readonly InkPoint[], Box>();

/** What the stroke covers at most. */
export function boxOf({ brush, points }: Pick<DecodedStroke, 'brush' | 'points'>): Box {
  const known = boxes.get(points);
  if (known) return known;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  const margin = brush.width / 2 + 1;
  const box = {
    left: left / brush.grid - margin,
    top: top / brush.grid - margin,
    right: right / brush.grid + margin,
    bottom: bottom / brush.grid + margin,
  };
  boxes.set(points, box);
  return box;
}

export function overlap(a: Box, b: Box): boolean {
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;
}
