import type { Consumer, DirectTransport, Producer } from 'mediasoup/types';
import { z } from 'zod';
import { timestampOf } from './rtp.ts';

/**
 * mediasoup keeps a voice for a second by the clock of its codec (MaxRetransmissionDelayForAudioMs in its RtpStreamSend.hpp).
 * While it does it takes no copy of it; when it does no longer, it passes one on, and answers no more requests for it. On a
 * satellite with a queue the second request comes after 1.1 s: told a faster clock than the 48 kHz of Opus, mediasoup keeps
 * it for 1.25 s. It only measures with it (its sender reports are then 15 ms off between two frames).
 */
const TOLD_CLOCK_RATE = 60_000;
const KEPT = TOLD_CLOCK_RATE;
/** The highest that RFC 3550 has. */
const SSRCS = 2 ** 32;

/** What is read of mediasoup's account of a packet that it has sent. */
const Told = z.object({ rtpPacket: z.object({ timestamp: z.number() }) });

/** Makes a consumer of a producer whose codec is said to have this clock, Hz. */
export type ConsumeAtClock = (producer: string, clockRate: number) => Promise<Consumer>;

interface Sent {
  readonly packet: Buffer;
  times: number;
}

/**
 * A voice on its way to one far receiver. What that receiver asks for again mediasoup sends again, once: where an answer
 * takes 600 ms, a second request comes when it has forgotten. So this sends it once more, 1.25 s after it was said,
 * which is still before it is to be heard (client/lesson/playout.ts). Of ten in a hundred lost, one in a thousand stays so.
 */
export class RepeatedVoice {
  readonly #producer: Producer;
  readonly #ssrc: number;
  /** By RTP timestamp. */
  readonly #sent = new Map<number, Sent>();

  private constructor(producer: Producer, ssrc: number) {
    this.#producer = producer;
    this.#ssrc = ssrc;
  }

  /**
   * `voice` gives the packets to be passed on; `consume` makes the receiver's consumer of what passes them on, at the clock
   * that mediasoup is told. All of it ends with either. Rejects where `voice` or the receiver's transport is gone.
   */
  static async open(direct: DirectTransport, voice: Consumer, consume: ConsumeAtClock): Promise<Consumer> {
    const ssrc = 1 + Math.floor(Math.random() * (SSRCS - 1));
    const { codecs, headerExtensions } = voice.rtpParameters;
    const producer = await direct.produce({
      kind: 'audio',
      rtpParameters: { codecs, headerExtensions, encodings: [{ ssrc }] },
    });
    // What its consumers are made of: a router takes no other clock than that of Opus.
    Object.defineProperty(producer, 'consumableRtpParameters', {
      value: atClock(producer.consumableRtpParameters, TOLD_CLOCK_RATE),
    });
    const repeated = new RepeatedVoice(producer, ssrc);
    const pass = (packet: Buffer) => repeated.#pass(packet);
    const end = () => producer.close();
    producer.observer.once('close', () => {
      voice.off('rtp', pass);
      voice.observer.off('close', end);
    });
    voice.observer.once('close', end);
    try {
      const consumer = await consume(producer.id, TOLD_CLOCK_RATE);
      consumer.observer.once('close', end);
      await repeated.#watch(consumer);
      voice.on('rtp', pass);
      if (voice.closed || consumer.closed) end();
      return consumer;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** What is sent a second time its receiver has asked for. */
  async #watch(consumer: Consumer): Promise<void> {
    let last: unknown;
    consumer.on('trace', (trace) => {
      // mediasoup 3.27 tells each of them twice.
      if (trace === last || trace.type !== 'rtp') return;
      last = trace;
      const sent = this.#sent.get(Told.parse(trace.info).rtpPacket.timestamp);
      if (sent) sent.times += 1;
    });
    await consumer.enableTraceEvent(['rtp']);
  }

  #pass(packet: Buffer): void {
    const timestamp = timestampOf(packet);
    this.#send(packet);
    for (const [earlier, { packet: former, times }] of this.#sent) {
      if (((timestamp - earlier) | 0) <= KEPT) break; // RTP's clock turns over at 2^32
      this.#sent.delete(earlier);
      if (times > 1) this.#send(former);
    }
    this.#sent.set(timestamp, { packet, times: 0 });
  }

  #send(packet: Buffer): void {
    if (this.#producer.closed) return;
    packet.writeUInt32BE(this.#ssrc, 8); // a transport takes each SSRC from one producer only
    this.#producer.send(packet);
  }
}

/** The same, but for the clock of its codecs. */
export function atClock<T extends { codecs?: { clockRate: number }[] }>(parameters: T, clockRate: number): T {
  return { ...parameters, codecs: parameters.codecs?.map((codec) => ({ ...codec, clockRate })) };
}
