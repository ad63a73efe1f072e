import type { Brush } from '../../protocol/board-events.ts';
import type { InkPoint } from '../../protocol/ink.ts';
import type { LiveStroke } from './live-layer.ts';

/** A stroke under a pen of this very screen. */
export interface LocalStroke {
  readonly id: string;
  readonly brush: Brush;
  readonly points: InkPoint[];
  readonly ahead: readonly InkPoint[];
  readonly aheadUntil: number;
}

/** A guess holds for two frames; a pen that has stopped is where it is. */
export const AHEAD_SHOWN_MS = 34;

export function withAhead({ id, brush, points, ahead, aheadUntil }: LocalStroke, now: number): LiveStroke {
  return { id, brush, points: now < aheadUntil && ahead.length > 0 ? [...points, ...ahead] : points };
}
