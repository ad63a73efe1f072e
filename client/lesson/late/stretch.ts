import type { PcmLine } from './pcm-line.ts';

/** Long enough to hold a period of the deepest voice, short enough to keep its syllables apart, seconds. */
const HOP_S = 0.014;
/** How far from its place a piece may be taken to go on without a break, seconds: a period of a deep voice. */
const SEARCH_S = 0.008;
/** Every so many samples are compared while the best place is sought; the voice is no finer than that. */
const COARSE = 4;

/**
 * Sound read faster than it was said, at its own pitch: pieces that overlap, each taken from where it goes on best from
 * the one before (WSOLA: Verhelst and Roelands, ICASSP 1993).
 */
export class Stretch {
  readonly #line: PcmLine;
  readonly #hop: number;
  readonly #search: number;
  readonly #rise: Float32Array;
  #tail: Float32Array;
  /** Where the sound would go on that was heard last. */
  #natural: number;
  /** Where it is read by the clock. */
  #position: number;

  constructor(line: PcmLine, sampleRate: number, at: number) {
    this.#line = line;
    this.#hop = Math.round(HOP_S * sampleRate);
    this.#search = Math.round(SEARCH_S * sampleRate);
    this.#rise = Float32Array.from({ length: this.#hop }, (_, i) => {
      return 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / this.#hop);
    });
    this.#tail = new Float32Array(this.#hop);
    this.#natural = at;
    this.#position = at;
  }

  /** Samples a piece. */
  get hop(): number {
    return this.#hop;
  }

  /** Number of the sample that is heard next. */
  get position(): number {
    return this.#position;
  }

  /** What a piece needs to be known, beyond its position. */
  get reach(): number {
    return 2 * this.#hop + this.#search;
  }

  /** Goes on elsewhere, softly. */
  jump(to: number): void {
    this.#position = to;
    this.#natural = to;
  }

  /** The next piece. Null where its sound is not known yet. */
  next(rate: number): Float32Array | null {
    const last = Math.max(this.#position + this.#search, this.#natural) + 2 * this.#hop;
    if (this.#line.knownUntil(Math.floor(this.#position)) < last) return null;
    const start = rate === 1 ? this.#natural : this.#best(Math.round(this.#position));
    const piece = new Float32Array(this.#hop);
    const tail = new Float32Array(this.#hop);
    for (let i = 0; i < this.#hop; i++) {
      const rise = this.#rise[i] ?? 0;
      piece[i] = (this.#tail[i] ?? 0) + this.#line.at(start + i) * rise;
      tail[i] = this.#line.at(start + this.#hop + i) * (1 - rise);
    }
    this.#tail = tail;
    this.#natural = start + this.#hop;
    this.#position = rate === 1 ? this.#natural : this.#position + this.#hop * rate;
    return piece;
  }

  /** What is left of the last piece: the sound ends without a click. */
  end(): Float32Array {
    const tail = this.#tail;
    this.#tail = new Float32Array(this.#hop);
    return tail;
  }

  #best(around: number): number {
    let best = around;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = around - this.#search; at <= around + this.#search; at += 2) {
      const likeness = this.#likeness(at);
      if (likeness > most) [best, most] = [at, likeness];
    }
    return best;
  }

  #likeness(at: number): number {
    let product = 0;
    let energy = 1e-6;
    for (let i = 0; i < this.#hop; i += COARSE) {
      const sample = this.#line.at(at + i);
      product += sample * this.#line.at(this.#natural + i);
      energy += sample * sample;
    }
    return product / Math.sqrt(energy);
  }
}
