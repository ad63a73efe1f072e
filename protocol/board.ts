import { own } from './common.ts';
import type { Brush, LessonEvent, PageKind } from './events.ts';

/**
 * The board as a value. Plain JSON, so that a snapshot is `JSON.stringify`, and never changed in place, so that
 * a view redraws what is not the same object as before and nothing else.
 */
export interface Board {
  /** In the order they are shown. Never empty once the lesson is open. */
  readonly pages: readonly BoardPage[];
  /** The page everyone looks at. */
  readonly current: string;
  /** Per participant, what they can still undo and redo. */
  readonly history: Readonly<Record<string, History>>;
}

export interface BoardPage {
  readonly id: string;
  readonly kind: PageKind;
  /** In drawing order: later ones lie on top. */
  readonly strokes: Readonly<Record<string, Stroke>>;
}

export interface Stroke {
  readonly id: string;
  readonly by: string;
  readonly brush: Brush;
  /** Lesson time at which the first batch arrived. */
  readonly t: number;
  /** Coded batches, in order; each continues the one before (see `ink.ts`). */
  readonly chunks: readonly string[];
  /** The pen has been lifted. */
  readonly done: boolean;
  /** Erased or undone: kept, since both can be taken back. */
  readonly hidden: boolean;
}

export interface History {
  readonly done: readonly Action[];
  readonly undone: readonly Action[];
}

/** What one undo takes back: it shows or hides these strokes. */
export interface Action {
  readonly kind: 'drew' | 'erased';
  readonly page: string;
  readonly strokes: readonly string[];
}

type BoardEvent = Extract<LessonEvent, { type: `page.${string}` | `ink.${string}` }>;

/** How many of a person's actions can be undone. Enough for a page of writing; bounds a snapshot's size. */
const HISTORY_LIMIT = 200;

const NO_HISTORY: History = { done: [], undone: [] };

export const EMPTY_BOARD: Board = {
  pages: [{ id: 'page1', kind: 'blank', strokes: {} }],
  current: 'page1',
  history: {},
};

/** Total: an event that cannot apply (an unknown page, a stroke twice) leaves the board as it was. */
export function reduceBoard(board: Board, event: BoardEvent, actor: string, t: number): Board {
  switch (event.type) {
    case 'page.added': {
      if (pageOf(board, event.page.id)) return board;
      const at = event.after ? board.pages.findIndex((page) => page.id === event.after) + 1 : 0;
      const pages = board.pages.toSpliced(at > 0 ? at : board.pages.length, 0, {
        ...event.page,
        strokes: {},
      });
      return { ...board, pages, current: event.page.id };
    }
    case 'page.turned':
      return pageOf(board, event.page) ? { ...board, current: event.page } : board;
    case 'ink.drawn':
      return event.brush && event.page
        ? beginStroke(board, { ...event, page: event.page, brush: event.brush }, actor, t)
        : continueStroke(board, event, actor);
    case 'ink.erased': {
      const page = pageOf(board, event.page);
      const strokes = event.strokes.filter((id) => page && own(page.strokes, id)?.hidden === false);
      if (strokes.length === 0) return board;
      return act(setHidden(board, event.page, strokes, true), actor, {
        kind: 'erased',
        page: event.page,
        strokes,
      });
    }
    case 'ink.undone':
      return travel(board, actor, event.page, 'done', 'undone');
    case 'ink.redone':
      return travel(board, actor, event.page, 'undone', 'done');
  }
}

export function pageOf(board: Board, id: string): BoardPage | undefined {
  return board.pages.find((page) => page.id === id);
}

/** Whether `actor` has something to undo (or redo) on this page. */
export function canTravel(board: Board, actor: string, page: string, from: keyof History): boolean {
  return historyOf(board, actor)[from].some((action) => action.page === page);
}

type Drawn = Extract<BoardEvent, { type: 'ink.drawn' }>;

function beginStroke(
  board: Board,
  event: Drawn & { page: string; brush: Brush },
  actor: string,
  t: number,
): Board {
  const page = pageOf(board, event.page);
  if (!page || findStroke(board, event.stroke)) return board;
  const stroke: Stroke = {
    id: event.stroke,
    by: actor,
    brush: event.brush,
    t,
    chunks: event.data === '' ? [] : [event.data],
    done: event.done === true,
    hidden: false,
  };
  const drawn = withStrokes(board, page.id, { ...page.strokes, [stroke.id]: stroke });
  return act(drawn, actor, { kind: 'drew', page: page.id, strokes: [stroke.id] });
}

function continueStroke(board: Board, event: Drawn, actor: string): Board {
  const found = findStroke(board, event.stroke);
  if (!found || found.stroke.by !== actor || found.stroke.done) return board;
  const { page, stroke } = found;
  const longer: Stroke = {
    ...stroke,
    chunks: event.data === '' ? stroke.chunks : [...stroke.chunks, event.data],
    done: event.done === true,
  };
  return withStrokes(board, page.id, { ...page.strokes, [stroke.id]: longer });
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

function withStrokes(board: Board, id: string, strokes: BoardPage['strokes']): Board {
  return { ...board, pages: board.pages.map((page) => (page.id === id ? { ...page, strokes } : page)) };
}

function setHidden(board: Board, id: string, strokes: readonly string[], hidden: boolean): Board {
  const page = pageOf(board, id);
  if (!page) return board;
  const changed = { ...page.strokes };
  for (const strokeId of strokes) {
    const stroke = own(changed, strokeId);
    if (stroke) changed[strokeId] = { ...stroke, hidden };
  }
  return withStrokes(board, id, changed);
}

/** A new action ends what could be redone, as in every editor. */
function act(board: Board, actor: string, action: Action): Board {
  const { done } = historyOf(board, actor);
  return setHistory(board, actor, { done: [...done, action].slice(-HISTORY_LIMIT), undone: [] });
}

function travel(board: Board, actor: string, page: string, from: keyof History, to: keyof History): Board {
  const history = historyOf(board, actor);
  const at = history[from].findLastIndex((action) => action.page === page);
  const action = history[from][at];
  if (!action) return board;
  const hidden = (action.kind === 'drew') === (from === 'done');
  return setHistory(setHidden(board, page, action.strokes, hidden), actor, {
    ...history,
    [from]: history[from].toSpliced(at, 1),
    [to]: [...history[to], action],
  });
}

function historyOf(board: Board, actor: string): History {
  return own(board.history, actor) ?? NO_HISTORY;
}

function setHistory(board: Board, actor: string, history: History): Board {
  return { ...board, history: { ...board.history, [actor]: history } };
}
