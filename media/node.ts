import { availableParallelism } from 'node:os';
import { setLogEventListeners } from 'mediasoup';
import { TongkeError } from '../protocol/errors.ts';
import type {
  ConsumeOptions,
  ConsumerOptions,
  FeedOptions,
  MediaApi,
  MediaEvent,
  MediaKind,
  NewTransport,
  Opaque,
  Tap,
  TapTarget,
  TransportOptions,
  TransportStats,
  VoicePacket,
} from '../protocol/media.ts';
import { localAddresses } from './addresses.ts';
import { ROUTER_CODECS } from './codecs.ts';
import { gone, isGone, translated } from './errors.ts';
import type { Log } from './log.ts';
import { Room, type RoomCount } from './room.ts';
import { WorkerPool } from './worker-pool.ts';

export interface MediaNodeOptions {
  /** Worker processes; one a core unless said otherwise. */
  readonly workers?: number;
  /** Path of the mediasoup-worker binary; else `MEDIASOUP_WORKER_BIN`, else the one that npm installed. */
  readonly workerBin?: string;
  /** UDP and TCP port of the first worker, the others follow it; 0 takes any that are free. */
  readonly port?: number;
  /** IPv4 address to listen on; every one of the host unless said otherwise. */
  readonly listenIp?: string;
  /** Addresses that clients are told; unless said otherwise, those of this host (`localAddresses`). */
  readonly announcedAddresses?: readonly string[];
  readonly log: Log;
}

/** The first port, where nothing else is asked for. A firewall opens as many from here as there are cores. */
export const DEFAULT_PORT = 44_444;

const EVERYWHERE = '0.0.0.0';

/** Rejects where no worker can be had: no binary, or a port that is taken. */
export async function createMediaNode(options: MediaNodeOptions): Promise<MediaNode> {
  const { log, listenIp = EVERYWHERE } = options;
  setLogEventListeners({
    onwarn: (source, message) => log.warn({ source }, message),
    onerror: (source, message, error) => log.error({ source, err: error }, message),
  });
  const pool = await WorkerPool.start({
    workers: options.workers ?? availableParallelism(),
    workerBin: options.workerBin,
    port: options.port ?? DEFAULT_PORT,
    listenIp,
    log,
  });
  const announced = options.announcedAddresses ?? [];
  return new MediaNode(pool, log, () => {
    if (announced.length > 0) return announced;
    return listenIp === EVERYWHERE ? localAddresses() : [listenIp];
  });
}

/** `MediaApi` on this host's workers: finds the room of an id and says mediasoup's errors in the protocol's codes. */
export class MediaNode implements MediaApi {
  readonly #pool: WorkerPool;
  readonly #log: Log;
  readonly #addresses: () => readonly string[];
  readonly #directory = new Map<string, Room>();
  readonly #listeners = new Set<(event: MediaEvent) => void>();
  #closing: Promise<void> | null = null;

  constructor(pool: WorkerPool, log: Log, addresses: () => readonly string[]) {
    this.#pool = pool;
    this.#log = log;
    this.#addresses = addresses;
  }

  /** Process ids of the living workers. */
  pids(): number[] {
    return this.#pool.pids();
  }

  /** How many ids are known: 0 once everything is closed. */
  get size(): number {
    return this.#directory.size;
  }

