import { randomBytes } from 'node:crypto';
import { type Board, shownPages } from '../../protocol/board.ts';
import type { PageFile } from '../../protocol/board-events.ts';
import type { Localised } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { layPages, pagesToBring } from './board-pages.ts';
import type { Lessons } from './lessons.ts';
import type { LessonRecord } from './record.ts';

/** So many lessons back: a term has about twenty of a course in a month. */
const LATEST = 12;

export interface EarlierLesson {
  readonly id: string;
  readonly title: Localised;
  readonly startsAt: number;
  readonly pages: number;
}

export interface EarlierBoardsOptions {
  readonly lessons: Lessons;
  /** A lesson's board as its replay shows it: what was hidden must not come back on another. */
  board(lesson: string): Promise<Board>;
  /** Lessons of the same course that are over, latest first. */
  earlier(lesson: string, most: number): Promise<readonly Omit<EarlierLesson, 'pages'>[]>;
  /** The people of a lesson may read these files from now on. */
  grant(lesson: string, files: readonly PageFile[]): Promise<void>;
  /** Whoever hides something of `from` later is told that it is on this lesson's board, too. */
  note(lesson: string, from: string): Promise<void>;
}

/** Boards are kept with the logs of their lessons; a new lesson can go on with one. */
export class EarlierBoards {
  readonly #options: EarlierBoardsOptions;

  constructor(options: EarlierBoardsOptions) {
    this.#options = options;
  }

  /** Those with anything on their board. */
  async list(lesson: LessonRecord): Promise<EarlierLesson[]> {
    const earlier = await this.#options.earlier(lesson.id, LATEST);
    const boards = await Promise.all(
      earlier.map(async (one) => {
        const board = await this.#options.board(one.id);
        const used = shownPages(board).filter(
          ({ strokes, items, kind }) =>
            kind !== 'blank' || items !== undefined || Object.keys(strokes).length > 0,
        );
        return { ...one, pages: used.length === 0 ? 0 : shownPages(board).length };
      }),
    );
    return boards.filter(({ pages }) => pages > 0);
  }

  /** Gives how many pages came. Rejects with `not_found` for a lesson that is no earlier one of the same course. */
  async bring(lesson: LessonRecord, from: string, actor: string, after: string | undefined): Promise<number> {
    const earlier = await this.#options.earlier(lesson.id, LATEST);
    if (!earlier.some(({ id }) => id === from)) throw new TongkeError('not_found');
    const board = await this.#options.board(from);
    // Named anew each time: the same board may be brought twice.
    const pages = pagesToBring(board, `b${randomBytes(8).toString('hex')}`);
    await this.#options.grant(
      lesson.id,
      pages.flatMap(({ file }) => file ?? []),
    );
    await this.#options.note(lesson.id, from);
    await layPages(this.#options.lessons, lesson.id, actor, pages, after);
    return pages.length;
  }
}
