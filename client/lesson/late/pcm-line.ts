import { Ranges } from './ranges.ts';

/** Samples a block; blocks are made as sound comes and let go once it was heard. */
const BLOCK = 8_192;
const FULL_SCALE = 32_767;

/**
 * Mono sound by the number of its sample, from two sides: captured at its head as it happens, and filled in where
 * something is lacking. 16 bits a sample: five minutes of a voice take 14 MB at 24 kHz.
 */
export class PcmLine {
  readonly #blocks = new Map<number, Int16Array>();
  readonly #lacking = new Ranges();
  #head = 0;

  /** Number of the next sample that is captured. */
  get head(): number {
    return this.#head;
  }

  /** Capturing goes on from here. */
  moveHead(to: number): void {
    this.#head = to;
  }

  capture(samples: Float32Array): void {
    for (const [i, sample] of samples.entries()) this.#set(this.#head + i, sample);
    this.#head += samples.length;
  }

  /** Nothing good was captured there. */
  lack(from: number, to: number): void {
    this.#lacking.add(from, to);
  }

  /** Sound for what is lacking there; the rest of it is known already. `fade`: samples in which it goes over into that. */
  fill(at: number, samples: Float32Array, fade: number): void {
    const end = at + samples.length;
    for (const { from, to } of this.#lacking.all) {
      for (let n = Math.max(at, from); n < Math.min(end, to); n++) {
        const share = to <= this.#head && to <= end ? Math.min(1, (to - n) / fade) : 1;
        this.#set(n, (samples[n - at] ?? 0) * share + (share < 1 ? this.at(n) * (1 - share) : 0));
      }
    }
    this.#lacking.remove(at, end);
  }

  at(n: number): number {
    const block = this.#blocks.get(Math.floor(n / BLOCK));
    return (block?.[n % BLOCK] ?? 0) / FULL_SCALE;
  }

  /** The first sample from `n` on that is not known. */
  knownUntil(n: number): number {
    const next = this.#lacking.all.find(({ to }) => to > n);
    return next ? Math.max(n, Math.min(next.from, this.#head)) : this.#head;
  }

  /** What lies before is not asked for again. */
  forget(before: number): void {
    for (const index of this.#blocks.keys()) if ((index + 1) * BLOCK <= before) this.#blocks.delete(index);
  }

  #set(n: number, sample: number): void {
    if (n < 0) return;
    const index = Math.floor(n / BLOCK);
    const block = this.#blocks.get(index) ?? new Int16Array(BLOCK);
    this.#blocks.set(index, block);
    block[n % BLOCK] = Math.round(Math.max(-1, Math.min(1, sample)) * FULL_SCALE);
  }
}
