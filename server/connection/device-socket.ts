import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server, type Socket } from 'socket.io';
import {
  DEVICE_SOCKET_PATH,
  type DeviceInput,
  type DeviceOutput,
  type DeviceRequestName,
  type DeviceToServer,
  deviceRequests,
  isDeviceRequestName,
  type ServerToDevice,
} from '../../protocol/device-requests.ts';
import { type Check, type CheckReport, worst } from '../../protocol/devices.ts';
import { type Answer, type ErrorBody, TongkeError } from '../../protocol/errors.ts';
import { RequestEnvelope } from '../../protocol/requests.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Identity } from '../auth/auth.ts';
import type { Directory } from '../devices/directory.ts';
import type { Fleet } from '../devices/fleet.ts';
import type { Updates } from '../devices/updates.ts';
import type { Log } from '../log.ts';
import { keepResult, settleCommand, waitingCommands } from '../store/commands.ts';
import { addCheck } from '../store/devices.ts';
import { findRoom } from '../store/rooms.ts';
import { refusalOf } from './refusal.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * An idle screen on a metered link: with TLS and TCP a ping and its answer are 190 bytes on the wire, so one in 100 s
 * is 165 KB a day; reports every five minutes are another 120. A power cut is noticed within two minutes.
 */
const PING_INTERVAL_MS = 100_000;
const PING_TIMEOUT_MS = 20_000;
/** A probe of the link is the largest thing a device sends. */
const LARGEST_MESSAGE = 80 * 1024;
/** A check is seventeen requests in some four seconds; two may run, and be asked for again at once. */
const REQUESTS_PER_SECOND = 5;
const REQUESTS_AT_ONCE = 60;

type DeviceSocket = Socket<DeviceToServer, ServerToDevice, Record<string, never>, SocketData>;
interface SocketData {
  device: string;
  room: string;
}

export interface DeviceConnectionsOptions {
  readonly fleet: Fleet;
  readonly directory: Directory;
  readonly updates: Pick<Updates, 'greeted'>;
  readonly log: Log;
  identify(request: IncomingMessage): Promise<Identity | null>;
  originAllowed(request: IncomingMessage): boolean;
}

export interface DeviceConnections {
  attach(server: HttpServer | HttpsServer): void;
  close(): void;
}

