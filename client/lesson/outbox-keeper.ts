import type { KeptOperation, LessonStorage, OperationKey } from './storage.ts';

const keyOf = ({ client, n }: OperationKey) => `${client} ${n}`;

/**
 * Writes behind the outbox, one transaction at a time, each with all that came up meanwhile. What is acknowledged
 * before its turn to be written is never written: on a good link the disk is hardly touched.
 */
export class OutboxKeeper {
  readonly #storage: LessonStorage;
  readonly #report: (error: unknown) => void;
  readonly #toPut = new Map<string, KeptOperation>();
  readonly #toRemove = new Map<string, OperationKey>();
  readonly #stored = new Set<string>();
  #busy = false;

  constructor(storage: LessonStorage, report: (error: unknown) => void) {
    this.#storage = storage;
    this.#report = report;
  }

  keep({ lesson, client, n, by, name, input }: KeptOperation): void {
    const operation = { lesson, client, n, by, name, input };
    this.#toPut.set(keyOf(operation), operation);
    void this.#write();
  }

  /** It was found in storage. */
  remember(key: OperationKey): void {
    this.#stored.add(keyOf(key));
  }

  forget({ lesson, client, n }: OperationKey): void {
    const key = keyOf({ lesson, client, n });
    this.#toPut.delete(key);
    if (!this.#stored.delete(key)) return;
    this.#toRemove.set(key, { lesson, client, n });
    void this.#write();
  }

  async #write(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    await Promise.resolve(); // what is performed in this very tick comes along
    while (this.#toPut.size + this.#toRemove.size > 0) {
      const put = [...this.#toPut.values()];
      const removed = [...this.#toRemove.values()];
      this.#toPut.clear();
      this.#toRemove.clear();
      // Counted as stored from here: what is forgotten while the disk works must be removed after it.
      for (const operation of put) this.#stored.add(keyOf(operation));
      try {
        if (put.length > 0) await this.#storage.put(put);
        if (removed.length > 0) await this.#storage.remove(removed);
      } catch (error) {
        // Storage full or forbidden: the operations are still in memory and on their way to the server.
        this.#report(error);
      }
    }
    this.#busy = false;
  }
}
