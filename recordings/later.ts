import type { RecorderLog } from './log.ts';

/** What is to be done after a while, until it is closed. */
export class Later {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #log: RecorderLog;
  #closed = false;

  constructor(log: RecorderLog) {
    this.#log = log;
  }

  readonly after = (delayMs: number, task: () => Promise<void>): void => {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task().catch((error: unknown) => this.#log.error({ err: error }, 'the recorder’s housekeeping failed'));
    }, delayMs);
    this.#timers.add(timer);
  };

  /** Again and again, so long after it was done last. */
  readonly every = (delayMs: number, task: () => Promise<void>): void => {
    this.after(delayMs, async () => {
      try {
        await task();
      } finally {
        this.every(delayMs, task);
      }
    });
  };

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
