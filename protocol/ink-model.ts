import type { Distribution, SymbolCoder } from './range-coder.ts';

/**
 * The distribution that ink is coded with: a mixture of experts, each a discretised logistic distribution around one predictor's guess with
 * one of a ladder of spreads. After every value each expert's weight is multiplied by the probability that it gave to the value, and a small share
 * of all weight is dealt out again by a trained prior (fixed share, Herbster and Warmuth 1998). So the model finds a writer's scale and habits
 * within a few points, and the prior pays for the first ones.
 *
 * Guesses are in 1/16 of a unit. All arithmetic is on integers, tables included: every engine gets the same frequencies.
 */

export const SUB = 16;
/** Values further than this from the centre are coded as an escape and an exact remainder. */
const REACH = 511;
/** Weights add up to at most this; with the logistic's 2^15 a sum of products stays in 31 bits. */
const UNIT = 2 ** 15;
/** Bits dropped from a sum of products of 30 bits and a sign, so that frequencies are of about 2^20. */
const DROP = 10;
const TOTAL = 2 ** 20 + 2 * REACH + 1;
/** log2 of the table's steps per logistic scale. */
const STEPS = 6;
/** The scales are 2^(i/2) sixteenths, from an eighth of a unit on. */
const FIRST_SCALE = 2;

/** Half of the logistic's cumulative distribution, 0..2^14 from its centre on, for scales 1 and sqrt(2), in steps of 1/64. */
const LOGISTIC: readonly [Int32Array, Int32Array] = [logistic(66_068_437), logistic(66_371_490)];

/** `factor` is 2^26 times exp(-1/64), or exp(-1/64/sqrt(2)): the powers are multiplied up in integers, as engines differ in `Math.exp`. */
function logistic(factor: number): Int32Array {
  const table = new Int32Array(1026);
  let power = 2 ** 26;
  for (let i = 0; i < table.length; i++) {
    table[i] = Math.floor((2 ** 14 * (2 ** 26 - power)) / (2 ** 26 + power));
    power = Math.floor((power * factor) / 2 ** 26);
  }
  return table;
}

/** An odd function of `distance` (sixteenths) from -2^14 to 2^14: twice the cumulative distribution, less one. */
function rise(distance: number, scale: number): number {
  const size = distance < 0 ? -distance : distance;
  const half = (scale + FIRST_SCALE) >> 1;
  const table = LOGISTIC[scale & 1 ? 1 : 0];
  let height: number;
  if (half <= STEPS) {
    const at = size << (STEPS - half);
    height = at >= 1024 ? 2 ** 14 : (table[at] ?? 0);
  } else {
    const shift = half - STEPS;
    const at = size >> shift;
    if (at >= 1024) {
      height = 2 ** 14;
    } else {
      const here = table[at] ?? 0;
      height = here + ((((table[at + 1] ?? 0) - here) * (size & ((1 << shift) - 1))) >> shift);
    }
  }
  return distance < 0 ? -height : height;
}

export interface MixShape {
  readonly predictors: number;
  readonly scales: number;
  /** Predictor by predictor, a weight for each scale; any positive integers. */
  readonly prior: readonly number[];
  /** The prior gets 1/share of the weight back after each value. */
  readonly share: number;
}

export class ExpertMix implements Distribution {
  readonly low = -REACH;
  readonly high = REACH;
  readonly total = TOTAL;
  readonly shape: MixShape;
  readonly weights: Int32Array;
  readonly #prior: Int32Array;
  readonly #offsets: Int32Array;
  readonly #likelihood: Float64Array;
  readonly #predictors: number;
  readonly #scales: number;
  readonly #share: number;
  #center = 0;

  constructor(shape: MixShape) {
    this.shape = shape;
    this.#predictors = shape.predictors;
    this.#scales = shape.scales;
    this.#share = shape.share;
    const sum = shape.prior.reduce((a, b) => a + b, 0);
    this.#prior = Int32Array.from(shape.prior, (weight) => Math.floor((weight * UNIT) / sum));
    this.weights = this.#prior.slice();
    this.#likelihood = new Float64Array(this.weights.length);
    this.#offsets = new Int32Array(shape.predictors);
  }

  /** Sets the predictors' guesses for the next value, in sixteenths; the first one's is the middle of the window. */
  aim(guesses: readonly number[]): void {
    this.#center = Math.floor(((guesses[0] ?? 0) + SUB / 2) / SUB);
    for (let p = 0; p < this.#predictors; p++) {
      // A guess outside the window is as good as one at its edge; clamped, it can't overflow 31 bits.
      const offset = (guesses[p] ?? 0) - this.#center * SUB;
      this.#offsets[p] = Math.max(-REACH * SUB, Math.min(REACH * SUB, offset));
    }
  }

  below(value: number): number {
    if (value <= -REACH) return 0;
    if (value > REACH) return TOTAL;
    let sum = 0;
    let k = 0;
    for (let p = 0; p < this.#predictors; p++) {
      const distance = value * SUB - SUB / 2 - (this.#offsets[p] ?? 0);
      for (let s = 0; s < this.#scales; s++) {
        sum += (this.weights[k++] ?? 0) * rise(distance, s);
      }
    }
    return (sum >> DROP) + 2 ** 19 + value + REACH;
  }

  code(coder: SymbolCoder, value: number): number {
    const wanted = value - this.#center;
    const within = coder.coded(this, Math.max(-REACH, Math.min(REACH, wanted)));
    this.#learn(within);
    const beyond = Math.abs(within) === REACH ? codeNatural(coder, Math.abs(wanted) - REACH) : 0;
    return this.#center + (within < 0 ? within - beyond : within + beyond);
  }

  #learn(value: number): void {
    const likelihood = this.#likelihood;
    let sum = 0;
    let k = 0;
    for (let p = 0; p < this.#predictors; p++) {
      const distance = value * SUB - SUB / 2 - (this.#offsets[p] ?? 0);
      for (let s = 0; s < this.#scales; s++, k++) {
        const mass = rise(distance + SUB, s) - rise(distance, s) + 1;
        const product = mass * (this.weights[k] ?? 0);
        likelihood[k] = product;
        sum += product;
      }
    }
    const keep = UNIT - Math.floor(UNIT / this.#share);
    for (k = 0; k < likelihood.length; k++) {
      const share = Math.floor((this.#prior[k] ?? 0) / this.#share);
      this.weights[k] = Math.floor(((likelihood[k] ?? 0) * keep) / sum) + share;
    }
  }
}

/** Fixed frequencies of 0, 1, 2, ... */
export class Frequencies implements Distribution {
  readonly low = 0;
  readonly high: number;
  readonly total: number;
  readonly #below: number[] = [];

  constructor(frequencies: readonly number[]) {
    let total = 0;
    for (const frequency of frequencies) {
      this.#below.push(total);
      total += frequency;
    }
    this.total = total;
    this.high = frequencies.length - 1;
  }

  below(value: number): number {
    return this.#below[value] ?? this.total;
  }
}

/** Elias gamma of n + 1, for n from 0 to 2^32 - 2. */
export function codeNatural(coder: SymbolCoder, n: number): number {
  let bits = 0;
  while (bits < 31 && coder.uniform(2, n + 1 >= 2 ** (bits + 1) ? 1 : 0) === 1) bits++;
  const base = 2 ** bits;
  const rest = n + 1 - base;
  if (bits <= 16) return base + coder.uniform(base, rest) - 1;
  const high = coder.uniform(base / 2 ** 16, Math.floor(rest / 2 ** 16));
  return base + high * 2 ** 16 + coder.uniform(2 ** 16, rest % 2 ** 16) - 1;
}
