import type { BoardPage, Stroke } from '../../protocol/board.ts';
import type { Brush } from '../../protocol/events.ts';
import type { InkPoint } from '../../protocol/ink.ts';
import { InkLayer } from './fabric-view.ts';
import { LASER_FADE_MS, type LaserBatch, laserTraces } from './laser.ts';
import { isHighlighter, LiveLayer, type LiveStroke } from './live-layer.ts';
import { Reveals } from './reveal.ts';
import { Stage } from './stage.ts';
import { type DecodedStroke, decodeStroke } from './stroke-path.ts';

export interface ShownAt {
  /** Lesson time, ms: strokes are shown as far as their pen had come. Left out: all there is, as it comes. */
  readonly time?: number;
  /** The laser's trace around `time`; pieces that are older or still to come do no harm. */
  readonly laser?: readonly LaserBatch[];
}

/** Pieces of a live laser trace that are kept; older ones have faded long since. */
const LASER_LIMIT = 64;

/** An unfinished stroke that has not grown for this long, ms, is shown with the finished ones: its writer is gone. */
const ABANDONED_MS = 5_000;

/**
 * Shows a page, live or at a time of a replay, inside `host`, whose size it follows. Draws at most once a frame, and only
 * what changed: finished strokes stay where they are on their canvases, strokes in motion have one of their own.
 */
export class BoardRenderer {
  readonly #stage: Stage;
  readonly #highlights: InkLayer;
  readonly #inks: InkLayer;
  readonly #live: LiveLayer;
  readonly #reveals = new Reveals();
  /** Strokes that are drawn on this very screen now: shown from here, not from the page. */
  readonly #local = new Map<string, { brush: Brush; points: InkPoint[] }>();
  /** Drawn on this screen before: seen already, nothing to reveal. */
  readonly #written = new Set<string>();
  readonly #erasing = new Set<string>();
  readonly #known = new Map<string, { points: number; since: number }>();
  #page: BoardPage | null = null;
  #at: ShownAt = {};
  #liveLaser: LaserBatch[] = [];
  #moving: LiveStroke[] = [];
  #frame: number | null = null;
  #pageChanged = false;

  constructor(host: HTMLElement) {
    const [under, ink, over] = [createCanvas(), createCanvas(), createCanvas()];
    this.#highlights = new InkLayer(under);
    this.#inks = new InkLayer(ink);
    this.#live = new LiveLayer(over);
    this.#stage = new Stage(host, [under, ink, over], {
      resized: (width, height) => {
        this.#highlights.resize(width, height);
        this.#inks.resize(width, height);
        this.#live.resize(width, height);
        this.#draw();
      },
    });
    this.#stage.fit();
  }

  show(page: BoardPage, at: ShownAt = {}): void {
    const other = page.id !== this.#page?.id;
    if (other) {
      this.#known.clear();
      this.#reveals.clear();
      this.#liveLaser = [];
    }
    if (at.time === undefined) this.#noticeGrowth(page, other);
    this.#pageChanged ||= page !== this.#page || at.time !== this.#at.time;
    this.#page = page;
    this.#at = at;
    this.#stage.paper(page.kind);
    this.#invalidate();
  }

  /** A stroke begins under a pen here. */
  begin(id: string, brush: Brush, point: InkPoint): void {
    this.#local.set(id, { brush, points: [point] });
    this.#written.add(id);
    this.#invalidate();
  }

  extend(id: string, points: readonly InkPoint[]): void {
    this.#local.get(id)?.points.push(...points);
    this.#invalidate();
  }

  /** The pen is lifted, or the stroke taken back: from here on the page says what there is. */
  finish(id: string): void {
    this.#local.delete(id);
    this.#pageChanged = true;
    this.#invalidate();
  }

  /** Hides strokes at once that are about to be erased. */
  erase(ids: readonly string[]): void {
    for (const id of ids) this.#erasing.add(id);
    this.#pageChanged = true;
    this.#invalidate();
  }

  /** What is about to be erased has been, or has been refused: the page says. */
  erased(): void {
    this.#erasing.clear();
    this.#pageChanged = true;
    this.#invalidate();
  }

  /** A piece of a laser's trace, now; its `t` is on the clock of `performance.now()`. */
  laser(batch: LaserBatch): void {
    this.#liveLaser = [...this.#liveLaser.slice(-LASER_LIMIT), batch];
    this.#invalidate();
  }

  /** Board units for a place on the screen. */
  toBoard(clientX: number, clientY: number): [number, number] {
    return this.#stage.toBoard(clientX, clientY);
  }

  close(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    this.#stage.close();
    this.#highlights.close();
    this.#inks.close();
  }

  /** Which strokes of others have grown since last shown. What was there at first is simply there. */
  #noticeGrowth(page: BoardPage, atOnce: boolean): void {
    if (page.strokes === this.#page?.strokes) return;
    const now = performance.now();
    for (const stroke of Object.values(page.strokes)) {
      const { length } = decodeStroke(stroke).points;
      const known = this.#known.get(stroke.id);
      if (known?.points === length) continue;
      this.#known.set(stroke.id, { points: length, since: now });
      const mine = this.#written.has(stroke.id);
      if (!atOnce && !mine && !stroke.hidden) this.#reveals.grow(stroke.id, known?.points ?? 0, length, now);
    }
  }

  #invalidate(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw(): void {
    const now = performance.now();
    if (this.#pageChanged || this.#reveals.active) this.#drawPage(now);
    const laser = this.#at.laser ?? this.#liveLaser;
    const traces = laserTraces(laser, this.#at.laser ? (this.#at.time ?? 0) : now);
    this.#live.draw([...this.#moving, ...this.#local.values()], traces);
    const fading = this.#liveLaser.some(({ t }) => now - t < LASER_FADE_MS);
    if (this.#reveals.active || fading) this.#invalidate();
  }

  #drawPage(now: number): void {
    if (!this.#page) return;
    this.#pageChanged = false;
    const highlights: DecodedStroke[] = [];
    const inks: DecodedStroke[] = [];
    this.#moving = [];
    for (const stroke of Object.values(this.#page.strokes)) {
      if (stroke.hidden || this.#local.has(stroke.id) || this.#erasing.has(stroke.id)) continue;
      const decoded = decodeStroke(stroke);
      const { points } = decoded;
      const shown = this.#shownPoints(stroke, decoded, now);
      if (shown === 0) continue;
      if (shown < points.length) this.#moving.push({ brush: stroke.brush, points: points.slice(0, shown) });
      else if (!stroke.done && !this.#isAbandoned(stroke, decoded, now)) this.#moving.push(decoded);
      else (isHighlighter(stroke.brush) ? highlights : inks).push(decoded);
    }
    this.#highlights.show(highlights);
    this.#inks.show(inks);
    if (this.#reveals.active) this.#pageChanged = true; // once more when all is shown
  }

  #shownPoints(stroke: Stroke, { points, firstBatchMs }: DecodedStroke, now: number): number {
    const { time } = this.#at;
    if (time === undefined) return this.#reveals.shown(stroke.id, points.length, now);
    const since = time - (stroke.t - firstBatchMs); // pen-down
    if (since >= (points.at(-1)?.[2] ?? 0)) return points.length;
    return firstAfter(points, since);
  }

  #isAbandoned(stroke: Stroke, { points }: DecodedStroke, now: number): boolean {
    const { time } = this.#at;
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

function createCanvas(): HTMLCanvasElement {
  return document.createElement('canvas');
}
