import type { Server, Socket } from 'socket.io';
import type { ClientToServer, ServerToClient } from '../../protocol/requests.ts';
import { bytesMessage } from '../../protocol/wire.ts';

type Io = Pick<Server<ClientToServer, ServerToClient>, 'sockets'>;
type AnySocket = Pick<Socket<ClientToServer, ServerToClient>, 'conn' | 'emit'>;

interface Line {
  readonly writableLength: number;
  write(bytes: Uint8Array): boolean;
}

/** Larger ones are worth compressing, which socket.io does (see `perMessageDeflate` in `socket.ts`). */
const LARGEST_FRAME = 2_048;
/** What may wait for one that reads slower than the lesson writes; then it must come back and catch up. */
const WAITING_LIMIT = 1024 * 1024;

/**
 * The same bytes to many sockets. socket.io frames, queues and reports each message for each socket, which is half of
 * what a thousand viewers cost; here a WebSocket's frame is made once, and written to each line that is free.
 */
export class FanOut {
  readonly #io: Io;
  /** Of connections that began as WebSockets: what they write to. */
  readonly #lines = new WeakMap<AnySocket['conn'], Line>();
  /** Bytes given to socket.io for who was not ready to take them. */
  readonly #waiting = new WeakMap<AnySocket['conn'], number>();

  constructor(io: Io) {
    this.#io = io;
  }

  /** Called once for each socket, when it has connected. */
  admit({ conn }: AnySocket): void {
    // One that began as polling has another connection by now than that of its first request.
    if (conn.transport.name === 'websocket') this.#lines.set(conn, conn.request.socket);
  }

  /** To everyone in `room` who is in none of `except`. */
  send(room: string, except: readonly string[], bytes: Uint8Array): void {
    const { adapter, sockets } = this.#io.sockets;
    const others = except.flatMap((name) => adapter.rooms.get(name) ?? []);
    const frame = bytes.length < LARGEST_FRAME ? frameOf(bytesMessage('entries', bytes)) : null;
    for (const id of adapter.rooms.get(room) ?? []) {
      const socket = others.some((ids) => ids.has(id)) ? undefined : sockets.get(id);
      if (socket) this.#sendTo(socket, bytes, frame);
    }
  }

  #sendTo(socket: AnySocket, bytes: Uint8Array, frame: Uint8Array | null): void {
    const { conn } = socket;
    const line = this.#lines.get(conn);
    const free = conn.transport.writable;
    const waiting = free ? 0 : (this.#waiting.get(conn) ?? 0) + bytes.length;
    this.#waiting.set(conn, waiting);
    if (waiting + (line?.writableLength ?? 0) > WAITING_LIMIT) conn.close(true);
    // Not past what socket.io itself has still to send: entries are told in their order.
    else if (frame && line && free) line.write(frame);
    else socket.emit('entries', bytes);
  }
}

/** One binary message of a WebSocket server (RFC 6455 section 5.2): whole, not masked, not compressed. */
function frameOf(message: Uint8Array): Uint8Array {
  const { length } = message;
  const head = length < 126 ? [0x82, length] : [0x82, 126, length >> 8, length & 255];
  const frame = Buffer.alloc(head.length + length);
  frame.set(head);
  frame.set(message, head.length);
  return frame;
}
