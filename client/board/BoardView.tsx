import { useEffect, useRef, useState } from 'react';
import { type Board, type BoardPage, pageOf } from '../../protocol/board.ts';
import { digest } from '../../protocol/lesson.ts';
import type { LessonSession } from '../lesson/types.ts';
import { laserBatch } from './laser.ts';
import { loadBoard } from './load.ts';
import { attachPen } from './pen.ts';
import type { BoardRenderer } from './renderer.ts';
import { type BoardTool, BoardWriter } from './writer.ts';

const DEFAULT_COLOUR = '#1b1b1f';
const DEFAULT_WIDTH = { pen: 6, highlighter: 28 };
/** So long after its last change a board says which it is, ms: the digest of a full one takes some on a phone. */
const REST_MS = 300;

export interface BoardViewProps {
  readonly session: LessonSession;
  readonly tool?: BoardTool;
  /** '#rrggbb' */
  readonly colour?: string;
  /** Board units at full pressure; the page is 1920 wide. */
  readonly width?: number;
  readonly writable?: boolean;
  /** Another page than the one everyone looks at. */
  readonly page?: string;
  /** Accessible name. */
  readonly label?: string;
  readonly className?: string;
}

/**
 * The live board: shows the session's page as it changes, and writes on it. Fills its parent. At rest its element says
 * in `data-digest` which board it shows, for whoever compares boards.
 */
export function BoardView({ session, page, label, className, ...tools }: BoardViewProps) {
  const { tool = 'none', colour = DEFAULT_COLOUR, writable = false } = tools;
  const width = tools.width ?? (tool === 'highlighter' ? DEFAULT_WIDTH.highlighter : DEFAULT_WIDTH.pen);
  const host = useRef<HTMLDivElement>(null);
  const [board, setBoard] = useState<LiveBoard | null>(null);

  useEffect(() => openLiveBoard(host.current, session, setBoard), [session]);
  useEffect(() => {
    board?.use({ tool, colour, width, writable, page });
  }, [board, tool, colour, width, writable, page]);

  const writing = writable && tool !== 'none';
  return (
    <div
      ref={host}
      role="img"
      aria-label={label}
      className={className}
      style={{
        position: 'relative',
        width: '100%',
        height: '100%',
        overflow: 'hidden',
        touchAction: writing ? 'none' : undefined,
        cursor: writing ? 'crosshair' : undefined,
        userSelect: 'none',
      }}
    />
  );
}

interface LiveTools {
  readonly tool: BoardTool;
  readonly colour: string;
  readonly width: number;
  readonly writable: boolean;
  readonly page: string | undefined;
}

/** Loads the renderer, and hands out the board once it is there. Returns what ends both. */
function openLiveBoard(
  host: HTMLElement | null,
  session: LessonSession,
  ready: (board: LiveBoard | null) => void,
): () => void {
  let board: LiveBoard | null = null;
  let gone = false;
  loadBoard().then(
    (module) => {
      if (gone || !host) return;
      board = new LiveBoard(host, session, new module.BoardRenderer(host));
      ready(board);
    },
    // The page's own script is gone from the server: only a reload helps, which the session says by `outdated`.
    (error: unknown) => console.error('The board could not be loaded', error),
  );
  return () => {
    gone = true;
    board?.close();
    ready(null);
  };
}

/** A session, a renderer and a writer that belong together as long as the view lives. */
class LiveBoard {
  readonly #host: HTMLElement;
  readonly #session: LessonSession;
  readonly #renderer: BoardRenderer;
  readonly #writer: BoardWriter;
  readonly #ends: (() => void)[];
  #tools: LiveTools | null = null;
  #shown: BoardPage | null = null;
  #board: Board | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, session: LessonSession, renderer: BoardRenderer) {
    this.#host = host;
    this.#session = session;
    this.#renderer = renderer;
    this.#writer = new BoardWriter(session, renderer);
    this.#ends = [
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
    ];
    this.#show();
  }

  use(tools: LiveTools): void {
    this.#tools = tools;
    this.#show();
  }

  close(): void {
    for (const end of this.#ends) end();
    clearTimeout(this.#rest);
    this.#writer.close();
    this.#renderer.close();
  }

  #show(): void {
    const board = this.#session.view().state?.board;
    this.#tell(board);
    const page = board && pageOf(board, this.#tools?.page ?? board.current);
    if (this.#tools) this.#writer.use({ ...this.#tools, page: page?.id ?? null });
    if (!page || page === this.#shown) return;
    this.#shown = page;
    this.#renderer.show(page);
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
