import type { Early } from '../../client/lesson/ahead-answers.ts';
import { ConnectionLost, readAnswer } from '../../client/lesson/answer.ts';
import type { ConnectionOptions } from '../../client/lesson/connection.ts';
import { Deliveries } from '../../client/lesson/deliveries.ts';
import type { Line } from '../../client/lesson/session.ts';
import { EntriesDecoder } from '../../protocol/entries-line.ts';
import type { LogEntry, OperationId } from '../../protocol/events.ts';
import type { Mark } from '../../protocol/mark.ts';
import {
  type AheadRequest,
  type DurableName,
  type Input,
  type Output,
  type RequestName,
  requests,
} from '../../protocol/requests.ts';
import type { Far, FuzzServer, Peer } from './server.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface LineOptions {
  readonly time: VirtualTime;
  readonly server: FuzzServer;
  readonly participant: string;
  /** Entries may come twice and out of order. */
  readonly disorderly: boolean;
}

/**
 * A connection of client/lesson without a network: messages of one connection keep their order as TCP's do, what was
 * under way when it broke arrives or does not, and in disorderly lines entries come twice and out of order.
 */
export class FuzzLine implements Line {
  connected = false;
  readonly #options: ConnectionOptions;
  readonly #line: LineOptions;
  #attempt: Attempt | null = null;
  #closed = false;

  constructor(options: ConnectionOptions, line: LineOptions) {
    this.#options = options;
    this.#line = line;
    this.#connectLater();
  }

  ask<N extends RequestName>(name: N, input: Input<N>): Promise<Output<N>> {
    return this.#attempt ? this.#attempt.ask(name, input) : Promise.reject(new ConnectionLost());
  }

  early<N extends RequestName>(name: N): Early<N> | null {
    return this.#attempt?.early(name) ?? null;
  }

  deliver(name: DurableName, input: unknown, op: OperationId): Promise<Output<DurableName>> {
    return this.#attempt?.deliveries.deliver(name, input, op) ?? Promise.reject(new ConnectionLost());
  }

  /** Nothing comes by datagrams here. */
  placed(): void {}

  fed(): void {}

  connectNow(): void {}

  renew(): void {
    this.cut();
  }

  close(): void {
    this.#closed = true;
    this.cut();
  }

  /** Breaks the line; it comes back by itself. */
  cut(): void {
    const attempt = this.#attempt;
    if (!attempt) return;
    this.#attempt = null;
    this.connected = false;
    attempt.lost();
    this.#options.disconnected();
    this.#connectLater();
  }

  #connectLater(): void {
    if (this.#closed) return;
    setTimeout(() => this.#connect(), this.#line.time.random.between(10, 800));
  }

  #connect(): void {
    if (this.#closed || this.#attempt) return;
    const attempt = new Attempt(this.#line, {
      entries: (entries) => this.#options.entries(entries),
      mark: (mark) => this.#options.notice({ type: 'mark', ...mark }),
      cut: (broken) => {
        if (this.#attempt === broken) this.cut();
      },
    });
    if (!attempt.open(this.#options.ahead())) {
      this.#connectLater();
      return;
    }
    this.#attempt = attempt;
    this.connected = true;
    this.#options.connected();
  }
}

interface ClientEnd {
  entries(entries: LogEntry[]): void;
  mark(mark: Mark): void;
  cut(attempt: Attempt): void;
}

const { input: joining } = requests['lesson.join'];
const { input: parts } = requests['lesson.parts'];

/** One connection, from its beginning to its break. */
class Attempt implements Far {
  readonly deliveries: Deliveries;
  readonly #line: LineOptions;
  readonly #client: ClientEnd;
  readonly #decoder = new EntriesDecoder();
  readonly #asked = new Map<number, { resolve(answer: unknown): void; reject(error: unknown): void }>();
  #peer: Peer | null = null;
  #alive = true;
  #early: Early<'lesson.join'> | null = null;
  #ids = 0;
  #due = { up: 0, down: 0 };

  constructor(line: LineOptions, client: ClientEnd) {
    this.#line = line;
    this.#client = client;
    this.deliveries = new Deliveries((bytes) => {
      const copies = line.time.random.chance(0.05) ? 2 : 1;
      this.#carry('up', () => void this.#peer?.perform(bytes, copies));
    });
  }

  open(ahead: readonly AheadRequest[]): boolean {
    this.#peer = this.#line.server.accept(this.#line.participant, this);
    if (this.#peer === null) return false;
    for (const { name, input } of ahead) {
      if (name !== 'lesson.join') continue; // there is no media here
      const answer = this.ask(name, joining.parse(input));
      answer.catch(() => undefined); // rejects to who takes it
      this.#early = { answer, askedAt: performance.now() };
    }
    return true;
  }

  early<N extends RequestName>(name: N): Early<N> | null;
  early(name: RequestName): Early<'lesson.join'> | null {
    if (name !== 'lesson.join') return null;
    const early = this.#early;
    this.#early = null;
    return early;
  }

  ask<N extends RequestName>(name: N, input: Input<N>): Promise<Output<N>> {
    const id = ++this.#ids;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, {
        resolve(answer) {
          try {
            resolve(readAnswer(name, answer));
          } catch (error) {
            reject(error);
          }
        },
        reject,
      });
      if (name === 'lesson.join') this.#carry('up', () => void this.#peer?.join(id, joining.parse(input)));
      else if (name === 'lesson.parts') this.#carry('up', () => this.#peer?.parts(id, parts.parse(input)));
      else this.#carry('down', () => this.answer(id, { ok: true, data: {} }));
    });
  }

  lost(): void {
    this.#alive = false;
    this.#carry('up', () => this.#peer?.leave()); // the server notices later than the client
    this.deliveries.lost();
    for (const { reject } of this.#asked.values()) reject(new ConnectionLost());
    this.#asked.clear();
  }

  entries(told: Uint8Array | readonly LogEntry[]): void {
    const { time, disorderly } = this.#line;
    const receive = () => {
      const entries = told instanceof Uint8Array ? this.#decoder.decode(told) : [...told];
      for (const { seq, op } of entries) if (op) this.deliveries.answered(op, { ok: true, data: { seq } });
      this.#client.entries(entries);
    };
    if (!disorderly || time.random.chance(0.7)) {
      this.#carry('down', receive);
      return;
    }
    const copies = time.random.chance(0.3) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      setTimeout(() => this.#alive && receive(), time.random.between(0, 400));
    }
  }

  performed(op: OperationId, answer: unknown): void {
    this.#carry('down', () => this.deliveries.answered(op, answer));
  }

  answer(id: number, answer: unknown): void {
    this.#carry('down', () => {
      this.#asked.get(id)?.resolve(answer);
      this.#asked.delete(id);
    });
  }

  mark(mark: Mark): void {
    this.#carry('down', () => this.#client.mark(mark));
  }

  cut(): void {
    this.#client.cut(this);
  }

  #carry(way: 'up' | 'down', arrive: () => void): void {
    const { random, now } = this.#line.time;
    this.#due[way] = Math.max(this.#due[way], now + random.between(1, 120));
    setTimeout(() => {
      // What was on its way up when the line broke may be in the server's buffers already.
      if (way === 'up' || this.#alive) arrive();
    }, this.#due[way] - now);
  }
}
