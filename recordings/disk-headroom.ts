import { statfs } from 'node:fs/promises';

/** Below this an operator has to make room, minutes of recording as it goes on now. */
const ENOUGH_MINUTES = 30;
const MINUTE_MS = 60_000;
/** A rate of less than this has not been measured long enough to say anything. */
const LEAST_MS = 5000;

export interface DiskHeadroomOptions {
  readonly directory: string;
  /** Bytes that recording leaves to the database and the logs, which lessons cannot do without. */
  readonly reserveBytes: number;
  /** Bytes left on the disk; asks the system where it is not given. */
  readonly freeBytes?: () => Promise<number>;
}

interface Load {
  bytes: number;
  at: number;
  /** Bytes a millisecond. */
  rate: number;
}

/** How long every lesson that is being recorded can go on before the disk is full. */
export class DiskHeadroom {
  readonly #options: DiskHeadroomOptions;
  readonly #loads = new Map<string, Load>();
  #minutes = Number.POSITIVE_INFINITY;

  constructor(options: DiskHeadroomOptions) {
    this.#options = options;
  }

  /** Minutes left when last checked; Infinity where nothing is being recorded. */
  get minutes(): number {
    return this.#loads.size === 0 ? Number.POSITIVE_INFINITY : this.#minutes;
  }

  /** Whether an operator has to be told. */
  get low(): boolean {
    return this.minutes < ENOUGH_MINUTES;
  }

  /** Says how many bytes a lesson has taken so far, and rejects where it may take no more. `at`: ms on any clock. */
  async check(lesson: string, bytes: number, at: number): Promise<void> {
    const load = this.#loads.get(lesson) ?? { bytes, at, rate: 0 };
    this.#loads.set(lesson, load);
    if (at - load.at >= LEAST_MS) {
      const rate = (bytes - load.bytes) / (at - load.at);
      this.#loads.set(lesson, { bytes, at, rate: Math.max(0, rate) });
    }
    const free = await this.#free();
    const left = free - this.#options.reserveBytes;
    const total = [...this.#loads.values()].reduce((sum, { rate }) => sum + rate, 0);
    this.#minutes = total === 0 ? Number.POSITIVE_INFINITY : Math.max(0, left) / total / MINUTE_MS;
    if (left < 0) throw new Error(`The disk has only ${free} bytes left`);
  }

  /** A lesson is not recorded any more. */
  forget(lesson: string): void {
    this.#loads.delete(lesson);
  }

  async #free(): Promise<number> {
    if (this.#options.freeBytes) return await this.#options.freeBytes();
    const { bavail, bsize } = await statfs(this.#options.directory);
    return bavail * bsize;
  }
}
