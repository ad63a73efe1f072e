import { createRoot } from 'react-dom/client';
import { BoardView, type BoardViewProps } from '../../../client/board/BoardView.tsx';
import { loadBoard } from '../../../client/board/load.ts';
import { decodeStroke } from '../../../client/board/stroke-path.ts';
import { LocalSession } from './local-session.ts';

const element = document.getElementById('board');
if (!element) throw new Error('no place for the board');
const session = new LocalSession();
const root = createRoot(element);

function show(props: Partial<BoardViewProps>): void {
  root.render(<BoardView session={session} writable label="Board" {...props} />);
}

/** What tests reach for from outside. */
const boardPage = { session, show, loadBoard, decodeStroke };
export type BoardTestPage = typeof boardPage;
declare global {
  interface Window {
    boardPage: BoardTestPage;
  }
}
window.boardPage = boardPage;
show({ tool: 'pen' });
