import { type Board, type BoardPage, type History, isStroke, type Mark } from '../../protocol/board.ts';
import { type BoardParts, type PagePart, type Wants, wholeOf } from '../../protocol/board-parts.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { LARGEST_PART } from '../../protocol/requests.ts';
import { ConnectionLost } from './answer.ts';
import type { Connection } from './connection.ts';
import type { ConfirmedLog } from './log.ts';

/** A state whose board comes in parts. */
export class Arrival {
  /** Names the board to the server. */
  readonly of: number;
  readonly #begun: LessonState;
  readonly #pages = new Map<string, BoardPage>();
  /** How many marks of each page that is not whole are here. */
  readonly #open = new Map<string, number>();
  #history: Board['history'] | null = null;

  /** `begun`: a snapshot with empty pages. */
  constructor(begun: LessonState, { of, parts }: { of: number; parts: BoardParts }) {
    this.of = of;
    this.#begun = begun;
    for (const page of begun.board.pages) {
      this.#pages.set(page.id, page);
      this.#open.set(page.id, 0);
    }
    this.take(parts);
  }

  get whole(): boolean {
    return this.#open.size === 0 && this.#history !== null;
  }

  /** Ids of pages that are not all here. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** What is still missing, around page `current` first. */
  wants(current: string): Wants {
    const { pages } = wholeOf({ ...this.#begun.board, current });
    const missing = pages.flatMap(({ page }) => {
      const from = this.#open.get(page);
      return from === undefined ? [] : { page, from };
    });
    return { pages: missing.slice(0, WANTED_AT_ONCE), history: missing.length <= WANTED_AT_ONCE };
  }

  take({ pages, history }: BoardParts): void {
    for (const part of pages) this.#takePage(part);
    this.#history ??= history ?? null;
  }

  /** As the state was at the snapshot, as far as it is here. */
  state(): LessonState {
    const { board } = this.#begun;
    const pages = board.pages.map((page) => this.#pages.get(page.id) ?? page);
    const history: Readonly<Record<string, History>> = this.#history ?? {};
    return { ...this.#begun, board: { ...board, pages, history } };
  }

  #takePage({ page: id, from, marks, last }: PagePart): void {
    const page = this.#pages.get(id);
    if (!page || this.#open.get(id) !== from) return; // asked for twice, over two connections
    this.#pages.set(id, withMarks(page, marks));
    if (last) this.#open.delete(id);
    else this.#open.set(id, from + marks.length);
  }
}

/** Every page that is named costs some bytes of a thin uplink. */
const WANTED_AT_ONCE = 24;

function withMarks(page: BoardPage, marks: readonly Mark[]): BoardPage {
  const strokes = { ...page.strokes };
  const items = page.items && { ...page.items };
  for (const mark of marks) {
    if (isStroke(mark)) strokes[mark.id] = mark;
    else if (items) items[mark.id] = mark;
  }
  return { ...page, strokes, ...(items && { items }) };
}

const FIRST_ROOM = 16_000;
const LEAST_ROOM = 4_000;
/** Ink waits behind a part for about this long, ms; a link that is faster is given more at once. */
const QUICK_MS = 250;
const SLOW_MS = 1_500;

export interface FetchingOptions {
  readonly ask: Connection['ask'];
  readonly log: ConfirmedLog;
  /** More of the board is in the log's state. */
  took(): void;
  /** The server has let go of that board. */
  gone(): void;
  report(error: unknown): void;
}

/** Fetches what is missing of a board, one part at a time, so that the ink of the moment is not held up for long. */
export class PartsFetcher {
  readonly #options: FetchingOptions;
  #busy = false;
  #room = FIRST_ROOM;

  constructor(options: FetchingOptions) {
    this.#options = options;
  }

  /** Goes on until all is here or the connection breaks; then it is to be called again. */
  async run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const { log } = this.#options;
      for (let { arrival } = log; arrival; { arrival } = log) await this.#fetch(arrival);
    } catch (error) {
      if (error instanceof TongkeError && error.code === 'not_found') this.#options.gone();
      else if (!(error instanceof ConnectionLost)) this.#options.report(error);
    } finally {
      this.#busy = false;
    }
  }

  async #fetch(arrival: Arrival): Promise<void> {
    const { ask, log, took } = this.#options;
    const asked = performance.now();
    const wants = arrival.wants(log.state?.board.current ?? '');
    const parts = await ask('lesson.parts', { of: arrival.of, wants, room: this.#room });
    const tookMs = performance.now() - asked;
    if (tookMs < QUICK_MS) this.#room = Math.min(LARGEST_PART, this.#room * 2);
    if (tookMs > SLOW_MS) this.#room = Math.max(LEAST_ROOM, Math.round(this.#room / 2));
    if (log.arrival !== arrival) return; // a snapshot has come meanwhile, with a board of its own
    log.arrive(parts);
    took();
  }
}
