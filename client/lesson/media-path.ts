import type { types } from 'mediasoup-client';
import { TongkeError } from '../../protocol/errors.ts';
import { type Stream, StreamSource } from '../../protocol/events.ts';
import { kindOf, type MediaKind } from '../../protocol/media.ts';
import type { Input, Output, RequestName } from '../../protocol/requests.ts';
import { ConnectionLost } from './answer.ts';
import { CLASSROOM_VOICE, encodingOf, GOOD_VOICE, type Sending, type Sound } from './encodings.ts';
import { letServerBegin, ownIdentity, waiting } from './handshake.ts';
import { forgetMedia, keepMedia, knownMedia } from './known-media.ts';
import { ArrivalMeter, type Arrivals } from './late/arrivals.ts';
import { type LinkMeasure, LinkMeter } from './link-meter.ts';
import { Mender } from './mender.ts';
import { consumerOptions, feedOptions, rtpCapabilities, transportOptions } from './opaque.ts';
import { type Opening, only, toOpen, toReceive } from './opening.ts';
import { type Playout, setPlayout } from './playout.ts';
import { type Count, TrafficMeter } from './traffic.ts';
import { UplinkFollower } from './uplink-follower.ts';

export type Ask = <N extends RequestName>(name: N, input: Input<N>) => Promise<Output<N>>;

export type Direction = 'send' | 'receive';

/** What was asked of a stream; `flowing`: it comes without being asked for again. */
interface Asked {
  readonly answer: Promise<Output<'media.consume'>>;
  readonly flowing: boolean;
}

/** The way to receive is opened before it is needed. */
interface Early {
  /** What was asked of the server already. */
  readonly opening: Opening | null;
}

export interface PathEvents {
  /** Its state changed. */
  changed(): void;
  /** One way cannot be mended: `drop` it, and it is opened anew. The other goes on. */
  broken(direction: Direction): void;
  /** The way to receive is there (again). */
  receiving(): void;
  /** A datagram with fresh entries. */
  fed(datagram: Uint8Array): void;
  /** Bytes that came and went. */
  readonly count?: Count;
  /** The device behind a track is gone. */
  trackEnded(source: StreamSource): void;
  report(error: unknown): void;
}

/**
 * The way to the media server: a device, up to two transports, and what goes over them. Callers take turns: no two
 * of its asynchronous methods run at once.
 */
export class MediaPath {
  readonly #ask: Ask;
  readonly #device: types.Device;
  readonly #events: PathEvents;
  readonly #transports = new Map<Direction, types.Transport>();
  readonly #producers = new Map<Sending, types.Producer>();
  readonly #consumers = new Map<string, types.Consumer>();
  readonly #asked = new Map<string, Asked>();
  /** The server knows what of these kinds can be received over the transport there is. */
  readonly #told = new Set<MediaKind>();
  readonly #menders = new Map<Direction, Mender>();
  readonly #meter = new LinkMeter();
  readonly #traffic = new TrafficMeter();
  readonly #arrivals = new ArrivalMeter();
  readonly #playout: Playout;
  #follower: UplinkFollower | undefined;
  #closed = false;
  #fed = false;
  /** `performance.now()`; null while nothing can be received. */
  #receivingSince: number | null = null;

  private constructor(ask: Ask, device: types.Device, playout: Playout, events: PathEvents) {
    this.#playout = playout;
    this.#ask = ask;
    this.#device = device;
    this.#events = events;
  }

  /** `early`: with the way to receive, before there is anything to receive; it may have been asked for already. */
  static async open(ask: Ask, playout: Playout, events: PathEvents, early?: Early): Promise<MediaPath> {
    // Asked for while the library is loaded: one after the other they would take a round trip each.
    const known = early ? knownMedia() : null;
    const opening = early ? (early.opening ?? ask('media.open', toReceive())) : null;
    // Rejects to who opens the way. What was known may be what the server did not like.
    opening?.catch((error: unknown) => {
      if (error instanceof TongkeError) forgetMedia();
    });
    const [{ Device }, router] = await Promise.all([
      import('mediasoup-client'),
      known?.router ?? ask('media.join', {}).then((answer) => answer.rtpCapabilities),
    ]);
    const device = await Device.factory();
    await device.load({ routerRtpCapabilities: rtpCapabilities(router) });
    if (!known) keepMedia({ router, own: { ...device.recvRtpCapabilities } });
    const path = new MediaPath(ask, device, playout, events);
    if (opening) await path.#transport('receive', opening);
    return path;
  }

