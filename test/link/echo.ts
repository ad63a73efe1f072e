import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket as TcpSocket } from 'node:net';
import type { Link } from '../support/link/link.ts';
import type { Endpoint } from '../support/link/udp-relay.ts';

export interface Arrival {
  readonly message: Buffer;
  /** `performance.now()`. */
  readonly at: number;
}

/** A UDP socket on the loopback address that keeps what it gets. */
export class Inbox {
  readonly socket: Socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  readonly arrivals: Arrival[] = [];

  static async open(): Promise<Inbox> {
    const inbox = new Inbox();
    inbox.socket.on('message', (message) => inbox.arrivals.push({ message, at: performance.now() }));
    inbox.socket.bind(0, '127.0.0.1');
    await once(inbox.socket, 'listening');
    return inbox;
  }

  get endpoint(): Endpoint {
    return { host: '127.0.0.1', port: this.socket.address().port };
  }

  send(message: Buffer, { host, port }: Endpoint): void {
    this.socket.send(message, port, host);
  }

  /** Resolves with what came once there are `count`. */
  async take(count: number): Promise<Arrival[]> {
    while (this.arrivals.length < count) await once(this.socket, 'message');
    return this.arrivals.slice(0, count);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(resolve));
  }
}

/** A message of `bytes` that begins with its number. */
export function numbered(number: number, bytes: number): Buffer {
  const message = Buffer.alloc(bytes);
  message.writeUInt32BE(number);
  return message;
}

export function numbersOf(arrivals: readonly Arrival[]): number[] {
  return arrivals.map(({ message }) => message.readUInt32BE());
}

/** A TCP server on the loopback address, and connections to it over a link. */
export class Line {
  readonly #server: Server;
  readonly #accepted: TcpSocket[] = [];
  readonly #dialled: TcpSocket[] = [];
  readonly #link: Link;

  private constructor(link: Link) {
    this.#link = link;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accepted.push(socket));
  }

  static async open(link: Link): Promise<Line> {
    const line = new Line(link);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get endpoint(): Endpoint {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return { host: '127.0.0.1', port: address.port };
  }

  /** Resolves once the server has accepted, which takes one way of the link. */
  async connect(): Promise<{ client: TcpSocket; server: TcpSocket }> {
    const accepted = once(this.#server, 'connection');
    const client = dial({ ...(await this.#link.relayTcp({ target: this.endpoint })), allowHalfOpen: true });
    this.#dialled.push(client);
    await accepted;
    const server = this.#accepted.at(-1);
    if (!server) throw new Error('accepted nothing');
    return { client, server };
  }

  async close(): Promise<void> {
    for (const socket of [...this.#dialled, ...this.#accepted]) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
