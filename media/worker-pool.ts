import { setTimeout } from 'node:timers/promises';
import { TongkeError } from '../protocol/errors.ts';
import type { Log } from './log.ts';
import { type RunningWorker, WorkerSlot } from './worker-slot.ts';

export interface WorkerPoolOptions {
  readonly workers: number;
  readonly workerBin: string | undefined;
  /** Port of the first worker, the others follow; 0 takes any that are free. */
  readonly port: number;
  readonly listenIp: string;
  readonly log: Log;
}

/** How long who asks for a router waits for a worker to be replaced, milliseconds. */
const PATIENCE = 5000;

/** The media workers of this host: each a process with one port, replaced when it dies. */
export class WorkerPool {
  readonly #slots: readonly WorkerSlot[];

  private constructor(slots: readonly WorkerSlot[]) {
    this.#slots = slots;
  }

  /** Rejects, with nothing left running, where a first worker cannot be had (no binary, port taken). */
  static async start(options: WorkerPoolOptions): Promise<WorkerPool> {
    const slots = Array.from({ length: options.workers }, (_, index) => {
      const port = options.port === 0 ? 0 : options.port + index;
      return new WorkerSlot({ ...options, port });
    });
    const pool = new WorkerPool(slots);
    try {
      await Promise.all(slots.map((slot) => slot.start()));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /**
   * The least loaded living worker; where all are dead, the first to be replaced, within `PATIENCE`. Rejects with
   * `media_unavailable` where none is.
   */
  async leastLoaded(): Promise<RunningWorker> {
    const [least] = this.#living().sort((one, other) => one.load - other.load);
    if (least) return least;
    const starting = this.#slots.flatMap((slot) => (slot.starting ? [slot.starting] : []));
    const found = new AbortController();
    try {
      return await Promise.race([Promise.any(starting), expire(found.signal)]);
    } catch (cause) {
      throw new TongkeError('media_unavailable', 'no media worker is alive', { cause });
    } finally {
      found.abort();
    }
  }

  pids(): number[] {
    return this.#living().map(({ worker }) => worker.pid);
  }

  /** Resolves once the processes have ended. */
  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  #living(): RunningWorker[] {
    return this.#slots.flatMap(({ living }) => (living ? [living] : []));
  }
}

async function expire(signal: AbortSignal): Promise<never> {
  await setTimeout(PATIENCE, undefined, { signal });
  throw new Error(`none within ${PATIENCE} ms`);
}
