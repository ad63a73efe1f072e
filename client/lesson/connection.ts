import { z } from 'zod';
import { ErrorBody, TongkeError } from '../../protocol/errors.ts';
import type { LogEntry, OperationId } from '../../protocol/events.ts';
import {
  type DurableName,
  type Input,
  type Notice,
  type Output,
  type RequestEnvelope,
  type RequestName,
  requests,
} from '../../protocol/requests.ts';
import { Dialler, type LessonSocket, type RefusalCode } from './dialler.ts';

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

export interface ConnectionOptions {
  readonly url?: string;
  /** Only where there is no browser to send the cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  connected(): void;
  disconnected(): void;
  /** The server will not have this client: it is not asked again. */
  refused(code: RefusalCode): void;
  entries(entries: LogEntry[]): void;
  notice(notice: Notice): void;
}

/** The socket, as requests with answers. Comes back by itself until it is closed or refused. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #dialler: Dialler;
  #socket: LessonSocket | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#dialler = new Dialler({
      url: options.url,
      headers: options.headers,
      answered: (socket) => this.#take(socket),
      refused: (code) => {
        this.close();
        options.refused(code);
      },
    });
    this.#dialler.dial();
  }

  get connected(): boolean {
    return this.#socket?.connected ?? false;
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
    const socket = this.#socket;
    if (!socket?.connected) return Promise.reject(new ConnectionLost());
    return new Promise((resolve, reject) => {
      socket.timeout(timeoutMs).emit('request', envelope, (lost: Error | null, answer: unknown) => {
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
    if (!this.connected) this.#dialler.dial();
  }

  /** Gives up a connection that no longer answers. */
  renew(): void {
    this.#drop();
    this.#dialler.dial();
  }

  close(): void {
    this.#dialler.close();
    this.#drop();
  }

  /** A connection that has fallen silent is given up for the new one, and not before there is one. */
  #take(socket: LessonSocket): void {
    this.#drop();
    this.#socket = socket;
    socket.on('disconnect', (reason) => this.#lost(reason));
    socket.on('entries', (entries) => this.#options.entries(entries));
    socket.on('notice', (notice) => this.#options.notice(notice));
    this.#options.connected();
  }

  #drop(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    socket.off('disconnect').off('entries').off('notice');
    socket.disconnect();
    this.#options.disconnected();
  }

  #lost(reason: string): void {
    this.#drop();
    // Put out by the server, which is about to stop, or has ended the session: not at once, and not all together.
    if (reason === 'io server disconnect') this.#dialler.dialLater();
    else this.#dialler.dial();
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
