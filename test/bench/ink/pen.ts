import { setTimeout as delay } from 'node:timers/promises';
import type { InkPoint } from '../../../protocol/ink.ts';
import type { PenStroke } from '../../../server/demo/handwriting.ts';

export interface PenTarget {
  begin(): void;
  /** One point, at the moment at which the pen made it. */
  point(point: InkPoint): void;
  end(): void;
}

/** Writes the strokes in their own time; resolves after the last. */
export async function write(strokes: readonly PenStroke[], pen: PenTarget): Promise<void> {
  const began = performance.now() - (strokes[0]?.start ?? 0);
  for (const { start, points } of strokes) {
    await until(began + start);
    pen.begin();
    for (const point of points) {
      await until(began + start + point[2]);
      pen.point(point);
    }
    pen.end();
  }
}

async function until(time: number): Promise<void> {
  const wait = time - performance.now();
  if (wait > 0) await delay(wait);
}
