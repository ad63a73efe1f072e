import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { ensureTls } from '../../server/tls/authority.ts';

/*
 * As much of a TURN server as carries media over TLS: RFC 8656 over the messages of RFC 8489, for IPv4, with the
 * credentials of a shared secret as coturn's `use-auth-secret` takes them. Its certificate is of an authority of its own.
 */

const COOKIE = 0x2112a442;
const HEADER = 20;
const REALM = 'test';
const LIFETIME_S = 600;

const ALLOCATE = 0x003;
const REFRESH = 0x004;
const CREATE_PERMISSION = 0x008;
const CHANNEL_BIND = 0x009;
const SEND_INDICATION = 0x016;
const DATA_INDICATION = 0x017;
const SUCCESS = 0x100;
const ERROR = 0x110;

const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const CHANNEL_NUMBER = 0x000c;
const LIFETIME = 0x000d;
const XOR_PEER_ADDRESS = 0x0012;
const DATA = 0x0013;
const REALM_NAME = 0x0014;
const NONCE = 0x0015;
const XOR_RELAYED_ADDRESS = 0x0016;
const XOR_MAPPED_ADDRESS = 0x0020;

interface Address {
  readonly address: string;
  readonly port: number;
}

interface Message {
  readonly type: number;
  readonly id: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
  /** What the message integrity is of. */
  readonly signed: Buffer;
}

export class TurnServer {
  readonly #server: Server;
  readonly #secret: string;
  readonly #sessions = new Set<Session>();
  readonly ca: string;
  /** Datagrams that went through, either way. */
  relayed = 0;

