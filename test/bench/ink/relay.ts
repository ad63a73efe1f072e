import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Headers of IPv4 and TCP without options; Linux's timestamps would be 12 more. */
const SEGMENT_HEADER = 40;
/** Ethernet's 1,500 without them. */
const LARGEST_SEGMENT = 1_460;

/** Bytes and segments that carried something, one way. */
export class Traffic {
  bytes = 0;
  segments = 0;

  count(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    this.segments += Math.ceil(chunk.length / LARGEST_SEGMENT);
  }

  /** As they would be on a link: with the headers of each segment. Acknowledgements without data are left out. */
  get onWire(): number {
    return this.bytes + this.segments * SEGMENT_HEADER;
  }

  reset(): void {
    this.bytes = 0;
    this.segments = 0;
  }
}

/** Passes TCP on as it comes, and counts it: whatever TLS and WebSocket make of a message. */
export class CountingRelay {
  readonly up = new Traffic();
  readonly down = new Traffic();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
      for (const [from, to, traffic] of [
        [near, far, this.up],
        [far, near, this.down],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (chunk) => {
          traffic.count(chunk);
          to.write(chunk);
        });
        from.on('error', () => to.destroy()); // a line that breaks breaks at both ends
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  static async open(target: number): Promise<CountingRelay> {
    const relay = new CountingRelay(target);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  reset(): void {
    this.up.reset();
    this.down.reset();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
