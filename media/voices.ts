import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { PlainTransport, Producer, Router } from 'mediasoup/types';
import type { VoicePacket } from '../protocol/media.ts';
import { localReceiver } from './codecs.ts';
import { gone, isGone } from './errors.ts';
import { LEVEL_EXTENSION, type LevelMeter } from './levels.ts';
import { RecentVoice } from './recent-voice.ts';
import { audioLevel, isRtcp, payloadOf, ssrcOf, timestampOf } from './rtp.ts';

const HERE = '127.0.0.1';

/** One voice of the router. */
interface Followed {
  readonly producer: string;
  readonly recent: RecentVoice;
  /** Number of the level's header extension; undefined where its sender writes none. */
  readonly level: number | undefined;
}

/**
 * The voices of a router, packet by packet, in this process: some seventeen a second each. They come over UDP, which costs the
 * worker less than a listener does; by its own channel (DirectTransport) each costs as much as several.
 */
export class Voices {
  readonly #router: Router;
  readonly #meter: LevelMeter;
  readonly #report: (error: unknown) => void;
  readonly #recent = new Map<string, RecentVoice>();
  readonly #bySsrc = new Map<number, Followed>();
  #way: Promise<PlainTransport> | null = null;

  constructor(router: Router, meter: LevelMeter, report: (error: unknown) => void) {
    this.#router = router;
    this.#meter = meter;
    this.#report = report;
  }

  /** Rejects only where following could not begin for a producer that is still there. */
  async add(producer: Producer): Promise<void> {
    const recent = new RecentVoice();
    this.#recent.set(producer.id, recent);
    producer.observer.once('close', () => {
      this.#meter.silence(producer.id);
      this.#recent.delete(producer.id);
    });
    try {
      await this.#follow(producer, recent);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** See `MediaApi.listen`. Throws where there is no such voice. */
  listen(producer: string, heard: (packet: VoicePacket) => void): () => void {
    const voice = this.#recent.get(producer);
    if (!voice) throw gone(producer);
    return voice.listen(heard);
  }

  async #follow({ id: producer }: Producer, recent: RecentVoice): Promise<void> {
    this.#way ??= this.#openWay();
    const consumer = await (await this.#way).consume({
      producerId: producer,
      rtpCapabilities: localReceiver(this.#router.rtpCapabilities, [LEVEL_EXTENSION]),
      paused: true, // until it is known whose its packets are
    });
    const { headerExtensions, encodings } = consumer.rtpParameters;
    const ssrc = encodings?.[0]?.ssrc;
    if (ssrc === undefined) throw new Error('mediasoup made a consumer without an SSRC');
    const level = headerExtensions?.find(({ uri }) => uri === LEVEL_EXTENSION)?.id;
    this.#bySsrc.set(ssrc, { producer, recent, level });
    consumer.observer.once('close', () => this.#bySsrc.delete(ssrc));
    consumer.on('producerpause', () => this.#meter.silence(producer));
    await consumer.resume();
  }

  /** Closes with the router. */
  async #openWay(): Promise<PlainTransport> {
    const socket = await listenHere();
    socket.on('error', this.#report);
    let isOpen = true;
    const close = () => {
      if (isOpen) socket.close();
      isOpen = false;
    };
    let way: PlainTransport | undefined;
    try {
      way = await this.#router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: HERE },
        rtcpMux: true,
        comedia: false,
      });
      way.observer.once('close', close);
      const from = way.tuple.localPort;
      socket.on('message', (packet, { port }) => {
        if (port === from) this.#hear(packet);
      });
      await way.connect({ ip: HERE, port: socket.address().port });
      return way;
    } catch (error) {
      this.#way = null; // the next voice tries again
      way?.close();
      close();
      throw error;
    }
  }

  #hear(packet: Buffer): void {
    if (isRtcp(packet)) return;
    const voice = this.#bySsrc.get(ssrcOf(packet));
    if (!voice) return;
    const { producer, recent, level } = voice;
    const dBov = level === undefined ? null : audioLevel(packet, level);
    if (dBov !== null) this.#meter.hear(producer, dBov);
    const payload = payloadOf(packet);
    if (payload.length > 0) recent.push({ timestamp: timestampOf(packet), payload, ageMs: 0 });
  }
}

async function listenHere(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, HERE);
  await once(socket, 'listening'); // rejects with its error
  return socket;
}
