import { useContext, useEffect, useRef, useState } from 'react';
import type { ShapeKind } from '../../protocol/board-events.ts';
import type { LessonSession } from '../lesson/types.ts';
import type { Instrument } from './instruments.ts';
import { LessonFiles } from './lesson-files.ts';
import { LiveBoard } from './live-board.ts';
import { loadBoard } from './load.ts';
import type { BoardTool } from './writer.ts';

const DEFAULT_COLOUR = '#1b1b1f';
const DEFAULT_WIDTH = { pen: 6, highlighter: 28 };

export interface BoardViewProps {
  readonly session: LessonSession;
  readonly tool?: BoardTool;
  /** '#rrggbb' */
  readonly colour?: string;
  /** Board units at full pressure; the page is 1920 wide. */
  readonly width?: number;
  readonly writable?: boolean;
  /** What the tool `shape` draws. */
  readonly shape?: ShapeKind;
  /** Lies on the page, seen by this screen alone: pens that go down at its edge are led by it. */
  readonly instrument?: Instrument | null;
  /** Another page than the one everyone looks at. */
  readonly page?: string;
  /** Accessible name. */
  readonly label?: string;
  readonly className?: string;
  /** The board once it is there, and null when it goes: for what lies over it. */
  readonly onBoard?: (board: LiveBoard | null) => void;
}

/**
 * The live board: shows the session's page as it changes, and writes on it. Fills its parent. At rest its element says
 * in `data-digest` which board it shows, for whoever compares boards.
 */
export function BoardView({ session, page, label, className, onBoard, ...tools }: BoardViewProps) {
  const { tool = 'none', colour = DEFAULT_COLOUR, writable = false } = tools;
  const { shape = 'line', instrument = null } = tools;
  const width = tools.width ?? (tool === 'highlighter' ? DEFAULT_WIDTH.highlighter : DEFAULT_WIDTH.pen);
  const host = useRef<HTMLDivElement>(null);
  const [board, setBoard] = useState<LiveBoard | null>(null);

  const lesson = useContext(LessonFiles);
  useEffect(() => openLiveBoard(host.current, session, lesson, setBoard), [session, lesson]);
  useEffect(() => {
    board?.use({ tool, colour, width, writable, page, shape, instrument });
  }, [board, tool, colour, width, writable, page, shape, instrument]);
  useEffect(() => {
    onBoard?.(board);
  }, [board, onBoard]);

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
        // Two fingers are for the page, not for the browser.
        touchAction: writing ? 'none' : 'pan-x pan-y',
        cursor: writing ? 'crosshair' : undefined,
        userSelect: 'none',
      }}
    />
  );
}

/** Loads the renderer, and hands out the board once it is there. Returns what ends both. */
function openLiveBoard(
  host: HTMLElement | null,
  session: LessonSession,
  lesson: string,
  ready: (board: LiveBoard | null) => void,
): () => void {
  let board: LiveBoard | null = null;
  let gone = false;
  loadBoard().then(
    (module) => {
      if (gone || !host) return;
      board = new LiveBoard(host, session, new module.BoardRenderer(host, lesson));
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