/** The sockets of enrolled devices, beside the lessons': who may connect, and what they may ask. */
export function createDeviceConnections(options: DeviceConnectionsOptions): DeviceConnections {
  const { log, identify, originAllowed } = options;
  const io = new Server<DeviceToServer, ServerToDevice, Record<string, never>, SocketData>({
    serveClient: false,
    path: DEVICE_SOCKET_PATH,
    maxHttpBufferSize: LARGEST_MESSAGE,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    allowRequest: (request, decide) => decide(null, originAllowed(request)),
  });
  io.use((socket, next) => {
    admit(socket)
      .then(() => next())
      .catch((error: unknown) => next(refusalOf(error, log)));
  });

  async function admit(socket: DeviceSocket): Promise<void> {
    if (socket.handshake.auth.version !== PROTOCOL_VERSION) throw new TongkeError('version_mismatch');
    const identity = await identify(socket.request);
    if (!identity) throw new TongkeError('not_signed_in');
    if (identity.device === undefined) throw new TongkeError('forbidden', 'not an enrolled device');
    socket.data = { device: identity.device, room: identity.subject.id };
  }

  io.on('connection', (socket) => new DeviceConnection(socket, options));
  let attached = false;
  return {
    attach(server) {
      if (attached) io.engine.attach(server, { path: io.path() });
      else io.attach(server);
      attached = true;
    },
    close() {
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

type Handlers = {
  readonly [N in DeviceRequestName]: (input: DeviceInput<N>) => Promise<DeviceOutput<N>>;
};

/** One device's line. Who it is was settled when it connected; what it asks is of itself and its room alone. */
class DeviceConnection {
  readonly #options: DeviceConnectionsOptions;
  readonly #device: string;
  readonly #room: string;
  readonly #bucket = new TokenBucket(REQUESTS_PER_SECOND, REQUESTS_AT_ONCE);
  readonly #handlers: Handlers;

  constructor(socket: DeviceSocket, options: DeviceConnectionsOptions) {
    this.#options = options;
    this.#device = socket.data.device;
    this.#room = socket.data.room;
    this.#handlers = this.#createHandlers();
    const { fleet } = options;
    const gone = fleet.connected(this.#device, this.#room, {
      tell: (notice) => void socket.emit('notice', notice),
      end: () => void socket.disconnect(true),
    });
    socket.conn.on('heartbeat', () => fleet.heard(this.#device));
    socket.on('disconnect', (reason) => gone(reason === 'client namespace disconnect'));
    socket.on('request', (envelope, acknowledge) => {
      const answer = typeof acknowledge === 'function' ? acknowledge : () => {};
      void this.#answer(envelope).then(answer);
    });
  }

  async #answer(raw: unknown): Promise<Answer<unknown>> {
    try {
      if (!this.#bucket.take()) throw new TongkeError('too_many_requests');
      const envelope = RequestEnvelope.safeParse(raw);
      if (!envelope.success) throw new TongkeError('bad_request', 'not a request');
      const { name, input } = envelope.data;
      if (!isDeviceRequestName(name)) throw new TongkeError('unknown_request');
      return { ok: true, data: await this.#perform(name, input) };
    } catch (error) {
      return { ok: false, error: this.#explain(error) };
    }
  }

  #perform<N extends DeviceRequestName>(name: N, raw: unknown): Promise<DeviceOutput<N>> {
    const parsed = deviceRequests[name].input.safeParse(raw);
    if (!parsed.success) throw new TongkeError('bad_request', parsed.error.issues[0]?.message);
    // One lookup, one handler: both sides are indexed by the same N, which the checker cannot follow through zod.
    return this.#handlers[name](parsed.data as DeviceInput<N>);
  }

  #createHandlers(): Handlers {
    const { fleet, directory, updates } = this.#options;
    return {
      'device.hello': async (greeting) => {
        await fleet.greeted(this.#device, greeting);
        const room = await findRoom(this.#room);
        if (!room) throw new TongkeError('room_not_found');
        const waiting = await waitingCommands(this.#device);
        for (const { id } of waiting) await settleCommand(id, this.#device, 'sent');
        return {
          now: Date.now(),
          settings: room.settings,
          agenda: await directory.agenda(this.#room),
          commands: waiting.map(({ id, kind, choice }) => ({ id, kind, choice: choice ?? undefined })),
          build: await updates.greeted(this.#device, greeting.facts.version),
        };
      },
      'device.report': async (report) => {
        fleet.reported(this.#device, report);
        return { now: Date.now(), agenda: await directory.agenda(this.#room) };
      },
      'device.check': async (report) => {
        const check = checkOf(report);
        await addCheck(this.#device, check);
        directory.checked(this.#room, this.#device, check);
        return {};
      },
      'device.done': async ({ command, ok, detail, result }) => {
        if (result) await keepResult(command, this.#device, result);
        await settleCommand(command, this.#device, ok ? 'done' : 'failed', detail);
        return {};
      },
      'device.probe': async ({ bytes }) => ({ now: Date.now(), fill: 'x'.repeat(bytes) }),
    };
  }

  #explain(error: unknown): ErrorBody {
    if (error instanceof TongkeError) return { code: error.code, message: error.message };
    this.#options.log.error({ err: error, device: this.#device }, "a device's request failed");
    return { code: 'internal', message: 'internal error' };
  }
}

function checkOf(report: CheckReport): Check {
  return { ...report, at: Date.now(), level: worst(report.items.map(({ level }) => level)) };
}
