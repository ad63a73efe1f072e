import { PAGE_HEIGHT, PAGE_WIDTH, type PageKind } from '../../protocol/board-events.ts';

/** A rule of a page's paper, board units. Told as lines, so that screen, SVG and PDF draw the same. */
export interface PaperLine {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly colour: string;
  /** Thicknesses as on printed paper: 1 for most lines. */
  readonly weight: number;
  readonly dashed?: true;
}

const GREY = '#d7dfe8';
/** What characters are practised on is ruled in red or green; red is told from blue ink and black. */
const RED = '#dc9c93';
const BLUE = '#a8c3dc';
const DARK = '#8a97a5';

/** Space at the left and right of ruled lines. */
const MARGIN = 60;

const PAPERS: Readonly<Record<PageKind, () => PaperLine[]>> = {
  blank: () => [],
  courseware: () => [],
  grid,
  tianzige,
  pinyin: () =>
    rows(6, 180, 30).flatMap((y) => [
      level(y, BLUE, 1),
      level(y + 40, BLUE, 1, true),
      level(y + 80, RED, 1),
      level(y + 120, BLUE, 1),
    ]),
  english: () =>
    rows(5, 212, 44).flatMap((y) => [
      level(y, BLUE, 1),
      level(y + 48, BLUE, 1, true),
      level(y + 96, RED, 1.6),
      level(y + 144, BLUE, 1),
    ]),
  staff: () => rows(4, 250, 105).flatMap((y) => [0, 1, 2, 3, 4].map((i) => level(y + i * 30, DARK, 1))),
  // Letters hang from the head line; vowels stand above it, subjoined letters below the body.
  tibetan: () =>
    rows(4, 258, 24).flatMap((y) => [
      level(y, GREY, 1, true),
      level(y + 66, RED, 1.6),
      level(y + 140, BLUE, 1, true),
      level(y + 214, GREY, 1, true),
    ]),
};

const drawn = new Map<PageKind, readonly PaperLine[]>();

export function paperLines(kind: PageKind): readonly PaperLine[] {
  const known = drawn.get(kind) ?? PAPERS[kind]();
  drawn.set(kind, known);
  return known;
}

/** What shapes snap to, board units; 0 for none. */
export function snapStep(kind: PageKind): number {
  return kind === 'grid' ? SQUARE : 0;
}

/** 32 by 18 squares: a hand's width on a wall. */
const SQUARE = 60;

function grid(): PaperLine[] {
  const lines: PaperLine[] = [];
  for (let x = SQUARE; x < PAGE_WIDTH; x += SQUARE) lines.push(upright(x, 0, PAGE_HEIGHT, GREY, 1));
  for (let y = SQUARE; y < PAGE_HEIGHT; y += SQUARE) {
    lines.push({ x1: 0, y1: y, x2: PAGE_WIDTH, y2: y, colour: GREY, weight: 1 });
  }
  return lines;
}

/** Eight characters a row, four rows. */
function tianzige(): PaperLine[] {
  const size = 216;
  const left = (PAGE_WIDTH - 8 * size) / 2;
  const right = PAGE_WIDTH - left;
  return rows(4, 252, 54).flatMap((y) => [
    { ...level(y, RED, 1.4), x1: left, x2: right },
    { ...level(y + size / 2, RED, 1, true), x1: left, x2: right },
    { ...level(y + size, RED, 1.4), x1: left, x2: right },
    ...Array.from({ length: 17 }, (_, i) =>
      upright(left + (i * size) / 2, y, y + size, RED, i % 2 === 0 ? 1.4 : 1, i % 2 === 1),
    ),
  ]);
}

function rows(count: number, pitch: number, top: number): number[] {
  return Array.from({ length: count }, (_, i) => top + i * pitch);
}

function level(y: number, colour: string, weight: number, dashed = false): PaperLine {
  return { x1: MARGIN, y1: y, x2: PAGE_WIDTH - MARGIN, y2: y, colour, weight, ...(dashed && { dashed }) };
}

function upright(
  x: number,
  y1: number,
  y2: number,
  colour: string,
  weight: number,
  dashed = false,
): PaperLine {
  return { x1: x, y1, x2: x, y2, colour, weight, ...(dashed && { dashed }) };
}
