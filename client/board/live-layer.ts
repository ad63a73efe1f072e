import { type Brush, PAGE_WIDTH, type View } from '../../protocol/board-events.ts';
import type { InkPoint } from '../../protocol/ink.ts';
import type { LaserPoint } from './laser.ts';
import { Settled } from './settled.ts';
import type { Sprite } from './sprites.ts';
import { traceStroke } from './stroke-path.ts';
import { visible } from './viewport.ts';

export const HIGHLIGHT_OPACITY = 0.4;

/** Seen on any ink and on paper alike; nothing else on the board glows. */
const LASER_COLOUR = '#e5173f';
const LASER_WIDTH = 9;
/** Shares of the time in which a trace fades. */
const LASER_BAND = 0.06;
const LASER_GAP = 0.2;

export function isHighlighter(brush: Brush): boolean {
  return brush.tool === 'highlighter';
}

/** A stroke that is still being drawn, or shown in part. */
export interface LiveStroke {
  readonly id: string;
  readonly brush: Brush;
  readonly points: readonly InkPoint[];
  /** Whether it tells of no pressure, where that cannot be told from `points`. */
  readonly even?: boolean;
}

export interface Moving {
  readonly strokes: readonly LiveStroke[];
  readonly traces: readonly (readonly LaserPoint[])[];
  readonly sprites: readonly Sprite[];
}

/** What changes from frame to frame, on a canvas above the finished strokes: little enough to be drawn anew each time. */
export class LiveLayer {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #settled = new Settled();
  #empty = true;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser has no 2d canvas');
    this.#canvas = canvas;
    this.#context = context;
  }

  resize(width: number, height: number): void {
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#settled.resize(width, height);
    this.#empty = true;
  }

  /** `sprites`: marks that are being made or moved. */
  draw(view: View, { strokes, traces, sprites }: Moving): void {
    const nothing = strokes.length === 0 && traces.length === 0 && sprites.length === 0;
    if (nothing && this.#empty) return;
    this.#empty = nothing;
    const context = this.#context;
    context.resetTransform();
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const scale = (this.#canvas.width / PAGE_WIDTH) * view.scale;
    const { left, top } = visible(view);
    const place = (on: CanvasRenderingContext2D) => {
      on.scale(scale, scale);
      on.translate(-left, -top);
    };
    const tails = this.#settled.settle(strokes, view, place);
    place(context);
    // Finished highlights lie beneath the pens' ink; until then they must not veil it.
    this.#canvas.style.mixBlendMode = strokes.some(({ brush }) => isHighlighter(brush)) ? 'multiply' : '';
    for (const sprite of sprites) {
      context.save();
      sprite.paint(context);
      context.restore();
    }
    this.#drawSettled();
    for (const stroke of tails) this.#drawStroke(stroke);
    for (const trace of traces) this.#drawTrace(trace);
  }

  #drawSettled(): void {
    const { picture } = this.#settled;
    if (!picture) return;
    this.#context.save();
    this.#context.resetTransform();
    this.#context.drawImage(picture, 0, 0);
    this.#context.restore();
  }

  #drawStroke({ brush, points, even }: LiveStroke): void {
    const context = this.#context;
    context.beginPath();
    traceStroke(context, brush, points, even);
    if (!isHighlighter(brush)) {
      context.fillStyle = brush.colour;
      context.fill();
      return;
    }
    context.save();
    context.globalAlpha = HIGHLIGHT_OPACITY;
    context.strokeStyle = brush.colour;
    context.lineWidth = brush.width;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.stroke();
    context.restore();
  }

  /** A tail that grows thin and pale with age, and a point that glows where the hand is. */
  #drawTrace(trace: readonly LaserPoint[]): void {
    const context = this.#context;
    context.save();
    context.strokeStyle = LASER_COLOUR;
    context.fillStyle = LASER_COLOUR;
    context.lineJoin = 'round';
    for (const { age, points } of bandsOf(trace)) {
      context.globalAlpha = (1 - age) ** 1.5;
      context.lineWidth = LASER_WIDTH * (1 - 0.7 * age);
      context.beginPath();
      for (const { x, y } of points) context.lineTo(x, y);
      context.stroke();
    }
    const head = trace.at(-1);
    if (head) {
      context.globalAlpha = 1 - head.age;
      context.shadowColor = LASER_COLOUR;
      context.shadowBlur = 18;
      context.beginPath();
      context.arc(head.x, head.y, LASER_WIDTH * 0.9, 0, 2 * Math.PI);
      context.fill();
    }
    context.restore();
  }
}

/** Pieces of about the same age, each joined to the next: translucent lines must not overlap, or their joints show. */
function bandsOf(trace: readonly LaserPoint[]): { age: number; points: LaserPoint[] }[] {
  const bands: { age: number; points: LaserPoint[] }[] = [];
  let last: LaserPoint | undefined;
  for (const point of trace) {
    const band = bands.at(-1);
    // A lift of the hand or a pause parts the trace.
    const parted = last === undefined || last.age - point.age > LASER_GAP;
    if (band && !parted && band.age - point.age < LASER_BAND) band.points.push(point);
    else {
      if (band && !parted) band.points.push(point);
      bands.push({ age: point.age, points: [point] });
    }
    last = point;
  }
  return bands;
}
