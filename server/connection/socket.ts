import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server } from 'socket.io';
import { EntriesEncoder } from '../../protocol/entries-line.ts';
import { TongkeError } from '../../protocol/errors.ts';
import {
  type AheadRequest,
  type ClientToServer,
  Hello,
  type Notice,
  type ServerToClient,
} from '../../protocol/requests.ts';
import type { Subject } from '../../protocol/roles.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import * as wire from '../../protocol/wire.ts';
import type { Identity } from '../auth/auth.ts';
import type { Lessons } from '../lessons/lessons.ts';
import type { MediaNotice } from '../lessons/media-notice.ts';
import type { Log } from '../log.ts';
import { Connection } from './connection.ts';
import { FanOut } from './fan-out.ts';
import { Feeds } from './feeds.ts';
import { Pacing } from './pacing.ts';
import { refusalOf } from './refusal.ts';
import { everyoneIn } from './rooms.ts';

/** Half a minute of the densest ink is 30 KB; capabilities of a browser are 20. */
const LARGEST_MESSAGE = 256 * 1024;
/**
 * At 64 kbit/s the pings cost a third of a percent. A dead peer is noticed within 16 s: where a link loses a tenth and is full, TCP may need 10 to
 * send one again, and a connection that is given up for that costs such a link more than waiting.
 */
const PING_INTERVAL_MS = 4_000;
const PING_TIMEOUT_MS = 12_000;

export interface ConnectionsOptions {
  readonly lessons: Lessons;
  readonly log: Log;
  /** Who the request's session belongs to, and that session's id. */
  identify(request: IncomingMessage): Promise<Identity | null>;
  /** An enrolled device asked for a lesson that is none of its room's. */
  deviceRefused(device: string, lesson: string): void;
  originAllowed(request: IncomingMessage): boolean;
}

interface SocketData {
  subject: Subject;
  roundTripMs: number;
  session: string;
  device?: string;
  ahead: readonly AheadRequest[];
  putOut?: true;
}

export interface Connections {
  /** Serves another HTTP server too (HTTPS beside HTTP). */
  attach(server: HttpServer | HttpsServer): void;
  /** Ends the connections of a session at once. */
  signOut(session: string): void;
  /** Ends the connections of a device at once, its media with them. */
  endDevice(device: string): void;
  count(): number;
  close(): Promise<void>;
}

function told(notice: Extract<MediaNotice, { type: 'paused' | 'closed' }>): Notice {
  if (notice.type === 'paused')
    return { type: 'consumer.paused', consumer: notice.consumer, paused: notice.paused };
  return notice.what === 'consumer'
    ? { type: 'consumer.closed', consumer: notice.id }
    : { type: 'transport.closed', transport: notice.id };
}

const sessionRoom = (session: string) => `session:${session}`;
const deviceRoom = (device: string) => `device:${device}`;

/** The socket side of the server: who may connect, and what reaches whom. */
export function createConnections({
  lessons,
  log,
  identify,
  originAllowed,
  deviceRefused,
}: ConnectionsOptions): Connections {
  const openedAt = new WeakMap<IncomingMessage, number>();
  const io = new Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>({
    serveClient: false,
    parser: wire,
    maxHttpBufferSize: LARGEST_MESSAGE,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    // Snapshots and lists shrink to a fifth; a stroke's batch is too short to gain.
    perMessageDeflate: { threshold: 2_048 },
    allowRequest: (request, decide) => {
      openedAt.set(request, performance.now());
      decide(null, originAllowed(request));
    },
  });

  io.use((socket, next) => {
    const now = performance.now();
    const roundTripMs = now - (openedAt.get(socket.request) ?? now);
    admit(socket.handshake.auth, socket.request)
      .then(({ subject, session, device, ahead }) => {
        socket.data = { subject, session, device, ahead, roundTripMs };
        void socket.join(sessionRoom(session));
        if (device !== undefined) void socket.join(deviceRoom(device));
        next();
      })
      .catch((error: unknown) => next(refusalOf(error, log)));
  });

  async function admit(auth: Record<string, unknown>, request: IncomingMessage) {
    if (auth.version !== PROTOCOL_VERSION) throw new TongkeError('version_mismatch');
    const hello = Hello.safeParse(auth);
    if (!hello.success) throw new TongkeError('bad_request', hello.error.issues[0]?.message);
    const identity = await identify(request);
    if (!identity) throw new TongkeError('not_signed_in');
    return { ...identity, ahead: hello.data.ahead };
  }

  const fanOut = new FanOut(io);
  const feeds = new Feeds({
    send: (feed, datagram) => lessons.sendFeed(feed, datagram),
    bring: (connections, entries) => {
      const bytes = new EntriesEncoder().encode(entries);
      for (const connection of connections) fanOut.send(connection, [], bytes);
    },
    isThere: (connection) => io.sockets.sockets.has(connection),
  });
  const pacing = new Pacing(io, fanOut, feeds);
  lessons.onEntries = (lesson, entries) => pacing.send(lesson, entries);
  lessons.onMark = (lesson, mark) => io.to(everyoneIn(lesson)).emit('notice', { type: 'mark', ...mark });
  io.on('connection', (socket) => {
    fanOut.admit(socket);
    const { subject, session, device, ahead, roundTripMs } = socket.data;
    return new Connection({
      ...{ socket, lessons, log, subject, by: device ?? session, ahead, roundTripMs },
      isPutOut: () => socket.data.putOut === true,
      onForeignLesson(lesson) {
        if (device !== undefined) deviceRefused(device, lesson);
      },
      audienceChanged: (lesson) => pacing.audienceChanged(lesson),
      fed: (lesson, seq) => feeds.heard(lesson, socket.id, seq),
    });
  });

  /** Ends the lines of a session or device for good: each knows that there is no coming back. Its media end where it is away, too. */
  function putOut(room: string, by: string): void {
    for (const id of io.sockets.adapter.rooms.get(room) ?? []) {
      const socket = io.sockets.sockets.get(id);
      if (socket) socket.data.putOut = true;
    }
    io.to(room).emit('notice', { type: 'signed_out' });
    io.in(room).disconnectSockets(true);
    void lessons.endMediaOf(by);
  }

  lessons.onNotice = (lesson, notice) => {
    if (notice.type === 'levels') return pacing.sendLevels(lesson, notice);
    if (notice.type === 'paced') return pacing.pace(lesson, notice.connection, notice);
    io.to(notice.connection).emit('notice', told(notice));
  };

  let attached = false;

  return {
    attach(server) {
      // One engine behind every server: attaching socket.io twice would make two, and close only the last.
      if (attached) io.engine.attach(server, { path: io.path() });
      else io.attach(server);
      attached = true;
    },
    endDevice: (device) => putOut(deviceRoom(device), device),
    count: () => io.engine.clientsCount,
    signOut: (session) => putOut(sessionRoom(session), session),
    async close() {
      io.emit('notice', { type: 'shutting_down' });
      io.disconnectSockets(true);
      // Not io.close(): the HTTP servers are closed by who opened them.
      io.engine.close();
    },
  };
}
