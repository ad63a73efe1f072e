import type { Board } from '../../protocol/board.ts';
import { type BoardParts, emptied, partsOf, type Wants, wholeOf } from '../../protocol/board-parts.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { LessonState } from '../../protocol/lesson.ts';

/** Letters of JSON that come with the answer to a join: the page that is looked at, on most boards all there is. */
const FIRST_ROOM = 24_000;
/** Boards that newcomers are still being sent. They share all that has not changed, so that each costs little. */
const LIMIT = 16;

/** Boards as they were when someone joined, kept until all of their parts have been fetched. */
export class HeldBoards {
  readonly #firstRoom: number;
  /** By the `seq` of their state, the one last asked for last. */
  readonly #boards = new Map<number, Board>();

  constructor(firstRoom = FIRST_ROOM) {
    this.#firstRoom = firstRoom;
  }

  /** A state to begin with: its board's pages empty, and the first of what fills them. */
  begin(state: LessonState): { snapshot: LessonState; rest: { of: number; parts: BoardParts } } {
    const { board } = state;
    // Others' coming changes the state and not the board: all of a class are sent the same one.
    const [of] = [...this.#boards].findLast(([, held]) => held === board) ?? [state.seq];
    this.#keep(of, board);
    const parts = partsOf(board, wholeOf(board), this.#firstRoom);
    return { snapshot: { ...state, board: emptied(board) }, rest: { of, parts } };
  }

  /** Throws `not_found` for a board that is no longer kept. */
  parts(of: number, wants: Wants, room: number): BoardParts {
    const board = this.#boards.get(of);
    if (!board) throw new TongkeError('not_found');
    this.#keep(of, board);
    return partsOf(board, wants, room);
  }

  #keep(of: number, board: Board): void {
    this.#boards.delete(of);
    this.#boards.set(of, board);
    for (const oldest of this.#boards.keys()) {
      if (this.#boards.size <= LIMIT) break;
      this.#boards.delete(oldest);
    }
  }
}
