import { io, type Socket, NodeWebSocket as WebSocket } from 'socket.io-client';
import { z } from 'zod';
import { ErrorCode } from '../../protocol/errors.ts';
import type { AheadRequest, ClientToServer, Hello, ServerToClient } from '../../protocol/requests.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import * as wire from '../../protocol/wire.ts';
import { Polling } from './polling.ts';
import { type Count, countPackets } from './traffic.ts';

export type LessonSocket = Socket<ServerToClient, ClientToServer>;

/** Refusals after which asking again would not help. */
const FINAL = ['version_mismatch', 'not_signed_in', 'forbidden'] as const;
export type RefusalCode = (typeof FINAL)[number];

const Refusal = z.object({ data: z.object({ code: ErrorCode }) });

/** A satellite's handshake takes some round trips of 600 ms and more, and loses packets besides. */
const PATIENCE_MS = 12_000;
/**
 * Another attempt beside one that hangs: what was begun while the link was away waits for TCP's own retransmission,
 * which comes ever more rarely. What is begun after it is back does not.
 */
const BESIDE_MS = 800;
const BESIDE_LATER_MS = 4_000;
/** Nothing was away before the first connection: what is begun beside it stands in its way, on a thin uplink by seconds. */
const BESIDE_FIRST_MS = 3_000;
/**
 * A second WebSocket waits in the browser for the first (RFC 6455 section 4.1): the first must be given up for it. One
 * that the server has answered is on its way, however long the rest of it takes.
 */
const HANGS_MS = 4_000;
/** What the server has answered is there a round trip later, or two with a segment lost: nothing is put in its way. */
const ARRIVING_MS = 2_500;
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
/**
 * Over a link that is there, datagrams say, a packet was lost, and sent again, and lost. Another line takes 3 kB, two seconds of a link of
 * 24 kbit/s with a voice on it; attempts that were given up for one another after 4 s kept each other from coming for 50 s.
 */
const STEADY_SILENCE_MS = 10_000;
/** A line that says nothing for so long is none, unless the link is there. */
const DEAD_MS = 10_000;
/** How often it is looked whether the link is still there. */
const LOOK_MS = 500;
/**
 * Some proxies pass on the first of a WebSocket and swallow the rest, or end it soon. One that lived no longer than this
 * may be the link's doing, two in a row are a proxy's.
 */
const YOUNG_MS = 15_000;
const YOUNG_MOST = 2;

const TRANSPORTS = ['websocket', 'polling'] as const;
type Transport = (typeof TRANSPORTS)[number];
/**
 * At once. A browser opens one WebSocket to a server at a time; beside it one that polls, for proxies and for when the
 * first has lost a packet. More of them took longer: each takes the uplink from the others (five cuts of 30 s on link D: board
 * back after 6.7 s at the median with three, 5.8 s with one).
 */
const MOST: Readonly<Record<Transport, number>> = { websocket: 1, polling: 1 };

export interface DiallerOptions {
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is to be asked together with connecting, over each line that is tried. */
  ahead(): readonly AheadRequest[];
  /** A socket that is connected, in place of any before, and what was asked with it. */
  answered(socket: LessonSocket, ahead: Ahead): void;
  refused(code: RefusalCode): void;
  /** Anything came over the connection that was taken. */
  heard(): void;
  /** Datagrams have come without a break: the link is there, and what was begun is on its way. */
  isSteady(): boolean;
  /** The connection that was taken is given up: nothing comes by it, nor by any other way. */
  gone(): void;
  /** What went over any of the sockets. */
  readonly count?: Count;
}

export interface Ahead {
  readonly requests: readonly AheadRequest[];
  /** `performance.now()` when they went off. */
  readonly at: number;
}

interface Attempt {
  readonly socket: LessonSocket;
  /** Which it tries first. */
  readonly transport: Transport;
  /** Until then nothing is to be tried in its place. */
  until: number;
  /** When the server answered it: a round trip before it is there. */
  openedAt: number | null;
  ahead: Ahead;
}

