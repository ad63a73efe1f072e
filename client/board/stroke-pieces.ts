import { CUT_STEP, type Range } from '../../protocol/board-events.ts';
import type { InkPoint } from '../../protocol/ink.ts';

/** The points of a part of a stroke, its ends between points where it was cut there. */
export function pieces(points: readonly InkPoint[], [from, to]: Range): InkPoint[] {
  const first = pointAt(points, from);
  const last = pointAt(points, to);
  if (!first || !last) return [];
  const inner = points.slice(Math.floor(from / CUT_STEP) + 1, Math.ceil(to / CUT_STEP));
  return from === to ? [first] : [first, ...inner, last];
}

/** The stroke's place at so many sixteenths of a point's step. */
export function pointAt(points: readonly InkPoint[], at: number): InkPoint | undefined {
  const index = Math.min(Math.floor(at / CUT_STEP), points.length - 1);
  const a = points[index];
  const b = points[index + 1];
  const share = at / CUT_STEP - index;
  if (!a || !b || share <= 0) return a;
  const mix = (i: 0 | 1 | 2 | 3) => a[i] + (b[i] - a[i]) * share;
  return [mix(0), mix(1), mix(2), mix(3)];
}
