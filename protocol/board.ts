import type { BoardEvent, Brush } from './board-events.ts';
import { act, travel } from './board-history.ts';
import {
  addItem,
  changeItem,
  clear,
  copyMarks,
  cut,
  erase,
  moveMarks,
  orderMarks,
  veil,
} from './board-marks.ts';
import { type Board, findStroke, isTaken, pageOf, type Stroke, withMarks, withPage } from './board-model.ts';
import { addPage, copyPage, layPages, pagePlace, placePage } from './board-pages.ts';

export { canTravel } from './board-history.ts';
export type { Action, Board, BoardPage, History, Item, Mark, Stroke } from './board-model.ts';
export { EMPTY_BOARD, findStroke, isStroke, markOf, pageOf, shownMarks, shownPages } from './board-model.ts';

/** Total: an event that cannot apply (an unknown page, a stroke twice) leaves the board as it was. */
export function reduceBoard(board: Board, event: BoardEvent, actor: string, t: number): Board {
  switch (event.type) {
    case 'page.added':
      return arrange(board, addPage(board, event.page, event.after), event.page.id, actor);
    case 'page.laid':
      return lay(board, event, actor, t);
    case 'page.copied':
      return arrange(board, copyPage(board, event.page, event.copy), event.copy, actor);
    case 'page.moved':
      return arrange(
        board,
        placePage(board, event.page, { ...pagePlace(board, event.page), follows: event.after }),
        event.page,
        actor,
      );
    case 'page.removed':
      return arrange(
        board,
        placePage(board, event.page, { ...pagePlace(board, event.page), removed: true }),
        event.page,
        actor,
      );
    case 'page.turned':
      return pageOf(board, event.page)?.removed === undefined && pageOf(board, event.page)
        ? { ...board, current: event.page }
        : board;
    case 'page.viewed':
      return setView(board, event);
    case 'ink.drawn':
      return event.brush && event.page
        ? beginStroke(board, { ...event, page: event.page, brush: event.brush }, actor, t)
        : continueStroke(board, event, actor);
    case 'ink.erased':
      return erase(board, event.page, event.strokes, actor);
    case 'ink.cut':
      return cut(board, event, actor);
    case 'ink.cleared':
      return clear(board, event, actor);
    case 'ink.veiled':
      return veil(board, event);
    case 'ink.undone':
      return travel(board, actor, event.page, 'done', 'undone');
    case 'ink.redone':
      return travel(board, actor, event.page, 'undone', 'done');
    case 'item.added':
      return addItem(board, event, actor, t);
    case 'item.changed':
      return changeItem(board, event, actor);
    case 'marks.moved':
      return moveMarks(board, event, actor);
    case 'marks.copied':
      return copyMarks(board, event, actor, t);
    case 'marks.ordered':
      return orderMarks(board, event, actor);
  }
}

/** Makes of what happened to a page one of the actor's actions, if anything did. */
function arrange(before: Board, after: Board, page: string, actor: string): Board {
  if (before === after) return before;
  const was = pageOf(before, page) ? pagePlace(before, page) : { ...pagePlace(after, page), removed: true };
  return act(after, actor, { kind: 'arranged', page, before: was, after: pagePlace(after, page) });
}

/** One action of whoever brought them, however many there are. */
function lay(
  board: Board,
  event: Extract<BoardEvent, { type: 'page.laid' }>,
  actor: string,
  t: number,
): Board {
  const ids = new Set(event.pages.map(({ id }) => id));
  const pages = [...ids].filter((id) => !pageOf(board, id));
  if (pages.length === 0) return board;
  const after = layPages(board, event.pages, event.after, actor, t);
  return act(after, actor, { kind: 'laid', page: board.current, pages });
}

function setView(board: Board, { page, view }: Extract<BoardEvent, { type: 'page.viewed' }>): Board {
  const found = pageOf(board, page);
  if (!found) return board;
  const { view: _before, ...rest } = found;
  return withPage(board, view.scale === 1 ? rest : { ...rest, view });
}

type Drawn = Extract<BoardEvent, { type: 'ink.drawn' }>;

function beginStroke(
  board: Board,
  event: Drawn & { page: string; brush: Brush },
  actor: string,
  t: number,
): Board {
  const page = pageOf(board, event.page);
  if (!page || isTaken(board, event.stroke)) return board;
  const stroke: Stroke = {
    id: event.stroke,
    by: actor,
    brush: event.brush,
    t,
    chunks: event.data === '' ? [] : [event.data],
    done: event.done === true,
    hidden: false,
  };
  const drawn = withPage(board, withMarks(page, [stroke]));
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
  return withPage(board, withMarks(page, [longer]));
}
