import { WireError } from '../../protocol/bytes.ts';
import { EntriesDecoder } from '../../protocol/entries-line.ts';
import type { LogEntry, OperationId } from '../../protocol/events.ts';
import type {
  AheadRequest,
  DurableName,
  Input,
  Notice,
  Output,
  RequestEnvelope,
  RequestName,
} from '../../protocol/requests.ts';
import { AheadAnswers, type Early } from './ahead-answers.ts';
import { ANSWER_TIMEOUT_MS, ConnectionLost, readAnswer } from './answer.ts';
import { Deliveries } from './deliveries.ts';
import { type Ahead, Dialler, type LessonSocket, type RefusalCode } from './dialler.ts';
import type { Count } from './traffic.ts';

export interface ConnectionOptions {
  readonly url?: string;
  /** Only where there is no browser to send the cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is to be asked together with connecting; whoever wants to know takes the answer by `early`. */
  ahead(): readonly AheadRequest[];
  connected(): void;
  disconnected(): void;
  /** The server will not have this client: it is not asked again. */
  refused(code: RefusalCode): void;
  entries(entries: LogEntry[]): void;
  notice(notice: Notice): void;
  /** Anything came from the server, a ping too. */
  heard(): void;
  /** Datagrams have come without a break: the link is there, whatever the socket says. */
  isSteady(): boolean;
  readonly count?: Count;
  /** What went wrong without anyone having asked for it. */
  report(error: unknown): void;
}

/** The socket, as requests with answers. Comes back by itself until it is closed or refused. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #dialler: Dialler;
  readonly #deliveries: Deliveries;
  #socket: LessonSocket | null = null;
  #decoder = new EntriesDecoder();
  #ahead: AheadAnswers | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#deliveries = new Deliveries((bytes) => this.#socket?.emit('perform', bytes));
    this.#dialler = new Dialler({
      url: options.url,
      headers: options.headers,
      ahead: options.ahead,
      answered: (socket, ahead) => this.#take(socket, ahead),
      heard: options.heard,
      isSteady: options.isSteady,
      gone: () => this.#drop(),
      count: options.count,
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

  /** The answer to what was asked together with connecting, once; null where it was not. */
  early<N extends RequestName>(name: N): Early<N> | null {
    return this.#ahead?.take(name) ?? null;
  }

  /** Asks for something durable, under the number that makes it happen once. Its entry is the answer. */
  deliver(name: DurableName, input: unknown, op: OperationId): Promise<Output<DurableName>> {
    if (!this.connected) return Promise.reject(new ConnectionLost());
    return this.#deliveries.deliver(name, input, op);
  }

  /** These entries came; of what was delivered, they are the answers. */
  placed(entries: readonly LogEntry[]): void {
    for (const { seq, op } of entries) if (op) this.#deliveries.answered(op, { ok: true, data: { seq } });
  }

  /** Every entry up to `seq` came by datagrams: this need not bring it. */
  fed(seq: number): void {
    this.#socket?.volatile.emit('fed', seq);
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

  /** Does not wait for attempts of before: the network has just come back. What there is stays until another is there. */
  connectNow(): void {
    this.#dialler.dialAnew();
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
  #take(socket: LessonSocket, ahead: Ahead): void {
    this.#drop();
    this.#socket = socket;
    const answers = new AheadAnswers(ahead);
    this.#ahead = answers;
    // Both ends begin anew with every connection.
    this.#decoder = new EntriesDecoder();
    socket.on('disconnect', (reason) => this.#lost(reason));
    socket.on('entries', (bytes) => this.#onEntries(bytes));
    socket.on('performed', (op, answer) => this.#deliveries.answered(op, answer));
    socket.on('answered', (place, answer) => answers.answered(place, answer));
    socket.on('notice', (notice) => this.#options.notice(notice));
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
    this.placed(entries);
    this.#options.entries(entries);
  }

  #drop(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    socket.off('disconnect').off('entries').off('performed').off('notice').off('answered');
    socket.disconnect();
    this.#deliveries.lost();
    this.#ahead?.lost();
    this.#ahead = null;
    this.#options.disconnected();
  }

  #lost(reason: string): void {
    this.#drop();
    // Put out by the server, which is about to stop, or has ended the session: not at once, and not all together.
    if (reason === 'io server disconnect') this.#dialler.dialLater();
    else this.#dialler.dial();
  }
}
