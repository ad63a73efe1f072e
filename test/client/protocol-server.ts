import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { EntriesEncoder } from '../../protocol/entries-line.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { LessonEvent, LogEntry, OperationId } from '../../protocol/events.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';
import { OperationsDecoder } from '../../protocol/operations-line.ts';
import {
  type ClientToServer,
  Hello,
  isRequestName,
  RequestEnvelope,
  requests,
  type ServerToClient,
} from '../../protocol/requests.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import * as wire from '../../protocol/wire.ts';

type ServerSocket = Socket<ClientToServer, ServerToClient>;

/**
 * A lesson's server as a client sees it, in memory and without a store, media or people: so that a test decides what
 * goes wrong. The log outlives `stop` and `start`, as a restarted server's does.
 */
export class ProtocolServer {
  readonly log: LogEntry[] = [];
  state: LessonState = EMPTY_LESSON;
  /** Every operation that arrived, sent twice or not. */
  readonly received: OperationId[] = [];
  /** Asked before a durable request is taken: throw what it should be refused with. */
  refuse: (name: string, op: OperationId) => void = () => {};
  /** Which pushed entries get through. */
  passes: (entry: LogEntry) => boolean = () => true;
  /** Each pushed batch is sent so often. */
  copies = 1;
  /** Acknowledgements are held back while false, and lost if the line breaks meanwhile. */
  acknowledges = true;
  version = PROTOCOL_VERSION;
  joins = 0;
  signedIn = true;
  #io: Server<ClientToServer, ServerToClient> | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const http = createServer();
    const io = new Server<ClientToServer, ServerToClient>(http, {
      ...{ parser: wire, pingInterval: 1_000, pingTimeout: 2_000 },
    });
    this.#io = io;
    io.use((socket, next) => {
      const code = socket.handshake.auth.version !== this.version ? 'version_mismatch' : 'not_signed_in';
      if (code === 'not_signed_in' && this.signedIn) next();
      else next(Object.assign(new Error(code), { data: { code } }));
    });
    io.on('connection', (socket) => {
      socket.on('request', (envelope, answer) => void this.#onRequest(socket, envelope, answer));
      for (const [place, envelope] of Hello.parse(socket.handshake.auth).ahead.entries())
        void this.#onRequest(socket, envelope, (answer) => socket.emit('answered', place, answer));
      const decoder = new OperationsDecoder();
      socket.on('perform', (bytes) => {
        const envelope = decoder.decode(bytes);
        void this.#onRequest(socket, envelope, (answer) => socket.emit('performed', envelope.op, answer));
      });
    });
    await new Promise<void>((resolve) => http.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (http.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await this.#io?.close();
    this.#io = null;
  }

  /** Breaks every line without a word, as a cut does; clients may come back at once. */
  cut(): void {
    for (const socket of this.#io?.sockets.sockets.values() ?? []) socket.conn.close();
  }

  /** Something that happened elsewhere. */
  publish(event: LessonEvent, actor?: string, op?: OperationId): LogEntry {
    const entry: LogEntry = { seq: this.state.seq + 1, t: this.now(), actor, op, event };
    this.log.push(entry);
    this.state = reduce(this.state, entry);
    if (this.passes(entry)) {
      // In full, so that any of them may be missing.
      const bytes = new EntriesEncoder().encode([entry]);
      for (let i = 0; i < this.copies; i++) this.#io?.to('lesson').emit('entries', bytes);
    }
    return entry;
  }

  now(): number {
    return Math.round(performance.now());
  }

  async #onRequest(socket: ServerSocket, raw: unknown, answer: (value: unknown) => void): Promise<void> {
    try {
      const data = await this.#handle(socket, RequestEnvelope.parse(raw));
      if (this.acknowledges) answer({ ok: true, data });
    } catch (error) {
      const { code, message } =
        error instanceof TongkeError ? error : new TongkeError('internal', String(error));
      answer({ ok: false, error: { code, message } });
    }
  }

  async #handle(socket: ServerSocket, { name, input, op }: RequestEnvelope): Promise<unknown> {
    if (!isRequestName(name)) throw new TongkeError('unknown_request');
    if (name === 'lesson.join') return this.#join(socket, requests['lesson.join'].input.parse(input).since);
    if (!op) return {};
    this.received.push(op);
    this.refuse(name, op);
    if (op.n <= (this.state.operations[op.client] ?? 0)) return {};
    return { seq: this.publish(eventOf(name, input), 'teacher', op).seq };
  }

  async #join(socket: ServerSocket, since: number | undefined): Promise<unknown> {
    this.joins++;
    await socket.join('lesson');
    const you = { participant: 'teacher', part: 'lead' };
    const resumes = since !== undefined && since > 0 && since <= this.state.seq;
    return resumes
      ? { you, now: this.now(), entries: this.log.slice(since) }
      : { you, now: this.now(), snapshot: this.state, entries: [] };
  }
}

function eventOf(name: string, input: unknown): LessonEvent {
  switch (name) {
    case 'ink.draw':
      return { type: 'ink.drawn', ...requests['ink.draw'].input.parse(input) };
    case 'ink.erase':
      return { type: 'ink.erased', ...requests['ink.erase'].input.parse(input) };
    case 'ink.undo':
      return { type: 'ink.undone', ...requests['ink.undo'].input.parse(input) };
    case 'page.add':
      return { type: 'page.added', ...requests['page.add'].input.parse(input) };
    case 'chat.say':
      return { type: 'chat.said', ...requests['chat.say'].input.parse(input) };
    default:
      throw new TongkeError('unknown_request', name);
  }
}
