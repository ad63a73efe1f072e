import type { Consumer, DirectTransport, Producer, Router } from 'mediasoup/types';
import type { VoicePacket } from '../protocol/media.ts';
import { localReceiver } from './codecs.ts';
import { gone, isGone } from './errors.ts';
import { LEVEL_EXTENSION, type LevelMeter } from './levels.ts';
import { RecentVoice } from './recent-voice.ts';
import { audioLevel, payloadOf, timestampOf } from './rtp.ts';

/** The voices of a router, packet by packet, in this process: some seventeen a second each. */
export class Voices {
  readonly #router: Router;
  readonly #meter: LevelMeter;
  readonly #recent = new Map<string, RecentVoice>();
  #transport: Promise<DirectTransport> | null = null;

  constructor(router: Router, meter: LevelMeter) {
    this.#router = router;
    this.#meter = meter;
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
      this.#follow(await this.#consume(producer), producer.id, recent);
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
