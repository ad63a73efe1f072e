import { PAGE_HEIGHT, PAGE_WIDTH, type View } from '../../protocol/board-events.ts';
import { isWhole, LARGEST, visible, WHOLE, within, zoomed } from '../board/viewport.ts';
import { Listeners } from '../listeners.ts';

/** What of the page is seen: what the teacher looked at, or what one looks at oneself until one goes back. */
export class Look {
  readonly #listeners = new Listeners();
  /** What the teacher looks at: where looking around begins. */
  #teacher: View = WHOLE;
  #own: View | null = null;

  /** One's own view; null: the teacher's. */
  readonly view = (): View | null => this.#own;

  readonly subscribe = this.#listeners.add;

  /** Told with each drawing what the teacher looks at. */
  teacherAt(view: View): void {
    this.#teacher = view;
  }

  /** `factor` times as large, around a place of the page (board units). */
  zoom(factor: number, around?: readonly [number, number]): void {
    const from = this.#own ?? this.#teacher;
    this.#set(zoomed(from, factor, around ?? [from.x, from.y]));
  }

  /** By board units. Nothing to move where all of the page is seen. */
  pan(dx: number, dy: number): void {
    const from = this.#own ?? this.#teacher;
    if (isWhole(from)) return;
    this.#set(within({ ...from, x: from.x - dx, y: from.y - dy }));
  }

  follow(): void {
    this.#set(null);
  }

  get isLargest(): boolean {
    return (this.#own ?? this.#teacher).scale >= LARGEST;
  }

  get isWhole(): boolean {
    return isWhole(this.#own ?? this.#teacher);
  }

  /** Board units for a place on the screen, within the box of the whole board. */
  toBoard(box: DOMRect, clientX: number, clientY: number): [number, number] {
    const { left, top, right, bottom } = visible(this.#own ?? this.#teacher);
    const [x, y] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    return [left + x * (right - left), top + y * (bottom - top)];
  }

  /** Board units for CSS pixels. */
  unitsPerPixel(box: DOMRect): readonly [number, number] {
    const { scale } = this.#own ?? this.#teacher;
    return [PAGE_WIDTH / scale / box.width, PAGE_HEIGHT / scale / box.height];
  }

  #set(view: View | null): void {
    if (view === this.#own) return;
    this.#own = view;
    this.#listeners.tell();
  }
}
