import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { ErrorCode } from '../../protocol/errors.ts';
import type { ClientToServer, ServerToClient } from '../../protocol/requests.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

export type LessonSocket = Socket<ServerToClient, ClientToServer>;

/** Refusals after which asking again would not help. */
const FINAL = ['version_mismatch', 'not_signed_in', 'forbidden'] as const;
export type RefusalCode = (typeof FINAL)[number];

const Refusal = z.object({ data: z.object({ code: ErrorCode }) });

/** A satellite's handshake takes some round trips of 600 ms and more, and loses packets besides. */
const PATIENCE_MS = 12_000;
/**
 * Another attempt beside those that hang: one begun while the link was away waits for TCP's own retransmission, which
 * comes ever more rarely. One begun after it is back does not.
 */
const BESIDE_MS = 1_200;
/** Fewer once there have been some: on a link that is only slow they stand in each other's way. */
const BESIDE_MOST_MS = 2_000;
const BESIDE_LATER_MS = 4_000;
/** A server that is away so long is not helped by haste. */
const HASTE_MS = 120_000;
/** After an attempt that failed and did not hang. */
const FAILED_FIRST_MS = 200;
const FAILED_MOST_MS = 3_000;
/** Attempts closer than this are one. */
const TOGETHER_MS = 90;
/** A restarted server is not met by all at once. */
const SPREAD_MS = 3_000;
/** The server says something every 4 s (server/connection/socket.ts): after so long without, the line is suspect. */
const SILENCE_MS = 6_500;

export interface DiallerOptions {
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A socket that is connected, in place of any before. */
  answered(socket: LessonSocket): void;
  refused(code: RefusalCode): void;
}

/**
 * Finds a connection: several attempts at once while there is none, or while the one there is says nothing. The first
 * to answer is taken.
 */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #attempts = new Set<LessonSocket>();
  #taken: LessonSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lostAt = performance.now();
  #dialledAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #closed = false;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  /** Now, and again until there is a connection. */
  dial(): void {
    if (this.#closed) return;
    if (performance.now() - this.#dialledAt > TOGETHER_MS) this.#attempt();
    const lostMs = performance.now() - this.#lostAt;
    const soon = Math.min(BESIDE_MOST_MS, BESIDE_MS * 1.3 ** (this.#attempts.size - 1));
    const pause = lostMs < HASTE_MS ? soon : BESIDE_LATER_MS;
    this.#next(pause * (0.75 + Math.random() / 2), () => this.dial());
  }

  /** In a while, at a time of one's own. */
  dialLater(): void {
    this.#next(Math.random() * SPREAD_MS, () => this.dial());
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#giveUp();
  }

  #next(delay: number, act: () => void): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(act, delay);
  }

  #attempt(): void {
    this.#dialledAt = performance.now();
    const { url, headers } = this.#options;
    const options = {
      auth: { version: PROTOCOL_VERSION },
      transports: ['websocket', 'polling'], // polling where a school's proxy lets no WebSocket through
      tryAllTransports: true,
      reconnection: false,
      timeout: PATIENCE_MS,
      withCredentials: true,
      forceNew: true,
      ...(headers ? { extraHeaders: { ...headers } } : {}),
    };
    const socket: LessonSocket = url === undefined ? io(options) : io(url, options);
    this.#attempts.add(socket);
    socket.on('connect', () => this.#onConnect(socket));
    socket.on('connect_error', (error) => this.#onError(socket, error));
  }

  #onConnect(socket: LessonSocket): void {
    this.#attempts.delete(socket);
    this.#giveUp();
    socket.off('connect').off('connect_error');
    this.#taken = socket;
    this.#failures = 0;
    this.#watch(socket);
    this.#options.answered(socket);
  }

  #onError(socket: LessonSocket, error: Error): void {
    this.#giveUp(socket);
    const refusal = Refusal.safeParse(error);
    const code = FINAL.find((each) => refusal.success && refusal.data.data.code === each);
    if (code) {
      this.close();
      this.#options.refused(code);
    } else this.#againSoon();
  }

  /** Refused outright, which is quick: so is the next attempt, and the one after it less so. */
  #againSoon(): void {
    const delay = Math.min(FAILED_MOST_MS, FAILED_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#next(delay * (0.5 + Math.random()), () => this.dial());
  }

  /** While the taken connection speaks, nothing is dialled; once it is silent, others are tried beside it. */
  #watch(socket: LessonSocket): void {
    const heard = () => {
      if (this.#taken !== socket) return;
      this.#giveUp();
      this.#lostAt = performance.now();
      this.#next(SILENCE_MS, () => this.dial());
    };
    socket.io.engine.on('packet', heard);
    heard();
  }

  #giveUp(...sockets: LessonSocket[]): void {
    for (const socket of sockets.length > 0 ? sockets : [...this.#attempts]) {
      this.#attempts.delete(socket);
      socket.off('connect').off('connect_error');
      socket.disconnect();
    }
  }
}
