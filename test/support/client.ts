import { EventEmitter, on } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { EntriesDecoder } from '../../protocol/entries-line.ts';
import { type Answer, TongkeError } from '../../protocol/errors.ts';
import type { LogEntry, Part } from '../../protocol/events.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';
import type {
  ClientToServer,
  DurableName,
  Input,
  Notice,
  Output,
  RequestName,
  ServerToClient,
} from '../../protocol/requests.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import * as wire from '../../protocol/wire.ts';

/** Signs in over HTTP as a browser would; resolves with the session's cookie. Rejects with a TongkeError. */
export async function signIn(url: string, username: string, password: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(url).origin },
    body: JSON.stringify({ username, password }),
  });
  const answer = (await response.json()) as Answer<unknown>;
  if (!answer.ok) throw new TongkeError(answer.error.code, answer.error.message);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

/** Reads one of the JSON routes as whoever the cookie belongs to. Rejects with a TongkeError. */
export async function get<T>(url: string, path: string, cookie: string): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, { headers: { cookie } });
  const answer = (await response.json()) as Answer<T>;
  if (!answer.ok) throw new TongkeError(answer.error.code, answer.error.message);
  return answer.data;
}

interface Events {
  entry: [LogEntry];
  /** After a batch of entries, or a join, was folded in. */
  state: [LessonState];
  notice: [Notice];
  disconnect: [];
}

/**
 * A client that speaks the protocol and nothing more: no outbox, no reconnecting of its own, so that a test says
 * when each thing happens. `client/lesson` is the one that people use.
 */
export class TestClient extends EventEmitter<Events> {
  readonly socket: Socket<ServerToClient, ClientToServer>;
  state: LessonState = EMPTY_LESSON;
  you: { participant: string; part: Part } | null = null;
  #operation = 0;
  /** Entries that came while the answer to a join was on its way. */
  #early: LogEntry[] | null = null;

  private constructor(socket: Socket<ServerToClient, ClientToServer>) {
    super();
    this.socket = socket;
    const decoder = new EntriesDecoder();
    socket.on('entries', (bytes) => this.#fold(decoder.decode(bytes)));
    socket.on('notice', (notice) => this.emit('notice', notice));
    socket.on('disconnect', () => this.emit('disconnect'));
  }

  /** Rejects with the TongkeError with which the server refuses the connection. */
  static async connect(
    url: string,
    cookie: string,
    version = PROTOCOL_VERSION,
    transports: ('websocket' | 'polling')[] = ['websocket'],
  ): Promise<TestClient> {
    const socket: Socket<ServerToClient, ClientToServer> = io(url, {
      auth: { version },
      parser: wire,
      extraHeaders: { cookie, origin: new URL(url).origin },
      transports,
      reconnection: false,
      forceNew: true,
      rejectUnauthorized: false,
    });
    const client = new TestClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (error) => {
        const code = 'data' in error && (error.data as { code?: string })?.code;
        reject(code ? new TongkeError(code as TongkeError['code']) : error);
      });
    });
    return client;
  }

  /** Any envelope at all, as hostile as one likes. */
  raw(envelope: unknown): Promise<Answer<unknown>> {
    return new Promise((resolve, reject) => {
      this.socket.once('disconnect', () => reject(new Error('disconnected before the answer')));
      this.socket.emit('request', envelope, (answer) => resolve(answer as Answer<unknown>));
    });
  }

  async request<N extends Exclude<RequestName, DurableName>>(name: N, input: Input<N>): Promise<Output<N>> {
    return unwrap(await this.raw({ name, input }));
  }

  /** `op` as given, to send something twice; otherwise the next of this client. */
  async perform<N extends DurableName>(
    name: N,
    input: Input<N>,
    op?: { client: string; n: number },
  ): Promise<Output<N>> {
    const own = { client: `t${this.socket.id?.replaceAll(/[^A-Za-z0-9]/g, '')}`, n: ++this.#operation };
    return unwrap(await this.raw({ name, input, op: op ?? own }));
  }

  async join(lesson: string, since?: number): Promise<void> {
    this.#early = [];
    const answer = await this.request('lesson.join', { lesson, since });
    const early = this.#early;
    this.#early = null;
    this.you = answer.you;
    if (answer.snapshot && answer.snapshot.seq >= this.state.seq) this.state = answer.snapshot;
    this.#fold([...answer.entries, ...early]);
  }

  /** Resolves with the first state, now or later, for which `test` holds. */
  async until(test: (state: LessonState) => boolean, timeoutMs = 10_000): Promise<LessonState> {
    if (test(this.state)) return this.state;
    for await (const [state] of on(this, 'state', { signal: AbortSignal.timeout(timeoutMs) })) {
      if (test(state)) return state;
    }
    throw new Error('unreachable: the signal ends the loop');
  }

  close(): void {
    this.socket.disconnect();
  }

  #fold(entries: readonly LogEntry[]): void {
    if (this.#early) {
      this.#early.push(...entries);
      return;
    }
    for (const entry of entries) {
      if (entry.seq <= this.state.seq) continue;
      if (entry.seq !== this.state.seq + 1) throw new Error(`gap before ${entry.seq}`);
      this.state = reduce(this.state, entry);
      this.emit('entry', entry);
    }
    this.emit('state', this.state);
  }
}

export function unwrap<T>(answer: Answer<unknown>): T {
  if (!answer.ok) throw new TongkeError(answer.error.code, answer.error.message);
  return answer.data as T;
}
