import type { MediaEvent } from '../protocol/media.ts';

type Levels = Extract<MediaEvent, { type: 'levels' }>['levels'];

/** How often levels are told, milliseconds. */
const INTERVAL = 300;
/** A voice counts as heard for this long after a packet: five frames of 120 ms, so that a lost one is no silence. */
const HOLD = 600;
/** Quieter than this is a room's noise, not a voice, dBov. */
const THRESHOLD = -60;

export const LEVEL_EXTENSION = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

interface Heard {
  /** Loudest packet since levels were last told, dBov; null where none came. */
  peak: number | null;
  /** What was last told of this voice, dBov. */
  told: number;
  /** `performance.now()` of the last packet. */
  at: number;
}

/**
 * The levels that senders write into each voice packet (RFC 6464). mediasoup's own AudioLevelObserver
 * wants ten packets in an interval, which voices in 60 ms frames do not have in less than a second; this is told of every
 * packet instead.
 */
export class LevelMeter {
  readonly #tell: (levels: Levels) => void;
  readonly #heard = new Map<string, Heard>();
  #timer: NodeJS.Timeout | null = null;
  #audible = false;

  constructor(tell: (levels: Levels) => void) {
    this.#tell = tell;
  }

  hear(producer: string, dBov: number): void {
    if (dBov < THRESHOLD) return;
    const before = this.#heard.get(producer);
    const peak = Math.max(dBov, before?.peak ?? dBov);
    this.#heard.set(producer, { peak, told: before?.told ?? dBov, at: performance.now() });
    this.#timer ??= setInterval(() => this.#report(), INTERVAL);
  }

  /** It says nothing any more. */
  silence(producer: string): void {
    this.#heard.delete(producer);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
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
    if (!this.#audible) this.stop();
  }
}
