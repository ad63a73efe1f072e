import { z } from 'zod';
import { type Board, type BoardPage, type History, isStroke, type Mark } from './board.ts';
import { Id } from './common.ts';

/**
 * A board in parts, for who comes late to a long lesson: the page everyone looks at first, then the others. All parts are
 * of one board that is kept as it was; what happens meanwhile comes as entries and is laid over it.
 */

/** Marks of a page from the one at `from` on, strokes before items. */
export const Want = z.object({ page: Id, from: z.number().int().min(0) });
export type Want = z.infer<typeof Want>;

/** What is still missing of a board, in the order in which it is wanted. */
export const Wants = z.object({ pages: z.array(Want).max(1_000), history: z.boolean() });
export type Wants = z.infer<typeof Wants>;

export interface PagePart extends Want {
  readonly marks: readonly Mark[];
  /** There are no more after these. */
  readonly last: boolean;
}

export interface BoardParts {
  readonly pages: readonly PagePart[];
  /** Who can undo what: comes with the last of the pages. */
  readonly history?: Readonly<Record<string, History>>;
}

/** The board with nothing on its pages. */
export function emptied(board: Board): Board {
  const pages = board.pages.map(
    (page): BoardPage => ({ ...page, strokes: {}, ...(page.items && { items: {} }) }),
  );
  return { ...board, pages, history: {} };
}

/** All of a board, the current page first and then those around it. */
export function wholeOf({ pages, current }: Board): Wants {
  const at = pages.findIndex(({ id }) => id === current);
  const near = pages.map(({ id }, i) => ({ id, far: Math.abs(i - at) })).sort((a, b) => a.far - b.far);
  return { pages: near.map(({ id }) => ({ page: id, from: 0 })), history: true };
}

/** As much of what is wanted as fits into about `limit` letters of JSON, and a little of it in any case. */
export function partsOf(board: Board, wants: Wants, limit: number): BoardParts {
  const pages: PagePart[] = [];
  let room = limit;
  for (const { page: id, from } of wants.pages) {
    if (room <= 0) return { pages };
    const page = board.pages.find((one) => one.id === id);
    if (!page) continue;
    const marks = marksOf(page);
    let to = from;
    for (let mark = marks[to]; mark && room > 0; mark = marks[++to]) room -= sizeOf(mark);
    pages.push({ page: id, from, marks: marks.slice(from, to), last: to >= marks.length });
    room -= PART_SIZE;
  }
  const all = pages.every(({ last }) => last);
  return all && wants.history ? { pages, history: board.history } : { pages };
}

const PART_SIZE = 60;
const allMarks = new WeakMap<BoardPage, readonly Mark[]>();

function marksOf(page: BoardPage): readonly Mark[] {
  const marks = allMarks.get(page) ?? [...Object.values(page.strokes), ...Object.values(page.items ?? {})];
  allMarks.set(page, marks);
  return marks;
}

/** Letters of JSON; a stroke's own fields are some 160, its ink is the rest. */
function sizeOf(mark: Mark): number {
  if (!isStroke(mark) || mark.cuts) return JSON.stringify(mark).length;
  return mark.chunks.reduce((sum, { length }) => sum + length + 3, 160);
}
