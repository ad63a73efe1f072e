import { type Board, type BoardPage, type Item, pageOf, shownPages } from '../../protocol/board.ts';
import type { Brush, Place, ShapeKind, View } from '../../protocol/board-events.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { digest } from '../../protocol/lesson.ts';
import type { LessonSession } from '../lesson/types.ts';
import { Listeners } from '../listeners.ts';
import { ownMarks } from './gestures.ts';
import type { Instrument } from './instruments.ts';
import { laserBatch } from './laser.ts';
import { attachNavigation } from './navigation.ts';
import type { FileState } from './page-file.ts';
import { attachPen } from './pen.ts';
import type { BoardRenderer } from './renderer.ts';
import { isAt, Selection } from './selection.ts';
import { isWhole, sameView, WHOLE, within, zoomed } from './viewport.ts';
import { type BoardTool, BoardWriter } from './writer.ts';

/** So long after its last change a board says which it is, ms: the digest of a full one takes some on a phone. */
const REST_MS = 300;
/** How often those who follow are told of a view that moves, ms. */
const VIEW_EVERY_MS = 150;

export interface LiveTools {
  readonly tool: BoardTool;
  readonly colour: string;
  readonly width: number;
  readonly shape: ShapeKind;
  readonly writable: boolean;
  readonly page: string | undefined;
  readonly instrument: Instrument | null;
}

/** How the board is seen here, as far as what lies over it must know. */
export interface BoardLook {
  /** Null before there is one. */
  readonly page: string | null;
  readonly view: View;
  /** One looks around on one's own, and not at what the lead shows. */
  readonly astray: boolean;
  /** CSS pixels a board unit. */
  readonly pixels: number;
  /** Of the file beneath the ink. */
  readonly file: FileState;
  /** A text that is being written: a new one, or one that is there. */
  readonly writing: { readonly page: string; readonly at: Place; readonly item: Item | null } | null;
}

const FIRST_LOOK: BoardLook = {
  ...{ page: null, view: WHOLE, astray: false, pixels: 1 },
  ...{ file: 'none', writing: null },
};

/** A session, a renderer and a writer that belong together as long as the view lives. */
export class LiveBoard {
  readonly selection: Selection;
  readonly #host: HTMLElement;
  readonly #session: LessonSession;
  readonly #renderer: BoardRenderer;
  readonly #writer: BoardWriter;
  readonly #ends: (() => void)[];
  readonly #listeners = new Listeners();
  #look = FIRST_LOOK;
  #tools: LiveTools | null = null;
  #shown: BoardPage | null = null;
  #veiled: readonly string[] | undefined;
  #board: Board | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #viewTimer: ReturnType<typeof setTimeout> | undefined;
  /** What one looks at oneself; null: what the lead shows. */
  #own: View | null = null;
  /** The line was down when those who follow were to be told of the view. */
  #isUntold = false;

