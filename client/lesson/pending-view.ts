import type { LessonState } from '../../protocol/lesson.ts';
import { type Effect, lay, layAll, type Overlay } from './optimistic.ts';
import type { LessonView } from './types.ts';

/** What is known of a lesson before one has joined it. */
export const NOTHING_YET: LessonView = {
  ...{ connection: 'connecting', error: null, you: null, state: null, unsent: 0, levels: {}, links: {} },
  arriving: [],
  behind: null,
};

/**
 * The confirmed state with pending operations on top. Each new operation is laid over what is there; all are laid
 * again only after something has come between them, and then only when someone looks.
 */
export class PendingView {
  /** Null where everything has to be laid again. */
  #overlay: Overlay | null = null;

  /** Something came that the operations were not laid over: another's ink, a refusal, a snapshot. */
  reset(): void {
    this.#overlay = null;
  }

  /** One more operation, on top of `before`. */
  add(effect: Effect, confirmed: LessonState | null, before: readonly Effect[], actor: string): void {
    const overlay = confirmed && this.#over(confirmed, before, actor);
    this.#overlay = overlay && lay(overlay, effect, actor);
  }

  state(
    confirmed: LessonState | null,
    pending: readonly Effect[],
    actor: string | undefined,
  ): LessonState | null {
    if (!confirmed || actor === undefined || pending.length === 0) return confirmed;
    return { ...confirmed, ...this.#over(confirmed, pending, actor) };
  }

  #over(confirmed: LessonState, pending: readonly Effect[], actor: string): Overlay {
    if (pending.length === 0) return { board: confirmed.board, chat: confirmed.chat };
    this.#overlay ??= layAll(confirmed, pending, actor);
    return this.#overlay;
  }
}
