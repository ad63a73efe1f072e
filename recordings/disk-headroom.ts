import { statfs } from 'node:fs/promises';
import type { RecordingDisk } from '../protocol/recording.ts';

/** Below this an operator has to make room, minutes of recording as it goes on now. */
const ENOUGH_MINUTES = 30;
const MINUTE_MS = 60_000;
/** A rate of less than this has not been measured long enough to say anything. */
const LEAST_MS = 5000;
/** Bytes a millisecond of a lesson of which nothing is known yet: a teacher's voice and camera at 600 kbit/s. */
const USUAL_RATE = 75;
/** What a lesson took in its busiest stretch is forgotten by this much with each measurement. */
const FADES = 0.9;

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

/** How long every lesson that is being recorded can go on before the disk is full; where none is, a usual one. */
export class DiskHeadroom {
  readonly #options: DiskHeadroomOptions;
  readonly #loads = new Map<string, Load>();
  /** As last asked. */
  #freeBytes = Number.POSITIVE_INFINITY;

  constructor(options: DiskHeadroomOptions) {
    this.#options = options;
  }

  /** In plain English, for an operator. */
  warnings(): string[] {
    if (this.full) return ['recording: the disk is full, and lessons are not recorded'];
    return this.low ? [`recording: the disk has room for ${Math.floor(this.minutes)} more minutes`] : [];
  }

  get minutes(): number {
    const rates = [...this.#loads.values()].map(({ rate }) => rate);
    const total = rates.length === 0 ? USUAL_RATE : rates.reduce((sum, rate) => sum + rate, 0);
    return Math.max(0, this.#left) / total / MINUTE_MS;
  }

  /** Whether an operator has to be told. */
  get low(): boolean {
    return this.minutes < ENOUGH_MINUTES;
  }

  /** Nothing is recorded any more. */
  get full(): boolean {
    return this.#left <= 0;
  }

  /** The same, asked anew. */
  async isFull(): Promise<boolean> {
    await this.look();
    return this.full;
  }

  /** Asks the system anew. */
  async look(): Promise<Omit<RecordingDisk, 'away'>> {
    const { freeBytes, directory } = this.#options;
    if (freeBytes) this.#freeBytes = await freeBytes();
    else {
      const { bavail, bsize } = await statfs(directory);
      this.#freeBytes = bavail * bsize;
    }
    return { freeBytes: this.#freeBytes, minutes: this.minutes, low: this.low };
  }

  /** Says how many bytes a lesson has taken so far, and rejects where it may take no more. `at`: ms on any clock. */
  async check(lesson: string, bytes: number, at: number): Promise<void> {
    const load = this.#loads.get(lesson) ?? { bytes, at, rate: USUAL_RATE };
    this.#loads.set(lesson, load);
    if (at - load.at >= LEAST_MS) {
      const rate = (bytes - load.bytes) / (at - load.at);
      this.#loads.set(lesson, { bytes, at, rate: Math.max(0, rate, load.rate * FADES) });
    }
    await this.look();
    if (this.full) throw new Error(`The disk has only ${this.#freeBytes} bytes left`);
  }

  /** A lesson is not recorded any more. */
  forget(lesson: string): void {
    this.#loads.delete(lesson);
  }

  get #left(): number {
    return this.#freeBytes - this.#options.reserveBytes;
  }
}
