import { z } from 'zod';
import { WireError } from './bytes.ts';

/**
 * How socket.io's packets travel, as its `parser` option on both ends. Packets look as socket.io's own do, but for two things: an event whose only
 * argument is bytes is one binary message of those bytes and a byte before them (socket.io makes two messages of it, and
 * 60 bytes more), and other binary is not taken at all.
 */

const CONNECT = 0;
const DISCONNECT = 1;
const EVENT = 2;
const ACK = 3;
const CONNECT_ERROR = 4;

/** Events that travel as bytes, by their first byte. Numbers stay: what is built must talk to what runs. */
const BYTE_EVENTS: readonly (string | undefined)[] = [undefined, 'entries', 'perform'];

/** They mean something to socket.io itself and never come from the other end. */
const RESERVED = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]);

interface Packet {
  readonly type: number;
  readonly nsp: string;
  readonly id?: number;
  readonly data?: unknown;
}

export class Encoder {
  /** One message; as a list since that is what socket.io asks for. */
  encode({ type, id, data }: Packet): [string | Uint8Array] {
    const bytes = type === EVENT && id === undefined ? byteEvent(data) : undefined;
    if (bytes) return [bytes];
    return [`${type}${id ?? ''}${data === undefined ? '' : JSON.stringify(data)}`];
  }
}

function byteEvent(data: unknown): Uint8Array | undefined {
  if (!Array.isArray(data) || data.length !== 2) return undefined;
  const [name, bytes]: unknown[] = data;
  if (!(bytes instanceof Uint8Array) || typeof name !== 'string') return undefined;
  return bytesMessage(name, bytes);
}

/** An event's only argument as it travels. */
export function bytesMessage(name: string, bytes: Uint8Array): Uint8Array {
  const code = BYTE_EVENTS.indexOf(name);
  if (code < 1) throw new WireError(`'${name}' does not travel as bytes`);
  const message = newBytes(bytes.length + 1);
  message[0] = code;
  message.set(bytes, 1);
  return message;
}

/** Node's transports know only its own kind of byte array. */
function newBytes(length: number): Uint8Array {
  return 'Buffer' in globalThis ? Buffer.alloc(length) : new Uint8Array(length);
}

type Listener = (packet: Packet) => void;

export class Decoder {
  #listeners: Listener[] = [];

  /** socket.io listens for `decoded`, and for nothing else. */
  on(_event: 'decoded', listener: Listener): this {
    this.#listeners.push(listener);
    return this;
  }

  off(_event: 'decoded', listener: Listener): this {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
    return this;
  }

  removeListener(event: 'decoded', listener: Listener): this {
    return this.off(event, listener);
  }

  /** Throws WireError: socket.io then closes the connection. */
  add(message: unknown): void {
    const packet = typeof message === 'string' ? readText(message) : readBytes(message);
    for (const listener of this.#listeners) listener(packet);
  }

  destroy(): void {}
}

function readBytes(message: unknown): Packet {
  const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
  if (!(bytes instanceof Uint8Array)) throw new WireError('a message of an unknown kind');
  const name = BYTE_EVENTS[bytes[0] ?? 0];
  if (!name) throw new WireError('bytes of an unknown kind');
  return { type: EVENT, nsp: '/', data: [name, bytes.subarray(1)] };
}

/** A digit, an acknowledgement's number where there is one, and JSON. Ours is the only namespace. */
const TEXT = /^([0-4])(\d{1,15})?(?=[[{"]|$)/;

const Data: Readonly<Record<number, z.ZodType>> = {
  [CONNECT]: z.record(z.string(), z.unknown()).optional(),
  [DISCONNECT]: z.undefined(),
  [EVENT]: z.tuple([z.string().refine((name) => !RESERVED.has(name))], z.unknown()),
  [ACK]: z.array(z.unknown()),
  [CONNECT_ERROR]: z.union([z.string(), z.record(z.string(), z.unknown())]),
};

function readText(message: string): Packet {
  const [head, type, id] = TEXT.exec(message) ?? [];
  if (head === undefined) throw new WireError('a text of an unknown kind');
  const data = message.length === head.length ? undefined : parse(message.slice(head.length));
  if (!Data[Number(type)]?.safeParse(data).success) throw new WireError('a packet without sense');
  return {
    ...{ type: Number(type), nsp: '/' },
    ...(id === undefined ? {} : { id: Number(id) }),
    ...(data === undefined ? {} : { data }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WireError('a packet is not JSON');
  }
}
