import type { LogEntry } from '../../protocol/events.ts';
import { decodeInk, InkError, type InkPoint } from '../../protocol/ink.ts';

/** A piece of a laser's trace. Points in board units. */
export interface LaserBatch {
  readonly by: string;
  readonly page: string;
  /** When its last point is shown, in ms on the clock of whoever shows it: lesson time in a replay. */
  readonly t: number;
  readonly points: readonly InkPoint[];
}

/** How long a point of the trace is seen, ms. */
export const LASER_FADE_MS = 1_200;

/** What a `laser.moved` entry shows; null for any other, and for one that cannot be read. */
export function laserBatch(entry: LogEntry): LaserBatch | null {
  const { event, actor, t } = entry;
  if (event.type !== 'laser.moved' || !actor) return null;
  try {
    return { by: actor, page: event.page, t, points: decodeInk([], event.data) };
  } catch (error) {
    if (error instanceof InkError) return null; // nothing is lost: it would have faded
    throw error;
  }
}

/** A point of the trace as it is seen now; `age` 0 is new, 1 has faded. */
export interface LaserPoint {
  readonly x: number;
  readonly y: number;
  readonly age: number;
}

/** What is seen at `now`: one trace per person, oldest point first. */
export function laserTraces(batches: readonly LaserBatch[], now: number): LaserPoint[][] {
  const traces = new Map<string, LaserPoint[]>();
  for (const { by, t, points } of batches) {
    const span = points.at(-1)?.[2] ?? 0;
    const trace = traces.get(by) ?? [];
    traces.set(by, trace);
    for (const [x, y, own] of points) {
      const age = (now - (t - span + own)) / LASER_FADE_MS;
      if (age >= 0 && age < 1) trace.push({ x, y, age });
    }
  }
  return [...traces.values()].filter((trace) => trace.length > 0);
}
