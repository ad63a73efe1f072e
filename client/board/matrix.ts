import type { Matrix, Place } from '../../protocol/board-events.ts';
import type { Box } from './stroke-path.ts';

export const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

export function applied([a, b, c, d, e, f]: Matrix, [x, y]: readonly [number, number]): Place {
  return [a * x + c * y + e, b * x + d * y + f];
}

/** First `inner`, then `outer`. */
export function product(outer: Matrix, inner: Matrix): Matrix {
  const [x, y] = applied(outer, [inner[4], inner[5]]);
  const [a, b, c, d] = outer;
  const [A, B, C, D] = inner;
  return [a * A + c * B, b * A + d * B, a * C + c * D, b * C + d * D, x, y];
}

/** What takes `matrix` back; of one that is flat, nothing does, and the identity stands for it. */
export function inverse([a, b, c, d, e, f]: Matrix): Matrix {
  const area = a * d - b * c;
  if (area === 0) return IDENTITY;
  return [d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area];
}

/** Turned by `angle` (radians) and `scale` times as large around a place. */
export function turnedAround([x, y]: Place, angle: number, scale: number): Matrix {
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  return [cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y];
}

/** How much larger lengths become, on average of all directions. */
export function scaleOf([a, b, c, d]: Matrix): number {
  return Math.sqrt(Math.abs(a * d - b * c));
}

/** The upright box around a box that is moved by the matrix. */
export function boxAfter(matrix: Matrix, { left, top, right, bottom }: Box): Box {
  return boxAround([
    applied(matrix, [left, top]),
    applied(matrix, [right, top]),
    applied(matrix, [right, bottom]),
    applied(matrix, [left, bottom]),
  ]);
}

export function boxAround(places: readonly (readonly [number, number])[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of places) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { left, top, right, bottom };
}
