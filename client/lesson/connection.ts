import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { WireError } from '../../protocol/bytes.ts';
import { EntriesDecoder } from '../../protocol/entries-line.ts';
import { ErrorCode } from '../../protocol/errors.ts';
import type { LogEntry, OperationId } from '../../protocol/events.ts';
import type {
  ClientToServer,
  DurableName,
  Input,
  Notice,
  Output,
  RequestEnvelope,
  RequestName,
  ServerToClient,
} from '../../protocol/requests.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import * as wire from '../../protocol/wire.ts';
import { ANSWER_TIMEOUT_MS, ConnectionLost, readAnswer } from './answer.ts';
import { Deliveries } from './deliveries.ts';

/** Quick at first, since most cuts are short; jittered, so that a restarted server is not met by all at once. */
const RECONNECT_FIRST_MS = 200;
const RECONNECT_MOST_MS = 3_000;
/** A satellite's handshake takes some round trips of 600 ms and more. */
const CONNECT_TIMEOUT_MS = 8_000;
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
  /** What went wrong without anyone having asked for it. */
  report(error: unknown): void;
}

/** The socket, as requests with answers. Reconnects by itself until it is closed or refused. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket<ServerToClient, ClientToServer>;
  readonly #deliveries: Deliveries;
  #decoder = new EntriesDecoder();
  #again: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#deliveries = new Deliveries((bytes) => this.#socket.emit('perform', bytes));
    const socketOptions = {
      auth: { version: PROTOCOL_VERSION },
      parser: wire,
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
    this.#socket.on('connect', () => this.#onConnect());
    this.#socket.on('disconnect', (reason) => this.#onDisconnect(reason));
    this.#socket.on('connect_error', (error) => this.#onConnectError(error));
    this.#socket.on('entries', (bytes) => this.#onEntries(bytes));
    this.#socket.on('performed', (op, answer) => this.#deliveries.answered(op, answer));
    this.#socket.on('notice', (notice) => options.notice(notice));
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /** Asks once. Rejects with what the server refused, or with ConnectionLost. */
  ask<N extends RequestName>(name: N, input: Input<N>, timeoutMs = ANSWER_TIMEOUT_MS): Promise<Output<N>> {
    return this.#emit(name, { name, input }, timeoutMs);
  }

  /** Asks for something durable, under the number that makes it happen once. Its entry is the answer. */
  deliver(name: DurableName, input: unknown, op: OperationId): Promise<Output<DurableName>> {
    if (!this.#socket.connected) return Promise.reject(new ConnectionLost());
    return this.#deliveries.deliver(name, input, op);
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

  #onConnect(): void {
    // Both ends begin anew with every connection.
    this.#decoder = new EntriesDecoder();
    this.#options.connected();
  }

  #onEntries(bytes: Uint8Array): void {
    let entries: LogEntry[];
    try {
      entries = this.#decoder.decode(bytes);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#options.report(error);
      this.renew(); // what was missed comes with the next join
      return;
    }
    for (const { seq, op } of entries) if (op) this.#deliveries.answered(op, { ok: true, data: { seq } });
    this.#options.entries(entries);
  }

  #onDisconnect(reason: string): void {
    this.#deliveries.lost();
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
