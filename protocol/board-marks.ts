import { type BoardEvent, CUT_STEP, type Matrix, type Range } from './board-events.ts';
import { act, change, lookOf, setCut, setHidden, setLook } from './board-history.ts';
import {
  type Board,
  type BoardPage,
  isStroke,
  isTaken,
  type Look,
  type Mark,
  markOf,
  pageOf,
  type Stroke,
  withMarks,
  withPage,
} from './board-model.ts';
import { copyStroke } from './board-pages.ts';
import { own } from './common.ts';

/** What happens to marks after they are made, and to those that are not written by hand. */

type Of<T extends BoardEvent['type']> = Extract<BoardEvent, { type: T }>;

export function addItem(board: Board, event: Of<'item.added'>, by: string, t: number): Board {
  const page = pageOf(board, event.page);
  if (!page || isTaken(board, event.item)) return board;
  const item = { id: event.item, by, t, hidden: false, content: event.content };
  return act(withPage(board, withMarks(page, [item])), by, {
    kind: 'drew',
    page: page.id,
    strokes: [item.id],
  });
}

/** Hides what is there to hide; the actor's own undo shows it again. */
export function erase(board: Board, id: string, ids: readonly string[], actor: string): Board {
  const page = pageOf(board, id);
  const strokes = ids.filter((mark) => page && markOf(page, mark)?.hidden === false);
  if (strokes.length === 0) return board;
  return act(setHidden(board, id, strokes, true), actor, { kind: 'erased', page: id, strokes });
}

export function clear(board: Board, { page, by }: Of<'ink.cleared'>, actor: string): Board {
  const found = pageOf(board, page);
  if (!found) return board;
  const marks: readonly Mark[] = [...Object.values(found.strokes), ...Object.values(found.items ?? {})];
  return erase(
    board,
    page,
    marks.filter((mark) => mark.by === by).map(({ id }) => id),
    actor,
  );
}

export function cut(board: Board, event: Of<'ink.cut'>, actor: string): Board {
  const page = pageOf(board, event.page);
  if (!page) return board;
  const strokes: Record<string, readonly Range[]> = {};
  for (const { stroke, ranges } of event.strokes) {
    const known = own(page.strokes, stroke);
    if (known && !known.hidden) strokes[stroke] = united([...(known.cuts?.[event.cut] ?? []), ...ranges]);
  }
  const ids = Object.keys(strokes);
  if (ids.length === 0) return board;
  const changed = change(board, page.id, ids, (mark) =>
    isStroke(mark) ? setCut(mark, event.cut, own(strokes, mark.id) ?? []) : mark,
  );
  return act(changed, actor, { kind: 'cut', page: page.id, cut: event.cut, strokes });
}

