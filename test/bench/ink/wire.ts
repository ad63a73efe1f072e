import { setTimeout as delay } from 'node:timers/promises';
import { StrokeSender } from '../../../client/board/ink-sender.ts';
import { openSession } from '../../../client/lesson/session.ts';
import type { LessonSession } from '../../../client/lesson/types.ts';
import { fromBase64url } from '../../../protocol/base64.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import { InkDecoder } from '../../../protocol/ink.ts';
import type { PenStroke } from '../../../server/demo/handwriting.ts';
import { eventually } from '../../support/eventually.ts';
import { percentile } from '../bench.ts';
import type { BenchServer } from '../support/server.ts';
import { write } from './pen.ts';
import { CountingRelay } from './relay.ts';
import { countPoints } from './trace.ts';

/** What is still on its way after the pen was lifted for the last time comes within this, ms. */
export const SETTLE_MS = 600;
export const BRUSH = { tool: 'pen', colour: '#1f2933', width: 6, grid: 1 } as const;

export interface WireResult {
  /** Per point, with headers of TCP and IP: from the server to one viewer; from the writer; and back to the writer. */
  readonly down: number;
  readonly up: number;
  readonly back: number;
  readonly segments: number;
  readonly points: number;
  /** From the pen to the far client's points, ms, at percentiles of all points. */
  readonly p50: number;
  readonly p95: number;
}

/** The trace through the real client, the real server over TLS, and another real client. */
export async function measureWire(server: BenchServer, strokes: readonly PenStroke[]): Promise<WireResult> {
  const target = Number(new URL(server.httpsUrl).port);
  const [writerLine, viewerLine] = [await CountingRelay.open(target), await CountingRelay.open(target)];
  const writer = await joinAs(server, 'dolma', writerLine.url);
  const viewer = await joinAs(server, 'room1', viewerLine.url);
  const far = new FarScreen(viewer);
  await delay(SETTLE_MS);
  writerLine.reset();
  viewerLine.reset();
  let sender: StrokeSender | null = null;
  await write(strokes, {
    begin: () => {
      sender = new StrokeSender(writer, 'page1', BRUSH);
    },
    point: (point) => {
      far.made();
      sender?.add([point]);
    },
    end: () => sender?.end(),
  });
  await delay(SETTLE_MS);
  const points = countPoints(strokes);
  if (far.delays.length !== points) throw new Error(`of ${points} points ${far.delays.length} arrived`);
  const result = {
    down: viewerLine.down.onWire / points,
    up: writerLine.up.onWire / points,
    back: writerLine.down.onWire / points,
    segments: viewerLine.down.segments,
    points,
    p50: percentile(far.delays, 0.5),
    p95: percentile(far.delays, 0.95),
  };
  writer.close();
  viewer.close();
  writerLine.close();
  viewerLine.close();
  return result;
}

/** A real client in a lesson, over `url`. */
export async function joinAs(server: BenchServer, username: string, url: string): Promise<LessonSession> {
  const headers = { cookie: await server.cookie(username), origin: url };
  const session = openSession({ lesson: server.lesson, url, headers });
  await eventually(() => session.view().connection === 'joined', `${username} joined`);
  return session;
}

/** Points as they come out at the far end, in the order in which the pen made them: one pen, one line. */
class FarScreen {
  readonly delays: number[] = [];
  readonly #made: number[] = [];
  readonly #decoders = new Map<string, InkDecoder>();

  constructor(session: LessonSession) {
    session.onEntry((entry) => this.#onEntry(entry));
  }

  made(): void {
    this.#made.push(performance.now());
  }

  #onEntry({ event }: LogEntry): void {
    if (event.type !== 'ink.drawn') return;
    const decoder = this.#decoders.get(event.stroke) ?? new InkDecoder();
    this.#decoders.set(event.stroke, decoder);
    const points = decoder.push(fromBase64url(event.data) ?? new Uint8Array());
    const now = performance.now();
    for (let i = 0; i < points.length; i++) {
      const made = this.#made[this.delays.length];
      if (made !== undefined) this.delays.push(now - made);
    }
  }
}
