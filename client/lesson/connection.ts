import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { ErrorBody, ErrorCode, TongkeError } from '../../protocol/errors.ts';
import type { LogEntry, OperationId } from '../../protocol/events.ts';
import {
  type ClientToServer,
  type DurableName,
  type Input,
  type Notice,
  type Output,
  type RequestEnvelope,
  type RequestName,
  requests,
  type ServerToClient,
} from '../../protocol/requests.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

/** Quick at first, since most cuts are short; jittered, so that a restarted server is not met by all at once. */
const RECONNECT_FIRST_MS = 200;
const RECONNECT_MOST_MS = 3_000;
/** A satellite's handshake takes some round trips of 600 ms and more. */
const CONNECT_TIMEOUT_MS = 8_000;
/** At 32 kbit/s a large answer may stand behind half a minute of queue. */
const ANSWER_TIMEOUT_MS = 20_000;

/** No answer came, and none will over this connection; whether the request was heard is not known. */
export class ConnectionLost extends TongkeError {
  constructor(message = 'the connection to the server is lost') {
    super('connection_lost', message);
  }
}

const AnyAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
]);

const Refusal = z.object({ data: z.object({ code: ErrorCode }) });

export interface ConnectionOptions {
  readonly url?: string;
  /** Only where there is no browser to send the cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  connected(): void;
  disconnected(): void;
  /** The server will not have this client: it is not asked again. */
  refused(code: 'version_mismatch' | 'not_signed_in' | 'forbidden'): void;
  entries(entries: LogEntry[]): void;
  notice(notice: Notice): void;
}

/** The socket, as requests with answers. Reconnects by itself until it is closed or refused. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket<ServerToClient, ClientToServer>;
  #again: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const socketOptions = {
      auth: { version: PROTOCOL_VERSION },
      transports: ['websocket', 'polling'], // polling where a school's proxy lets no WebSocket through
      tryAllTransports: true,
      reconnectionDelay: RECONNECT_FIRST_MS,
      reconnectionDelayMax: RECONNECT_MOST_MS,
      randomizationFactor: 0.5,
      timeout: CONNECT_TIMEOUT_MS,
      withCredentials: true,
      forceNew: true,
      ...(options.headers ? { extraHeaders: { ...options.headers } } : {}),
    };
    this.#socket = options.url === undefined ? io(socketOptions) : io(options.url, socketOptions);
    this.#socket.on('connect', () => options.connected());
    this.#socket.on('disconnect', (reason) => this.#onDisconnect(reason));
    this.#socket.on('connect_error', (error) => this.#onConnectError(error));
    this.#socket.on('entries', (entries) => options.entries(entries));
    this.#socket.on('notice', (notice) => options.notice(notice));
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /** Asks once. Rejects with what the server refused, or with ConnectionLost. */
  ask<N extends RequestName>(name: N, input: Input<N>, timeoutMs = ANSWER_TIMEOUT_MS): Promise<Output<N>> {
    return this.#emit(name, { name, input }, timeoutMs);
  }

  /** Asks for something durable, under the number that makes it happen once. */
  deliver(name: DurableName, input: unknown, op: OperationId): Promise<Output<DurableName>> {
    return this.#emit(name, { name, input, op }, ANSWER_TIMEOUT_MS);
  }

  #emit<N extends RequestName>(name: N, envelope: RequestEnvelope, timeoutMs: number): Promise<Output<N>> {
    if (!this.#socket.connected) return Promise.reject(new ConnectionLost());
    return new Promise((resolve, reject) => {
      this.#socket.timeout(timeoutMs).emit('request', envelope, (lost: Error | null, answer: unknown) => {
        if (lost) return reject(new ConnectionLost(`no answer to ${name}`));
        try {
          resolve(readAnswer(name, answer));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Does not wait for the next attempt: the network has just come back, or someone looks. */
  connectNow(): void {
    if (this.#closed || this.#socket.connected) return;
    clearTimeout(this.#again);
    this.#socket.disconnect().connect();
  }

  /** Gives up a connection that no longer answers. */
  renew(): void {
    if (this.#closed) return;
    this.#socket.disconnect().connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#socket.disconnect();
  }

  #onDisconnect(reason: string): void {
    this.#options.disconnected();
    // Put out by the server, which socket.io takes as final: it is about to stop, or the session was ended.
    if (reason === 'io server disconnect') this.#connectLater();
  }

  #onConnectError(error: Error): void {
    if (this.#socket.active) return; // socket.io tries again by itself
    const refusal = Refusal.safeParse(error);
    const code = refusal.success ? refusal.data.data.code : 'internal';
    if (code === 'version_mismatch' || code === 'not_signed_in' || code === 'forbidden') {
      this.close();
      this.#options.refused(code);
    } else this.#connectLater();
  }

  #connectLater(): void {
    if (this.#closed) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(
      () => this.#socket.connect(),
      RECONNECT_FIRST_MS + Math.random() * RECONNECT_MOST_MS,
    );
  }
}

function readAnswer<N extends RequestName>(name: N, raw: unknown): Output<N> {
  const answer = AnyAnswer.safeParse(raw);
  if (!answer.success) throw new TongkeError('internal', `the answer to ${name} is none`);
  if (!answer.data.ok) {
    const error = ErrorBody.safeParse(answer.data.error);
    if (!error.success) throw new TongkeError('internal', answer.data.error.message);
    throw new TongkeError(error.data.code, error.data.message);
  }
  const { data } = answer.data;
  if (!isOutput(name, data)) throw new TongkeError('internal', `the answer to ${name} does not fit`);
  return data;
}

function isOutput<N extends RequestName>(name: N, data: unknown): data is Output<N> {
  return requests[name].output.safeParse(data).success;
}