  constructor(host: HTMLElement, session: LessonSession, renderer: BoardRenderer) {
    this.#host = host;
    this.#session = session;
    this.#renderer = renderer;
    this.selection = new Selection(session, renderer);
    this.#writer = new BoardWriter(session, renderer, {
      selected: (loop) => this.selection.choose(this.#touchable(), loop),
      placed: (at) => this.#place(at),
    });
    this.#ends = [
      attachNavigation(host, this.#navigator()),
      attachPen(host, this.#writer),
      session.subscribe(() => this.#show()),
      session.onRefusal(() => this.#writer.cancel()),
      session.onEntry((entry) => {
        const batch = laserBatch(entry);
        const own = batch?.by === session.view().you?.participant && this.#writer.pointing;
        if (!batch || own || batch.page !== this.#shown?.id) return;
        const span = batch.points.at(-1)?.[2] ?? 0;
        renderer.laser({ ...batch, t: performance.now() + span });
      }),
      renderer.onLook(() => this.#changed()),
    ];
    this.#show();
  }

  use(tools: LiveTools): void {
    const other = tools.tool !== this.#tools?.tool;
    this.#tools = tools;
    if (other && tools.tool !== 'select') this.selection.clear();
    if (!tools.writable && this.#look.writing) this.written();
    this.#show();
  }

  look = (): BoardLook => this.#look;

  readonly subscribe = this.#listeners.add;

  /** CSS pixels within the host. */
  toHost(place: Place): [number, number] {
    return this.#renderer.stage.toHost(place);
  }

  /** Whether there is room for a fingertip at so many CSS pixels from the host's left. */
  isInSight(left: number): boolean {
    return left <= this.#host.clientWidth - 24;
  }

  toBoard(clientX: number, clientY: number): [number, number] {
    return this.#renderer.toBoard(clientX, clientY);
  }

  /** Asks for the file beneath the ink once more. */
  retryFile(): void {
    this.#renderer.stage.file.retry();
  }

  /** Around the middle of what is seen. */
  zoom(factor: number): void {
    const { view } = this.#renderer;
    this.#see(zoomed(view, factor, [view.x, view.y]));
  }

  showAll(): void {
    this.#see(WHOLE);
  }

  /** Looks at what the lead shows again. */
  follow(): void {
    this.#own = null;
    this.#showPage();
  }

  /** The text is written, or given up. */
  written(): void {
    this.#renderer.erased();
    this.#change({ writing: null });
  }

  close(): void {
    for (const end of this.#ends) end();
    clearTimeout(this.#rest);
    clearTimeout(this.#viewTimer);
    this.#writer.close();
    this.#renderer.close();
  }

  get #leads(): boolean {
    return this.#session.view().you?.part === 'lead';
  }

  #touchable() {
    const you = this.#session.view().you;
    const by = this.#leads ? null : (you?.participant ?? '');
    return this.#shown ? ownMarks(this.#shown, this.#veiled, by) : [];
  }

  /** Where a text is already, it is that one which is meant. */
  #place(at: Place): void {
    const item = this.#touchable().findLast(
      (mark): mark is Item => 'content' in mark && mark.content.kind === 'text' && isAt(mark, at),
    );
    const page = this.#shown?.id;
    if (page === undefined) return;
    if (item) this.#renderer.erase([item.id]);
    this.#change({
      writing: { page, at: item?.content.kind === 'text' ? item.content.at : at, item: item ?? null },
    });
  }

  #navigator() {
    const writes = () => this.#tools?.writable === true && this.#tools.tool !== 'none';
    return {
      pansWithOne: (penSeen: boolean) => !isWhole(this.#renderer.view) && (penSeen || !writes()),
      fingersWrite: (penSeen: boolean) => writes() && !penSeen,
      zoom: (factor: number, clientX: number, clientY: number) =>
        this.#see(zoomed(this.#renderer.view, factor, this.toBoard(clientX, clientY))),
      pan: (dx: number, dy: number) => {
        const { view, stage } = this.#renderer;
        this.#see(within({ ...view, x: view.x - dx / stage.pixels, y: view.y - dy / stage.pixels }));
      },
      release: (pointer: number) => this.#writer.release(pointer),
    };
  }

  #see(view: View): void {
    if (sameView(view, this.#renderer.view)) return;
    this.#own = view;
    this.#showPage();
    if (this.#leads) this.#viewTimer ??= setTimeout(() => this.#tellView(), VIEW_EVERY_MS);
  }

  /** What the lead looks at, everyone does; the last of it is told at the latest when the hand rests. */
  #tellView(): void {
    this.#viewTimer = undefined;
    this.#isUntold = false;
    const [page, view] = [this.#shown?.id, this.#own];
    if (!page || !view) return;
    this.#session.request('page.view', { page, view }).then(
      () => {
        if (this.#own === view) this.follow();
      },
      (error: unknown) => {
        this.#isUntold = error instanceof TongkeError && error.code === 'connection_lost';
      },
    );
  }

  #show(): void {
    const { state, you, connection } = this.#session.view();
    if (this.#isUntold && connection === 'joined')
      this.#viewTimer ??= setTimeout(() => this.#tellView(), VIEW_EVERY_MS);
    const board = state?.board;
    this.#tell(board);
    const page = board && pageOf(board, this.#tools?.page ?? board.current);
    this.#renderer.guide = this.#tools?.instrument ?? null;
    if (this.#tools)
      this.#writer.use({
        ...this.#tools,
        page: page?.id ?? null,
        touches: you?.part === 'lead' ? null : (you?.participant ?? ''),
        grid: gridFor(this.#renderer.view),
      });
    if (!page || (page === this.#shown && board.veiled === this.#veiled)) return;
    const turned = page.id !== this.#shown?.id;
    if (turned) this.#own = null;
    this.#shown = page;
    this.#veiled = board.veiled;
    this.selection.show(page);
    this.#showPage();
    if (turned) this.#prepareNeighbours(board, page);
  }

  /** What is turned to next is fetched while nobody waits for it. */
  #prepareNeighbours(board: Board, page: BoardPage): void {
    const pages = shownPages(board);
    const at = pages.indexOf(page);
    const near = [pages[at + 1], pages[at + 2], pages[at - 1]];
    this.#renderer.stage.file.prepare(near.flatMap((one) => one?.file ?? []));
  }

  #showPage(): void {
    const page = this.#shown;
    if (!page) return;
    this.#renderer.show(page, { veiled: this.#veiled, ...(this.#own && { view: this.#own }) });
    this.#changed();
  }

  #changed(): void {
    const { view, stage } = this.#renderer;
    const astray = this.#own !== null && !this.#leads && !sameView(this.#own, this.#shown?.view ?? WHOLE);
    const page = this.#shown?.id ?? null;
    this.#change({ page, view, astray, pixels: stage.pixels, file: stage.file.state });
  }

  #change(patch: Partial<BoardLook>): void {
    this.#look = { ...this.#look, ...patch };
    this.#listeners.tell();
  }

  #tell(board: Board | undefined): void {
    if (board === this.#board) return;
    this.#board = board;
    clearTimeout(this.#rest);
    delete this.#host.dataset.digest;
    this.#rest = setTimeout(() => {
      if (board) this.#host.dataset.digest = digest(board);
    }, REST_MS);
  }
}

/** Writing zoomed in is finer: as fine as the screen shows. */
function gridFor({ scale }: View): Brush['grid'] {
  if (scale < 1.5) return 1;
  if (scale < 3) return 2;
  return scale < 6 ? 4 : 8;
}
