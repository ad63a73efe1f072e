import { toBase64url } from '../../protocol/base64.ts';
import type { Brush } from '../../protocol/events.ts';
import { encodeInk, InkEncoder, type InkPoint } from '../../protocol/ink.ts';
import type { LessonSession } from '../lesson/types.ts';

/**
 * How long points are gathered, ms. Shorter costs bytes (a message over TLS is some 70 B whatever it says); longer is seen as lag at the far end,
 * of which 200 ms is the most. At 190 half of all strokes of handwriting are one message, at 150 a third.
 */
export const BATCH_MS = 190;

/** Of one batch, far fewer than it can hold. */
const MOST_POINTS = 1_000;

type Performs = Pick<LessonSession, 'perform'>;

/** One stroke on its way from the pen to the lesson. */
export class StrokeSender {
  readonly id: string;
  readonly #session: Performs;
  readonly #page: string;
  readonly #brush: Brush;
  readonly #encoder = new InkEncoder();
  readonly #timer: ReturnType<typeof setInterval>;
  #waiting: InkPoint[] = [];
  #begun = false;
  #ended = false;

  constructor(session: Performs, page: string, brush: Brush) {
    this.id = newMarkId();
    this.#session = session;
    this.#page = page;
    this.#brush = brush;
    this.#timer = setInterval(() => this.#flush(), BATCH_MS);
  }

  /** Points in board units, on the brush's grid. */
  add(points: readonly InkPoint[]): void {
    if (this.#ended) return;
    const { grid } = this.#brush;
    for (const [x, y, t, pressure] of points) this.#waiting.push([x * grid, y * grid, t, pressure]);
    if (this.#waiting.length >= MOST_POINTS) this.#flush(); // a page that was held up is given all of them at once
  }

  /** The pen is lifted: the rest goes at once. */
  end(): void {
    if (this.#ended) return;
    this.#stop();
    this.#perform(true);
  }

  /** It was refused: nothing more of it is sent. */
  cancel(): void {
    this.#stop();
  }

  /** It was no stroke: what of it was sent is erased. */
  withdraw(): void {
    this.#stop();
    if (!this.#begun) return;
    this.#waiting = [];
    this.#perform(true);
    this.#session.perform('ink.erase', { page: this.#page, strokes: [this.id] });
  }

  #stop(): void {
    this.#ended = true;
    clearInterval(this.#timer);
  }

  #flush(): void {
    if (this.#waiting.length > 0) this.#perform(false);
  }

  #perform(done: boolean): void {
    const data = toBase64url(this.#encoder.push(this.#waiting));
    this.#waiting = [];
    const first = this.#begun ? {} : { page: this.#page, brush: this.#brush };
    this.#begun = true;
    this.#session.perform('ink.draw', { stroke: this.id, ...first, data, ...(done ? { done: true } : {}) });
  }
}

/** Strokes to be erased, gathered as ink is. */
export class EraserSender {
  readonly #session: Performs;
  readonly #page: string;
  readonly #timer: ReturnType<typeof setInterval>;
  #waiting: string[] = [];

  constructor(session: Performs, page: string) {
    this.#session = session;
    this.#page = page;
    this.#timer = setInterval(() => this.#flush(), BATCH_MS);
  }

  add(strokes: readonly string[]): void {
    this.#waiting.push(...strokes);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#flush();
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      const strokes = this.#waiting.splice(0, 1_000); // the most that one request takes
      this.#session.perform('ink.erase', { page: this.#page, strokes });
    }
  }
}

/** The laser's trace: told while it moves, kept by nobody. */
export class LaserSender {
  readonly #session: Pick<LessonSession, 'request'>;
  readonly #page: string;
  readonly #timer: ReturnType<typeof setInterval>;
  #waiting: InkPoint[] = [];

  constructor(session: Pick<LessonSession, 'request'>, page: string) {
    this.#session = session;
    this.#page = page;
    this.#timer = setInterval(() => this.#flush(), BATCH_MS);
  }

  add(points: readonly InkPoint[]): void {
    this.#waiting.push(...points);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#flush();
  }

  #flush(): void {
    const [first] = this.#waiting;
    if (!first) return;
    // Each batch stands for itself, and so does its time.
    const points = this.#waiting.map(
      ([x, y, t, pressure]): InkPoint => [Math.round(x), Math.round(y), t - first[2], pressure],
    );
    this.#waiting = [];
    this.#session.request('laser.move', { page: this.#page, data: encodeInk([], points) }).catch(() => {
      // A trace that did not get through has faded before it could be sent again.
    });
  }
}

const prefix = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) =>
  byte.toString(36).padStart(2, '0'),
);
let count = 0;

/** Unique among all marks of all clients: 48 random bits for this page load, and a count. */
export function newMarkId(): string {
  return `s${prefix.join('')}-${(count++).toString(36)}`;
}
