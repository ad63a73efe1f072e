import type { Content, Place, ShapeContent } from '../../protocol/board-events.ts';
import type { LessonSession } from '../lesson/types.ts';
import type { Gesture } from './gestures.ts';
import { newMarkId } from './ink-sender.ts';
import { snapPlace, snapped } from './shape-path.ts';

/** How near to a corner means that corner, board units: a fingertip on a classroom's screen. */
const NEAR = 36;
/** As many as a shape may have. */
const MOST = 64;

interface CornerSurface {
  draft(id: string, content: Content | null): void;
}

interface Look extends Pick<ShapeContent, 'colour' | 'width'> {
  readonly page: string;
  /** Board units between the paper's lines; 0 for none. */
  readonly step: number;
}

/**
 * A polygon corner by corner: each press sets one, and can be dragged before it is let go. The first corner closes the
 * shape, the last one ends it as an open line; so does taking another tool.
 */
export class Corners {
  readonly #session: Pick<LessonSession, 'perform'>;
  readonly #surface: CornerSurface;
  #id = newMarkId();
  #corners: Place[] = [];
  #look: Look | null = null;

  constructor(session: Pick<LessonSession, 'perform'>, surface: CornerSurface) {
    this.#session = session;
    this.#surface = surface;
  }

  /** The page that a shape is begun on; null where none is. */
  get page(): string | null {
    return this.#corners.length > 0 ? (this.#look?.page ?? null) : null;
  }

  gesture(look: Look): Gesture {
    if (this.#look?.page !== look.page) this.finish();
    this.#look = look;
    let at: Place | null = null;
    return {
      points: (points, strict) => {
        const last = points.at(-1);
        if (!last) return;
        at = this.#snap([last[0], last[1]], strict, look.step);
        this.#show([...this.#corners, at]);
      },
      end: () => {
        if (at) this.#set(at);
      },
      cancel: () => this.#show(this.#corners),
    };
  }

  /** What there is becomes a line; a single corner was none. */
  finish(): void {
    if (this.#corners.length >= 2) this.#keep(this.#corners, 'polyline');
    else this.cancel();
  }

  cancel(): void {
    this.#surface.draft(this.#id, null);
    this.#corners = [];
    this.#id = newMarkId();
  }

  /** To a corner that is there already, else along the paper and, with Shift, at multiples of 15 degrees. */
  #snap(place: Place, strict: boolean, step: number): Place {
    const [first, last] = [this.#corners[0], this.#corners.at(-1)];
    if (first && this.#corners.length >= 3 && isNear(first, place)) return first;
    if (last && isNear(last, place)) return last;
    if (!last) return snapPlace(place, step);
    const along = snapped('line', last, place, { strict, step });
    return strict ? along : snapPlace(along, step);
  }

  #set(at: Place): void {
    const [first, last] = [this.#corners[0], this.#corners.at(-1)];
    if (at === first && this.#corners.length >= 3) this.#keep(this.#corners, 'polygon');
    else if (at === last && this.#corners.length >= 2) this.#keep(this.#corners, 'polyline');
    else {
      if (at !== last) this.#corners = [...this.#corners, at];
      if (this.#corners.length === MOST) this.finish();
      else this.#show(this.#corners);
    }
  }

  #show(corners: readonly Place[]): void {
    const content = this.#content(corners, 'polyline');
    if (content) this.#surface.draft(this.#id, content);
  }

  #keep(corners: readonly Place[], shape: 'polygon' | 'polyline'): void {
    const content = this.#content(corners, shape);
    if (content && this.#look) {
      this.#session.perform('item.add', { page: this.#look.page, item: this.#id, content });
    }
    this.cancel();
  }

  #content(corners: readonly Place[], shape: 'polygon' | 'polyline'): ShapeContent | null {
    const [first] = corners;
    if (!first || !this.#look) return null;
    const { colour, width } = this.#look;
    // A single corner is seen as a dot.
    const points = corners.length === 1 ? [first, first] : [...corners];
    return { kind: 'shape', shape, points, colour, width };
  }
}

function isNear(a: Place, b: Place): boolean {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) <= NEAR;
}
