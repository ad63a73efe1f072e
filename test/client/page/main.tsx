import { createRoot } from 'react-dom/client';
import { BoardView, type BoardViewProps } from '../../../client/board/BoardView.tsx';
import type { LiveBoard } from '../../../client/board/live-board.ts';
import { loadBoard } from '../../../client/board/load.ts';
import { decodeStroke } from '../../../client/board/stroke-path.ts';
import { LocalSession } from './local-session.ts';

const element = document.getElementById('board');
if (!element) throw new Error('no place for the board');
const session = new LocalSession();
const root = createRoot(element);

function show(props: Partial<BoardViewProps>): void {
  root.render(<BoardView session={session} writable label="Board" onBoard={onBoard} {...props} />);
}

const tools = { session, show, loadBoard, decodeStroke };

function onBoard(board: LiveBoard | null): void {
  boardPage.board = board;
}

/** What tests reach for from outside. */
const boardPage: { board: LiveBoard | null } & typeof tools = { board: null, ...tools };
export type BoardTestPage = typeof boardPage;
declare global {
  interface Window {
    boardPage: BoardTestPage;
  }
}
window.boardPage = boardPage;
show({ tool: 'pen' });
