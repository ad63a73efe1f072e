import type { LaidPage, Page } from './board-events.ts';
import {
  type Board,
  type BoardPage,
  type Item,
  isStroke,
  type PagePlace,
  pageOf,
  type Stroke,
  shownMarks,
  shownPages,
} from './board-model.ts';

/** The pages themselves: where they stand, and which are there. */

export function addPage(board: Board, page: Page, after: string | undefined): Board {
  if (pageOf(board, page.id)) return board;
  return insert(board, { ...page, strokes: {} }, after);
}

/** Pages that are not there yet, one behind the other; what everyone looks at stays as it is. */
export function layPages(
  board: Board,
  laid: readonly LaidPage[],
  after: string | undefined,
  by: string,
  t: number,
): Board {
  const isNew = ({ id }: LaidPage, i: number) =>
    !pageOf(board, id) && laid.findIndex((one) => one.id === id) === i;
  const pages = laid.filter(isNew).map((page) => laidPage(page, by, t));
  const at = after === undefined ? 0 : board.pages.findIndex(({ id }) => id === after) + 1;
  return { ...board, pages: board.pages.toSpliced(at > 0 ? at : board.pages.length, 0, ...pages) };
}

function laidPage({ marks = [], ...page }: LaidPage, by: string, t: number): BoardPage {
  const strokes: Record<string, Stroke> = {};
  const items: Record<string, Item> = {};
  const mixed = marks.some((mark) => 'content' in mark);
  marks.forEach(({ matrix, ...mark }, i) => {
    const id = `${page.id}-${i.toString(36)}`;
    // Ink and items have come at the same moment: only their order says which lies on which.
    const placed = {
      ...{ id, by, t, hidden: false },
      ...(matrix && { matrix }),
      ...(mixed && { order: i - marks.length }),
    };
    if ('content' in mark) items[id] = { ...placed, content: mark.content };
    else {
      const { brush, chunks, cuts } = mark;
      strokes[id] = {
        ...placed,
        brush,
        chunks,
        done: true,
        whole: true,
        ...(cuts && { cuts: { laid: cuts } }),
      };
    }
  });
  return { ...page, strokes, ...(Object.keys(items).length > 0 && { items }) };
}

/** Shows or takes away pages where they stand; the first of those that come back is looked at. */
export function showPages(board: Board, ids: readonly string[], shown: boolean): Board {
  const order = shown ? ids.toReversed() : ids;
  return order.reduce(
    (now, id) => (pageOf(now, id) ? placePage(now, id, { ...pagePlace(now, id), removed: !shown }) : now),
    board,
  );
}

/** A page with the same marks under names of its own: the page's id and a count. */
export function copyPage(board: Board, id: string, copy: string): Board {
  const page = pageOf(board, id);
  if (!page || pageOf(board, copy)) return board;
  const strokes: Record<string, Stroke> = {};
  const items: Record<string, Item> = {};
  shownMarks(page).forEach((mark, i) => {
    const name = `${copy}-${i.toString(36)}`;
    if (isStroke(mark)) strokes[name] = { ...copyStroke(mark), id: name };
    else items[name] = { ...mark, id: name };
  });
  const { removed: _removed, ...rest } = page;
  return insert(board, { ...rest, id: copy, strokes, ...(page.items && { items }) }, id);
}

export function copyStroke(stroke: Stroke): Stroke {
  return { ...stroke, done: true, whole: true };
}

function insert(board: Board, page: BoardPage, after: string | undefined): Board {
  const at = after === undefined ? 0 : board.pages.findIndex(({ id }) => id === after) + 1;
  const pages = board.pages.toSpliced(at > 0 ? at : board.pages.length, 0, page);
  return { ...board, pages, current: page.id };
}

export function pagePlace(board: Board, id: string): PagePlace {
  const at = board.pages.findIndex((page) => page.id === id);
  return { follows: board.pages[at - 1]?.id ?? null, removed: board.pages[at]?.removed === true };
}

/** Puts a page where it belongs, takes it away or brings it back; the last page that is shown stays. */
export function placePage(board: Board, id: string, { follows, removed }: PagePlace): Board {
  const page = pageOf(board, id);
  if (!page || follows === id) return board;
  const shown = shownPages(board);
  if (removed && !page.removed && shown.length === 1) return board;
  const others = board.pages.filter((other) => other !== page);
  const at = follows === null ? 0 : others.findIndex((other) => other.id === follows) + 1;
  const { removed: was, ...rest } = page;
  const pages = others.toSpliced(follows !== null && at === 0 ? others.length : at, 0, {
    ...rest,
    ...(removed && { removed: true as const }),
  });
  return { ...board, pages, current: currentAfter(board, id, removed, was === true) };
}

/** Who loses the page they look at is shown its neighbour; a page that comes back is looked at. */
function currentAfter(board: Board, id: string, removed: boolean, wasRemoved: boolean): string {
  if (!removed) return wasRemoved ? id : board.current;
  if (board.current !== id) return board.current;
  const shown = shownPages(board);
  const at = shown.findIndex((page) => page.id === id);
  return (shown[at + 1] ?? shown[at - 1])?.id ?? board.current;
}
