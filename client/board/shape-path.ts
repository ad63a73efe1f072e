import type { Place, ShapeContent } from '../../protocol/board-events.ts';
import type { PathSink } from './stroke-path.ts';

/** Length of an arrow's head, in widths of its line, and the least, board units. */
const HEAD_WIDTHS = 4.5;
const HEAD_LEAST = 22;
const HEAD_ANGLE = Math.PI / 7;

export interface CurveSink extends PathSink {
  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void;
}

/** Traces a shape's outline, board units; it is stroked with the shape's width, joints and ends round. */
export function traceShape(sink: CurveSink, { shape, points, width }: ShapeContent): void {
  const [a, b] = cornersOf(points);
  switch (shape) {
    case 'line':
      traceLines(sink, [a, b], false);
      break;
    case 'arrow':
      traceLines(sink, [a, b], false);
      traceLines(sink, arrowHead(a, b, width), false);
      break;
    case 'rectangle':
      traceLines(sink, [a, [b[0], a[1]], b, [a[0], b[1]]], true);
      break;
    case 'ellipse':
      traceEllipse(sink, a, b);
      break;
    case 'triangle':
      traceLines(sink, [[(a[0] + b[0]) / 2, a[1]], b, [a[0], b[1]]], true);
      break;
    case 'polygon':
      traceLines(sink, points, true);
      break;
    case 'polyline':
      traceLines(sink, points, false);
      break;
  }
}

function cornersOf(points: readonly Place[]): [Place, Place] {
  const first = points[0] ?? [0, 0];
  return [first, points[1] ?? first];
}

function traceLines(sink: PathSink, places: readonly (readonly [number, number])[], closed: boolean): void {
  places.forEach(([x, y], i) => {
    if (i === 0) sink.moveTo(x, y);
    else sink.lineTo(x, y);
  });
  if (closed) sink.closePath();
}

function arrowHead([x1, y1]: Place, [x2, y2]: Place, width: number): Place[] {
  const length = Math.min(Math.max(width * HEAD_WIDTHS, HEAD_LEAST), Math.hypot(x2 - x1, y2 - y1));
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const barb = (side: number): Place => [
    x2 - length * Math.cos(angle + side * HEAD_ANGLE),
    y2 - length * Math.sin(angle + side * HEAD_ANGLE),
  ];
  return [barb(1), [x2, y2], barb(-1)];
}

/** Four curves; at this share of the radius they differ from an ellipse by less than 0.03%. */
const CURVE = 0.5522847498;

function traceEllipse(sink: CurveSink, [x1, y1]: Place, [x2, y2]: Place): void {
  const [x, y, rx, ry] = [(x1 + x2) / 2, (y1 + y2) / 2, Math.abs(x2 - x1) / 2, Math.abs(y2 - y1) / 2];
  const [cx, cy] = [rx * CURVE, ry * CURVE];
  sink.moveTo(x + rx, y);
  sink.bezierCurveTo(x + rx, y + cy, x + cx, y + ry, x, y + ry);
  sink.bezierCurveTo(x - cx, y + ry, x - rx, y + cy, x - rx, y);
  sink.bezierCurveTo(x - rx, y - cy, x - cx, y - ry, x, y - ry);
  sink.bezierCurveTo(x + cx, y - ry, x + rx, y - cy, x + rx, y);
  sink.closePath();
}

const FIFTEEN_DEGREES = Math.PI / 12;

export interface Snapping {
  /** Shift is held: lines at multiples of 15 degrees, squares and circles. */
  readonly strict: boolean;
  /** Board units between the paper's lines; 0 for none. */
  readonly step: number;
}

/** How near to a line of the paper, of its step, and to a level or upright line, radians, a place is drawn in. */
const NEAR_GRID = 0.2;
const NEAR_LEVEL = Math.PI / 90;

/** Where the second end of a shape comes to lie when the pointer is at `to`. */
export function snapped(shape: ShapeContent['shape'], from: Place, to: Place, snapping: Snapping): Place {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const isLine = shape === 'line' || shape === 'arrow';
  if (snapping.strict && !isLine) {
    const side = Math.max(Math.abs(dx), Math.abs(dy));
    return [from[0] + Math.sign(dx || 1) * side, from[1] + Math.sign(dy || 1) * side];
  }
  if (isLine) {
    const angle = Math.atan2(dy, dx);
    const nearest = Math.round(angle / FIFTEEN_DEGREES) * FIFTEEN_DEGREES;
    const isUpright = Math.abs(Math.sin(2 * nearest)) < 1e-9;
    if (snapping.strict || (isUpright && Math.abs(angle - nearest) < NEAR_LEVEL)) {
      const length = dx * Math.cos(nearest) + dy * Math.sin(nearest);
      return rounded([from[0] + length * Math.cos(nearest), from[1] + length * Math.sin(nearest)]);
    }
  }
  return snapPlace(to, snapping.step);
}

/** On a corner of the paper where one is near. */
export function snapPlace([x, y]: Place, step: number): Place {
  return rounded([snapTo(x, step), snapTo(y, step)]);
}

function snapTo(value: number, step: number): number {
  if (step === 0) return value;
  const nearest = Math.round(value / step) * step;
  return Math.abs(value - nearest) <= step * NEAR_GRID ? nearest : value;
}

function rounded([x, y]: Place): Place {
  return [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
}
