/** Numbers that follow from a seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 <= x < 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.next() * items.length)];
  }
}

interface Timer {
  readonly id: number;
  readonly due: number;
  readonly every: number | null;
  readonly run: () => void;
}

const realImmediate = setImmediate;

/**
 * Time and chance of a whole process in one hand: while it is installed, timers, clocks and random numbers follow the
 * seed, hours pass in seconds, and the same seed does the same again.
 */
export class VirtualTime {
  readonly random: Random;
  #now = 1_000;
  #timers: Timer[] = [];
  #ids = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** Returns what brings the real ones back. */
  install(): () => void {
    const real = { setTimeout, clearTimeout, setInterval, clearInterval };
    const [now, dateNow, chance] = [performance.now, Date.now, Math.random];
    const values = crypto.getRandomValues;
    const forget = (handle: unknown) => {
      this.#timers = this.#timers.filter(({ id }) => id !== Number(handle));
    };
    const timer = (run: () => void, wait = 0) => this.#add(run, wait, null);
    const interval = (run: () => void, wait = 0) => this.#add(run, wait, wait);
    Object.assign(globalThis, {
      ...{ setTimeout: timer, setInterval: interval, clearTimeout: forget, clearInterval: forget },
    });
    performance.now = () => this.#now;
    Date.now = () => 1_700_000_000_000 + Math.round(this.#now);
    Math.random = () => this.random.next();
    crypto.getRandomValues = (array) => {
      if (array instanceof Uint8Array)
        array.set(Array.from(array, () => Math.floor(this.random.next() * 256)));
      return array;
    };
    return () => {
      Object.assign(globalThis, real);
      performance.now = now;
      Date.now = dateNow;
      Math.random = chance;
      crypto.getRandomValues = values;
    };
  }

  get now(): number {
    return this.#now;
  }

  /** Lets `ms` pass, one timer after another and everything that follows from each. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise((resolve) => realImmediate(resolve));
      let next: Timer | undefined;
      for (const timer of this.#timers) {
        if (!next || timer.due < next.due || (timer.due === next.due && timer.id < next.id)) next = timer;
      }
      if (!next || next.due > end) break;
      this.#now = Math.max(this.#now, next.due);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      if (next.every !== null) this.#timers.push({ ...next, due: this.#now + Math.max(1, next.every) });
      next.run();
    }
    this.#now = end;
  }

  #add(run: () => void, wait: number, every: number | null) {
    const id = ++this.#ids;
    this.#timers.push({ id, due: this.#now + Math.max(0, wait), every, run });
    const handle = { unref: () => handle, ref: () => handle, [Symbol.toPrimitive]: () => id };
    return handle;
  }
}
