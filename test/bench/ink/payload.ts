import { BATCH_MS } from '../../../client/board/ink-sender.ts';
import { type InkCost, type InkPoint, measureInk, measureStrokes } from '../../../protocol/ink.ts';
import type { PenStroke } from '../../../server/demo/handwriting.ts';
import { type Result, round } from '../bench.ts';
import { countPoints } from './trace.ts';

/** What the ink itself takes, in the batches in which it is sent, and as a whole lesson is stored. */
export function measurePayload(strokes: readonly PenStroke[], report: (result: Result) => void): void {
  const points = countPoints(strokes);
  const sent = strokes.map(sendCost).reduce(add);
  const stored = measureStrokes(strokes);
  const bytes = (bits: number) => round(bits / 8 / points);
  const total = (cost: InkCost) => bytes(cost.xy + cost.time + cost.pressure + cost.frame);
  const common = { unit: 'B', better: 'less' } as const;
  const of = { points, strokes: strokes.length };
  report({
    ...{ name: 'payload_bytes_per_point', value: bytes(sent.xy), ...common, goal: 0.85 },
    against: { stored: bytes(stored.xy), sent_with_all: total(sent), stored_with_all: total(stored), ...of },
  });
  report({
    ...{ name: 'payload_time_bytes_per_point', value: bytes(sent.time), ...common },
    against: { stored: bytes(stored.time) },
  });
  report({
    ...{ name: 'payload_pressure_bytes_per_point', value: bytes(sent.pressure), ...common },
    against: { stored: bytes(stored.pressure) },
  });
  report({
    ...{ name: 'payload_frame_bytes_per_point', value: bytes(sent.frame), ...common },
    against: { stored: bytes(stored.frame) },
  });
}

function sendCost({ points }: PenStroke): InkCost {
  let cost: InkCost = { xy: 0, time: 0, pressure: 0, frame: 0 };
  let sent = 0;
  while (sent < points.length) {
    const until = ((points[sent]?.[2] ?? 0) / BATCH_MS + 1) * BATCH_MS;
    const found = points.findIndex(([, , t]) => t > until);
    const end = found < 0 ? points.length : Math.max(found, sent + 1);
    const before: readonly InkPoint[] = points.slice(0, sent);
    cost = add(cost, measureInk(before, points.slice(sent, end)));
    sent = end;
  }
  return cost;
}

function add(a: InkCost, b: InkCost): InkCost {
  return {
    xy: a.xy + b.xy,
    time: a.time + b.time,
    pressure: a.pressure + b.pressure,
    frame: a.frame + b.frame,
  };
}
