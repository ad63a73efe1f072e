/**
 * A range coder (Martin, 1979) whose two directions run the same model code: a model asks its `SymbolCoder` for a value; the
 * writer is given the value and returns it, the reader ignores what it is given and returns what the bytes say.
 *
 * The state is 48 bits in JavaScript numbers: every operation is on integers below 2^53, hence exact and the same in every engine.
 */

/** Malformed data, or points that the format can't carry. */
export class InkError extends Error {
  override name = 'InkError';
}

/** Integers from `low` to `high`, both included; `below(v)` is the cumulative frequency of all values under `v`. */
export interface Distribution {
  readonly low: number;
  readonly high: number;
  readonly total: number;
  below(value: number): number;
}

export interface SymbolCoder {
  /** One of 0..count-1, all equally likely; count at most `MAX_TOTAL`. */
  uniform(count: number, value: number): number;
  /** One value of a distribution whose total is at most `MAX_TOTAL`. */
  coded(distribution: Distribution, value: number): number;
}

export const MAX_TOTAL = 2 ** 24;

const TOP = 2 ** 48;
const BOTTOM = 2 ** 40;
const STATE_BYTES = 6;

export class RangeWriter implements SymbolCoder {
  #low = 0;
  #range = TOP;
  #bytes: number[] = [];

  uniform(count: number, value: number): number {
    this.#narrow(value, 1, count);
    return value;
  }

  coded(distribution: Distribution, value: number): number {
    const start = distribution.below(value);
    this.#narrow(start, distribution.below(value + 1) - start, distribution.total);
    return value;
  }

  /** The fewest bytes that, read as if zeros followed for ever, lie in the final interval. */
  finish(): Uint8Array {
    const end = this.#low + this.#range;
    let step = TOP;
    let count = 0;
    while (Math.ceil(this.#low / step) * step >= end) {
      step /= 256;
      count++;
    }
    let rest = Math.ceil(this.#low / step) * step;
    if (rest >= TOP) {
      this.#carry();
      rest -= TOP;
    }
    for (; count > 0; count--) {
      const byte = Math.floor(rest / BOTTOM);
      this.#bytes.push(byte);
      rest = (rest - byte * BOTTOM) * 256;
    }
    return Uint8Array.from(this.#bytes);
  }

  #narrow(start: number, size: number, total: number): void {
    const unit = Math.floor(this.#range / total);
    this.#low += unit * start;
    this.#range = unit * size;
    if (this.#low >= TOP) {
      this.#carry();
      this.#low -= TOP;
    }
    while (this.#range < BOTTOM) {
      const byte = Math.floor(this.#low / BOTTOM);
      this.#bytes.push(byte);
      this.#low = (this.#low - byte * BOTTOM) * 256;
      this.#range *= 256;
    }
  }

  #carry(): void {
    let at = this.#bytes.length - 1;
    while (this.#bytes[at] === 255) this.#bytes[at--] = 0;
    this.#bytes[at] = (this.#bytes[at] ?? 0) + 1;
  }
}

export class RangeReader implements SymbolCoder {
  /** The coded value less the low end of the interval. */
  #code = 0;
  #range = TOP;
  #next = 0;
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < STATE_BYTES; i++) this.#code = this.#code * 256 + this.#byte();
  }

  uniform(count: number, _value: number): number {
    const unit = Math.floor(this.#range / count);
    const value = Math.min(count - 1, Math.floor(this.#code / unit));
    this.#narrow(unit, value, 1);
    return value;
  }

  coded(distribution: Distribution, _value: number): number {
    const unit = Math.floor(this.#range / distribution.total);
    const target = Math.min(distribution.total - 1, Math.floor(this.#code / unit));
    const value = locate(distribution, target);
    const start = distribution.below(value);
    this.#narrow(unit, start, distribution.below(value + 1) - start);
    return value;
  }

  /** Called when all has been read: what a writer wrote has neither more nor fewer bytes. */
  finish(): void {
    const spare = this.#bytes.length - (this.#next - STATE_BYTES);
    if (spare < 0) throw new InkError('The ink is cut short');
    if (spare > STATE_BYTES) throw new InkError('The ink has bytes after its end');
  }

  #narrow(unit: number, start: number, size: number): void {
    this.#code -= unit * start;
    this.#range = unit * size;
    // A writer never leaves its interval: only damaged bytes can lie past the end of the last symbol's.
    if (this.#code >= this.#range) throw new InkError('The ink is damaged');
    while (this.#range < BOTTOM) {
      this.#code = this.#code * 256 + this.#byte();
      this.#range *= 256;
    }
  }

  /** Zeros after the end, as the writer assumes; no more of them than its last state holds, so that work stays in proportion to the input. */
  #byte(): number {
    if (this.#next >= this.#bytes.length + STATE_BYTES) throw new InkError('The ink is cut short');
    return this.#bytes[this.#next++] ?? 0;
  }
}

/** Adds up what coding would cost, in bits, and writes nothing; for measurements only. */
export class BitMeter implements SymbolCoder {
  bits = 0;

  uniform(count: number, value: number): number {
    this.bits += Math.log2(count);
    return value;
  }

  coded(distribution: Distribution, value: number): number {
    const size = distribution.below(value + 1) - distribution.below(value);
    this.bits += Math.log2(distribution.total / size);
    return value;
  }
}

/** Codes nothing: brings a model to the state it has after values that both ends know. */
export const known: SymbolCoder = {
  uniform: (_count, value) => value,
  coded: (_distribution, value) => value,
};

/** The value v with below(v) <= target < below(v + 1): outwards from the middle of the interval, where the weight is. */
function locate(distribution: Distribution, target: number): number {
  let low = distribution.low;
  let high = distribution.high;
  let middle = Math.floor((low + high) / 2);
  for (let step = 1; low < high; ) {
    if (distribution.below(middle + 1) <= target) {
      low = middle + 1;
      middle = Math.min(high, middle + step);
    } else if (distribution.below(middle) > target) {
      high = middle - 1;
      middle = Math.max(low, middle - step);
    } else {
      return middle;
    }
    step *= 2;
    if (step > high - low) middle = Math.floor((low + high) / 2);
  }
  return low;
}
