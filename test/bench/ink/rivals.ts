import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { BATCH_MS } from '../../../client/board/ink-sender.ts';
import type { InkPoint } from '../../../protocol/ink.ts';
import type { PenStroke } from '../../../server/demo/handwriting.ts';
import { percentile } from '../bench.ts';
import type { BenchServer } from '../support/server.ts';
import { write } from './pen.ts';
import { CountingRelay } from './relay.ts';
import { countPoints } from './trace.ts';
import { SETTLE_MS } from './wire.ts';
import { join, openRoom } from './yjs.ts';

export interface RivalResult {
  readonly down: number;
  readonly p95: number;
}

type Certificate = Pick<BenchServer, 'cert' | 'key'>;

/** Points that arrive in order, and when their pen made them. */
class Arrivals {
  readonly made: number[] = [];
  readonly delays: number[] = [];

  arrived(): void {
    const made = this.made[this.delays.length];
    if (made !== undefined) this.delays.push(performance.now() - made);
  }

  result(line: CountingRelay, points: number): RivalResult {
    if (this.delays.length !== points) throw new Error(`of ${points} points ${this.delays.length} arrived`);
    return { down: line.down.onWire / points, p95: percentile(this.delays, 0.95) };
  }
}

/** What a whiteboard of an afternoon does: an event a point, as JSON, to everyone else. */
export async function measureJsonRelay(
  { cert, key }: Certificate,
  strokes: readonly PenStroke[],
): Promise<RivalResult> {
  const https = createServer({ cert, key });
  const server = new Server(https);
  server.on('connection', (socket) => socket.on('point', (point) => socket.broadcast.emit('point', point)));
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  const port = (https.address() as AddressInfo).port;
  const line = await CountingRelay.open(port);
  const arrivals = new Arrivals();
  const options = { transports: ['websocket'], forceNew: true };
  const [pen, screen] = [io(`https://127.0.0.1:${port}`, options), io(line.url, options)];
  await Promise.all(
    [pen, screen].map((socket) => new Promise<void>((resolve) => socket.on('connect', resolve))),
  );
  screen.on('point', () => arrivals.arrived());
  await delay(SETTLE_MS);
  line.reset();
  let stroke = 0;
  await write(strokes, {
    begin: () => void stroke++,
    point: ([x, y, t, pressure]) => {
      arrivals.made.push(performance.now());
      pen.emit('point', { stroke, x, y, t, pressure });
    },
    end: () => {},
  });
  await delay(SETTLE_MS);
  const result = arrivals.result(line, countPoints(strokes));
  pen.close();
  screen.close();
  line.close();
  await server.close();
  return result;
}

/**
 * Strokes as shared lists of numbers, in y-websocket's own client and protocol: a transaction a point as a board does
 * that follows the pen, or one every BATCH_MS as ours.
 */
export async function measureYWebsocket(
  { cert, key }: Certificate,
  strokes: readonly PenStroke[],
  mode: 'points' | 'batches',
): Promise<RivalResult> {
  const room = await openRoom({ cert, key });
  const line = await CountingRelay.open(room.port);
  const arrivals = new Arrivals();
  const pen = await join(`https://127.0.0.1:${room.port}`);
  const screen = await join(line.url);
  screen.onPoint(() => arrivals.arrived());
  await delay(SETTLE_MS);
  line.reset();
  let waiting: InkPoint[] = [];
  const flush = () => {
    if (waiting.length > 0) pen.add(waiting);
    waiting = [];
  };
  const timer = mode === 'batches' ? setInterval(flush, BATCH_MS) : undefined;
  await write(strokes, {
    begin: () => pen.begin(),
    point: (point) => {
      arrivals.made.push(performance.now());
      waiting.push(point);
      if (mode === 'points') flush();
    },
    end: flush,
  });
  clearInterval(timer);
  await delay(SETTLE_MS);
  const result = arrivals.result(line, countPoints(strokes));
  pen.close();
  screen.close();
  line.close();
  await room.close();
  return result;
}