  private constructor(secret: string, { cert, key, ca = '' }: Awaited<ReturnType<typeof ensureTls>>) {
    this.#secret = secret;
    this.ca = ca;
    this.#server = createServer({ cert, key }, (socket) => {
      const session = new Session(socket, this.#secret, () => (this.relayed += 1));
      this.#sessions.add(session);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        session.close();
        this.#sessions.delete(session);
      });
    });
  }

  static async open(secret: string): Promise<TurnServer> {
    const directory = await mkdtemp(join(tmpdir(), 'tongke-turn-'));
    const server = new TurnServer(secret, await ensureTls({ directory, hosts: [] }));
    await rm(directory, { recursive: true });
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `turns:127.0.0.1:${(this.#server.address() as AddressInfo).port}?transport=tcp`;
  }

  async close(): Promise<void> {
    for (const { socket } of this.#sessions) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** One client's connection, and the one address that it is given. */
class Session {
  readonly socket: TLSSocket;
  readonly #secret: string;
  readonly #onRelayed: () => void;
  readonly #nonce = randomBytes(8).toString('hex');
  readonly #permitted = new Set<string>();
  readonly #channels = new Map<number, Address>();
  #relay: Socket | null = null;
  #read = Buffer.alloc(0);

  constructor(socket: TLSSocket, secret: string, onRelayed: () => void) {
    this.socket = socket;
    this.#secret = secret;
    this.#onRelayed = onRelayed;
    socket.on('data', (chunk) => {
      this.#read = Buffer.concat([this.#read, chunk]);
      for (let next = this.#take(); next; next = this.#take()) this.#received(next);
    });
  }

  close(): void {
    this.#relay?.close();
    this.#relay = null;
  }

  /** The next whole message, or channel's data with its padding. */
  #take(): Buffer | null {
    if (this.#read.length < 4) return null;
    const length = this.#read.readUInt16BE(2);
    const whole = isChannel(this.#read) ? 4 + padded(length) : HEADER + length;
    if (this.#read.length < whole) return null;
    const taken = this.#read.subarray(0, whole);
    this.#read = this.#read.subarray(whole);
    return taken;
  }

  #received(bytes: Buffer): void {
    if (isChannel(bytes)) {
      const peer = this.#channels.get(bytes.readUInt16BE(0));
      if (peer) this.#send(bytes.subarray(4, 4 + bytes.readUInt16BE(2)), peer);
      return;
    }
    const message = parse(bytes);
    if (message.type === SEND_INDICATION) {
      const [peer, data] = [message.attributes.get(XOR_PEER_ADDRESS), message.attributes.get(DATA)];
      if (peer && data) this.#send(data, readAddress(peer));
      return;
    }
    const key = this.#keyOf(message);
    if (key) void this.#answer(message, key);
    else this.#refuse(message);
  }

  /** The key of credentials that are right and not over. */
  #keyOf({ attributes, signed }: Message): Buffer | null {
    const username = attributes.get(USERNAME)?.toString() ?? '';
    const integrity = attributes.get(MESSAGE_INTEGRITY);
    if (!integrity || Number(username.split(':')[0]) * 1_000 < Date.now()) return null;
    const password = createHmac('sha1', this.#secret).update(username).digest('base64');
    const key = createHash('md5').update(`${username}:${REALM}:${password}`).digest();
    return createHmac('sha1', key).update(signed).digest().equals(integrity) ? key : null;
  }

  #refuse({ type, id }: Message): void {
    const unauthorized = Buffer.concat([Buffer.from([0, 0, 4, 1]), Buffer.from('Unauthorized')]);
    this.socket.write(
      written(type | ERROR, id, [
        [ERROR_CODE, unauthorized],
        [REALM_NAME, Buffer.from(REALM)],
        [NONCE, Buffer.from(this.#nonce)],
      ]),
    );
  }

  async #answer({ type, id, attributes }: Message, key: Buffer): Promise<void> {
    const lifetime = Buffer.alloc(4);
    lifetime.writeUInt32BE(LIFETIME_S);
    const answer: [number, Buffer][] = [];
    const peer = attributes.get(XOR_PEER_ADDRESS);
    if (type === ALLOCATE) {
      const { remoteAddress: address = '', remotePort: port = 0 } = this.socket;
      answer.push([XOR_RELAYED_ADDRESS, writtenAddress(await this.#allocate())], [LIFETIME, lifetime]);
      answer.push([XOR_MAPPED_ADDRESS, writtenAddress({ address, port })]);
    } else if (type === REFRESH) answer.push([LIFETIME, lifetime]);
    else if (type === CREATE_PERMISSION && peer) this.#permitted.add(readAddress(peer).address);
    else if (type === CHANNEL_BIND && peer) {
      this.#permitted.add(readAddress(peer).address);
      this.#channels.set(attributes.get(CHANNEL_NUMBER)?.readUInt16BE(0) ?? 0, readAddress(peer));
    }
    if (!this.socket.destroyed) this.socket.write(written(type | SUCCESS, id, answer, key));
  }

  async #allocate(): Promise<Address> {
    const relay = createSocket('udp4');
    this.#relay = relay;
    relay.on('message', (data, { address, port }) => this.#fromPeer(data, { address, port }));
    relay.bind(0, '127.0.0.1');
    await once(relay, 'listening');
    return relay.address();
  }

  #send(data: Buffer, { address, port }: Address): void {
    if (!this.#permitted.has(address)) return;
    this.#onRelayed();
    this.#relay?.send(data, port, address);
  }

  #fromPeer(data: Buffer, peer: Address): void {
    if (!this.#permitted.has(peer.address)) return;
    this.#onRelayed();
    const channel = [...this.#channels].find(([, each]) => each.port === peer.port)?.[0];
    if (channel === undefined) {
      const attributes: [number, Buffer][] = [
        [XOR_PEER_ADDRESS, writtenAddress(peer)],
        [DATA, data],
      ];
      this.socket.write(written(DATA_INDICATION, randomBytes(12), attributes));
      return;
    }
    const bytes = Buffer.alloc(4 + padded(data.length));
    bytes.writeUInt16BE(channel, 0);
    bytes.writeUInt16BE(data.length, 2);
    data.copy(bytes, 4);
    this.socket.write(bytes);
  }
}

const padded = (length: number) => Math.ceil(length / 4) * 4;
/** RFC 8656 section 12: channels begin with 0b01, messages with 0b00. */
const isChannel = (bytes: Buffer) => (bytes[0] ?? 0) >> 6 === 1;

function parse(bytes: Buffer): Message {
  const attributes = new Map<number, Buffer>();
  let signed = bytes;
  for (let at = HEADER; at + 4 <= bytes.length; ) {
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    if (type === MESSAGE_INTEGRITY) {
      // Signed as if the message ended with its integrity: RFC 8489 section 14.5.
      signed = Buffer.from(bytes.subarray(0, at));
      signed.writeUInt16BE(at + 24 - HEADER, 2);
    }
    attributes.set(type, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + padded(length);
  }
  return { type: bytes.readUInt16BE(0), id: bytes.subarray(8, HEADER), attributes, signed };
}

function written(type: number, id: Buffer, attributes: readonly [number, Buffer][], key?: Buffer): Buffer {
  const parts = attributes.map(([name, value]) => {
    const part = Buffer.alloc(4 + padded(value.length));
    part.writeUInt16BE(name, 0);
    part.writeUInt16BE(value.length, 2);
    value.copy(part, 4);
    return part;
  });
  const header = Buffer.alloc(HEADER);
  const body = Buffer.concat(parts);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(body.length + (key ? 24 : 0), 2);
  header.writeUInt32BE(COOKIE, 4);
  id.copy(header, 8);
  if (!key) return Buffer.concat([header, body]);
  const integrity = createHmac('sha1', key).update(header).update(body).digest();
  return Buffer.concat([header, body, Buffer.from([0, MESSAGE_INTEGRITY, 0, 20]), integrity]);
}

function readAddress(value: Buffer): Address {
  const port = value.readUInt16BE(2) ^ (COOKIE >>> 16);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((value.readUInt32BE(4) ^ COOKIE) >>> 0);
  return { address: bytes.join('.'), port };
}

function writtenAddress({ address, port }: Address): Buffer {
  const value = Buffer.alloc(8);
  value[1] = 1; // IPv4
  value.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  value.writeUInt32BE((Buffer.from(address.split('.').map(Number)).readUInt32BE(0) ^ COOKIE) >>> 0, 4);
  return value;
}
