import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Channel } from './channel.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Channels {
  readonly down: Channel;
  readonly up: Channel;
}

/** IPv4 and UDP. */
const HEADER_BYTES = 28;
/** A burst must be lost by the link's rules, not in the kernel; the kernel may grant less. */
const SOCKET_BUFFER_BYTES = 4 << 20;

/**
 * A NAT for one server port: each client address gets a socket of its own towards the server, which so sees as many
 * clients as there are. Nothing inside a packet is changed. An error of a socket is not caught: it fails the test.
 */
export class UdpRelay {
  readonly #front = createSocket({ type: 'udp4', recvBufferSize: SOCKET_BUFFER_BYTES });
  readonly #target: Endpoint;
  readonly #channels: Channels;
  readonly #upstreams = new Map<string, Socket>();
  #closed = false;

  private constructor(target: Endpoint, channels: Channels) {
    this.#target = target;
    this.#channels = channels;
    this.#front.on('message', (message, client) => this.#fromClient(message, client));
  }

  static async open(target: Endpoint, channels: Channels): Promise<UdpRelay> {
    const relay = new UdpRelay(target, channels);
    relay.#front.bind(0, '127.0.0.1');
    await once(relay.#front, 'listening');
    return relay;
  }

  get endpoint(): Endpoint {
    return { host: '127.0.0.1', port: this.#front.address().port };
  }

  #fromClient(message: Buffer, client: RemoteInfo): void {
    this.#channels.up.send({
      kind: 'udp',
      bytes: message.length + HEADER_BYTES,
      deliver: () => {
        if (!this.#closed) this.#upstreamOf(client).send(message, this.#target.port, this.#target.host);
      },
    });
  }

  #upstreamOf(client: RemoteInfo): Socket {
    const key = `${client.address}:${client.port}`;
    const known = this.#upstreams.get(key);
    if (known) return known;
    const upstream = createSocket({ type: 'udp4', recvBufferSize: SOCKET_BUFFER_BYTES });
    upstream.on('message', (message, from) => {
      // Like most NATs, only the server that was written to is let back in.
      if (from.port === this.#target.port) this.#fromServer(message, client);
    });
    this.#upstreams.set(key, upstream);
    return upstream;
  }

  #fromServer(message: Buffer, client: RemoteInfo): void {
    this.#channels.down.send({
      kind: 'udp',
      bytes: message.length + HEADER_BYTES,
      deliver: () => {
        if (!this.#closed) this.#front.send(message, client.port, client.address);
      },
    });
  }

  /** Clients come from other addresses from now on; what is sent to those of before reaches nobody. */
  move(): void {
    for (const socket of this.#upstreams.values()) socket.close();
    this.#upstreams.clear();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const sockets = [this.#front, ...this.#upstreams.values()];
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
  }
}
