import { shownPages } from '../../../protocol/board.ts';
import type { PaperKind } from '../../../protocol/board-events.ts';
import type { Live } from '../live/Lesson.tsx';

/** Turns for everyone; at either end nothing happens. */
export function turnPage({ session, state }: Live, by: 1 | -1): void {
  const { current } = state.board;
  const pages = shownPages(state.board);
  const next = pages[pages.findIndex(({ id }) => id === current) + by];
  if (next) session.perform('page.turn', { page: next.id });
}

export function showPage({ session, state }: Live, page: string): void {
  if (page !== state.board.current) session.perform('page.turn', { page });
}

/** A new page after the one that is shown; everyone sees it at once. */
export function addPage({ session, state }: Live, kind: PaperKind): void {
  session.perform('page.add', { page: { id: newId(), kind }, after: state.board.current });
}

export function copyPage({ session, state }: Live): void {
  session.perform('page.copy', { page: state.board.current, copy: newId() });
}

/** One place earlier or later; removed pages between are passed over. */
export function movePage({ session, state }: Live, by: 1 | -1): void {
  const { current } = state.board;
  const pages = shownPages(state.board);
  const at = pages.findIndex(({ id }) => id === current);
  const after = by === 1 ? pages[at + 1] : pages[at - 2];
  if (by === 1 && !after) return;
  session.perform('page.move', { page: current, after: after?.id ?? null });
}

/** Puts a page before or behind another, wherever both are. */
export function placePage({ session, state }: Live, page: string, beside: string, behind: boolean): void {
  if (page === beside) return;
  const others = shownPages(state.board).filter(({ id }) => id !== page);
  const at = others.findIndex(({ id }) => id === beside);
  if (at < 0) return;
  session.perform('page.move', { page, after: (behind ? others[at] : others[at - 1])?.id ?? null });
}

/** Undo brings it back, whatever page is shown then. */
export function removePage({ session, state }: Live): void {
  session.perform('page.remove', { page: state.board.current });
}

/** `crypto.randomUUID` is not there on pages without HTTPS. */
function newId(): string {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return `p${high.toString(36)}${low.toString(36)}`;
}
