import { type BoardPage, type Mark, markOf } from '../../protocol/board.ts';
import type { Matrix, Place } from '../../protocol/board-events.ts';
import type { LessonSession } from '../lesson/types.ts';
import { Listeners } from '../listeners.ts';
import { distanceBetween } from './eraser.ts';
import { marksWithin, outlinesOf } from './hit.ts';
import { newMarkId } from './ink-sender.ts';
import { boxAfter, IDENTITY } from './matrix.ts';
import { spriteOf } from './sprites.ts';
import type { Box } from './stroke-path.ts';

/** How near to a mark a tap takes it, board units: half a fingertip. */
const TAP_REACH = 18;
/** Where a copy lies, seen from what it is a copy of. */
const COPY_OFFSET: Matrix = [1, 0, 0, 1, 40, 40];

interface LiftingSurface {
  lift(ids: ReadonlySet<string> | null, matrix: Matrix): void;
}

export interface Selected {
  readonly ids: readonly string[];
  /** Around all of them where they are held now, board units. */
  readonly box: Box;
}

/** The marks that are held to be moved, copied, ordered or erased. */
export class Selection {
  readonly #session: Pick<LessonSession, 'perform'>;
  readonly #surface: LiftingSurface;
  readonly #listeners = new Listeners();
  #page: BoardPage | null = null;
  #ids: readonly string[] = [];
  #held: Matrix = IDENTITY;
  #selected: Selected | null = null;

  constructor(session: Pick<LessonSession, 'perform'>, surface: LiftingSurface) {
    this.#session = session;
    this.#surface = surface;
  }

  readonly subscribe = this.#listeners.add;

  /** Null for nothing; the same object for as long as it is the same. */
  selected = (): Selected | null => this.#selected;

  /** The page as it is now: what is gone from it is let go. */
  show(page: BoardPage): void {
    if (page === this.#page) return;
    const other = page.id !== this.#page?.id;
    this.#page = page;
    if (this.#ids.length > 0) this.#take(other ? [] : this.#ids);
  }

  /** What lies within the loop, or, with none, the topmost mark at a place. Only of `marks`. */
  choose(marks: readonly Mark[], loop: readonly Place[]): void {
    const [first] = loop;
    const isTap = first && loop.every(([x, y]) => Math.hypot(x - first[0], y - first[1]) < TAP_REACH / 2);
    const chosen = isTap ? marks.findLast((mark) => isAt(mark, first)) : undefined;
    this.#take(isTap ? (chosen ? [chosen.id] : []) : marksWithin(marks, loop).map(({ id }) => id));
  }

  clear(): void {
    if (this.#ids.length > 0) this.#take([]);
  }

  /** Holds them so far from where they are; nothing is told yet. */
  hold(matrix: Matrix): void {
    if (this.#ids.length === 0) return;
    this.#held = matrix;
    this.#surface.lift(new Set(this.#ids), matrix);
    this.#changed();
  }

  /** Puts them down where they are held. */
  drop(): void {
    const [matrix, marks, page] = [this.#held, [...this.#ids], this.#page?.id];
    this.#held = IDENTITY;
    if (page && marks.length > 0 && matrix !== IDENTITY)
      this.#session.perform('marks.move', { page, marks, matrix });
    this.#surface.lift(null, IDENTITY);
    this.#changed();
  }

  move(matrix: Matrix): void {
    this.hold(matrix);
    this.drop();
  }

  erase(): void {
    const strokes = [...this.#ids];
    if (this.#page && strokes.length > 0)
      this.#session.perform('ink.erase', { page: this.#page.id, strokes });
    this.clear();
  }

  order(to: 'front' | 'back'): void {
    const marks = [...this.#ids];
    if (this.#page && marks.length > 0)
      this.#session.perform('marks.order', { page: this.#page.id, marks, to });
  }

  /** Copies lie beside what they are copies of, and are held instead. */
  copy(): void {
    const copies = this.#ids.map((of) => ({ of, id: newMarkId() }));
    if (!this.#page || copies.length === 0) return;
    this.#session.perform('marks.copy', { page: this.#page.id, copies, matrix: COPY_OFFSET });
    this.#take(copies.map(({ id }) => id));
  }

  #take(ids: readonly string[]): void {
    this.#ids = this.#marks(ids)
      .map(({ id }) => id)
      .slice(0, 1_000); // the most that one request takes
    this.#changed();
  }

  #marks(ids: readonly string[]): Mark[] {
    const page = this.#page;
    return ids.flatMap((id) => {
      const mark = page && markOf(page, id);
      return mark && !mark.hidden ? [mark] : [];
    });
  }

  #changed(): void {
    const boxes = this.#marks(this.#ids).map((mark) => spriteOf(mark).box);
    this.#selected =
      boxes.length === 0
        ? null
        : {
            ids: this.#ids,
            box: boxAfter(this.#held, {
              left: Math.min(...boxes.map(({ left }) => left)),
              top: Math.min(...boxes.map(({ top }) => top)),
              right: Math.max(...boxes.map(({ right }) => right)),
              bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
            }),
          };
    this.#listeners.tell();
  }
}

/** Whether a tap at a place takes the mark. */
export function isAt(mark: Mark, place: Place): boolean {
  const { left, top, right, bottom } = spriteOf(mark).box;
  const [x, y] = place;
  if (x < left - TAP_REACH || x > right + TAP_REACH || y < top - TAP_REACH || y > bottom + TAP_REACH)
    return false;
  if ('content' in mark && mark.content.kind !== 'shape') return true;
  return outlinesOf(mark).some((line) =>
    line.some((to, i) => distanceBetween(line[i - 1] ?? to, to, place, place) <= TAP_REACH),
  );
}
