import {
  type BoardPage,
  isStroke,
  type Mark,
  markOf,
  type Stroke,
  shownMarks,
} from '../../protocol/board.ts';
import type { Brush, Content, Matrix, Place, Range, View } from '../../protocol/board-events.ts';
import type { InkPoint } from '../../protocol/ink.ts';
import { Listeners } from '../listeners.ts';
import { MarkLayer } from './fabric-view.ts';
import type { Instrument } from './instruments.ts';
import { LASER_FADE_MS, type LaserBatch, laserTraces } from './laser.ts';
import { LiveLayer, type LiveStroke } from './live-layer.ts';
import { AHEAD_SHOWN_MS, type LocalStroke, withAhead } from './local-stroke.ts';
import { Progress } from './progress.ts';
import {
  contentSprite,
  cutSprite,
  forgetPage,
  forgetTexts,
  isBeneath,
  loopSprite,
  moved,
  type Sprite,
  spriteOf,
  spriteOfInk,
} from './sprites.ts';
import { Stage } from './stage.ts';
import { decodeStroke } from './stroke-path.ts';
import { sameView, WHOLE } from './viewport.ts';

export interface ShownAt {
  /** Lesson time, ms: strokes are shown as far as their pen had come. Left out: all there is, as it comes. */
  readonly time?: number;
  /** The laser's trace around `time`; pieces that are older or still to come do no harm. */
  readonly laser?: readonly LaserBatch[];
  /** Whose marks are not shown. */
  readonly veiled?: readonly string[];
  /** What of the page is seen; left out: what the page itself says. */
  readonly view?: View;
}

const PAGES_KEPT = 3;

/** Pieces of a live laser trace that are kept; older ones have faded long since. */
const LASER_LIMIT = 64;

/**
 * Shows a page, live or at a time of a replay, inside `host`, whose size it follows. Draws at most once a frame, and only
 * what changed: finished strokes stay where they are on their canvases, strokes in motion have one of their own.
 */
export class BoardRenderer {
  readonly #stage: Stage;
  readonly #highlights: MarkLayer;
  readonly #inks: MarkLayer;
  readonly #live: LiveLayer;
  readonly #progress = new Progress();
  /** Strokes that are drawn on this very screen now: shown from here, not from the page. */
  readonly #local = new Map<string, LocalStroke>();
  /** Drawn on this screen before: seen already, nothing to reveal. */
  readonly #written = new Set<string>();
  readonly #erasing = new Set<string>();
  readonly #cutting = new Map<string, Range[]>();
  /** Marks that are held and not yet let go, and where to. */
  #lifted: { readonly ids: ReadonlySet<string>; readonly matrix: Matrix } | null = null;
  /** Items that are being made here, by gesture. */
  readonly #drafts = new Map<string, Sprite>();
  #loop: Sprite | null = null;
  #view: View = WHOLE;
  #page: BoardPage | null = null;
  /** Shown before, the last one first. */
  #left: BoardPage[] = [];
  /** What leads pens at its edge. */
  guide: Instrument | null = null;
  readonly #lookListeners = new Listeners();
  #at: ShownAt = {};
  #liveLaser: LaserBatch[] = [];
  #moving: LiveStroke[] = [];
  #frame: number | null = null;
  #pageChanged = false;

