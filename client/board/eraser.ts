import type { BoardPage } from '../../protocol/board.ts';
import { type Box, boxOf, type DecodedStroke, decodeStroke, overlap } from './stroke-path.ts';

/** Board units. */
export type Place = readonly [x: number, y: number];

/** Half the width of a swipe, board units: a fingertip on an interactive whiteboard. */
export const ERASER_RADIUS = 14;

/** The visible strokes of a page that a swipe from one place to the other touches. */
export function strokesTouched(page: BoardPage, from: Place, to: Place, radius = ERASER_RADIUS): string[] {
  const swept = {
    left: Math.min(from[0], to[0]) - radius,
    top: Math.min(from[1], to[1]) - radius,
    right: Math.max(from[0], to[0]) + radius,
    bottom: Math.max(from[1], to[1]) + radius,
  };
  const touched: string[] = [];
  for (const stroke of Object.values(page.strokes)) {
    if (!stroke.hidden && touches(decodeStroke(stroke), swept, from, to, radius)) touched.push(stroke.id);
  }
  return touched;
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
function distanceBetween(a: Place, b: Place, c: Place, d: Place): number {
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
