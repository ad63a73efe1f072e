import { isStroke, type Mark } from '../../protocol/board.ts';
import type { Content, Place } from '../../protocol/board-events.ts';
import { applied, IDENTITY } from './matrix.ts';
import { type CurveSink, traceShape } from './shape-path.ts';
import { contentSprite } from './sprites.ts';
import { decodeStroke } from './stroke-path.ts';

/** Where marks are, as lines through places, for lasso, tap and eraser. */

/** The lines a mark is made of, where it is now, board units. */
export function outlinesOf(mark: Mark): Place[][] {
  const { matrix = IDENTITY } = mark;
  const lines = isStroke(mark) ? [inkLine(mark)] : contentLines(mark.content);
  return lines.map((line) => line.map((place) => applied(matrix, place)));
}

function inkLine(stroke: Parameters<typeof decodeStroke>[0]): Place[] {
  const { brush, points } = decodeStroke(stroke);
  return points.map(([x, y]) => [x / brush.grid, y / brush.grid]);
}

function contentLines(content: Content): Place[][] {
  if (content.kind === 'shape') {
    const sink = new Flattener();
    traceShape(sink, content);
    return sink.lines;
  }
  const { left, top, right, bottom } = contentSprite(content).box;
  const middle = (top + bottom) / 2;
  return [
    [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
      [left, top],
    ],
    // What is inside belongs to it too.
    [
      [left, middle],
      [(left + right) / 2, middle],
      [right, middle],
    ],
  ];
}

const CURVE_STEPS = 8;

/** Curves as short lines. */
class Flattener implements CurveSink {
  readonly lines: Place[][] = [];

  moveTo(x: number, y: number): void {
    this.lines.push([[x, y]]);
  }

  lineTo(x: number, y: number): void {
    this.lines.at(-1)?.push([x, y]);
  }

  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void {
    this.bezierCurveTo(cx, cy, cx, cy, x, y);
  }

  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void {
    const line = this.lines.at(-1);
    const from = line?.at(-1);
    if (!line || !from) return;
    for (let i = 1; i <= CURVE_STEPS; i++) {
      const t = i / CURVE_STEPS;
      const [p, q, r, s] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
      line.push([p * from[0] + q * ax + r * bx + s * x, p * from[1] + q * ay + r * by + s * y]);
    }
  }

  closePath(): void {
    const line = this.lines.at(-1);
    const first = line?.[0];
    if (line && first) line.push(first);
  }
}

/** Whether a closed loop goes round a place (even-odd). */
export function isInside([x, y]: Place, loop: readonly Place[]): boolean {
  let inside = false;
  let last = loop.at(-1);
  for (const place of loop) {
    if (last && place[1] > y !== last[1] > y) {
      const crossing = ((last[0] - place[0]) * (y - place[1])) / (last[1] - place[1]) + place[0];
      if (x < crossing) inside = !inside;
    }
    last = place;
  }
  return inside;
}

/** How much of a mark a lasso must hold to take it: children's loops are not exact. */
const HELD = 0.6;

/** The marks that a lasso holds. */
export function marksWithin(marks: readonly Mark[], loop: readonly Place[]): Mark[] {
  return marks.filter((mark) => {
    const places = outlinesOf(mark).flat();
    return (
      places.length > 0 && places.filter((place) => isInside(place, loop)).length >= places.length * HELD
    );
  });
}
