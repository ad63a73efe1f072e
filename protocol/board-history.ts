import type { Range } from './board-events.ts';
import {
  type Action,
  type Board,
  type History,
  isStroke,
  type Look,
  type Mark,
  markOf,
  pageOf,
  type Stroke,
  withMarks,
  withPage,
} from './board-model.ts';
import { placePage, showPages } from './board-pages.ts';
import { own } from './common.ts';

/** How many of a person's actions can be undone. Enough for a page of writing; bounds a snapshot's size. */
const HISTORY_LIMIT = 200;
/** And how many marks they may concern altogether: one action can move a whole page. */
const HISTORY_MARKS_LIMIT = 4_000;

const NO_HISTORY: History = { done: [], undone: [] };

/** A new action ends what could be redone, as in every editor. */
export function act(board: Board, actor: string, action: Action): Board {
  const { done } = historyOf(board, actor);
  const last = done.at(-1);
  const joined = last && join(last, action);
  const actions = joined ? [...done.slice(0, -1), joined] : [...done, action].slice(-HISTORY_LIMIT);
  return setHistory(board, actor, { done: bounded(actions), undone: [] });
}

/** Batches of one gesture are one action. */
function join(last: Action, next: Action): Action | null {
  if (last.kind !== 'cut' || next.kind !== 'cut' || last.cut !== next.cut || last.page !== next.page)
    return null;
  return { ...next, strokes: { ...last.strokes, ...next.strokes } };
}

function bounded(actions: readonly Action[]): readonly Action[] {
  let marks = 0;
  const from = actions.findLastIndex((action, i) => {
    marks += marksIn(action).length;
    return marks > HISTORY_MARKS_LIMIT && i < actions.length - 1;
  });
  return from < 0 ? actions : actions.slice(from + 1);
}

/** The ids of what an action showed, hid or changed. */
export function marksIn(action: Action): readonly string[] {
  switch (action.kind) {
    case 'drew':
    case 'erased':
      return action.strokes;
    case 'cut':
      return Object.keys(action.strokes);
    case 'changed':
      return Object.keys(action.after);
    case 'arranged':
    case 'laid':
      return [];
  }
}

/** Actions are undone on their own page; a move of a page, and what brings one back that is away, wherever one is. */
function concerns(board: Board, action: Action, page: string, from: keyof History): boolean {
  if (action.page === page) return true;
  if (action.kind === 'laid') return from === 'undone' || action.pages.includes(page);
  if (action.kind !== 'arranged') return false;
  if (!action.before.removed && !action.after.removed) return true;
  if (!pageOf(board, action.page)?.removed) return false;
  return !(from === 'done' ? action.before : action.after).removed;
}

/** Whether `actor` has something to undo (or redo) on this page. */
export function canTravel(board: Board, actor: string, page: string, from: keyof History): boolean {
  return historyOf(board, actor)[from].some((action) => concerns(board, action, page, from));
}

export function travel(
  board: Board,
  actor: string,
  page: string,
  from: keyof History,
  to: keyof History,
): Board {
  const history = historyOf(board, actor);
  const at = history[from].findLastIndex((action) => concerns(board, action, page, from));
  const action = history[from][at];
  if (!action) return board;
  return setHistory(apply(board, action, from === 'done'), actor, {
    ...history,
    [from]: history[from].toSpliced(at, 1),
    [to]: [...history[to], action],
  });
}

function apply(board: Board, action: Action, back: boolean): Board {
  switch (action.kind) {
    case 'drew':
    case 'erased':
      return setHidden(board, action.page, action.strokes, (action.kind === 'drew') === back);
    case 'cut':
      return change(board, action.page, Object.keys(action.strokes), (mark) =>
        isStroke(mark) ? setCut(mark, action.cut, back ? null : (own(action.strokes, mark.id) ?? [])) : mark,
      );
    case 'changed': {
      const looks = back ? action.before : action.after;
      return change(board, action.page, Object.keys(looks), (mark) => {
        const look = own(looks, mark.id);
        return look ? setLook(mark, look) : mark;
      });
    }
    case 'arranged':
      return placePage(board, action.page, back ? action.before : action.after);
    case 'laid':
      return showPages(board, action.pages, !back);
  }
}

export function setHidden(board: Board, page: string, ids: readonly string[], hidden: boolean): Board {
  return change(board, page, ids, (mark) => ({ ...mark, hidden }));
}

/** The board with these marks of a page changed; ids that are not there are passed over. */
export function change(board: Board, id: string, ids: readonly string[], how: (mark: Mark) => Mark): Board {
  const page = pageOf(board, id);
  if (!page) return board;
  const changed = ids.flatMap((mark) => {
    const known = markOf(page, mark);
    return known ? how(known) : [];
  });
  return changed.length === 0 ? board : withPage(board, withMarks(page, changed));
}

export function lookOf(mark: Mark): Look {
  return {
    matrix: mark.matrix ?? null,
    order: mark.order ?? null,
    content: isStroke(mark) ? null : mark.content,
  };
}

/** Fields are left out rather than undefined: see `Board`. */
export function setLook(mark: Mark, { matrix, order, content }: Look): Mark {
  const { matrix: _matrix, order: _order, ...rest } = mark;
  const placed = { ...rest, ...(matrix && { matrix }), ...(order !== null && { order }) };
  return 'content' in placed && content ? { ...placed, content } : placed;
}

/** `null` takes the cut back. */
export function setCut(stroke: Stroke, cut: string, ranges: readonly Range[] | null): Stroke {
  const { cuts, ...rest } = stroke;
  const { [cut]: _before, ...others } = cuts ?? {};
  const all = ranges ? { ...others, [cut]: ranges } : others;
  return Object.keys(all).length > 0 ? { ...rest, cuts: all } : rest;
}

function historyOf(board: Board, actor: string): History {
  return own(board.history, actor) ?? NO_HISTORY;
}

function setHistory(board: Board, actor: string, history: History): Board {
  return { ...board, history: { ...board.history, [actor]: history } };
}
