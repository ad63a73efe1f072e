/** A batch that arrives at once is shown over the time until the next: a far pen is seen to move, not to hop. */
const REVEAL_MS = 130;

interface Growth {
  readonly from: number;
  readonly to: number;
  readonly start: number;
}

/** How many points of each growing stroke are shown at a time. */
export class Reveals {
  readonly #growing = new Map<string, Growth>();

  /** The stroke has `to` points now, of which `from` were known before. */
  grow(id: string, from: number, to: number, now: number): void {
    const shown = this.#growing.has(id) ? this.shown(id, to, now) : from;
    this.#growing.set(id, { from: shown, to, start: now });
  }

  /** Of `all` points; all of them where the stroke is not growing (any more). */
  shown(id: string, all: number, now: number): number {
    const growth = this.#growing.get(id);
    if (!growth) return all;
    const share = (now - growth.start) / REVEAL_MS;
    if (share < 1)
      return Math.min(all, Math.ceil(growth.from + (growth.to - growth.from) * Math.max(0, share)));
    this.#growing.delete(id);
    return all;
  }

  /** Lets go of what is whole by now, shown or not: a stroke may have been hidden meanwhile. */
  forget(now: number): void {
    for (const [id, { start }] of this.#growing) if (now - start >= REVEAL_MS) this.#growing.delete(id);
  }

  get active(): boolean {
    return this.#growing.size > 0;
  }

  clear(): void {
    this.#growing.clear();
  }
}
