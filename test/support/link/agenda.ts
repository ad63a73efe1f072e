export interface Appointment {
  readonly at: number;
  /** Does nothing where it has been kept already. */
  cancel(): void;
}

interface Entry extends Appointment {
  /** Entries for the same moment are kept in the order in which they were made. */
  readonly order: number;
  run: (() => void) | null;
}

/** A timer fires up to a millisecond early or late; what is due this soon, milliseconds, is done with the rest. */
const EARLY = 0.5;

/**
 * Things to do at given times of `performance.now()`, on one timer. Times are absolute, so that a timer's lateness
 * delays what it is for and nothing after it.
 */
export class Agenda {
  /** A binary heap, the earliest first. */
  readonly #heap: Entry[] = [];
  #timer: NodeJS.Timeout | null = null;
  #wakesAt = Number.POSITIVE_INFINITY;
  #made = 0;
  #closed = false;
  /** The latest that anything was done after its time, milliseconds. Large where the machine was too busy. */
  worstLateMs = 0;

  at(at: number, run: () => void): Appointment {
    const entry: Entry = { at, order: this.#made++, run, cancel: () => (entry.run = null) };
    if (this.#closed) return entry;
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    this.#wake();
    return entry;
  }

  close(): void {
    this.#closed = true;
    this.#heap.length = 0;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #wake(): void {
    const first = this.#heap[0];
    if (!first || first.at >= this.#wakesAt) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#wakesAt = first.at;
    this.#timer = setTimeout(() => this.#runDue(), Math.max(0, Math.ceil(first.at - performance.now())));
  }

  #runDue(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    for (let first = this.#heap[0]; first && first.at <= performance.now() + EARLY; first = this.#heap[0]) {
      this.#removeFirst();
      if (first.run) this.worstLateMs = Math.max(this.worstLateMs, performance.now() - first.at);
      first.run?.();
    }
    this.#wake();
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(from: number): void {
    for (let index = from; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  #sink(): void {
    for (let index = 0; ; ) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      const child = right < this.#heap.length && this.#earlier(right, left) ? right : left;
      if (child >= this.#heap.length || !this.#swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const [below, above] = [this.#heap[child], this.#heap[parent]];
    if (!below || !above || !this.#earlier(child, parent)) return false;
    this.#heap[child] = above;
    this.#heap[parent] = below;
    return true;
  }

  #earlier(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index], this.#heap[other]];
    return a !== undefined && b !== undefined && (a.at - b.at || a.order - b.order) < 0;
  }
}