/** Ascending and apart from each other; what runs backwards is turned round. */
export function united(ranges: readonly Range[]): Range[] {
  const sorted = ranges.map(([a, b]): Range => (a <= b ? [a, b] : [b, a])).sort((a, b) => a[0] - b[0]);
  const result: Range[] = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** What is left of a stroke of `count` points, in sixteenths of a point's step; all of it where nothing was cut. */
export function remains(stroke: Pick<Stroke, 'cuts'>, count: number): Range[] {
  const end = Math.max(0, (count - 1) * CUT_STEP);
  const left: Range[] = [];
  let from = 0;
  const gone = united(Object.values(stroke.cuts ?? {}).flat());
  for (const [start, stop] of gone) {
    if (start > from) left.push([from, Math.min(start, end)]);
    from = Math.max(from, stop);
  }
  if (from < end || (gone.length === 0 && count > 0)) left.push([from, end]);
  return left.filter(([a, b]) => a < b || count === 1);
}

export function changeItem(board: Board, event: Of<'item.changed'>, actor: string): Board {
  return reshape(board, event.page, [event.item], actor, (mark) => ({
    ...lookOf(mark),
    content: isStroke(mark) ? null : event.content,
  }));
}

export function moveMarks(board: Board, event: Of<'marks.moved'>, actor: string): Board {
  return reshape(board, event.page, event.marks, actor, (mark) => ({
    ...lookOf(mark),
    matrix: composed(event.matrix, mark.matrix) ?? mark.matrix ?? null,
  }));
}

export function orderMarks(board: Board, event: Of<'marks.ordered'>, actor: string): Board {
  const page = pageOf(board, event.page);
  if (!page) return board;
  const order = event.to === 'front' ? outermost(page, Math.max) + 1 : outermost(page, Math.min) - 1;
  return reshape(board, event.page, event.marks, actor, (mark) => ({ ...lookOf(mark), order }));
}

function outermost(page: BoardPage, which: (...orders: number[]) => number): number {
  let order = 0;
  for (const mark of Object.values(page.strokes)) order = which(order, mark.order ?? 0);
  for (const mark of Object.values(page.items ?? {})) order = which(order, mark.order ?? 0);
  return order;
}

function reshape(
  board: Board,
  id: string,
  ids: readonly string[],
  actor: string,
  how: (mark: Mark) => Look,
): Board {
  const page = pageOf(board, id);
  const before: Record<string, Look> = {};
  const after: Record<string, Look> = {};
  for (const markId of ids) {
    const mark = page && markOf(page, markId);
    if (!mark || mark.hidden) continue;
    before[markId] = lookOf(mark);
    after[markId] = how(mark);
  }
  const changed = Object.keys(after);
  if (changed.length === 0) return board;
  const result = change(board, id, changed, (mark) => setLook(mark, own(after, mark.id) ?? lookOf(mark)));
  return act(result, actor, { kind: 'changed', page: id, before, after });
}

export function copyMarks(board: Board, event: Of<'marks.copied'>, actor: string, t: number): Board {
  const page = pageOf(board, event.page);
  if (!page) return board;
  const copies = new Map<string, Mark>();
  for (const { of, id } of event.copies) {
    const mark = markOf(page, of);
    if (!mark || mark.hidden || copies.has(id) || isTaken(board, id)) continue;
    const matrix = composed(event.matrix, mark.matrix) ?? mark.matrix;
    const same = isStroke(mark) ? copyStroke(mark) : mark;
    copies.set(id, { ...same, id, by: actor, t, ...(matrix && { matrix }) });
  }
  if (copies.size === 0) return board;
  const added = withPage(board, withMarks(page, [...copies.values()]));
  return act(added, actor, { kind: 'drew', page: page.id, strokes: [...copies.keys()] });
}

export function veil(board: Board, { by, veiled }: Of<'ink.veiled'>): Board {
  const { veiled: before = [], ...rest } = board;
  const others = before.filter((id) => id !== by);
  const all = veiled ? [...others, by] : others;
  return all.length > 0 ? { ...rest, veiled: all } : rest;
}

const FACTOR_MOST = 1_000;
const OFFSET_MOST = 100_000;
/** Flatter than this, a mark could not be seen nor taken hold of again. */
const AREA_LEAST = 1e-6;

/** First `inner`, then `outer`; null where nothing visible would come of it. Rounded, so that JSON stays short. */
export function composed(outer: Matrix, inner: Matrix | undefined): Matrix | null {
  const [a, b, c, d, e, f] = outer;
  const [A, B, C, D, E, F] = inner ?? [1, 0, 0, 1, 0, 0];
  const factors = [a * A + c * B, b * A + d * B, a * C + c * D, b * C + d * D].map((v) => round(v, 1e6));
  const [p = 0, q = 0, r = 0, s = 0] = factors;
  const [x, y] = [round(a * E + c * F + e, 1e3), round(b * E + d * F + f, 1e3)];
  const fits = factors.every((v) => Math.abs(v) <= FACTOR_MOST) && Math.abs(p * s - q * r) >= AREA_LEAST;
  return fits && Math.abs(x) <= OFFSET_MOST && Math.abs(y) <= OFFSET_MOST ? [p, q, r, s, x, y] : null;
}

/** Never -0, which JSON does not keep. */
function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps + 0;
}
