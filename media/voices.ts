import type { Consumer, DirectTransport, Producer, Router } from 'mediasoup/types';
import type { VoicePacket } from '../protocol/media.ts';
import { localReceiver } from './codecs.ts';
import { gone, isGone } from './errors.ts';
import { LEVEL_EXTENSION, type LevelMeter } from './levels.ts';
import { RecentVoice } from './recent-voice.ts';
import { type ConsumeAtClock, RepeatedVoice } from './repeats.ts';
import { audioLevel, payloadOf, timestampOf } from './rtp.ts';

/** Receivers of a room who get a voice by way of this process, packet by packet; more would take it too much time. */
const MOST_REPEATED = 64;

interface Voice {
  readonly recent: RecentVoice;
  consumer: Consumer | null;
}

/** The voices of a router, packet by packet, in this process: some seventeen a second each. */
export class Voices {
  readonly #router: Router;
  readonly #meter: LevelMeter;
  readonly #voices = new Map<string, Voice>();
  #transport: Promise<DirectTransport> | null = null;
  #repeated = 0;

  constructor(router: Router, meter: LevelMeter) {
    this.#router = router;
    this.#meter = meter;
  }

  /** Rejects only where following could not begin for a producer that is still there. */
  async add(producer: Producer): Promise<void> {
    const voice: Voice = { recent: new RecentVoice(), consumer: null };
    this.#voices.set(producer.id, voice);
    producer.observer.once('close', () => {
      this.#meter.silence(producer.id);
      this.#voices.delete(producer.id);
    });
    try {
      voice.consumer = await this.#consume(producer);
      this.#follow(voice.consumer, producer.id, voice.recent);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** See `MediaApi.listen`. Throws where there is no such voice. */
  listen(producer: string, heard: (packet: VoicePacket) => void): () => void {
    const voice = this.#voices.get(producer);
    if (!voice) throw gone(producer);
    return voice.recent.listen(heard);
  }

  /**
   * A consumer whose receiver gets twice what they ask for again. Null where a voice cannot go this way now: it is not
   * followed (yet), or too many go it.
   */
  async repeated(producer: string, consume: ConsumeAtClock): Promise<Consumer | null> {
    const voice = this.#voices.get(producer)?.consumer;
    if (!voice || !this.#transport || this.#repeated >= MOST_REPEATED) return null;
    this.#repeated += 1;
    try {
      const consumer = await RepeatedVoice.open(await this.#transport, voice, consume);
      consumer.observer.once('close', () => {
        this.#repeated -= 1;
      });
      return consumer;
    } catch (error) {
      this.#repeated -= 1;
      throw error;
    }
  }

  async #consume(producer: Producer): Promise<Consumer> {
    this.#transport ??= this.#router.createDirectTransport();
    const transport = await this.#transport;
    return await transport.consume({
      producerId: producer.id,
      rtpCapabilities: localReceiver(this.#router.rtpCapabilities, [LEVEL_EXTENSION]),
    });
  }

  #follow(consumer: Consumer, producer: string, recent: RecentVoice): void {
    if (consumer.closed) return;
    const level = consumer.rtpParameters.headerExtensions?.find(({ uri }) => uri === LEVEL_EXTENSION)?.id;
    consumer.on('rtp', (packet) => {
      const dBov = level === undefined ? null : audioLevel(packet, level);
      if (dBov !== null) this.#meter.hear(producer, dBov);
      const payload = payloadOf(packet);
      if (payload.length > 0) recent.push({ timestamp: timestampOf(packet), payload, ageMs: 0 });
    });
    consumer.on('producerpause', () => this.#meter.silence(producer));
  }
}
