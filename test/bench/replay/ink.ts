import { gzipSync } from 'node:zlib';
import { BATCH_MS } from '../../../client/board/ink-sender.ts';
import { EntriesEncoder } from '../../../protocol/entries-line.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import { encodeInk, type InkPoint } from '../../../protocol/ink.ts';
import type { PenStroke } from '../../../server/demo/handwriting.ts';
import { loadTrace } from '../ink/trace.ts';

const HOUR_MS = 3_600_000;
/** A teacher writes a third of the time, at most; the rest is speech. */
const WRITING = 1 / 3;

/** The log of an hour of writing, as its strokes were sent: in JSON, as it travels, and the strokes alone. */
export function hourOfInk() {
  const strokes = loadTrace(undefined);
  const trace = strokes.at(-1);
  const traceMs = trace ? trace.start + (trace.points.at(-1)?.[2] ?? 0) : 0;
  const entries: LogEntry[] = [];
  let points = 0;
  let coded = 0;
  for (let begin = 0; begin < HOUR_MS; begin += traceMs / WRITING) {
    for (const stroke of strokes) {
      if (begin + stroke.start / WRITING > HOUR_MS) break;
      points += stroke.points.length;
      coded += write(entries, stroke, begin + stroke.start / WRITING);
    }
  }
  const json = gzipSync(JSON.stringify({ entries })).length;
  const served = gzipSync(new EntriesEncoder().encode(entries)).length;
  return { json, served, coded, points, entries: entries.length };
}

/** Returns the bytes of the ink itself. */
function write(entries: LogEntry[], { points }: PenStroke, start: number): number {
  const name = `s${entries.length.toString(36)}`;
  let bytes = 0;
  for (let sent = 0; sent < points.length; ) {
    const until = ((points[sent]?.[2] ?? 0) / BATCH_MS + 1) * BATCH_MS;
    const found = points.findIndex(([, , t]) => t > until);
    const end = found < 0 ? points.length : Math.max(found, sent + 1);
    const before: readonly InkPoint[] = points.slice(0, sent);
    const data = encodeInk(before, points.slice(sent, end));
    bytes += Math.floor((data.length * 3) / 4);
    const first =
      sent === 0
        ? { page: 'page1', brush: { tool: 'pen', colour: '#1a1a1a', width: 4, grid: 1 } as const }
        : {};
    const last = end === points.length ? { done: true as const } : {};
    entries.push({
      ...{ seq: entries.length + 1, t: Math.round(start + until), actor: 'teacher' },
      op: { client: 'client1', n: entries.length + 1 },
      event: { type: 'ink.drawn', stroke: name, ...first, data, ...last },
    });
    sent = end;
  }
  return bytes;
}