  get state(): 'connecting' | 'connected' | 'lost' {
    const states = [...this.#transports.values()].map(({ connectionState }) => connectionState);
    if (states.some((state) => state === 'disconnected' || state === 'failed')) return 'lost';
    return states.length > 0 && states.every((state) => state === 'connected') ? 'connected' : 'connecting';
  }

  get isReceiving(): boolean {
    return this.#transports.get('receive')?.connectionState === 'connected';
  }

  /** For how long without a break, ms; 0 while it is not. */
  get receivingMs(): number {
    return this.#receivingSince === null ? 0 : performance.now() - this.#receivingSince;
  }

  /** A voice that is received has been played, if only its silence. */
  get isHeard(): boolean {
    return [...this.#consumers.values()].some(
      ({ kind, rtpReceiver }) =>
        kind === 'audio' && rtpReceiver && rtpReceiver.getSynchronizationSources().length > 0,
    );
  }

  producer(source: Sending): types.Producer | undefined {
    return this.#producers.get(source);
  }

  /** By stream id. */
  get consumers(): ReadonlyMap<string, types.Consumer> {
    return this.#consumers;
  }

  async produce(source: Sending, track: MediaStreamTrack, sound: Sound): Promise<void> {
    const transport = await this.#transport('send');
    const vp8 = this.#device.sendRtpCapabilities.codecs?.find(({ mimeType }) => mimeType === 'video/VP8');
    const producer = await transport.produce({
      track,
      ...encodingOf(source, { height: track.getSettings().height, sound }),
      ...(track.kind === 'video' && vp8 ? { codec: vp8 } : {}),
      stopTracks: false, // the track is the face's: it shows the preview
      appData: { source, sound },
    });
    this.#producers.set(source, producer);
    if (source !== 'thin') producer.on('trackended', () => this.#events.trackEnded(source));
    producer.on('transportclose', () => this.#producers.delete(source));
  }

  /** How the microphone's track is coded; null where it is not sent. */
  get sound(): Sound | null {
    const sound = this.#producers.get('mic')?.appData.sound;
    return sound === 'music' || sound === 'speech' ? sound : null;
  }

  /** More for a voice where everyone's link has room for it; music has its own. */
  async setVoice(isGood: boolean): Promise<void> {
    const producer = this.#producers.get('mic');
    if (!producer || this.sound !== 'speech' || (producer.appData.isGood ?? false) === isGood) return;
    producer.appData.isGood = isGood;
    await producer.setRtpEncodingParameters({ maxBitrate: isGood ? GOOD_VOICE : CLASSROOM_VOICE });
  }

  async hold(source: Sending, held: boolean): Promise<void> {
    const producer = this.#producers.get(source);
    if (!producer) return;
    if (held) producer.pause();
    else producer.resume();
    await this.#ask('media.hold', { stream: producer.id, held });
  }

  /** Stops sending here. The server is told unless it was the one to end it. */
  async stop(source: Sending, tell: boolean): Promise<void> {
    const producer = this.#producers.get(source);
    if (!producer) return;
    this.#producers.delete(source);
    producer.close();
    if (tell) await this.#ask('media.close', { stream: producer.id });
  }

  /** Sends the request ahead of `consume`, so that several streams are asked for in one round trip. */
  askFor(stream: Stream): void {
    const transport = this.#transports.get('receive');
    if (!transport || this.#asked.has(stream.id)) return;
    const asked = this.#askToConsume(transport.id, stream);
    this.#asked.set(stream.id, asked);
    asked.answer.catch(() => undefined); // rejects to `consume`
  }

  async consume(stream: Stream): Promise<void> {
    const transport = await this.#transport('receive');
    const { answer, flowing } = this.#asked.get(stream.id) ?? this.#askToConsume(transport.id, stream);
    this.#asked.delete(stream.id);
    const options = await answer;
    const consumer = await transport.consume(consumerOptions(options));
    this.#consumers.set(stream.id, consumer);
    if (consumer.kind === 'audio' && consumer.rtpReceiver)
      setPlayout(consumer.rtpReceiver, this.#playout.targetMs);
    consumer.on('transportclose', () => this.#consumers.delete(stream.id));
    if (!flowing) await this.#ask('media.receive', { consumer: consumer.id, paused: false });
  }

  /** Datagrams with fresh entries, once: whoever cannot have them gets the same over the socket. */
  async openFeed(): Promise<void> {
    const transport = this.#transports.get('receive');
    if (this.#fed || !transport) return;
    this.#fed = true;
    try {
      const options = feedOptions(await this.#ask('media.feed', { transport: transport.id }));
      const feed = await transport.consumeData(options);
      feed.on('message', (datagram) => {
        if (datagram instanceof ArrayBuffer) this.#events.fed(new Uint8Array(datagram));
      });
    } catch (error) {
      this.#fed = !(error instanceof ConnectionLost);
      if (this.#fed) this.#events.report(error);
    }
  }

  #askToConsume(transport: string, stream: Stream): Asked {
    const kind = kindOf(stream.source);
    const flowing = flowsAtOnce(stream, this.isReceiving);
    const known = this.#told.has(kind);
    this.#told.add(kind);
    const answer = this.#ask('media.consume', {
      ...{ transport, stream: stream.id },
      ...(!known && { rtpCapabilities: only(kind, this.#device.recvRtpCapabilities) }),
      ...(flowing && { flowing }),
    });
    if (!known) answer.catch(() => this.#told.delete(kind)); // it may not have come
    return { answer, flowing };
  }

  forget(stream: string): void {
    this.#consumers.get(stream)?.close();
    this.#consumers.delete(stream);
  }

  setPaused(id: string, paused: boolean): void {
    const consumer = [...this.#consumers.values()].find((each) => each.id === id);
    if (paused) consumer?.pause();
    else consumer?.resume();
  }

  streamOf(consumer: string): string | undefined {
    for (const [stream, { id }] of this.#consumers) if (id === consumer) return stream;
    return undefined;
  }

  directionOf(transport: string): Direction | undefined {
    for (const [direction, { id }] of this.#transports) if (id === transport) return direction;
    return undefined;
  }

  /** Gives up one way, with what went over it. */
  drop(direction: Direction): void {
    this.#menders.get(direction)?.close();
    this.#menders.delete(direction);
    const transport = this.#transports.get(direction);
    this.#transports.delete(direction);
    transport?.close();
    if (direction === 'send') {
      this.#follower?.close();
      return;
    }
    this.#told.clear();
    this.#asked.clear();
    this.#fed = false;
  }

  /**
   * New ICE credentials for all transports; also what hands them over to one's new connection. A way that the server
   * no longer knows is dropped. Rejects with ConnectionLost.
   */
  async restart(): Promise<void> {
    const restarts = [...this.#menders].map(async ([direction, mender]) => {
      try {
        await mender.restart();
      } catch (error) {
        if (error instanceof ConnectionLost) throw error;
        this.drop(direction);
      }
    });
    await Promise.all(restarts);
  }

  /** How the link has done since last asked, and the playout buffers set to what that takes; null before anything came. */
  async measure(): Promise<LinkMeasure | null> {
    const transport = this.#transports.get('receive');
    if (!transport) return null;
    const stats = await this.#stats(transport);
    const measure = this.#meter.read(stats);
    if (measure) this.#playout.follow(measure);
    for (const { kind, rtpReceiver } of this.#consumers.values())
      if (kind === 'audio' && rtpReceiver) setPlayout(rtpReceiver, this.#playout.targetMs);
    return measure;
  }

  /** A transport's statistics; what it has moved since the last time is counted. */
  async #stats(transport: types.Transport): Promise<unknown[]> {
    const stats = [...(await transport.getStats()).values()];
    this.#events.count?.(this.#traffic.read(transport, stats));
    return stats;
  }

  /** What has come of the voices so far; null before any can. */
  async arrivals(): Promise<Arrivals | null> {
    const transport = this.#transports.get('receive');
    return transport && !transport.closed ? this.#arrivals.read((await transport.getStats()).values()) : null;
  }

  close(): void {
    this.#closed = true;
    this.#follower?.close();
    for (const mender of this.#menders.values()) mender.close();
    this.#menders.clear();
    for (const transport of this.#transports.values()) transport.close();
    this.#transports.clear();
    this.#producers.clear();
    this.#consumers.clear();
  }

  async #transport(direction: Direction, opening?: Opening): Promise<types.Transport> {
    const there = this.#transports.get(direction);
    if (there) return there;
    const asked = opening ?? this.#ask('media.open', toOpen(direction, null));
    const { iceServers, voices, isConnecting, ...opened } = await asked;
    const certificate = isConnecting ? ownIdentity()?.certificate : undefined;
    if (voices) this.#told.add('audio');
    for (const { stream, consumer } of voices ?? [])
      this.#asked.set(stream, { answer: Promise.resolve(consumer), flowing: true });
    const known = transportOptions(opened);
    const options = {
      ...{ ...known, dtlsParameters: waiting(known.dtlsParameters) },
      ...(iceServers && { iceServers }),
      ...(certificate && { additionalSettings: { certificates: [certificate] } }),
    };
    const transport =
      direction === 'send'
        ? this.#device.createSendTransport(options)
        : this.#device.createRecvTransport(options);
    letServerBegin(transport);
    transport.on('connect', ({ dtlsParameters }, done) => {
      if (certificate) return done(); // the server knows it since the way was asked for
      // Not waited for: what finds the path and what tells of it may be on their way together.
      this.#ask('media.connect', { transport: transport.id, dtlsParameters }).catch((error: unknown) => {
        if (this.#closed || error instanceof ConnectionLost) return;
        this.#events.report(error);
        this.#events.broken(direction);
      });
      done();
    });
    transport.on('produce', ({ rtpParameters, appData }, done, fail) => {
      const thin = appData.source === 'thin';
      const source = thin ? 'mic' : StreamSource.parse(appData.source);
      const music = source === 'mic' && !thin && appData.sound === 'music';
      const what = { source, ...(thin && { thin }), ...(music && { music }) };
      this.#ask('media.produce', { transport: transport.id, ...what, rtpParameters }).then(
        ({ stream }) => done({ id: stream.id }),
        fail,
      );
    });
    const mender = new Mender({
      ...{ ask: this.#ask, transport, iceParameters: options.iceParameters },
      broken: () => this.#events.broken(direction),
      report: this.#events.report,
    });
    transport.on('connectionstatechange', (state) => {
      if (this.#closed) return;
      if (direction === 'receive') this.#receivingSince = state === 'connected' ? performance.now() : null;
      this.#events.changed();
      if (direction === 'receive' && state === 'connected') this.#events.receiving();
      mender.stateChanged(state);
    });
    if (direction === 'send')
      this.#follower = new UplinkFollower({
        stats: () => this.#stats(transport),
        pictures: () => [...this.#producers.values()].filter(({ kind }) => kind === 'video'),
        report: this.#events.report,
      });
    this.#transports.set(direction, transport);
    this.#menders.set(direction, mender);
    return transport;
  }
}

/**
 * A voice needs no key frame of who cannot take it yet. A thin voice takes the place of another, which, where it is heard
 * already, is heard until this one can be.
 */
function flowsAtOnce({ source, thin }: Stream, isReceiving: boolean): boolean {
  return source === 'mic' && !(thin && isReceiving);
}
