import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Agenda } from './agenda.ts';
import { TcpEnd } from './tcp-end.ts';
import type { Channels, Endpoint } from './udp-relay.ts';

/**
 * Accepts connections for one server port. What an application writes at one end goes through a model of TCP over
 * the link and comes out at the other; the real connections, on loopback, only reach from the applications to here.
 */
export class TcpRelay {
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  readonly #target: Endpoint;
  readonly #channels: Channels;
  readonly #agenda: Agenda;
  readonly #connections = new Set<Connection>();

  private constructor(target: Endpoint, channels: Channels, agenda: Agenda) {
    this.#target = target;
    this.#channels = channels;
    this.#agenda = agenda;
  }

  static async open(target: Endpoint, channels: Channels, agenda: Agenda): Promise<TcpRelay> {
    const relay = new TcpRelay(target, channels, agenda);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get endpoint(): Endpoint {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the relay does not listen');
    return { host: address.address, port: address.port };
  }

  /** Connections that are open, or still have something on the way. */
  get connections(): number {
    return this.#connections.size;
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, this.#target, this.#channels, this.#agenda);
    this.#connections.add(connection);
    connection.onDone = () => this.#connections.delete(connection);
    connection.begin();
  }

  /** As a middlebox does that forgets its connections: both applications see a reset. */
  reset(): void {
    for (const connection of this.#connections) connection.reset();
    this.#connections.clear();
  }

  /** The connections that there are carry nothing any more, and neither end is told. */
  strand(): void {
    for (const connection of this.#connections) connection.strand();
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise<void>((resolve, reject) =>
      this.#server.close((error) => (error ? reject(error) : resolve())),
    );
  }
}

/** The client's end and the server's end of one connection. */
class Connection {
  readonly #near: TcpEnd;
  readonly #far: TcpEnd;
  readonly #client: Socket;
  readonly #target: Endpoint;
  #hasReached = false;
  onDone: () => void = () => {};

  constructor(client: Socket, target: Endpoint, { up, down }: Channels, agenda: Agenda) {
    this.#client = client;
    this.#target = target;
    const onProgress = () => this.#checkDone();
    this.#near = new TcpEnd(agenda, up, { onSyn: () => this.#agreed(), onProgress });
    this.#far = new TcpEnd(agenda, down, { onSyn: () => this.#connect(), onProgress });
    this.#near.face(this.#far);
    this.#far.face(this.#near);
  }

  /** The client's kernel has been answered by now, but nothing flows until the handshake has crossed the link. */
  begin(): void {
    // Who hangs up before the other end has heard of it leaves nothing on the link: a kernel forgets such a connection.
    const hungUp = () => {
      if (!this.#hasReached) this.reset();
    };
    this.#client.once('end', hungUp).once('close', hungUp);
    this.#near.attach(this.#client);
    this.#near.sender.connect();
  }

  #connect(): void {
    this.#hasReached = true;
    const { host, port } = this.#target;
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    socket.once('connect', () => this.#far.sender.connect());
    this.#far.attach(socket);
  }

  #agreed(): void {
    this.#near.sender.pump();
    this.#near.receiver.flush();
  }

  #checkDone(): void {
    if (this.#near.done && this.#far.done) this.reset();
  }

  strand(): void {
    this.#near.strand();
    this.#far.strand();
  }

  reset(): void {
    this.#near.reset();
    this.#far.reset();
    this.onDone();
  }
}
