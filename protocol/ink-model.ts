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
export const MIX_UNIT = 2 ** 15;
/** Bits dropped from a sum of products of 30 bits and a sign, so that frequencies are of about 2^20. */
const DROP = 10;
const TOTAL_WEIGHT = 2 ** 20;
const TOTAL = TOTAL_WEIGHT + 2 * REACH + 1;
/** log2 of the table's steps per logistic scale. */
const STEPS = 6;
/** The table's length: beyond 16 scales all is 2^14. */
const TABLE_END = 1024;
const PEAK = 2 ** 14;

/**
 * The logistic's cumulative distribution, less a half, times 2^15, for distances of i/64 scales. 66,068,437 is 2^26 times exp(-1/64): the powers are multiplied
 * up in integers, since engines differ in `Math.exp`.
 */
const LOGISTIC = new Int32Array(TABLE_END + 1);
for (let i = 0, power = 2 ** 26; i <= TABLE_END; i++) {
  LOGISTIC[i] = Math.floor((PEAK * (2 ** 26 - power)) / (2 ** 26 + power));
  power = Math.floor((power * 66_068_437) / 2 ** 26);
}

/** The same at `distance` (0 or more, sixteenths) for a scale of 2^scale sixteenths. */
function rise(distance: number, scale: number): number {
  if (scale <= STEPS) {
    const at = distance << (STEPS - scale);
    return at >= TABLE_END ? PEAK : (LOGISTIC[at] ?? PEAK);
  }
  const shift = scale - STEPS;
  const at = distance >> shift;
  if (at >= TABLE_END) return PEAK;
  const here = LOGISTIC[at] ?? PEAK;
  return here + ((((LOGISTIC[at + 1] ?? PEAK) - here) * (distance & ((1 << shift) - 1))) >> shift);
}

export interface MixShape {
  readonly predictors: number;
  /** log2 of the narrowest scale, in sixteenths of a unit; each further scale is twice the one before. */
  readonly from: number;
  readonly scales: number;
  /** Predictor by predictor, a weight for each scale; they add up to at most `MIX_UNIT`. */
  readonly prior: readonly number[];
  /** After each value 1/share of the weight is dealt out again by the prior: to each expert what `shares` says. */
  readonly share: number;
  readonly shares: readonly number[];
}

/** Every expert's cumulative distribution below one value, as `rise` gives it, and the mixture's. */
interface Edge {
  value: number;
  below: number;
  readonly rises: number[];
}

const NOWHERE = REACH + 2;
const FRACTION = 2 ** 37;
/** Room for one value's learning. */
const PRODUCTS = new Float64Array(256);

export class ExpertMix implements Distribution {
  readonly low = -REACH;
  readonly high = REACH;
  readonly total = TOTAL;
  readonly shape: MixShape;
  readonly weights: number[];
  readonly #offsets: number[];
  /** The two values asked for last: a coder asks for both ends of its interval, and learning needs them again. */
  #newer: Edge;
  #older: Edge;
  #center = 0;

  constructor(shape: MixShape) {
    const experts = shape.prior.length;
    this.shape = shape;
    this.weights = shape.prior.slice();
    this.#offsets = new Array<number>(shape.predictors).fill(0);
    this.#newer = { value: NOWHERE, below: 0, rises: new Array<number>(experts).fill(0) };
    this.#older = { value: NOWHERE, below: 0, rises: new Array<number>(experts).fill(0) };
  }

  /** Sets the predictors' guesses for the next value, in sixteenths; the first one's is the middle of the window. */
  aim(guesses: readonly number[]): void {
    this.#center = Math.floor(((guesses[0] ?? 0) + SUB / 2) / SUB);
    for (let p = 0; p < this.#offsets.length; p++) {
      // A guess outside the window is as good as one at its edge; clamped, it can't overflow 31 bits.
      const offset = (guesses[p] ?? 0) - this.#center * SUB;
      this.#offsets[p] = Math.max(-REACH * SUB, Math.min(REACH * SUB, offset));
    }
    this.#newer.value = NOWHERE;
    this.#older.value = NOWHERE;
  }

  below(value: number): number {
    if (value <= -REACH) return 0;
    if (value > REACH) return TOTAL;
    return this.#edge(value).below;
  }

  code(coder: SymbolCoder, value: number): number {
    const wanted = value - this.#center;
    const within = coder.coded(this, Math.max(-REACH, Math.min(REACH, wanted)));
    this.#learn(within);
    const beyond = Math.abs(within) === REACH ? codeNatural(coder, Math.abs(wanted) - REACH) : 0;
    return this.#center + (within < 0 ? within - beyond : within + beyond);
  }

  #edge(value: number): Edge {
    if (this.#newer.value === value) return this.#newer;
    const edge = this.#older;
    this.#older = this.#newer;
    this.#newer = edge;
    if (edge.value === value) return edge;
    const { from, scales } = this.shape;
    let sum = 0;
    let k = 0;
    for (let p = 0; p < this.#offsets.length; p++) {
      const distance = value * SUB - SUB / 2 - (this.#offsets[p] ?? 0);
      for (let s = 0; s < scales; s++, k++) {
        const height = distance < 0 ? -rise(-distance, from + s) : rise(distance, from + s);
        edge.rises[k] = height;
        sum += (this.weights[k] ?? 0) * height;
      }
    }
    edge.value = value;
    edge.below = (sum >> DROP) + TOTAL_WEIGHT / 2 + value + REACH;
    return edge;
  }

  #learn(value: number): void {
    const lower = this.#edge(value).rises;
    const upper = this.#edge(value + 1).rises;
    const { shares, share } = this.shape;
    let sum = 0;
    for (let k = 0; k < shares.length; k++) {
      const product = ((upper[k] ?? 0) - (lower[k] ?? 0) + 1) * (this.weights[k] ?? 0);
      PRODUCTS[k] = product;
      sum += product;
    }
    // No product exceeds their sum, so that a product times this is exact: below 2^52.
    const ratio = Math.floor(((MIX_UNIT - Math.floor(MIX_UNIT / share)) * FRACTION) / sum);
    for (let k = 0; k < shares.length; k++) {
      this.weights[k] = Math.floor(((PRODUCTS[k] ?? 0) * ratio) / FRACTION) + (shares[k] ?? 0);
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