/**
 * Finds a connection: several attempts at once while there is none, or while the one there is says nothing. The first
 * to answer is taken.
 */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #attempts = new Set<Attempt>();
  #taken: LessonSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lostAt = performance.now();
  #dialledAt = Number.NEGATIVE_INFINITY;
  #anewAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #takenAt = 0;
  #judged: LessonSocket | null = null;
  /** WebSockets that ended young, one after the other. */
  #youngEnds = 0;
  #closed = false;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  /** Now, and again until there is a connection. */
  dial(): void {
    if (this.#closed) return;
    const isSteady = this.#options.isSteady();
    const lostMs = performance.now() - this.#lostAt;
    if (this.#taken?.connected && lostMs > DEAD_MS && !isSteady) this.#options.gone();
    if (performance.now() - this.#dialledAt > TOGETHER_MS) this.#attempt();
    const again = lostMs < HASTE_MS && !isSteady ? BESIDE_MS : BESIDE_LATER_MS;
    const pause = this.#taken ? again : BESIDE_FIRST_MS;
    this.#next(pause * (0.75 + Math.random() / 2), () => this.dial());
  }

  /**
   * Now, without waiting for what was begun before and not answered: that was while the link was away. Said again soon
   * after, it is not believed: what was begun since is on its way.
   */
  dialAnew(): void {
    const now = performance.now();
    if (this.#closed || now - this.#anewAt < PATIENCE_MS) return;
    this.#anewAt = now;
    for (const attempt of [...this.#attempts]) if (!isArriving(attempt, now)) this.#giveUp(attempt.socket);
    this.#dialledAt = Number.NEGATIVE_INFINITY;
    this.dial();
  }

  /** In a while, at a time of one's own. */
  dialLater(): void {
    this.#next(Math.random() * SPREAD_MS, () => this.dial());
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#giveUpAll();
  }

  #next(delay: number, act: () => void): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(act, delay);
  }

  /**
   * A WebSocket, or beside one that hangs long polling, which becomes a WebSocket by itself if it can; long polling alone
   * where WebSockets do not last.
   */
  #attempt(): void {
    const now = performance.now();
    for (const attempt of [...this.#attempts]) if (now > attempt.until) this.#giveUp(attempt.socket);
    if ([...this.#attempts].some((attempt) => isArriving(attempt, now))) return;
    const underWay = (transport: Transport) =>
      [...this.#attempts].filter((each) => each.transport === transport);
    const lasting = this.#youngEnds < YOUNG_MOST;
    const first = TRANSPORTS.find(
      (transport) => underWay(transport).length < MOST[transport] && (lasting || transport === 'polling'),
    );
    if (!first) return;
    this.#dialledAt = now;
    const { url, headers } = this.#options;
    const options = {
      auth: (say: (hello: z.input<typeof Hello>) => void) => {
        // Of several attempts the others' answers would fill the link before the one that is taken: polling asks later.
        const requests = first === 'websocket' || !lasting ? this.#options.ahead() : [];
        attempt.ahead = { requests, at: performance.now() };
        say({ version: PROTOCOL_VERSION, ahead: [...attempt.ahead.requests] });
      },
      parser: wire,
      // Polling also where a school's proxy lets no WebSocket through.
      transports: first === 'websocket' ? [WebSocket, Polling] : [Polling, ...(lasting ? [WebSocket] : [])],
      tryAllTransports: true,
      reconnection: false,
      timeout: PATIENCE_MS,
      withCredentials: true,
      forceNew: true,
      ...(headers ? { extraHeaders: { ...headers } } : {}),
    };
    const socket: LessonSocket = url === undefined ? io(options) : io(url, options);
    const attempt: Attempt = {
      ...{
        socket,
        transport: first,
        until: now + (this.#options.isSteady() ? PATIENCE_MS : HANGS_MS),
        openedAt: null,
        ahead: { requests: [], at: now },
      },
    };
    this.#attempts.add(attempt);
    if (this.#options.count) countPackets(socket.io.engine, this.#options.count);
    socket.io.on('open', () => {
      attempt.until = now + PATIENCE_MS;
      attempt.openedAt = performance.now();
    });
    socket.on('connect', () => this.#onConnect(attempt));
    socket.on('connect_error', (error) => this.#onError(socket, error));
  }

  #onConnect({ socket, ahead }: Attempt): void {
    for (const { socket: other } of [...this.#attempts]) if (other !== socket) this.#giveUp(other);
    this.#attempts.clear();
    socket.off('connect').off('connect_error');
    this.#taken = socket;
    this.#takenAt = performance.now();
    this.#failures = 0;
    this.#watch(socket);
    this.#options.answered(socket, ahead);
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
      this.#giveUpAll();
      this.#lostAt = performance.now();
      this.#options.heard();
      this.#next(SILENCE_MS, silent);
    };
    const silent = () => {
      const isLate = performance.now() - this.#lostAt < STEADY_SILENCE_MS && this.#options.isSteady();
      if (isLate) return this.#next(LOOK_MS, silent);
      this.#judge(socket);
      this.dial();
    };
    socket.on('disconnect', (reason) => {
      if (reason !== 'io server disconnect') this.#judge(socket);
    });
    socket.io.engine.on('packet', heard);
    heard();
  }

  /** It has ended, or fallen silent, which it may do once. A line of another kind that ends was the link's doing. */
  #judge(socket: LessonSocket): void {
    if (this.#judged === socket) return;
    this.#judged = socket;
    const isWebSocket = socket.io.engine.transport.name === 'websocket';
    const young = this.#lostAt - this.#takenAt < YOUNG_MS;
    this.#youngEnds = isWebSocket && young ? this.#youngEnds + 1 : 0;
  }

  #giveUpAll(): void {
    for (const { socket } of [...this.#attempts]) this.#giveUp(socket);
  }

  #giveUp(socket: LessonSocket): void {
    for (const attempt of this.#attempts) if (attempt.socket === socket) this.#attempts.delete(attempt);
    socket.off('connect').off('connect_error');
    socket.disconnect();
  }
}

function isArriving({ openedAt }: Attempt, now: number): boolean {
  return openedAt !== null && now - openedAt < ARRIVING_MS;
}
