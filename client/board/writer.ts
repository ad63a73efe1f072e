import { type BoardPage, isStroke, pageOf, type Stroke } from '../../protocol/board.ts';
import type { Place as BoardPlace, Brush, Content, Range, ShapeKind } from '../../protocol/board-events.ts';
import { own } from '../../protocol/common.ts';
import type { InkPoint } from '../../protocol/ink.ts';
import type { LessonSession } from '../lesson/types.ts';
import { Corners } from './corners.ts';
import { type Place, strokesTouched } from './eraser.ts';
import { cutStrokes, drawShape, type Gesture, ownMarks } from './gestures.ts';
import { EraserSender, LaserSender, StrokeSender } from './ink-sender.ts';
import { guideAt, type Instrument, ledBy } from './instruments.ts';
import type { LaserBatch } from './laser.ts';
import { snapStep } from './paper.ts';
import type { PenEnd, PenListener } from './pen.ts';

export type BoardTool =
  | 'pen'
  | 'highlighter'
  /** Whole strokes. */
  | 'eraser'
  /** Parts of strokes. */
  | 'cutter'
  | 'shape'
  /** A polygon, corner by corner. */
  | 'corners'
  | 'text'
  | 'select'
  | 'laser'
  | 'none';

/** What of the renderer a writer uses: its own ink is on the screen before anything is sent. */
export interface WritingSurface {
  toBoard(clientX: number, clientY: number): readonly [x: number, y: number];
  begin(id: string, brush: Brush, point: InkPoint): void;
  /** `ahead`: shown at its end until more of it comes, or nothing does. */
  extend(id: string, points: readonly InkPoint[], ahead: readonly InkPoint[]): void;
  finish(id: string): void;
  erase(ids: readonly string[]): void;
  cut(id: string, ranges: readonly Range[]): void;
  draft(id: string, content: Content | null): void;
  /** Lies on the page and leads pens that go down at its edge. */
  readonly guide: Instrument | null;
  /** A loop that is being drawn round marks; null once it is closed. */
  loop(points: readonly BoardPlace[] | null): void;
  erased(): void;
  laser(batch: LaserBatch): void;
}

export interface WriterTools {
  readonly tool: BoardTool;
  readonly colour: string;
  /** Board units. */
  readonly width: number;
  readonly writable: boolean;
  /** The page that is shown; null for none. */
  readonly page: string | null;
  readonly shape: ShapeKind;
  /** Whose marks can be erased and moved: one person's, or with null everyone's. */
  readonly touches: string | null;
  /** Points a board unit: more where the page is seen larger. */
  readonly grid: Brush['grid'];
}

/** What happens elsewhere than in the lesson. */
export interface WriterEvents {
  /** A lasso was closed, or a tap made, with the tool that selects. */
  selected(loop: readonly BoardPlace[]): void;
  /** A place to write a text at was tapped. */
  placed(at: BoardPlace): void;
}

