import { concealment, OPUS_RATE, opusSamples, silence } from './opus.ts';
import type { TrackFrame } from './track-format.ts';

/** Samples in a millisecond of Opus. */
export const PER_MS = OPUS_RATE / 1000;
/** Frames that follow each other stay together until the clock says otherwise by this much: 40 ms is not heard. */
export const DRIFT = 40 * PER_MS;
/**
 * A pause of the sender (DTX) is 400 ms between two frames at most; the decoder fills it with the noise it has
 * learnt. Longer is silence.
 */
const CONCEAL = 440 * PER_MS;

/**
 * Voices that take turns, laid onto the lesson's clock as one unbroken row of packets: every stretch without a frame
 * is filled with packets of silence. So no timestamp has to be believed later on, and what was said at lesson time t
 * is at t - from. Counts in samples at 48 kHz.
 */
export class PacketLine {
  readonly packets: Buffer[] = [];
  /** Lesson time of sample 0, ms. */
  readonly #from: number;
  #samples: number;
  #expected: number | undefined;
  #last: Buffer | undefined;

  /** `start`: where the first packet will lie. */
  constructor(from: number, start: number) {
    this.#from = from;
    this.#samples = start;
  }

  /** Where the next packet will lie. */
  get samples(): number {
    return this.#samples;
  }

  /** Somebody else speaks: the decoder's idea of the last voice must not go on into this one. */
  turn(): void {
    this.#expected = undefined;
    this.#last = undefined;
  }

  place({ time, timestamp, payload }: TrackFrame): void {
    const samples = opusSamples(payload);
    if (samples === 0) return;
    const late = this.#samples - sampleAt(time, this.#from);
    // The first frame of a line goes on where the line before ended.
    const follows = timestamp === this.#expected || (this.packets.length === 0 && late <= 0);
    this.#expected = timestamp + samples;
    if (late > DRIFT) return; // said over what is there already: the line has run ahead of the clock
    if (!follows || late < -DRIFT) this.#fill(-late);
    this.#write(payload);
    this.#last = payload;
  }

  /** Silence up to `until`, if that is further than the clocks may differ. */
  pauseUntil(until: number): void {
    if (until - this.#samples > DRIFT) this.#fill(until - this.#samples);
  }

  /** Silence up to `until`, to the packet. */
  endAt(until: number): void {
    this.#last = undefined;
    this.#fill(until - this.#samples);
  }

  #fill(samples: number): void {
    const until = this.#samples + samples;
    if (this.#last && samples <= CONCEAL) {
      for (const packet of concealment(this.#last, samples)) this.#write(packet);
    }
    for (const packet of silence(until - this.#samples)) this.#write(packet);
  }

  #write(packet: Buffer): void {
    this.packets.push(packet);
    this.#samples += opusSamples(packet);
  }
}

/** Where a lesson time lies, `from` being sample 0. */
export function sampleAt(time: number, from: number): number {
  return Math.round((time - from) * PER_MS);
}
