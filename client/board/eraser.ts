import type { BoardPage, Stroke } from '../../protocol/board.ts';
import { CUT_STEP, type Range } from '../../protocol/board-events.ts';
import { united } from '../../protocol/board-marks.ts';
import { outlinesOf } from './hit.ts';
import { applied, IDENTITY, inverse, scaleOf } from './matrix.ts';
import { spriteOf } from './sprites.ts';
import { type Box, boxOf, type DecodedStroke, decodeStroke, overlap } from './stroke-path.ts';
import { pointAt } from './stroke-pieces.ts';

/** Board units. */
export type Place = readonly [x: number, y: number];

/** Half the width of a swipe, board units: a fingertip on an interactive whiteboard. */
export const ERASER_RADIUS = 14;

/** The visible marks of a page that a swipe from one place to the other touches. */
export function strokesTouched(page: BoardPage, from: Place, to: Place, radius = ERASER_RADIUS): string[] {
  const touched: string[] = [];
  for (const stroke of Object.values(page.strokes)) {
    if (stroke.hidden) continue;
    if (stroke.cuts ? cutsOf(stroke, from, to, radius).length > 0 : touchesStroke(stroke, from, to, radius))
      touched.push(stroke.id);
  }
  for (const item of Object.values(page.items ?? {})) {
    if (item.hidden || !overlap(spriteOf(item).box, sweep(from, to, radius))) continue;
    const near = (a: Place, b: Place) => distanceBetween(a, b, from, to) <= radius;
    if (outlinesOf(item).some((line) => line.some((place, i) => near(line[i - 1] ?? place, place))))
      touched.push(item.id);
  }
  return touched;
}

function sweep(from: Place, to: Place, radius: number): Box {
  return {
    left: Math.min(from[0], to[0]) - radius,
    top: Math.min(from[1], to[1]) - radius,
    right: Math.max(from[0], to[0]) + radius,
    bottom: Math.max(from[1], to[1]) + radius,
  };
}

/** A stroke that was moved is erased where it is: the swipe is brought to where it was written. */
function touchesStroke(stroke: Stroke, from: Place, to: Place, radius: number): boolean {
  const { matrix = IDENTITY } = stroke;
  const back = inverse(matrix);
  const [a, b, reach] = [applied(back, from), applied(back, to), radius / scaleOf(matrix)];
  return touches(decodeStroke(stroke), sweep(a, b, reach), a, b, reach);
}

/** The parts of a stroke, still there, that a swipe takes away: sixteenths of the way from point to point. */
export function cutsOf(stroke: Stroke, from: Place, to: Place, radius = ERASER_RADIUS): Range[] {
  const { matrix = IDENTITY } = stroke;
  const back = inverse(matrix);
  const [a, b, reach] = [applied(back, from), applied(back, to), radius / scaleOf(matrix)];
  const decoded = decodeStroke(stroke);
  const { points, brush } = decoded;
  if (points.length === 0 || !overlap(boxOf(decoded), sweep(a, b, reach))) return [];
  const near = reach + brush.width / 2;
  const touched: Range[] = [];
  const placeAt = (at: number): Place => {
    const [x, y] = pointAt(points, at) ?? [0, 0];
    return [x / brush.grid, y / brush.grid];
  };
  for (let i = 0; i < Math.max(1, points.length - 1); i++) {
    const [start, end] = [placeAt(i * CUT_STEP), placeAt((i + 1) * CUT_STEP)];
    if (distanceBetween(start, end, a, b) > near) continue;
    for (let at = i * CUT_STEP; at < (i + 1) * CUT_STEP; at++) {
      if (distanceBetween(placeAt(at), placeAt(at + 1), a, b) <= near) touched.push([at, at + 1]);
    }
  }
  return united(touched).filter((range) => !isGone(stroke, range));
}

function isGone({ cuts }: Stroke, [from, to]: Range): boolean {
  return united(Object.values(cuts ?? {}).flat()).some(([a, b]) => a <= from && to <= b);
}

function touches(stroke: DecodedStroke, swept: Box, from: Place, to: Place, radius: number): boolean {
  const { points, brush } = stroke;
  if (points.length === 0 || !overlap(boxOf(stroke), swept)) return false;
  const reach = radius + brush.width / 2;
  const place = (i: number): Place | undefined => {
    const point = points[i];
    return point && [point[0] / brush.grid, point[1] / brush.grid];
  };
  let last = place(0);
  for (let i = 0; i < points.length; i++) {
    const next = place(i);
    if (last && next && distanceBetween(last, next, from, to) <= reach) return true;
    last = next;
  }
  return false;
}

/** Between two line segments, 0 where they cross. */
export function distanceBetween(a: Place, b: Place, c: Place, d: Place): number {
  if (cross(a, b, c, d)) return 0;
  return Math.min(distanceTo(a, c, d), distanceTo(b, c, d), distanceTo(c, a, b), distanceTo(d, a, b));
}

function cross(a: Place, b: Place, c: Place, d: Place): boolean {
  const side = (p: Place, q: Place, r: Place) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** From a place to the segment a-b. */
function distanceTo(p: Place, a: Place, b: Place): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}
