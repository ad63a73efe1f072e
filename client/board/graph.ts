import type { GraphContent, NumberLineContent, Place, TextContent } from '../../protocol/board-events.ts';
import { parseExpression } from './expression.ts';
import { LINE_HEIGHT } from './text-layout.ts';

/** What graphs and number lines are made of: lines and their labels, board units. */
export interface Plot {
  readonly lines: readonly PlotLine[];
  readonly labels: readonly TextContent[];
}

export interface PlotLine {
  readonly places: readonly Place[];
  readonly colour: string;
  readonly width: number;
}

const GRID = '#d7dfe8';
/** Figures on the axes and names of functions, board units: read from eight metres. */
const FIGURES = 32;
const NAMES = 42;
/** Samples a curve: two a pixel of the largest screen would be more than ink has. */
const SAMPLES = 600;
const ARROW = 14;

const plots = new WeakMap<object, Plot>();

/** The same object for as long as the content is. */
export function plotOf(content: GraphContent | NumberLineContent): Plot {
  const known = plots.get(content) ?? (content.kind === 'graph' ? graph(content) : numberLine(content));
  plots.set(content, known);
  return known;
}

function graph(content: GraphContent): Plot {
  const { at, width, height, colour } = content;
  const [x0, x1] = content.x;
  const [y0, y1] = content.y;
  const right = (x: number) => at[0] + ((x - x0) / (x1 - x0)) * width;
  const down = (y: number) => at[1] + ((y1 - y) / (y1 - y0)) * height;
  const [zeroX, zeroY] = [right(clamp(0, x0, x1)), down(clamp(0, y0, y1))];
  const [xSteps, ySteps] = [ticks(x0, x1), ticks(y0, y1)];
  const grid = [
    ...xSteps.map((x) => line(GRID, 2, [right(x), at[1]], [right(x), at[1] + height])),
    ...ySteps.map((y) => line(GRID, 2, [at[0], down(y)], [at[0] + width, down(y)])),
  ];
  const axes = [
    ...arrow(colour, [at[0], zeroY], [at[0] + width, zeroY]),
    ...arrow(colour, [zeroX, at[1] + height], [zeroX, at[1]]),
  ];
  const figures = [
    ...xSteps.filter((x) => x !== 0).map((x) => label(shown(x), right(x), zeroY + 6, colour, 'middle')),
    ...ySteps
      .filter((y) => y !== 0)
      .map((y) => label(shown(y), zeroX - 8, down(y) - (FIGURES * LINE_HEIGHT) / 2, colour, 'end')),
    label('0', zeroX - 8, zeroY + 6, colour, 'end'),
    label('x', at[0] + width + 6, zeroY - NAMES, colour, 'start', NAMES),
    label('y', zeroX + 14, at[1] - NAMES, colour, 'start', NAMES),
  ];
  const curves = content.functions.flatMap((one) => curve(one, content, right, down));
  const names = content.functions.map(({ text, colour: own }, i) =>
    label(`y = ${text}`, at[0] + 16, at[1] + 8 + i * NAMES * LINE_HEIGHT, own, 'start', NAMES),
  );
  return { lines: [...grid, ...axes, ...curves], labels: [...figures, ...names] };
}

/** Broken where the function is not there, leaves the frame, or leaps. */
function curve(
  { text, colour }: GraphContent['functions'][number],
  { x: [x0, x1], y: [y0, y1] }: GraphContent,
  right: (x: number) => number,
  down: (y: number) => number,
): PlotLine[] {
  const of = understood(text);
  if (!of) return [];
  const pieces: Place[][] = [];
  let piece: Place[] = [];
  let before = Number.NaN;
  for (let i = 0; i <= SAMPLES; i++) {
    const x = x0 + ((x1 - x0) * i) / SAMPLES;
    const y = of(x);
    const within = Number.isFinite(y) && y >= y0 && y <= y1;
    const leaps = Math.abs(y - before) > (y1 - y0) / 2;
    if ((!within || leaps) && piece.length > 0) {
      pieces.push(piece);
      piece = [];
    }
    if (within) piece.push([right(x), down(y)]);
    before = y;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces.filter(({ length }) => length > 1).map((places) => ({ places, colour, width: 5 }));
}

/** A log may hold what a later version understands: it is left out. */
function understood(text: string): ((x: number) => number) | null {
  try {
    return parseExpression(text);
  } catch {
    return null;
  }
}

function numberLine({ at, width, from, to, parts, colour }: NumberLineContent): Plot {
  const right = (value: number) => at[0] + 30 + ((value - from) / (to - from)) * (width - 90);
  const lines = arrow(colour, at, [at[0] + width, at[1]]);
  const labels: TextContent[] = [];
  for (let i = 0; i <= (to - from) * parts; i++) {
    const value = from + i / parts;
    const whole = i % parts === 0;
    const reach = whole ? 16 : 9;
    lines.push(line(colour, whole ? 4 : 2.5, [right(value), at[1] - reach], [right(value), at[1] + reach]));
    if (whole) labels.push(label(shown(value), right(value), at[1] + 22, colour, 'middle', NAMES));
  }
  return { lines, labels };
}

/** Six to twelve round numbers: 1, 2 or 5 times a power of ten apart. */
function ticks(from: number, to: number): number[] {
  const rough = (to - from) / 10;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough) ?? rough;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first;
  return Array.from({ length: Math.max(0, count + 1) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6))).replace('-', '−');
}

function line(colour: string, width: number, ...places: Place[]): PlotLine {
  return { places, colour, width };
}

function arrow(colour: string, from: Place, to: Place): PlotLine[] {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const barb = (side: number): Place => [
    to[0] - ARROW * Math.cos(angle + side * 0.45),
    to[1] - ARROW * Math.sin(angle + side * 0.45),
  ];
  return [line(colour, 4, from, to), line(colour, 4, barb(1), to, barb(-1))];
}

function label(
  text: string,
  x: number,
  y: number,
  colour: string,
  anchor: 'start' | 'middle' | 'end',
  size = FIGURES,
): TextContent {
  // Figures of most fonts are about so wide; a label that comes out wider is drawn a little narrower.
  const width = Math.max(20, text.length * size * 0.62);
  const left =
    anchor === 'start'
      ? x
      : anchor === 'middle'
        ? x - (text.length * size * 0.56) / 2
        : x - text.length * size * 0.56;
  return {
    kind: 'text',
    at: [left, y],
    width,
    size,
    colour,
    text,
    breaks: [],
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
