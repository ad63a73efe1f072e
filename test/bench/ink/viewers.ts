import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { StrokeSender } from '../../../client/board/ink-sender.ts';
import { EntriesDecoder } from '../../../protocol/entries-line.ts';
import type { InkPoint } from '../../../protocol/ink.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';
import type { PenStroke } from '../../../server/demo/handwriting.ts';
import { eventually } from '../../support/eventually.ts';
import { percentile } from '../bench.ts';
import { type BenchServer, startBenchServer } from '../support/server.ts';
import { write } from './pen.ts';
import { firstSeconds } from './trace.ts';
import { BRUSH, joinAs, SETTLE_MS } from './wire.ts';

const VIEWERS = 1_000;
/** Joining at once is another bench's business. */
const JOINS_AT_ONCE = 20;
const WARM_UP_SECONDS = 4;
const SERVER_CORE = 0;
const LOAD_CORE = 1;

export interface ViewersResult {
  /** From handing a batch to the writer's client to its entry in a viewer's, all viewers and batches, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly cpuPercent: number;
  readonly cpuUsPerDelivery: number;
  readonly deliveries: number;
  readonly pinned: string;
}

/** One writer, VIEWERS viewers over TLS, the server on one core and everything else on another. */
export async function measureViewers(strokes: readonly PenStroke[]): Promise<ViewersResult> {
  const pinned = pinSelf();
  const server = await startBenchServer(pinned ? SERVER_CORE : undefined);
  const writer = await joinAs(server, 'dolma', server.httpsUrl);
  const audience = new Audience(server);
  for (let i = 0; i < VIEWERS; i += JOINS_AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(JOINS_AT_ONCE, VIEWERS - i) }, () => audience.admit()));
  }
  await delay(SETTLE_MS);
  let n = 0;
  const session = {
    perform(...[name, input]: Parameters<typeof writer.perform>) {
      audience.sent.set(++n, performance.now());
      writer.perform(name, input);
    },
  };
  let sender: StrokeSender | null = null;
  const pen = {
    begin: () => {
      sender = new StrokeSender(session, 'page1', BRUSH);
    },
    point: (point: InkPoint) => sender?.add([point]),
    end: () => sender?.end(),
  };
  // A server that has just started is no lesson that has gone on for a while.
  await write(firstSeconds(strokes, WARM_UP_SECONDS), pen);
  await eventually(() => audience.delays.length === n * VIEWERS, 'every delivery', 30_000);
  audience.delays.length = 0;
  const warmed = n;
  const [cpu, began] = [server.cpuSeconds(), performance.now()];
  await write(strokes, pen);
  const { delays } = audience;
  await eventually(() => delays.length === (n - warmed) * VIEWERS, 'every delivery', 30_000);
  const used = server.cpuSeconds() - cpu;
  const result = {
    ...{ p50: percentile(delays, 0.5), p99: percentile(delays, 0.99), deliveries: delays.length },
    cpuPercent: (used / ((performance.now() - began) / 1000)) * 100,
    cpuUsPerDelivery: (used / delays.length) * 1e6,
    pinned: pinned ? `server ${SERVER_CORE}, load ${LOAD_CORE}` : 'no taskset here',
  };
  writer.close();
  audience.close();
  await server.close();
  return result;
}

/** Messages that some viewers have had and others not yet. */
const ON_THEIR_WAY = 32;

/**
 * Viewers as light as they can be, so that what is measured is the server: bare sockets. What all are told in the same
 * bytes is decoded once, by whom it reaches first: a thousand screens do so on a thousand processors.
 */
class Audience {
  readonly sent = new Map<number, number>();
  readonly delays: number[] = [];
  readonly #server: BenchServer;
  readonly #sockets: WebSocket[] = [];
  readonly #decoder = new EntriesDecoder();
  /** By their bytes: the writer's operations in them. */
  readonly #told = new Map<string, readonly number[]>();

  constructor(server: BenchServer) {
    this.#server = server;
  }

  async admit(): Promise<void> {
    const { httpsUrl, lesson } = this.#server;
    const headers = { cookie: await this.#server.cookie('room1'), origin: httpsUrl };
    const url = `${httpsUrl.replace('https', 'wss')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url, { headers });
    this.#sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) return this.#onEntries(data);
        const text = data.toString();
        if (text.startsWith('0')) socket.send(`40${JSON.stringify({ version: PROTOCOL_VERSION })}`);
        else if (text.startsWith('40')) {
          socket.send(`420${JSON.stringify(['request', { name: 'lesson.join', input: { lesson } }])}`);
        } else if (text === '2') socket.send('3');
        else if (text.startsWith('430[{"ok":true')) resolve();
        else if (text.startsWith('4')) reject(new Error(`a viewer was told: ${text.slice(0, 200)}`));
      });
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #onEntries(data: Buffer): void {
    const now = performance.now();
    for (const n of this.#operationsIn(data)) {
      const sent = this.sent.get(n);
      if (sent !== undefined) this.delays.push(now - sent);
    }
  }

  #operationsIn(data: Buffer): readonly number[] {
    const bytes = data.toString('latin1');
    const known = this.#told.get(bytes);
    if (known) return known;
    const operations = this.#decoder.decode(data.subarray(1)).flatMap(({ op }) => op?.n ?? []);
    this.#told.set(bytes, operations);
    const [oldest] = this.#told.keys();
    if (this.#told.size > ON_THEIR_WAY && oldest !== undefined) this.#told.delete(oldest);
    return operations;
  }
}

/** False where the system has no `taskset`, or a single core. */
function pinSelf(): boolean {
  return spawnSync('taskset', ['-a', '-p', '-c', `${LOAD_CORE}`, `${process.pid}`]).status === 0;
}
