import { isIP, isIPv4 } from 'node:net';
import type {
  Consumer,
  DtlsParameters,
  PlainTransport,
  Producer,
  Router,
  WebRtcTransport,
} from 'mediasoup/types';
import { TongkeError } from '../protocol/errors.ts';
import type {
  ConsumeOptions,
  ConsumerOptions,
  FeedOptions,
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
import { announce } from './addresses.ts';
import { localReceiver, OPUS_CLOCK_RATE } from './codecs.ts';
import { gone } from './errors.ts';
import { Feeds } from './feeds.ts';
import { LevelMeter } from './levels.ts';
import type { Log } from './log.ts';
import { parseDtlsParameters, parseRtpCapabilities, parseRtpParameters } from './parameters.ts';
import { atClock, type ConsumeAtClock } from './repeats.ts';
import { transportStats } from './stats.ts';
import { Voices } from './voices.ts';
import type { Resident, RunningWorker } from './worker-slot.ts';

/**
 * What a thin link is sent before anything is known of it, bit/s. mediasoup's default of 600,000 queues eight
 * seconds on a link of 64 kbit/s; probing raises the estimate of a better link within seconds.
 */
const INITIAL_OUTGOING_BITRATE = 45_000;
/** mediasoup refuses lower ceilings (AbsoluteMinOutgoingBitrate in its Transport.cpp). */
const LEAST_CEILING = 30_000;

export interface RoomContext {
  readonly log: Log;
  /** Addresses at which clients reach this host, most preferred first. */
  readonly addresses: () => readonly string[];
  /** Which room an id belongs to. */
  readonly directory: Map<string, Room>;
  readonly emit: (event: MediaEvent) => void;
}

/** The part that mediasoup's transports, producers and consumers have in common. */
interface Closable {
  readonly id: string;
  readonly closed: boolean;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
  close(): void;
}

type ClosedEvent =
  | { readonly type: 'transport.closed'; readonly transport: string }
  | { readonly type: 'producer.closed'; readonly producer: string }
  | { readonly type: 'consumer.closed'; readonly consumer: string };

export interface RoomCount {
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
}

/** One router and everything on it. Nothing of another room can be reached through it. */
export class Room implements Resident {
  readonly #router: Router;
  readonly #home: RunningWorker;
  readonly #context: RoomContext;
  readonly #voices: Voices;
  readonly #transports = new Map<string, WebRtcTransport>();
  readonly #producers = new Map<string, Producer>();
  readonly #consumers = new Map<string, Consumer>();
  readonly #taps = new Map<string, Consumer>();
  readonly #feeds: Feeds;

  constructor(router: Router, home: RunningWorker, context: RoomContext) {
    this.#router = router;
    this.#home = home;
    this.#context = context;
    const meter = new LevelMeter((levels) => this.#emit({ type: 'levels', router: this.id, levels }));
    router.observer.once('close', () => meter.stop());
    this.#voices = new Voices(router, meter);
    this.#feeds = new Feeds(router);
    home.residents.add(this);
    context.directory.set(router.id, this);
    router.observer.once('close', () => context.directory.delete(router.id));
  }

  count(): RoomCount {
    return {
      transports: this.#transports.size,
      producers: this.#producers.size,
      consumers: this.#consumers.size,
    };
  }

  get id(): string {
    return this.#router.id;
  }

  get rtpCapabilities(): Opaque {
    return this.#router.rtpCapabilities;
  }

  /** Streams in and out; a room without any counts a little, so that new ones spread over the workers. */
  get load(): number {
    return 1 + this.#producers.size + this.#consumers.size + this.#taps.size;
  }

  close(): void {
    this.#home.residents.delete(this);
    this.#router.close();
  }

  workerDied(): void {
    this.#home.residents.delete(this);
    this.#context.emit({ type: 'router.died', router: this.id });
  }

  async createTransport(options: NewTransport): Promise<TransportOptions> {
    const transport = await this.#router.createWebRtcTransport({
      webRtcServer: this.#home.server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BITRATE,
      enableSctp: options.datagrams === true,
    });
    this.#hold(this.#transports, transport, { type: 'transport.closed', transport: transport.id });
    const { maxOutgoingBitrate } = options;
    if (maxOutgoingBitrate !== undefined) await limit(transport, maxOutgoingBitrate);
    this.#follow(transport);
    return {
      id: transport.id,
      iceParameters: transport.iceParameters,
      iceCandidates: announce(transport.iceCandidates, this.#context.addresses()),
      dtlsParameters: plain(transport.dtlsParameters),
      ...(transport.sctpParameters && { sctpParameters: transport.sctpParameters }),
    };
  }

  #follow(transport: WebRtcTransport): void {
    transport.on('icestatechange', (state) => {
      if (state !== 'disconnected') return;
      this.#emit({ type: 'transport.disconnected', router: this.id, transport: transport.id });
    });
    transport.on('dtlsstatechange', (state) => {
      if (state === 'failed' || state === 'closed') transport.close();
    });
  }

  async connectTransport(id: string, dtlsParameters: Opaque): Promise<void> {
    const transport = find(this.#transports, id);
    await transport.connect({ dtlsParameters: parseDtlsParameters(dtlsParameters) });
  }

  async restartIce(id: string): Promise<Opaque> {
    return await find(this.#transports, id).restartIce();
  }

  closeTransport(id: string): void {
    find(this.#transports, id).close();
  }

  async openFeed(id: string): Promise<FeedOptions> {
    const transport = find(this.#transports, id);
    const { producer, consumer } = await this.#feeds.open(transport);
    this.#hold(this.#feeds.producers, producer);
    const { sctpStreamParameters } = consumer;
    if (!sctpStreamParameters) throw new TongkeError('internal', 'mediasoup made a feed without a stream');
    return { id: consumer.id, dataProducerId: producer.id, sctpStreamParameters };
  }

  sendFeed(feed: string, datagram: Uint8Array): void {
    this.#feeds.producers.get(feed)?.send(Buffer.from(datagram));
  }

  async setMaxOutgoingBitrate(id: string, bitsPerSecond: number): Promise<void> {
    await limit(find(this.#transports, id), bitsPerSecond);
  }

  async transportStats(id: string): Promise<TransportStats> {
    const transport = find(this.#transports, id);
    const consumers = [...this.#consumers.values()].filter(({ appData }) => appData.transport === id);
    return await transportStats(transport, consumers);
  }

  async produce(transportId: string, kind: MediaKind, rtpParameters: Opaque): Promise<string> {
    const transport = find(this.#transports, transportId);
    const producer = await transport.produce({
      kind,
      rtpParameters: parseRtpParameters(kind, rtpParameters),
      // Many receivers asking for key frames at once are one request to the sender's thin uplink.
      keyFrameRequestDelay: 1000,
    });
    this.#hold(this.#producers, producer, { type: 'producer.closed', producer: producer.id });
    if (kind === 'audio') {
      this.#voices.add(producer).catch((error: unknown) => {
        this.#context.log.warn({ err: error, producer: producer.id }, 'a voice is not followed');
      });
    }
    return producer.id;
  }

  listen(producer: string, heard: (packet: VoicePacket) => void): () => void {
    return this.#voices.listen(producer, heard);
  }

  async pauseProducer(id: string): Promise<void> {
    await find(this.#producers, id).pause();
  }

  async resumeProducer(id: string): Promise<void> {
    await find(this.#producers, id).resume();
  }

  closeProducer(id: string): void {
    find(this.#producers, id).close();
  }

  async consume(
    transportId: string,
    producer: string,
    rtpCapabilities: Opaque,
    { isFar = false }: ConsumeOptions = {},
  ): Promise<ConsumerOptions> {
    const transport = find(this.#transports, transportId);
    const { kind } = find(this.#producers, producer);
    const options = {
      rtpCapabilities: parseRtpCapabilities(rtpCapabilities),
      paused: true,
      // For voices too: without it mediasoup takes NACK out of what it offers, and a lost frame is never sent again.
      enableRtx: true,
      appData: { transport: transportId },
    };
    const consumeAt: ConsumeAtClock = (producerId, clockRate) => {
      return transport.consume({
        ...options,
        producerId,
        rtpCapabilities: atClock(options.rtpCapabilities, clockRate),
      });
    };
    const repeated = isFar && kind === 'audio' ? await this.#voices.repeated(producer, consumeAt) : null;
    const consumer = repeated ?? (await transport.consume({ ...options, producerId: producer }));
    this.#hold(this.#consumers, consumer, { type: 'consumer.closed', consumer: consumer.id });
    const rtpParameters = repeated
      ? atClock(consumer.rtpParameters, OPUS_CLOCK_RATE)
      : consumer.rtpParameters;
    return { id: consumer.id, producerId: producer, kind, rtpParameters };
  }

  async resumeConsumer(id: string): Promise<void> {
    await find(this.#consumers, id).resume();
  }

  async pauseConsumer(id: string): Promise<void> {
    await find(this.#consumers, id).pause();
  }

  async setPreferredLayers(id: string, layers: { spatial: number; temporal?: number }): Promise<void> {
    await find(this.#consumers, id).setPreferredLayers({
      spatialLayer: layers.spatial,
      temporalLayer: layers.temporal,
    });
  }

  closeConsumer(id: string): void {
    find(this.#consumers, id).close();
  }

  async tap(producerId: string, target: TapTarget): Promise<Tap> {
    const producer = find(this.#producers, producerId);
    if (isIP(target.ip) === 0) throw new TongkeError('bad_request', `not an address: ${target.ip}`);
    const local = isIPv4(target.ip) ? '127.0.0.1' : '::1';
    const anywhere = isIPv4(target.ip) ? '0.0.0.0' : '::';
    const transport = await this.#router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: target.ip === local ? local : anywhere },
      rtcpMux: true,
      comedia: false,
    });
    try {
      await transport.connect({ ip: target.ip, port: target.port });
      return await this.#tapThrough(transport, producer);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  async #tapThrough(transport: PlainTransport, producer: Producer): Promise<Tap> {
    const consumer = await transport.consume({
      producerId: producer.id,
      rtpCapabilities: localReceiver(this.#router.rtpCapabilities),
      paused: true,
    });
    if (consumer.type !== 'simple') {
      await consumer.setPreferredLayers({ spatialLayer: 2, temporalLayer: 2 });
    }
    consumer.observer.once('close', () => transport.close());
    this.#hold(this.#taps, consumer);
    const [codec] = consumer.rtpParameters.codecs;
    const ssrc = consumer.rtpParameters.encodings?.[0]?.ssrc;
    if (!codec || ssrc === undefined)
      throw new TongkeError('internal', 'mediasoup made a tap without a codec');
    const { mimeType, payloadType, clockRate } = codec;
    return { id: consumer.id, kind: producer.kind, mimeType, payloadType, ssrc, clockRate };
  }

  async resumeTap(id: string): Promise<void> {
    await find(this.#taps, id).resume();
  }

  async requestKeyFrame(id: string): Promise<void> {
    await find(this.#taps, id).requestKeyFrame();
  }

  closeTap(id: string): void {
    find(this.#taps, id).close();
  }

  /**
   * Knows `object` by its id until it closes, for whatever reason, and then tells so. Throws where it closed while
   * it was made.
   */
  #hold<T extends Closable>(held: Map<string, T>, object: T, closed?: ClosedEvent): void {
    if (object.closed) throw gone(object.id);
    held.set(object.id, object);
    this.#context.directory.set(object.id, this);
    object.observer.once('close', () => {
      held.delete(object.id);
      this.#context.directory.delete(object.id);
      if (closed) this.#emit({ ...closed, router: this.id });
    });
  }

  /** Nobody is told what closes together with the router. */
  #emit(event: MediaEvent): void {
    if (!this.#router.closed) this.#context.emit(event);
  }
}

/** Of the fingerprints of one certificate the one that every browser reads: each is 100 bytes of a joiner's thin link. */
function plain({ role, fingerprints }: DtlsParameters): DtlsParameters {
  return { role, fingerprints: fingerprints.filter(({ algorithm }) => algorithm === 'sha-256') };
}

async function limit(transport: WebRtcTransport, bitsPerSecond: number): Promise<void> {
  await transport.setMaxOutgoingBitrate(Math.max(LEAST_CEILING, Math.round(bitsPerSecond)));
}

function find<T extends Closable>(held: ReadonlyMap<string, T>, id: string): T {
  const object = held.get(id);
  if (!object) throw gone(id);
  return object;
}
