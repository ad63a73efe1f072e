import { type Board, isStroke, type Mark, shownMarks, shownPages } from '../../protocol/board.ts';
import type { LaidPage } from '../../protocol/board-events.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { Lessons } from './lessons.ts';

/** Entries of a log are told to everyone: what is brought along comes in pieces of about this size, characters. */
const PIECE = 400_000;

/**
 * Puts pages on a lesson's board, behind `after` or at the end, without turning anybody's page. Before the lesson, they
 * take the place of an empty first page that nobody has touched. Rejects with `lesson_ended`.
 */
export async function layPages(
  lessons: Lessons,
  id: string,
  actor: string,
  pages: readonly LaidPage[],
  after: string | undefined,
): Promise<void> {
  const { lesson } = await lessons.open(id);
  const { phase, board } = lesson.state();
  if (phase === 'ended') throw new TongkeError('lesson_ended');
  const empty = phase === 'ready' ? untouched(board) : null;
  let behind = after;
  for (const piece of pieces(pages)) {
    await lesson.publish(
      { type: 'page.laid', pages: [...piece], ...(behind !== undefined && { after: behind }) },
      { actor },
    );
    behind = behind === undefined ? undefined : piece.at(-1)?.id;
  }
  if (empty !== null) await lesson.publish({ type: 'page.removed', page: empty }, { actor });
}

/** The only page, if it is as every board begins. */
function untouched(board: Board): string | null {
  const [page] = board.pages;
  const isBlank = page?.kind === 'blank' && Object.keys(page.strokes).length === 0 && !page.items;
  return board.pages.length === 1 && isBlank ? page.id : null;
}

function* pieces(pages: readonly LaidPage[]): Iterable<readonly LaidPage[]> {
  let piece: LaidPage[] = [];
  let size = 0;
  for (const page of pages) {
    const length = JSON.stringify(page).length;
    if (piece.length > 0 && size + length > PIECE) {
      yield piece;
      [piece, size] = [[], 0];
    }
    piece.push(page);
    size += length;
  }
  if (piece.length > 0) yield piece;
}

/** What is to be seen on a board, as pages for another lesson; `name` makes ids that are that lesson's own. */
export function pagesToBring(board: Board, name: string): LaidPage[] {
  return shownPages(board).map((page, i) => ({
    id: `${name}-${i}`,
    kind: page.kind,
    ...(page.file && { file: page.file }),
    marks: shownMarks(page, board.veiled).map(laidMark),
  }));
}

function laidMark(mark: Mark): NonNullable<LaidPage['marks']>[number] {
  const matrix = mark.matrix && { matrix: mark.matrix };
  if (!isStroke(mark)) return { content: mark.content, ...matrix };
  const { brush, chunks, cuts } = mark;
  const gone = Object.values(cuts ?? {}).flatMap((ranges) => [...ranges]);
  return { brush, chunks: [...chunks], ...(gone.length > 0 && { cuts: gone }), ...matrix };
}
