import { setTimeout } from 'node:timers/promises';
import { createWorker, workerBin as defaultWorkerBin } from 'mediasoup';
import type { WebRtcServer, Worker } from 'mediasoup/types';
import type { Log } from './log.ts';

/** Something that lives on a worker: counted for its load, told when the worker dies. */
export interface Resident {
  readonly load: number;
  workerDied(): void;
}

/** A worker with its port open. */
export class RunningWorker {
  readonly worker: Worker;
  readonly server: WebRtcServer;
  readonly residents = new Set<Resident>();

  constructor(worker: Worker, server: WebRtcServer) {
    this.worker = worker;
    this.server = server;
  }

  get load(): number {
    let load = 0;
    for (const resident of this.residents) load += resident.load;
    return load;
  }
}

export interface WorkerSlotOptions {
  readonly workerBin: string | undefined;
  /** 0 takes any that is free. */
  readonly port: number;
  readonly listenIp: string;
  readonly log: Log;
}

/** A worker that lived this long, milliseconds, has recovered: the next death is a first one again. */
const RECOVERED = 30_000;
const LONGEST_WAIT = 30_000;

/** Its message is for whoever starts the server. */
export class MediaPortError extends Error {
  constructor(ip: string, port: number, cause: unknown) {
    super(
      `Port ${port} of ${ip} (UDP and TCP), for voices and pictures, is taken or not allowed. Stop what uses it, or choose another with MEDIA_PORT.`,
      { cause },
    );
  }
}

/** Keeps one worker alive on one port. */
export class WorkerSlot {
  readonly #options: WorkerSlotOptions;
  #running: RunningWorker | null = null;
  #starting: Promise<RunningWorker> | null = null;
  #failures = 0;
  #startedAt = 0;
  readonly #closing = new AbortController();

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
  }

  get living(): RunningWorker | null {
    return this.#running?.worker.closed === false ? this.#running : null;
  }

  /** The worker that is being started, now or after a wait; null while there is one, or none will come. */
  get starting(): Promise<RunningWorker> | null {
    return this.#starting;
  }

  /** Rejects where there is no such binary or the port is taken. */
  start(): Promise<RunningWorker> {
    return this.#startAfter(0);
  }

  async #startAfter(wait: number): Promise<RunningWorker> {
    const starting = this.#start(wait);
    this.#starting = starting;
    try {
      return await starting;
    } finally {
      this.#starting = null;
    }
  }

  async #start(wait: number): Promise<RunningWorker> {
    const { workerBin, port, listenIp } = this.#options;
    if (wait > 0) await setTimeout(wait, undefined, { signal: this.#closing.signal });
    const worker = await createWorker({ workerBin, logLevel: 'warn' }).catch((cause: unknown) => {
      throw new Error(`media worker cannot be started: ${workerBin ?? defaultWorkerBin}`, { cause });
    });
    try {
      // Both protocols on one port: UDP for media, TCP for clients whose network lets no UDP out.
      const listen = { ip: listenIp, ...(port === 0 ? {} : { port }) };
      const server = await worker.createWebRtcServer({
        listenInfos: [
          { ...listen, protocol: 'udp' },
          { ...listen, protocol: 'tcp' },
        ],
      });
      this.#closing.signal.throwIfAborted();
      return this.#adopt(new RunningWorker(worker, server));
    } catch (error) {
      await stop(worker);
      throw new MediaPortError(listenIp, port, error);
    }
  }

  #adopt(running: RunningWorker): RunningWorker {
    this.#running = running;
    this.#startedAt = performance.now();
    running.worker.once('died', (error) => this.#died(running, error));
    this.#options.log.info({ pid: running.worker.pid, port: this.#options.port }, 'media worker started');
    return running;
  }

  #died(running: RunningWorker, error: Error): void {
    const { log } = this.#options;
    log.error({ err: error, pid: running.worker.pid, routers: running.residents.size }, 'media worker died');
    this.#running = null;
    if (performance.now() - this.#startedAt > RECOVERED) this.#failures = 0;
    // The replacement is under way before anyone is told, so that they can ask for a router at once.
    this.#replace();
    for (const resident of [...running.residents]) resident.workerDied();
  }

  /** At once after a first death, then after 0.5, 1, 2 … 30 s: a worker that cannot live must not burn a core. */
  #replace(): void {
    if (this.#closing.signal.aborted) return;
    const wait = this.#failures === 0 ? 0 : Math.min(LONGEST_WAIT, 250 * 2 ** this.#failures);
    this.#failures += 1;
    this.#startAfter(wait).catch((error: unknown) => {
      if (this.#closing.signal.aborted) return;
      this.#options.log.error({ err: error }, 'media worker could not be replaced; trying again');
      this.#replace();
    });
  }

  /** Resolves once the process has ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([this.#starting]);
    if (this.#running) await stop(this.#running.worker);
    this.#running = null;
  }
}

async function stop(worker: Worker): Promise<void> {
  if (worker.subprocessClosed) return;
  const ended = new Promise<void>((resolve) => worker.once('subprocessclose', resolve));
  worker.close();
  await ended;
}
