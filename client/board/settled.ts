import type { View } from '../../protocol/board-events.ts';
import type { LiveStroke } from './live-layer.ts';
import { isEven, traceStroke } from './stroke-path.ts';
import { sameView } from './viewport.ts';

/** Points that are drawn once, together: some two seconds of a pen. */
const PIECE = 256;
/** Behind its tip the shape of a stroke still changes. */
const TIP = 24;
/** So far a piece reaches into the one before: enough for no joint to show, and edges are seldom drawn twice. */
const LAP = 8;

interface Known {
  /** As many of its points are on the canvas. */
  points: number;
  even: boolean;
}

/**
 * What pens that do not leave the page wrote a while ago: painted once, on a canvas of its own, so that a stroke of a minute
 * costs a frame no more than one of a second. Ink of pens only: pieces of a highlighter would show where they overlap.
 */
export class Settled {
  readonly #canvas = document.createElement('canvas');
  readonly #strokes = new Map<string, Known>();
  #view: View | null = null;
  #size = { width: 0, height: 0 };

  /** Device pixels. */
  resize(width: number, height: number): void {
    this.#size = { width, height };
    this.#forget();
  }

  /** Null where nothing is settled. */
  get picture(): HTMLCanvasElement | null {
    return this.#strokes.size > 0 ? this.#canvas : null;
  }

  /** What of these strokes is left to be drawn in each frame. `place` makes the context's units the board's. */
  settle(
    strokes: readonly LiveStroke[],
    view: View,
    place: (context: CanvasRenderingContext2D) => void,
  ): readonly LiveStroke[] {
    if (this.#strokes.size > 0 && this.#isOver(strokes, view)) this.#forget();
    this.#view = view;
    return strokes.map((stroke) => this.#settleOne(stroke, place));
  }

  /** Something that is on the canvas is not as it is there any more. */
  #isOver(strokes: readonly LiveStroke[], view: View): boolean {
    if (!this.#view || !sameView(view, this.#view)) return true;
    const now = new Map(strokes.map((stroke) => [stroke.id, stroke]));
    return [...this.#strokes].some(([id, known]) => {
      const stroke = now.get(id);
      if (!stroke || stroke.points.length < known.points) return true;
      return known.even && !isEven(stroke.points.slice(known.points - LAP));
    });
  }

  #settleOne(stroke: LiveStroke, place: (context: CanvasRenderingContext2D) => void): LiveStroke {
    const { id, brush, points } = stroke;
    const known = this.#strokes.get(id);
    const from = known?.points ?? 0;
    if (brush.tool === 'highlighter' || (!known && points.length < 2 * PIECE)) return stroke;
    const even = known?.even ?? isEven(points);
    const to = points.length - TIP - ((points.length - TIP - from) % PIECE);
    if (to > from) {
      if (!this.#paint(stroke, from, to, even, place)) return stroke;
      this.#strokes.set(id, { points: to, even });
    }
    return { id, brush, points: points.slice(Math.max(0, to - LAP)), even };
  }

  #paint(
    { brush, points }: LiveStroke,
    from: number,
    to: number,
    even: boolean,
    place: (context: CanvasRenderingContext2D) => void,
  ): boolean {
    if (this.#strokes.size === 0) Object.assign(this.#canvas, this.#size);
    const context = this.#canvas.getContext('2d');
    if (!context) return false; // no more canvases to be had: then all of it is drawn each time
    context.resetTransform();
    place(context);
    context.fillStyle = brush.colour;
    for (let at = from; at < to; at += PIECE) {
      context.beginPath();
      traceStroke(context, brush, points.slice(Math.max(0, at - LAP), Math.min(to, at + PIECE)), even);
      context.fill();
    }
    return true;
  }

  /** The canvas gives its memory back. */
  #forget(): void {
    this.#strokes.clear();
    Object.assign(this.#canvas, { width: 0, height: 0 });
  }
}