/** Turns what pens do into ink on the surface and operations of the lesson. Each pointer is on its own. */
export class BoardWriter implements PenListener {
  readonly #session: LessonSession;
  readonly #surface: WritingSurface;
  readonly #gestures = new Map<number, Gesture>();
  readonly #events: WriterEvents;
  readonly #corners: Corners;
  #tools: WriterTools = {
    ...{ tool: 'none', colour: '#000000', width: 6, writable: false, page: null },
    ...{ shape: 'line', touches: null, grid: 1 },
  };
  /** When the laser was last moved here, ms of `performance.now()`. */
  #laserAt = -Infinity;

  constructor(session: LessonSession, surface: WritingSurface, events: WriterEvents) {
    this.#session = session;
    this.#events = events;
    this.#surface = surface;
    this.#corners = new Corners(session, surface);
  }

  /** Applies to pointers that go down from now on. */
  use(tools: WriterTools): void {
    const goesOn = tools.tool === 'corners' && tools.writable && tools.page === this.#corners.page;
    if (this.#corners.page !== null && !goesOn) this.#corners.finish();
    const isTurned = tools.page !== this.#tools.page;
    this.#tools = tools;
    // A pen that is down belongs to the page it went down on: what it wrote is kept there, and it writes no more.
    if (isTurned) for (const pointer of [...this.#gestures.keys()]) this.end(pointer);
  }

  /** Whether the laser's trace has just been drawn here, so that what comes back of it is no news. */
  get pointing(): boolean {
    return performance.now() - this.#laserAt < 3_000;
  }

  toBoard(clientX: number, clientY: number): readonly [number, number] {
    return this.#surface.toBoard(clientX, clientY);
  }

  get grid(): number {
    return this.#tools.grid;
  }

  accepts(end: PenEnd): boolean {
    const { tool, writable, page } = this.#tools;
    return writable && page !== null && (tool !== 'none' || end === 'tail');
  }

  begin(pointer: number, end: PenEnd, point: InkPoint): void {
    const { tool, page } = this.#tools;
    if (page === null) return;
    const gesture = end === 'tail' ? this.#erase(page) : this.#gestureOf(tool, page, point);
    if (!gesture) return;
    this.#gestures.set(pointer, gesture);
    gesture.points([point], false, []);
  }

  points(pointer: number, points: readonly InkPoint[], strict: boolean, ahead: readonly InkPoint[]): void {
    this.#gestures.get(pointer)?.points(points, strict, ahead);
  }

  end(pointer: number): void {
    const gesture = this.#gestures.get(pointer);
    this.#gestures.delete(pointer);
    gesture?.end();
  }

  /** The pointer does something else: what it had begun is gone. */
  release(pointer: number): void {
    const gesture = this.#gestures.get(pointer);
    this.#gestures.delete(pointer);
    if (gesture?.withdraw) gesture.withdraw();
    else gesture?.cancel();
  }

  /** Something performed was refused: what is under the pens belongs to it, as likely as not. */
  cancel(): void {
    for (const gesture of this.#gestures.values()) gesture.cancel();
    this.#gestures.clear();
    this.#corners.cancel();
  }

  /** The screen goes away with pens still down: what was written is kept. */
  close(): void {
    for (const pointer of [...this.#gestures.keys()]) this.end(pointer);
    this.#corners.finish();
  }

  #gestureOf(tool: BoardTool, page: string, point: InkPoint): Gesture | null {
    switch (tool) {
      case 'pen':
      case 'highlighter':
        return this.#write(
          { tool, colour: this.#tools.colour, width: this.#tools.width, grid: this.#tools.grid },
          page,
          point,
        );
      case 'eraser':
        return this.#erase(page);
      case 'cutter':
        return cutStrokes(this.#session, this.#surface, page, () => this.#strokes(page));
      case 'shape':
        return this.#shape(page);
      case 'corners':
        return this.#corner(page);
      case 'text':
        return this.#place();
      case 'select':
        return this.#select();
      case 'laser':
        return this.#point(page);
      case 'none':
        return null;
    }
  }

  #write(brush: Brush, page: string, first: InkPoint): Gesture {
    const sender = new StrokeSender(this.#session, page, brush);
    const surface = this.#surface;
    const guide = surface.guide && guideAt(surface.guide, [first[0], first[1]]);
    const led = guide ? ledBy(guide, brush.grid) : (point: InkPoint) => point;
    const onGrid = ([x, y, t, pressure]: InkPoint): InkPoint => [x * brush.grid, y * brush.grid, t, pressure];
    surface.begin(sender.id, brush, onGrid(led(first)));
    let begun = false;
    return {
      points(given, _strict, ahead = []) {
        const points = given.map(led);
        sender.add(points);
        if (begun)
          surface.extend(
            sender.id,
            points.map(onGrid),
            ahead.map((point) => onGrid(led(point))),
          );
        begun = true; // the first point is there already
      },
      end() {
        sender.end();
        surface.finish(sender.id);
      },
      cancel() {
        sender.cancel();
        surface.finish(sender.id);
      },
      withdraw() {
        sender.withdraw();
        surface.finish(sender.id);
      },
    };
  }

  #erase(page: string): Gesture {
    const sender = new EraserSender(this.#session, page);
    const surface = this.#surface;
    const gone = new Set<string>();
    let last: Place | null = null;
    const finish = () => {
      sender.end();
      surface.erased();
    };
    return {
      points: (points) => {
        const shown = this.#page(page);
        for (const [x, y] of points) {
          const touched = shown ? strokesTouched(shown, last ?? [x, y], [x, y]) : [];
          const fresh = touched.filter((id) => !gone.has(id) && shown && this.#mayTouch(shown, id));
          for (const id of fresh) gone.add(id);
          if (fresh.length > 0) {
            surface.erase(fresh);
            sender.add(fresh);
          }
          last = [x, y];
        }
      },
      end: finish,
      cancel: finish,
    };
  }

  #point(page: string): Gesture {
    const sender = new LaserSender(this.#session, page);
    const by = this.#session.view().you?.participant ?? '';
    const end = () => sender.end();
    return {
      points: (points) => {
        this.#laserAt = performance.now();
        this.#surface.laser({ by, page, t: this.#laserAt, points });
        sender.add(points);
      },
      end,
      cancel: end,
    };
  }

  #shape(page: string): Gesture {
    const { shape, colour, width } = this.#tools;
    return drawShape(this.#session, this.#surface, page, { shape, colour, width }, this.#step(page));
  }

  #corner(page: string): Gesture {
    const { colour, width } = this.#tools;
    return this.#corners.gesture({ page, colour, width, step: this.#step(page) });
  }

  /** A tap; a drag with the text tool means the same. */
  #place(): Gesture {
    let at: BoardPlace | null = null;
    return {
      points: ([first]) => {
        if (first) at ??= [first[0], first[1]];
      },
      end: () => at && this.#events.placed(at),
      cancel: () => undefined,
    };
  }

  #select(): Gesture {
    const loop: BoardPlace[] = [];
    return {
      points: (points) => {
        for (const [x, y] of points) loop.push([x, y]);
        this.#surface.loop(loop);
      },
      end: () => {
        this.#surface.loop(null);
        this.#events.selected(loop);
      },
      cancel: () => this.#surface.loop(null),
    };
  }

  #mayTouch(page: BoardPage, id: string): boolean {
    const by = (own(page.strokes, id) ?? own(page.items ?? {}, id))?.by;
    // What is hidden for now is kept: nobody sweeps away what they do not see.
    if (by === undefined || this.#session.view().state?.board.veiled?.includes(by)) return false;
    return this.#tools.touches === null || by === this.#tools.touches;
  }

  #strokes(id: string): readonly Stroke[] {
    const page = this.#page(id);
    const veiled = this.#session.view().state?.board.veiled;
    return page ? ownMarks(page, veiled, this.#tools.touches).filter(isStroke) : [];
  }

  #step(page: string): number {
    return snapStep(this.#page(page)?.kind ?? 'blank');
  }

  #page(id: string): BoardPage | undefined {
    const { state } = this.#session.view();
    return state ? pageOf(state.board, id) : undefined;
  }
}
