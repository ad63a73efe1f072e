import type { LessonSession, LessonView } from './types.ts';

/** Four times a second is soon enough for what stands around a board. */
const CALM_MS = 250;

/**
 * A session's view for faces. Ink comes twenty times a second where two people write, and a whole face takes longer to
 * be made anew than a frame lasts: what only the board shows, which follows the session itself, comes with the next change
 * of anything else, or a moment later.
 */
export class CalmView {
  readonly #session: Pick<LessonSession, 'view' | 'subscribe'>;
  #shown: LessonView;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Pick<LessonSession, 'view' | 'subscribe'>) {
    this.#session = session;
    this.#shown = session.view();
  }

  view = (): LessonView => this.#shown;

  subscribe = (listener: () => void): (() => void) => {
    const show = () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      const next = this.#session.view();
      if (next === this.#shown) return;
      this.#shown = next;
      listener();
    };
    const end = this.#session.subscribe(() => {
      if (isInkAlone(this.#shown, this.#session.view())) this.#timer ??= setTimeout(show, CALM_MS);
      else show();
    });
    show();
    return () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      end();
    };
  };
}

/** Whether nothing but marks on pages and what is on its way has changed. */
function isInkAlone(before: LessonView, after: LessonView): boolean {
  if (!before.state || !after.state) return before.state === after.state;
  const { state: was, unsent: _before, ...around } = before;
  const { state: is, unsent: _after, ...now } = after;
  const { board: old, seq: _s, t: _t, operations: _o, clients: _c, ...rest } = was;
  const { board, ...others } = is;
  const { pages: oldPages, history: _h, ...oldBoard } = old;
  return (
    same(around, now) &&
    same(rest, others) &&
    same(oldBoard, board) &&
    oldPages.length === board.pages.length &&
    oldPages.every(({ id, removed, view }, i) => {
      const page = board.pages[i];
      return page?.id === id && page.removed === removed && page.view === view;
    })
  );
}

/** Whether every field of `a` is the same in `b`. */
function same<A extends object>(a: A, b: A): boolean {
  return Object.keys(a).every((key) => Reflect.get(a, key) === Reflect.get(b, key));
}
