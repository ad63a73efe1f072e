/** A packet with its counters past their wraps. */
export interface SequencedPacket {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Buffer;
}

export interface ReleasedPacket {
  readonly packet: SequencedPacket;
  /** Packets between the one released before and this one that never came. */
  readonly lost: number;
}

/**
 * How long a missing packet is waited for, ms. Nobody listens to the recorder live, so it can wait for what the
 * sender repeats after a NACK: a few round trips of a satellite link.
 */
const PATIENCE_MS = 900;
/** A step in sequence numbers beyond this is a new start, not a loss (RFC 3550 A.1, MAX_DROPOUT). */
const MAX_DROPOUT = 3000;

/** Puts packets in order. Releases at once what needs no waiting; `expire` gives up on what is overdue. */
export class JitterBuffer {
  readonly #waiting = new Map<number, { packet: SequencedPacket; arrived: number }>();
  #next: number | undefined;

  /** True while packets wait for an earlier one. */
  get pending(): boolean {
    return this.#waiting.size > 0;
  }

  /** `now`: milliseconds on any monotonic clock, the same as for `expire`. */
  push(packet: SequencedPacket, now: number): ReleasedPacket[] {
    const next = this.#next ?? packet.sequence;
    if (Math.abs(packet.sequence - next) > MAX_DROPOUT) {
      const rest = this.flush();
      this.#next = packet.sequence + 1;
      return [...rest, { packet, lost: 1 }];
    }
    this.#next = next;
    if (packet.sequence < next) return []; // a duplicate, or later than it was waited for
    this.#waiting.set(packet.sequence, { packet, arrived: now });
    return this.#release();
  }

  /** Gives up on packets that are overdue and releases what waited behind them. */
  expire(now: number): ReleasedPacket[] {
    const released: ReleasedPacket[] = [];
    for (;;) {
      const first = this.#earliest();
      if (!first || now - first.arrived < PATIENCE_MS) return released;
      released.push(...this.#skipTo(first.packet.sequence));
    }
  }

  /** Releases everything: nothing more will come. */
  flush(): ReleasedPacket[] {
    const released: ReleasedPacket[] = [];
    for (let first = this.#earliest(); first; first = this.#earliest()) {
      released.push(...this.#skipTo(first.packet.sequence));
    }
    return released;
  }

  #skipTo(sequence: number): ReleasedPacket[] {
    const lost = sequence - (this.#next ?? sequence);
    this.#next = sequence;
    return this.#release().map((released, index) => (index === 0 ? { ...released, lost } : released));
  }

  #release(): ReleasedPacket[] {
    const released: ReleasedPacket[] = [];
    for (;;) {
      const found = this.#next === undefined ? undefined : this.#waiting.get(this.#next);
      if (!found) return released;
      this.#waiting.delete(found.packet.sequence);
      this.#next = found.packet.sequence + 1;
      released.push({ packet: found.packet, lost: 0 });
    }
  }

  #earliest(): { packet: SequencedPacket; arrived: number } | undefined {
    let first: { packet: SequencedPacket; arrived: number } | undefined;
    for (const entry of this.#waiting.values()) {
      if (!first || entry.packet.sequence < first.packet.sequence) first = entry;
    }
    return first;
  }
}
