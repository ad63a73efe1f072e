import type { BoardPage, Stroke } from '../../protocol/board.ts';
import type { InkPoint } from '../../protocol/ink.ts';
import { Reveals } from './reveal.ts';
import { type DecodedStroke, decodeStroke } from './stroke-path.ts';

/** An unfinished stroke that has not grown for this long, ms, is shown with the finished ones: its writer is gone. */
const ABANDONED_MS = 5_000;

/** How far strokes are drawn: live, as they come; in a replay, as far as their pen had come. */
export class Progress {
  readonly #reveals = new Reveals();
  readonly #known = new Map<string, { points: number; since: number }>();

  /** Something moves still. */
  get active(): boolean {
    return this.#reveals.active;
  }

  clear(): void {
    this.#known.clear();
    this.#reveals.clear();
  }

  /** Everything that is due by now has been shown. */
  shownUntil(now: number): void {
    this.#reveals.forget(now);
  }

  /**
   * Which strokes of others have grown since last shown. What was there `atOnce` is simply there, and so is what
   * was written on this screen.
   */
  notice(page: BoardPage, atOnce: boolean, written: ReadonlySet<string>): void {
    const now = performance.now();
    for (const stroke of Object.values(page.strokes)) {
      const { length } = decodeStroke(stroke).points;
      const known = this.#known.get(stroke.id);
      if (known?.points === length) continue;
      this.#known.set(stroke.id, { points: length, since: now });
      const isNews = !atOnce && !written.has(stroke.id) && !stroke.hidden && !stroke.whole;
      if (isNews) this.#reveals.grow(stroke.id, known?.points ?? 0, length, now);
    }
  }

  /** How many of its points are to be seen. `time`: of a replay; `now`: of the screen's own clock. */
  shownPoints(
    stroke: Stroke,
    { points, firstBatchMs }: DecodedStroke,
    time: number | undefined,
    now: number,
  ) {
    if (time === undefined) return this.#reveals.shown(stroke.id, points.length, now);
    const since = time - (stroke.t - firstBatchMs); // pen-down
    if (since >= (points.at(-1)?.[2] ?? 0)) return points.length;
    return firstAfter(points, since);
  }

  isAbandoned(stroke: Stroke, { points }: DecodedStroke, time: number | undefined, now: number): boolean {
    if (time !== undefined) return time - stroke.t - (points.at(-1)?.[2] ?? 0) > ABANDONED_MS;
    return now - (this.#known.get(stroke.id)?.since ?? now) > ABANDONED_MS;
  }
}

/** How many points have a time of at most `t`. */
function firstAfter(points: readonly InkPoint[], t: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[2] ?? 0) <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}
