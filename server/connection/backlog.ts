import type { LogEntry } from '../../protocol/events.ts';

/**
 * Who has not said within this that an entry has come by datagrams gets it over the socket. A datagram is 0.4 s in the
 * making, and it and the word that it has come take a second and a half over a satellite (client/lesson/fed.ts).
 */
const PATIENCE_MS = 2_400;

/** What those who get a lesson's entries by datagrams have not said yet that they have. */
export class Backlog {
  /** Oldest first, with when they were sent (monotonic clock, ms). */
  #entries: { readonly entry: LogEntry; readonly at: number }[] = [];
  /** By connection, the last entry it needs nothing before. */
  readonly #has = new Map<string, number>();
  #last = 0;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  join(connection: string): void {
    this.#has.set(connection, this.#last);
  }

  /** Gives what this connection may lack. */
  leave(connection: string): LogEntry[] {
    const lacks = this.#after(this.#has.get(connection) ?? this.#last);
    this.#has.delete(connection);
    this.#trim();
    return lacks;
  }

  heard(connection: string, seq: number): void {
    const before = this.#has.get(connection);
    if (before === undefined || seq <= before) return;
    this.#has.set(connection, Math.min(seq, this.#last));
    this.#trim();
  }

  add(entries: readonly LogEntry[], now: number): void {
    for (const entry of entries) this.#entries.push({ entry, at: now });
    this.#last = this.#entries.at(-1)?.entry.seq ?? this.#last;
  }

  /**
   * Those who have waited too long, and all that any of them lacks: what is newer waits behind it, too. They are taken to
   * have it from here on.
   */
  due(now: number): { connections: string[]; entries: LogEntry[] } {
    const late = this.#entries.findLast(({ at }) => now - at >= PATIENCE_MS)?.entry.seq ?? 0;
    const waiting = [...this.#has].filter(([, has]) => has < late);
    const entries = this.#after(Math.min(...waiting.map(([, has]) => has)));
    for (const [connection] of waiting) this.#has.set(connection, this.#last);
    this.#trim();
    return { connections: waiting.map(([connection]) => connection), entries };
  }

  #after(seq: number): LogEntry[] {
    return this.#entries.flatMap(({ entry }) => (entry.seq > seq ? [entry] : []));
  }

  #trim(): void {
    const least = Math.min(...this.#has.values());
    const keep = this.#entries.findIndex(({ entry }) => entry.seq > least);
    this.#entries.splice(0, keep < 0 ? this.#entries.length : keep);
  }
}
