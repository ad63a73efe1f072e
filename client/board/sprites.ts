import { type BoardPage, isStroke, type Mark, type Stroke } from '../../protocol/board.ts';
import type {
  Content,
  Matrix,
  Place,
  Range,
  ShapeContent,
  TextContent,
} from '../../protocol/board-events.ts';
import { remains } from '../../protocol/board-marks.ts';
import { type Plot, plotOf } from './graph.ts';
import { HIGHLIGHT_OPACITY, isHighlighter } from './live-layer.ts';
import { boxAfter, boxAround } from './matrix.ts';
import { traceShape } from './shape-path.ts';
import {
  type Box,
  boxOf,
  type DecodedStroke,
  decodeStroke,
  forgetStroke,
  isDecoded,
  traceStroke,
} from './stroke-path.ts';
import { pieces } from './stroke-pieces.ts';
import { ASCENT, LINE_HEIGHT, lettersOf, linesOf, TEXT_FONT } from './text-layout.ts';

/** A mark as it is drawn: the same object for as long as it looks the same. */
export interface Sprite {
  /** What it covers at most, board units. */
  readonly box: Box;
  /** On a context whose unit is the board's. */
  paint(context: CanvasRenderingContext2D): void;
}

const whole = new WeakMap<DecodedStroke, Sprite>();
const others = new WeakMap<Mark, Sprite>();

export function spriteOf(mark: Mark): Sprite {
  if (isStroke(mark) && !mark.matrix && !mark.cuts) return spriteOfInk(decodeStroke(mark));
  const known = others.get(mark);
  if (known) return known;
  const sprite = moved(
    isStroke(mark) ? inkSprite(decodeStroke(mark), mark.cuts) : contentSprite(mark.content),
    mark.matrix,
  );
  others.set(mark, sprite);
  return sprite;
}

/** Lets go of all that was made of a page's marks: another page is shown. */
export function forgetPage({ strokes, items }: BoardPage): void {
  for (const mark of [...Object.values(strokes), ...Object.values(items ?? {})]) forgetMark(mark);
}

/** A font has come: letters are larger or smaller than they were. */
export function forgetTexts({ items }: BoardPage): void {
  for (const mark of Object.values(items ?? {})) others.delete(mark);
}

function forgetMark(mark: Mark): void {
  others.delete(mark);
  if (isStroke(mark)) forgetStroke(mark);
}

/** Paints a mark of a page that is not looked at otherwise, and keeps nothing that was not there before. */
export function paintOnce(context: CanvasRenderingContext2D, mark: Mark): void {
  const isKept = others.has(mark) || (isStroke(mark) && isDecoded(mark));
  context.save();
  spriteOf(mark).paint(context);
  context.restore();
  if (!isKept) forgetMark(mark);
}

/** A finished stroke as it was written. */
export function spriteOfInk(ink: DecodedStroke): Sprite {
  const known = whole.get(ink) ?? inkSprite(ink, undefined);
  whole.set(ink, known);
  return known;
}

/** A stroke with more of it erased than the page knows yet. */
export function cutSprite(stroke: Stroke, ranges: readonly Range[]): Sprite {
  return moved(inkSprite(decodeStroke(stroke), { ...stroke.cuts, '': ranges }), stroke.matrix);
}

/** Whether it lies with the highlights, beneath all other ink. */
export function isBeneath(mark: Mark): boolean {
  return isStroke(mark) && isHighlighter(mark.brush);
}

function inkSprite(ink: DecodedStroke, cuts: Stroke['cuts']): Sprite {
  const path = new Path2D();
  const { brush, points } = ink;
  const parts = cuts ? remains({ cuts }, points.length).map((range) => pieces(points, range)) : [points];
  for (const part of parts) traceStroke(path, brush, part);
  return {
    box: boxOf(ink),
    paint(context) {
      if (!isHighlighter(brush)) {
        context.fillStyle = brush.colour;
        context.fill(path);
        return;
      }
      context.globalAlpha *= HIGHLIGHT_OPACITY;
      outline(context, brush.colour, brush.width, path);
    },
  };
}

function outline(context: CanvasRenderingContext2D, colour: string, width: number, path: Path2D): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.stroke(path);
}

export function contentSprite(content: Content): Sprite {
  switch (content.kind) {
    case 'shape':
      return shapeSprite(content);
    case 'text':
      return textSprite(content);
    case 'graph':
    case 'numberline':
      return plotSprite(plotOf(content));
  }
}

function shapeSprite(content: ShapeContent): Sprite {
  const path = new Path2D();
  traceShape(path, content);
  const { left, top, right, bottom } = boxAround(content.points);
  // An arrow's barbs reach beyond its ends.
  const margin = content.shape === 'arrow' ? Math.max(content.width * 3, 16) : content.width / 2 + 1;
  return {
    box: { left: left - margin, top: top - margin, right: right + margin, bottom: bottom + margin },
    paint: (context) => outline(context, content.colour, content.width, path),
  };
}

function plotSprite({ lines, labels }: Plot): Sprite {
  const paths = lines.map(({ places, colour, width }) => {
    const path = new Path2D();
    for (const [x, y] of places) path.lineTo(x, y);
    return { path, colour, width };
  });
  const texts = labels.map(textSprite);
  const { left, top, right, bottom } = boxAround(lines.flatMap(({ places }) => places));
  const boxes = [
    { left: left - 4, top: top - 4, right: right + 4, bottom: bottom + 4 },
    ...texts.map(({ box }) => box),
  ];
  return {
    box: boxes.reduce((all, box) => ({
      left: Math.min(all.left, box.left),
      top: Math.min(all.top, box.top),
      right: Math.max(all.right, box.right),
      bottom: Math.max(all.bottom, box.bottom),
    })),
    paint(context) {
      for (const { path, colour, width } of paths) outline(context, colour, width, path);
      for (const text of texts) text.paint(context);
    },
  };
}

function textSprite(content: TextContent): Sprite {
  const { at, size, colour, width } = content;
  const lines = linesOf(content);
  const [left, top] = at;
  return {
    box: lettersOf(content),
    paint(context) {
      context.fillStyle = colour;
      context.font = `${size}px ${TEXT_FONT}`;
      context.textBaseline = 'alphabetic';
      lines.forEach((line, i) => {
        // A font that is wider here than at the writer's is drawn a little narrower, so that nothing is cut off.
        context.fillText(line, left, top + size * (i * LINE_HEIGHT + ASCENT), width);
      });
    },
  };
}

/** Of the same thickness on the screen, however large the page is seen. */
export function loopSprite(points: readonly Place[], pixels: number): Sprite {
  const path = new Path2D();
  for (const [x, y] of points) path.lineTo(x, y);
  return {
    box: boxAround(points),
    paint(context) {
      context.setLineDash([8 / pixels, 6 / pixels]);
      outline(context, '#0e5a78', 2 / pixels, path);
    },
  };
}

export function moved(sprite: Sprite, matrix: Matrix | undefined): Sprite {
  if (!matrix) return sprite;
  return {
    box: boxAfter(matrix, sprite.box),
    paint(context) {
      context.save();
      context.transform(...matrix);
      sprite.paint(context);
      context.restore();
    },
  };
}
