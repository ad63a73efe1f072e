import type { Consumer, DirectTransport, Producer, Router } from 'mediasoup/types';
import type { MediaEvent } from '../protocol/media.ts';
import { localReceiver } from './codecs.ts';
import { isGone } from './errors.ts';
import { audioLevel } from './rtp.ts';

type Levels = Extract<MediaEvent, { type: 'levels' }>['levels'];

/** How often levels are told, milliseconds. */
const INTERVAL = 300;
/** A voice counts as heard for this long after a packet: five frames of 120 ms, so that a lost one is no silence. */
const HOLD = 600;
/** Quieter than this is a room's noise, not a voice, dBov. */
const THRESHOLD = -60;

const LEVEL_EXTENSION = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

interface Heard {
  /** Loudest packet since levels were last told, dBov; null where none came. */
  peak: number | null;
  /** What was last told of this voice, dBov. */
  told: number;
  /** `performance.now()` of the last packet. */
  at: number;
}

/**
 * Listens to the levels that senders write into each voice packet (RFC 6464). mediasoup's own AudioLevelObserver
 * wants ten packets in an interval, which voices in 60 ms frames do not have in less than a second; this hears every
 * packet instead, some seventeen a second for each voice on the stage.
 */
export class LevelMeter {
  readonly #router: Router;
  readonly #tell: (levels: Levels) => void;
  readonly #heard = new Map<string, Heard>();
  #transport: Promise<DirectTransport> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #audible = false;

  constructor(router: Router, tell: (levels: Levels) => void) {
    this.#router = router;
    this.#tell = tell;
    router.observer.once('close', () => this.#stop());
  }

  /** Rejects only where metering could not begin for a producer that is still there. */
  async add(producer: Producer): Promise<void> {
    const extension = producer.rtpParameters.headerExtensions?.some(({ uri }) => uri === LEVEL_EXTENSION);
    if (!extension) return;
    try {
      this.#listen(producer.id, await this.#consume(producer));
    } catch (error) {
      if (!isGone(error)) throw error;
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

  #listen(producer: string, consumer: Consumer): void {
    if (consumer.closed) return;
    const id = consumer.rtpParameters.headerExtensions?.find(({ uri }) => uri === LEVEL_EXTENSION)?.id;
    if (id === undefined) return;
    consumer.on('rtp', (packet) => {
      const dBov = audioLevel(packet, id);
      if (dBov !== null) this.#hear(producer, dBov);
    });
    consumer.observer.once('close', () => this.#heard.delete(producer));
    consumer.on('producerpause', () => this.#heard.delete(producer));
  }

  #hear(producer: string, dBov: number): void {
    if (dBov < THRESHOLD) return;
    const before = this.#heard.get(producer);
    const peak = Math.max(dBov, before?.peak ?? dBov);
    this.#heard.set(producer, { peak, told: before?.told ?? dBov, at: performance.now() });
    this.#timer ??= setInterval(() => this.#report(), INTERVAL);
  }

  #report(): void {
    const since = performance.now() - HOLD;
    const levels: { producer: string; dBov: number }[] = [];
    for (const [producer, heard] of this.#heard) {
      if (heard.at < since) {
        this.#heard.delete(producer);
        continue;
      }
      heard.told = heard.peak ?? heard.told;
      heard.peak = null;
      levels.push({ producer, dBov: heard.told });
    }
    if (levels.length > 0 || this.#audible) this.#tell(levels);
    this.#audible = levels.length > 0;
    if (!this.#audible) this.#stop();
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