  /** `lesson`: whose files lie beneath the ink. */
  constructor(host: HTMLElement, lesson: string) {
    const [under, ink, over] = [createCanvas(), createCanvas(), createCanvas()];
    this.#highlights = new MarkLayer(under);
    this.#inks = new MarkLayer(ink);
    this.#live = new LiveLayer(over);
    this.#stage = new Stage(host, [under, ink, over], lesson, {
      resized: (width, height) => {
        this.#highlights.resize(width, height);
        this.#inks.resize(width, height);
        this.#live.resize(width, height);
        this.#draw();
        this.#lookChanged();
      },
      fileChanged: () => this.#lookChanged(),
    });
    this.#stage.fit();
    document.fonts.addEventListener('loadingdone', this.#redraw);
  }

  show(page: BoardPage, at: ShownAt = {}): void {
    const other = page.id !== this.#page?.id;
    if (other) {
      if (this.#page) this.#leave(this.#page);
      this.#progress.clear();
      this.#liveLaser = [];
    }
    const grows = at.time === undefined && page.strokes !== this.#page?.strokes;
    if (grows) this.#progress.notice(page, other, this.#written);
    this.#pageChanged ||= page !== this.#page || at.time !== this.#at.time || at.veiled !== this.#at.veiled;
    this.#page = page;
    this.#at = at;
    this.#stage.paper(page);
    this.#look(at.view ?? page.view ?? WHOLE);
    this.#invalidate();
  }

  /** A stroke begins under a pen here. */
  begin(id: string, brush: Brush, point: InkPoint): void {
    this.#local.set(id, { id, brush, points: [point], ahead: [], aheadUntil: 0 });
    this.#written.add(id);
    this.#invalidate();
  }

  /** `ahead`: where its pen is believed to be next. */
  extend(id: string, points: readonly InkPoint[], ahead: readonly InkPoint[]): void {
    const stroke = this.#local.get(id);
    stroke?.points.push(...points);
    if (stroke) Object.assign(stroke, { ahead, aheadUntil: performance.now() + AHEAD_SHOWN_MS });
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

  /** Hides parts of a stroke at once. */
  cut(id: string, ranges: readonly Range[]): void {
    this.#cutting.set(id, [...(this.#cutting.get(id) ?? []), ...ranges]);
    this.#pageChanged = true;
    this.#invalidate();
  }

  /** What is about to be erased has been, or has been refused: the page says. */
  erased(): void {
    this.#cutting.clear();
    this.#erasing.clear();
    this.#pageChanged = true;
    this.#invalidate();
  }

  /** A piece of a laser's trace, now; its `t` is on the clock of `performance.now()`. */
  laser(batch: LaserBatch): void {
    this.#liveLaser = [...this.#liveLaser.slice(-LASER_LIMIT), batch];
    this.#invalidate();
  }

  /** Shows marks as if they had been moved already; null puts them down where the page says. */
  lift(ids: ReadonlySet<string> | null, matrix: Matrix): void {
    const held = this.#lifted?.ids;
    this.#lifted = ids && { ids, matrix };
    this.#pageChanged ||= held !== ids;
    this.#invalidate();
  }

  /** An item that is being made; null once the page has it, or it was given up. */
  draft(id: string, content: Content | null): void {
    if (content) this.#drafts.set(id, contentSprite(content));
    else this.#drafts.delete(id);
    this.#pageChanged = true;
    this.#invalidate();
  }

  /** The loop of a lasso; null once it is closed. */
  loop(points: readonly Place[] | null): void {
    this.#loop = points && loopSprite(points, this.#stage.pixels);
    this.#invalidate();
  }

  /** Told when the page takes another size on the screen, and when the file beneath its ink has come. */
  readonly onLook = this.#lookListeners.add;

  get view(): View {
    return this.#view;
  }

  get stage(): Pick<Stage, 'toHost' | 'pixels' | 'file'> {
    return this.#stage;
  }

  /** Board units for a place on the screen. */
  toBoard(clientX: number, clientY: number): [number, number] {
    return this.#stage.toBoard(clientX, clientY);
  }

  close(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    document.fonts.removeEventListener('loadingdone', this.#redraw);
    this.#stage.close();
    this.#highlights.close();
    this.#inks.close();
  }

  /** Pages that were shown a moment ago are shown again at once; of older ones nothing is kept. */
  #leave(page: BoardPage): void {
    this.#left = [page, ...this.#left.filter(({ id }) => id !== page.id)];
    for (const old of this.#left.splice(PAGES_KEPT)) forgetPage(old);
  }

  /** A font has come with which texts look otherwise. */
  readonly #redraw = () => {
    if (this.#page) forgetTexts(this.#page);
    this.#pageChanged = true;
    this.#draw();
    this.#highlights.look(this.#view);
    this.#inks.look(this.#view);
  };

  #lookChanged(): void {
    this.#lookListeners.tell();
  }

  #look(view: View): void {
    if (sameView(view, this.#view)) return;
    this.#view = view;
    this.#stage.look(view);
    this.#highlights.look(view);
    this.#inks.look(view);
  }

  #invalidate(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw(): void {
    const now = performance.now();
    if (this.#pageChanged || this.#progress.active) this.#drawPage(now);
    const laser = this.#at.laser ?? this.#liveLaser;
    const traces = laserTraces(laser, this.#at.laser ? (this.#at.time ?? 0) : now);
    this.#live.draw(this.#view, {
      strokes: [...this.#moving, ...[...this.#local.values()].map((stroke) => withAhead(stroke, now))],
      traces,
      sprites: [...this.#liftedSprites(), ...this.#drafts.values(), ...(this.#loop ? [this.#loop] : [])],
    });
    const fading = this.#liveLaser.some(({ t }) => now - t < LASER_FADE_MS);
    const ahead = [...this.#local.values()].some(({ aheadUntil }) => now < aheadUntil);
    if (this.#progress.active || fading || ahead) this.#invalidate();
  }

  #drawPage(now: number): void {
    if (!this.#page) return;
    this.#pageChanged = false;
    const highlights: Sprite[] = [];
    const inks: Sprite[] = [];
    this.#moving = [];
    for (const mark of shownMarks(this.#page, this.#at.veiled)) {
      if (this.#isElsewhere(mark.id)) continue;
      const sprite = isStroke(mark) ? this.#strokeSprite(mark, now) : spriteOf(mark);
      if (sprite) (isBeneath(mark) ? highlights : inks).push(sprite);
    }
    this.#highlights.show(highlights);
    this.#inks.show(inks);
    this.#progress.shownUntil(now);
    if (this.#progress.active) this.#pageChanged = true; // once more when all is shown
  }

  /** Drawn by this screen's own hand just now, or no more. */
  #isElsewhere(id: string): boolean {
    return (
      this.#local.has(id) ||
      this.#erasing.has(id) ||
      this.#drafts.has(id) ||
      this.#lifted?.ids.has(id) === true
    );
  }

  #liftedSprites(): Sprite[] {
    if (!this.#lifted || !this.#page) return [];
    const { ids, matrix } = this.#lifted;
    const page = this.#page;
    const marks = [...ids].flatMap((id): Mark[] => {
      const mark = markOf(page, id);
      return mark ? [mark] : [];
    });
    return marks.map((mark) => moved(spriteOf(mark), matrix));
  }

  /** Null where nothing of the stroke is to be seen among the finished ones: it moves, or has not begun. */
  #strokeSprite(stroke: Stroke, now: number): Sprite | null {
    const cutting = this.#cutting.get(stroke.id);
    if (cutting) return cutSprite(stroke, cutting);
    if (stroke.whole) return spriteOf(stroke);
    const decoded = decodeStroke(stroke);
    const { points } = decoded;
    const shown = this.#progress.shownPoints(stroke, decoded, this.#at.time, now);
    if (shown === 0) return null;
    if (shown < points.length)
      this.#moving.push({ id: stroke.id, brush: stroke.brush, points: points.slice(0, shown) });
    else if (!stroke.done && !this.#progress.isAbandoned(stroke, decoded, this.#at.time, now))
      this.#moving.push({ ...decoded, id: stroke.id });
    else return stroke.matrix || stroke.cuts ? spriteOf(stroke) : spriteOfInk(decoded);
    return null;
  }
}

function createCanvas(): HTMLCanvasElement {
  return document.createElement('canvas');
}
