import { type BoardPage, type Mark, type Stroke, shownMarks } from '../../protocol/board.ts';
import type { Content, Place, Range, ShapeContent } from '../../protocol/board-events.ts';
import type { InkPoint } from '../../protocol/ink.ts';
import type { LessonSession } from '../lesson/types.ts';
import { cutsOf } from './eraser.ts';
import { BATCH_MS, newMarkId } from './ink-sender.ts';
import { snapPlace, snapped } from './shape-path.ts';

/** What one pointer does from down to up. */
export interface Gesture {
  /** `strict`: Shift is held. `ahead`: shown, and nothing else. */
  points(points: readonly InkPoint[], strict: boolean, ahead?: readonly InkPoint[]): void;
  end(): void;
  /** The lesson refused: it must leave no trace. */
  cancel(): void;
  /** It was none: what of it is in the lesson already is taken out. Where left out: as `cancel`. */
  withdraw?(): void;
}

/** Shorter than this, board units, a shape was a slip of the hand. */
const SHORTEST = 6;

interface DraftSurface {
  draft(id: string, content: Content | null): void;
}

/** Draws a shape from where the pointer went down to where it is. */
export function drawShape(
  session: Pick<LessonSession, 'perform'>,
  surface: DraftSurface,
  page: string,
  look: Omit<ShapeContent, 'kind' | 'points'>,
  step: number,
): Gesture {
  const id = newMarkId();
  let from: Place | null = null;
  let content: ShapeContent | null = null;
  return {
    points(points, strict) {
      const last = points.at(-1);
      if (!last) return;
      from ??= snapPlace([last[0], last[1]], step);
      const to = snapped(look.shape, from, [last[0], last[1]], { strict, step });
      if (Math.hypot(to[0] - from[0], to[1] - from[1]) < SHORTEST) return;
      content = { kind: 'shape', ...look, points: pointsOf(look.shape, from, to) };
      surface.draft(id, content);
    },
    end() {
      if (content) session.perform('item.add', { page, item: id, content });
      surface.draft(id, null);
    },
    cancel: () => surface.draft(id, null),
  };
}

/** A polygon is a regular hexagon in the rectangle that is drawn; other shapes are their two ends or corners. */
function pointsOf(shape: ShapeContent['shape'], from: Place, to: Place): Place[] {
  if (shape !== 'polygon') return [from, to];
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const [rx, ry] = [Math.abs(to[0] - from[0]) / 2, Math.abs(to[1] - from[1]) / 2];
  return Array.from({ length: 6 }, (_, i) => {
    const angle = (i * Math.PI) / 3;
    return [
      Math.round((x + rx * Math.cos(angle)) * 10) / 10,
      Math.round((y + ry * Math.sin(angle)) * 10) / 10,
    ];
  });
}

interface CuttingSurface {
  cut(id: string, ranges: readonly Range[]): void;
  erased(): void;
}

/** The most strokes and parts of one that one request takes. */
const CUT_STROKES = 200;
const CUT_RANGES = 64;

/** Erases where the pointer goes and nothing beside it. */
export function cutStrokes(
  session: Pick<LessonSession, 'perform'>,
  surface: CuttingSurface,
  page: string,
  strokesNow: () => readonly Stroke[],
): Gesture {
  const cut = newMarkId();
  const waiting = new Map<string, Range[]>();
  let last: Place | null = null;
  const flush = () => {
    const strokes = [...waiting].flatMap(([stroke, ranges]) =>
      chunked(ranges, CUT_RANGES).map((part) => ({ stroke, ranges: part })),
    );
    waiting.clear();
    for (const part of chunked(strokes, CUT_STROKES))
      session.perform('ink.cut', { page, cut, strokes: part });
  };
  const timer = setInterval(flush, BATCH_MS);
  const finish = () => {
    clearInterval(timer);
    flush();
    surface.erased();
  };
  return {
    points(points) {
      const strokes = strokesNow();
      for (const [x, y] of points) {
        for (const stroke of strokes) {
          const ranges = cutsOf(stroke, last ?? [x, y], [x, y]);
          if (ranges.length === 0) continue;
          waiting.set(stroke.id, [...(waiting.get(stroke.id) ?? []), ...ranges]);
          surface.cut(stroke.id, ranges);
        }
        last = [x, y];
      }
    },
    end: finish,
    cancel: finish,
  };
}

function chunked<T>(all: readonly T[], size: number): T[][] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** The marks of a page that someone may take hold of: all of them, or their own. */
export function ownMarks(page: BoardPage, veiled: readonly string[] | undefined, by: string | null): Mark[] {
  const marks = shownMarks(page, veiled);
  return by === null ? marks : marks.filter((mark) => mark.by === by);
}
