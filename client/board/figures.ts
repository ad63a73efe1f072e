import { type BoardPage, isStroke, type Mark, shownMarks } from '../../protocol/board.ts';
import type { Content, Matrix, TextContent } from '../../protocol/board-events.ts';
import { remains } from '../../protocol/board-marks.ts';
import { type Plot, plotOf } from './graph.ts';
import { HIGHLIGHT_OPACITY, isHighlighter } from './live-layer.ts';
import { paperLines } from './paper.ts';
import { type CurveSink, traceShape } from './shape-path.ts';
import { decodeStroke, traceStroke } from './stroke-path.ts';
import { pieces } from './stroke-pieces.ts';

/** A page as plain figures, those beneath first: what is written to a file, whatever its format. Board units. */
export type Figure = PathFigure | TextFigure;

export interface PathFigure {
  readonly kind: 'path';
  readonly path: readonly Segment[];
  readonly colour: string;
  /** Of the line; absent: the path is filled. */
  readonly width?: number;
  readonly dash?: readonly number[];
  readonly opacity: number;
  readonly matrix: Matrix | null;
}

export interface TextFigure {
  readonly kind: 'text';
  readonly text: TextContent;
  readonly matrix: Matrix | null;
}

/** As SVG and PDF both know them, absolute: move, line, cubic curve, close. */
export type Segment =
  | readonly ['M' | 'L', number, number]
  | readonly ['C', number, number, number, number, number, number]
  | readonly ['Z'];

/** Thickness of the paper's lines where nobody's screen decides it. */
const RULE_WIDTH = 1.6;

export function figuresOf(page: BoardPage, veiled: readonly string[] = []): Figure[] {
  const paper = paperLines(page.kind).map(
    ({ x1, y1, x2, y2, colour, weight, dashed }): Figure => ({
      kind: 'path',
      path: [
        ['M', x1, y1],
        ['L', x2, y2],
      ],
      ...{ colour, width: weight * RULE_WIDTH, opacity: 1, matrix: null },
      ...(dashed && { dash: [9, 7] }),
    }),
  );
  const marks = shownMarks(page, veiled);
  const isBeneath = (mark: Mark) => isStroke(mark) && isHighlighter(mark.brush);
  const ordered = [...marks.filter(isBeneath), ...marks.filter((mark) => !isBeneath(mark))];
  return [...paper, ...ordered.flatMap(figureOf)];
}

function figureOf(mark: Mark): Figure[] {
  const matrix = mark.matrix ?? null;
  if (!isStroke(mark)) return contentFigure(mark.content, matrix);
  const { brush, points } = decodeStroke(mark);
  const recorder = new Recorder();
  for (const range of remains(mark, points.length)) traceStroke(recorder, brush, pieces(points, range));
  const line = isHighlighter(brush);
  return [
    {
      kind: 'path',
      ...{ path: recorder.path, colour: brush.colour, matrix, opacity: line ? HIGHLIGHT_OPACITY : 1 },
      ...(line && { width: brush.width }),
    },
  ];
}

function contentFigure(content: Content, matrix: Matrix | null): Figure[] {
  if (content.kind === 'text') return [{ kind: 'text', text: content, matrix }];
  if (content.kind !== 'shape') return plotFigures(plotOf(content), matrix);
  const recorder = new Recorder();
  traceShape(recorder, content);
  return [
    { kind: 'path', path: recorder.path, colour: content.colour, width: content.width, opacity: 1, matrix },
  ];
}

function plotFigures({ lines, labels }: Plot, matrix: Matrix | null): Figure[] {
  const drawn = lines.map(({ places, colour, width }): Figure => {
    const path = places.map(([x, y], i): Segment => [i === 0 ? 'M' : 'L', x, y]);
    return { kind: 'path', path, colour, width, opacity: 1, matrix };
  });
  return [...drawn, ...labels.map((text): Figure => ({ kind: 'text', text, matrix }))];
}

/** Keeps what is traced; quadratic curves as the cubic ones they equal, since PDF has no others. */
class Recorder implements CurveSink {
  readonly path: Segment[] = [];
  #x = 0;
  #y = 0;

  moveTo(x: number, y: number): void {
    this.#go(['M', x, y], x, y);
  }

  lineTo(x: number, y: number): void {
    this.#go(['L', x, y], x, y);
  }

  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void {
    const toward = (from: number, control: number) => from + (2 / 3) * (control - from);
    this.bezierCurveTo(toward(this.#x, cx), toward(this.#y, cy), toward(x, cx), toward(y, cy), x, y);
  }

  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void {
    this.#go(['C', ax, ay, bx, by, x, y], x, y);
  }

  closePath(): void {
    this.path.push(['Z']);
  }

  #go(segment: Segment, x: number, y: number): void {
    this.path.push(segment);
    this.#x = x;
    this.#y = y;
  }
}

/** As short as two decimals make it: a fiftieth of a pixel on an 8K screen. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}