  /** How many routers (lessons with media) there are, for whoever watches the load. */
  count(): { readonly routers: number } & RoomCount {
    const rooms = [...new Set(this.#directory.values())];
    const sum = (of: keyof RoomCount) => rooms.reduce((all, room) => all + room.count()[of], 0);
    return {
      routers: rooms.length,
      transports: sum('transports'),
      producers: sum('producers'),
      consumers: sum('consumers'),
    };
  }

  async createRouter(): Promise<{ router: string; rtpCapabilities: Opaque }> {
    if (this.#closing) throw new TongkeError('media_unavailable', 'the media node is closed');
    const home = await this.#pool.leastLoaded();
    try {
      const router = await home.worker.createRouter({ mediaCodecs: ROUTER_CODECS });
      const { id, rtpCapabilities } = new Room(router, home, {
        log: this.#log,
        addresses: this.#addresses,
        directory: this.#directory,
        emit: (event) => this.#emit(event),
      });
      return { router: id, rtpCapabilities };
    } catch (error) {
      // That worker has died meanwhile: the next one.
      if (isGone(error)) return await this.createRouter();
      throw new TongkeError('media_unavailable', 'a media worker refused a router', { cause: error });
    }
  }

  async closeRouter(router: string): Promise<void> {
    this.#directory.get(router)?.close();
  }

  async createTransport(router: string, options: NewTransport): Promise<TransportOptions> {
    return await this.#in(router, (room) => room.createTransport(options));
  }

  async connectTransport(transport: string, dtlsParameters: Opaque): Promise<void> {
    await this.#in(transport, (room) => room.connectTransport(transport, dtlsParameters));
  }

  async restartIce(transport: string): Promise<Opaque> {
    return await this.#in(transport, (room) => room.restartIce(transport));
  }

  async closeTransport(transport: string): Promise<void> {
    this.#directory.get(transport)?.closeTransport(transport);
  }

  async openFeed(transport: string): Promise<FeedOptions> {
    return await this.#in(transport, (room) => room.openFeed(transport));
  }

  async sendFeed(feed: string, datagram: Uint8Array): Promise<void> {
    this.#directory.get(feed)?.sendFeed(feed, datagram);
  }

  async setMaxOutgoingBitrate(transport: string, bitsPerSecond: number): Promise<void> {
    await this.#in(transport, (room) => room.setMaxOutgoingBitrate(transport, bitsPerSecond));
  }

  async transportStats(transport: string): Promise<TransportStats> {
    return await this.#in(transport, (room) => room.transportStats(transport));
  }

  async produce(transport: string, kind: MediaKind, rtpParameters: Opaque): Promise<string> {
    return await this.#in(transport, (room) => room.produce(transport, kind, rtpParameters));
  }

  async pauseProducer(producer: string): Promise<void> {
    await this.#in(producer, (room) => room.pauseProducer(producer));
  }

  async resumeProducer(producer: string): Promise<void> {
    await this.#in(producer, (room) => room.resumeProducer(producer));
  }

  async closeProducer(producer: string): Promise<void> {
    this.#directory.get(producer)?.closeProducer(producer);
  }

  async consume(
    transport: string,
    producer: string,
    rtpCapabilities: Opaque,
    options?: ConsumeOptions,
  ): Promise<ConsumerOptions> {
    return await this.#in(transport, (room) => room.consume(transport, producer, rtpCapabilities, options));
  }

  async resumeConsumer(consumer: string): Promise<void> {
    await this.#in(consumer, (room) => room.resumeConsumer(consumer));
  }

  async pauseConsumer(consumer: string): Promise<void> {
    await this.#in(consumer, (room) => room.pauseConsumer(consumer));
  }

  async setPreferredLayers(consumer: string, layers: { spatial: number; temporal?: number }): Promise<void> {
    await this.#in(consumer, (room) => room.setPreferredLayers(consumer, layers));
  }

  async closeConsumer(consumer: string): Promise<void> {
    this.#directory.get(consumer)?.closeConsumer(consumer);
  }

  listen(producer: string, heard: (packet: VoicePacket) => void): () => void {
    const room = this.#directory.get(producer);
    if (!room) throw gone(producer);
    return room.listen(producer, heard);
  }

  async tap(producer: string, target: TapTarget): Promise<Tap> {
    return await this.#in(producer, (room) => room.tap(producer, target));
  }

  async resumeTap(tap: string): Promise<void> {
    await this.#in(tap, (room) => room.resumeTap(tap));
  }

  async requestKeyFrame(tap: string): Promise<void> {
    await this.#in(tap, (room) => room.requestKeyFrame(tap));
  }

  async closeTap(tap: string): Promise<void> {
    this.#directory.get(tap)?.closeTap(tap);
  }

  on(listener: (event: MediaEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves once every worker process has ended; the same promise however often it is asked for. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const room of new Set(this.#directory.values())) room.close();
    await this.#pool.close();
    this.#listeners.clear();
  }

  async #in<T>(id: string, call: (room: Room) => Promise<T>): Promise<T> {
    const room = this.#directory.get(id);
    if (!room) throw gone(id);
    return await translated(() => call(room));
  }

  /** A listener that throws is its author's fault, and must not reach into mediasoup's own handling of an event. */
  #emit(event: MediaEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#log.error({ err: error, type: event.type }, 'a listener for media events failed');
      }
    }
  }
}
