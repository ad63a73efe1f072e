import { BATCH_MS } from '../../client/board/ink-sender.ts';
import { toBase64url } from '../../protocol/base64.ts';
import type { Brush } from '../../protocol/events.ts';
import { InkEncoder } from '../../protocol/ink.ts';
import { writeText } from '../../server/demo/handwriting.ts';
import type { TestClient } from './client.ts';

const BRUSH: Brush = { tool: 'pen', colour: '#1f2937', width: 5, grid: 1 };
const TEXTS = ['分数: 3/4 - 2/3 = ?', '1/2 = 4/8', '2025', '3/4 - 2/3 = 1/12'];

export interface Writing {
  /** Wall time at which a batch left the pen, by the `seq` that it got. */
  readonly sentAt: ReadonlyMap<number, number>;
  stop(): Promise<void>;
}

/** Writes at a hand's speed until stopped. */
export function startWriting(pen: TestClient): Writing {
  const sentAt = new Map<number, number>();
  const stopping = new AbortController();
  const written = write(pen, sentAt, stopping.signal);
  return {
    sentAt,
    async stop() {
      stopping.abort();
      await written;
    },
  };
}

async function write(pen: TestClient, sentAt: Map<number, number>, signal: AbortSignal): Promise<void> {
  const acknowledged: Promise<void>[] = [];
  for (let line = 0; !signal.aborted; line++) {
    const text = TEXTS[line % TEXTS.length] ?? '';
    const { strokes, duration } = writeText(text, {
      seed: line,
      x: 150,
      y: 100 + (line % 8) * 110,
      size: 100,
    });
    const begun = performance.now();
    for (const [index, { start, points }] of strokes.entries()) {
      const id = `w${line}s${index}`;
      const encoder = new InkEncoder();
      const end = start + (points.at(-1)?.[2] ?? 0);
      for (let from = 0, t = BATCH_MS; from < points.length && !signal.aborted; t += BATCH_MS) {
        const last = start + t >= end;
        const next = last ? points.length : points.findIndex((point) => point[2] > t);
        const batch = points.slice(from, next);
        await until(begun + Math.min(start + t, end));
        if (batch.length === 0) continue;
        const first = from === 0 ? { page: pen.state.board.current, brush: BRUSH } : {};
        const done = last ? ({ done: true } as const) : {};
        const at = Date.now();
        const input = { stroke: id, data: toBase64url(encoder.push(batch)), ...first, ...done };
        acknowledged.push(
          pen.perform('ink.draw', input).then(({ seq }) => void (seq && sentAt.set(seq, at))),
        );
        from = next;
      }
    }
    await until(begun + duration);
  }
  await Promise.all(acknowledged);
}

async function until(at: number): Promise<void> {
  const ms = at - performance.now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
