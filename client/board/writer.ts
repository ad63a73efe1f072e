import { type BoardPage, pageOf } from '../../protocol/board.ts';
import type { Brush } from '../../protocol/events.ts';
import type { InkPoint } from '../../protocol/ink.ts';
import type { LessonSession } from '../lesson/types.ts';
import { type Place, strokesTouched } from './eraser.ts';
import { EraserSender, LaserSender, StrokeSender } from './ink-sender.ts';
import type { LaserBatch } from './laser.ts';
import type { PenEnd, PenListener } from './pen.ts';

export type BoardTool = 'pen' | 'highlighter' | 'eraser' | 'laser' | 'none';

/** What of the renderer a writer uses: its own ink is on the screen before anything is sent. */
export interface WritingSurface {
  toBoard(clientX: number, clientY: number): readonly [x: number, y: number];
  begin(id: string, brush: Brush, point: InkPoint): void;
  extend(id: string, points: readonly InkPoint[]): void;
  finish(id: string): void;
  erase(ids: readonly string[]): void;
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
}

/** What one pointer does from down to up. */
interface Gesture {
  points(points: readonly InkPoint[]): void;
  end(): void;
  /** The lesson refused: it must leave no trace. */
  cancel(): void;
}

/** Turns what pens do into ink on the surface and operations of the lesson. Each pointer is on its own. */
export class BoardWriter implements PenListener {
  readonly #session: LessonSession;
  readonly #surface: WritingSurface;
  readonly #gestures = new Map<number, Gesture>();
  #tools: WriterTools = { tool: 'none', colour: '#000000', width: 6, writable: false, page: null };
  /** When the laser was last moved here, ms of `performance.now()`. */
  #laserAt = -Infinity;

  constructor(session: LessonSession, surface: WritingSurface) {
    this.#session = session;
    this.#surface = surface;
  }

  /** Applies to pointers that go down from now on. */
  use(tools: WriterTools): void {
    this.#tools = tools;
  }

  /** Whether the laser's trace has just been drawn here, so that what comes back of it is no news. */
  get pointing(): boolean {
    return performance.now() - this.#laserAt < 3_000;
  }

  toBoard(clientX: number, clientY: number): readonly [number, number] {
    return this.#surface.toBoard(clientX, clientY);
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
    gesture.points([point]);
  }

  points(pointer: number, points: readonly InkPoint[]): void {
    this.#gestures.get(pointer)?.points(points);
  }

  end(pointer: number): void {
    const gesture = this.#gestures.get(pointer);
    this.#gestures.delete(pointer);
    gesture?.end();
  }

  /** Something performed was refused: what is under the pens belongs to it, as likely as not. */
  cancel(): void {
    for (const gesture of this.#gestures.values()) gesture.cancel();
    this.#gestures.clear();
  }

  /** The screen goes away with pens still down: what was written is kept. */
  close(): void {
    for (const pointer of [...this.#gestures.keys()]) this.end(pointer);
  }

  #gestureOf(tool: BoardTool, page: string, point: InkPoint): Gesture | null {
    switch (tool) {
      case 'pen':
      case 'highlighter':
        return this.#write(
          { tool, colour: this.#tools.colour, width: this.#tools.width, grid: 1 },
          page,
          point,
        );
      case 'eraser':
        return this.#erase(page);
      case 'laser':
        return this.#point(page);
      case 'none':
        return null;
    }
  }

  #write(brush: Brush, page: string, first: InkPoint): Gesture {
    const sender = new StrokeSender(this.#session, page, brush);
    const surface = this.#surface;
    surface.begin(sender.id, brush, first);
    let begun = false;
    return {
      points(points) {
        sender.add(points);
        if (begun) surface.extend(sender.id, points);
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
          const fresh = touched.filter((id) => !gone.has(id));
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

  #page(id: string): BoardPage | undefined {
    const { state } = this.#session.view();
    return state ? pageOf(state.board, id) : undefined;
  }
}
