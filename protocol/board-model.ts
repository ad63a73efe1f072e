import type { Brush, Content, Matrix, PageFile, PageKind, Range, View } from './board-events.ts';
import { own } from './common.ts';

/**
 * The board as a value. Plain JSON, so that a snapshot is `JSON.stringify`, and never changed in place, so that
 * a view redraws what is not the same object as before and nothing else. Fields that most have not are left out,
 * never undefined: a snapshot that was read again equals the value it was made of.
 */
export interface Board {
  /** In the order they are shown, removed ones among them. One at least is not removed. */
  readonly pages: readonly BoardPage[];
  /** The page everyone looks at. */
  readonly current: string;
  /** Per participant, what they can still undo and redo. */
  readonly history: Readonly<Record<string, History>>;
  /** Whose marks are not shown for now. */
  readonly veiled?: readonly string[];
}

export interface BoardPage {
  readonly id: string;
  readonly kind: PageKind;
  /** Of courseware. */
  readonly file?: PageFile;
  /** In drawing order: later ones lie on top. */
  readonly strokes: Readonly<Record<string, Stroke>>;
  /** Shapes and texts, in drawing order. Strokes and items lie among each other by `order`, then `t`. */
  readonly items?: Readonly<Record<string, Item>>;
  /** Kept, since it can be brought back, and since ink may still be on its way to it. */
  readonly removed?: true;
  /** What of it the lead looks at; absent: all of it. */
  readonly view?: View;
}

interface Placed {
  readonly id: string;
  readonly by: string;
  /** Lesson time at which it (of a stroke, its first batch) arrived. */
  readonly t: number;
  /** Erased or undone: kept, since both can be taken back. */
  readonly hidden: boolean;
  /** Where it was moved to, from where it was made. */
  readonly matrix?: Matrix;
  /** Above 0: brought to the front; below: sent to the back. */
  readonly order?: number;
}

export interface Stroke extends Placed {
  readonly brush: Brush;
  /** Coded batches, in order; each continues the one before (see `ink.ts`). */
  readonly chunks: readonly string[];
  /** The pen has been lifted. */
  readonly done: boolean;
  /** Parts that were erased, by the gesture that did it. */
  readonly cuts?: Readonly<Record<string, readonly Range[]>>;
  /** A copy, or brought along: it was never written here, so that it appears at once in a replay. */
  readonly whole?: true;
}

export interface Item extends Placed {
  readonly content: Content;
}

export type Mark = Stroke | Item;

export interface History {
  readonly done: readonly Action[];
  readonly undone: readonly Action[];
}

/** What one undo takes back, and one redo does again. */
export type Action =
  /** Shows or hides these marks. */
  | { readonly kind: 'drew' | 'erased'; readonly page: string; readonly strokes: readonly string[] }
  | {
      readonly kind: 'cut';
      readonly page: string;
      readonly cut: string;
      readonly strokes: Readonly<Record<string, readonly Range[]>>;
    }
  /** Marks as they were and as they became. */
  | {
      readonly kind: 'changed';
      readonly page: string;
      readonly before: Readonly<Record<string, Look>>;
      readonly after: Readonly<Record<string, Look>>;
    }
  /** Where a page stood, and whether it was there at all. */
  | {
      readonly kind: 'arranged';
      readonly page: string;
      readonly before: PagePlace;
      readonly after: PagePlace;
    }
  /** Pages that came together, and the page that was looked at then. */
  | { readonly kind: 'laid'; readonly page: string; readonly pages: readonly string[] };

/** What of a mark can be changed. `null`: without. */
export interface Look {
  readonly matrix: Matrix | null;
  readonly order: number | null;
  readonly content: Content | null;
}

export interface PagePlace {
  /** The page it follows; null: it is the first. */
  readonly follows: string | null;
  readonly removed: boolean;
}

export const EMPTY_BOARD: Board = {
  pages: [{ id: 'page1', kind: 'blank', strokes: {} }],
  current: 'page1',
  history: {},
};

export function pageOf(board: Board, id: string): BoardPage | undefined {
  return board.pages.find((page) => page.id === id);
}

/** The pages there are to see. */
export function shownPages(board: Board): readonly BoardPage[] {
  return board.pages.some(({ removed }) => removed)
    ? board.pages.filter(({ removed }) => !removed)
    : board.pages;
}

export function markOf(page: BoardPage, id: string): Mark | undefined {
  return own(page.strokes, id) ?? (page.items && own(page.items, id));
}

export function isStroke(mark: Mark): mark is Stroke {
  return 'chunks' in mark;
}

/** Looks on the current page first: that is where nearly every batch belongs. */
export function findStroke(board: Board, id: string): { page: BoardPage; stroke: Stroke } | undefined {
  const current = pageOf(board, board.current);
  for (const page of current ? [current, ...board.pages] : board.pages) {
    const stroke = own(page.strokes, id);
    if (stroke) return { page, stroke };
  }
  return undefined;
}

export function isTaken(board: Board, id: string): boolean {
  return board.pages.some((page) => markOf(page, id) !== undefined);
}

export function withPage(board: Board, page: BoardPage): Board {
  return { ...board, pages: board.pages.map((known) => (known.id === page.id ? page : known)) };
}

/** The page with these marks instead of the ones of the same ids, or besides those it has. */
export function withMarks(page: BoardPage, marks: readonly Mark[]): BoardPage {
  const strokes = marks.filter(isStroke);
  const items = marks.filter((mark): mark is Item => !isStroke(mark));
  return {
    ...page,
    ...(strokes.length > 0 && { strokes: { ...page.strokes, ...byId(strokes) } }),
    ...(items.length > 0 && { items: { ...page.items, ...byId(items) } }),
  };
}

function byId<M extends Mark>(marks: readonly M[]): Record<string, M> {
  return Object.fromEntries(marks.map((mark) => [mark.id, mark]));
}

/** All marks of a page that are not hidden nor veiled, those beneath first. */
export function shownMarks(page: BoardPage, veiled: readonly string[] = []): Mark[] {
  const isShown = (mark: Mark) => !mark.hidden && !veiled.includes(mark.by);
  const strokes: Mark[] = Object.values(page.strokes).filter(isShown);
  const items: Mark[] = Object.values(page.items ?? {}).filter(isShown);
  // Most pages have ink alone, in its own order: nothing to sort then, however much of it there is.
  if (items.length === 0 && strokes.every(({ order }) => order === undefined)) return strokes;
  return [...strokes, ...items].sort((a, b) => (a.order ?? 0) - (b.order ?? 0) || a.t - b.t);
}
