import type { Agenda, Appointment } from './agenda.ts';
import type { Shape } from './options.ts';
import { randomFrom } from './random.ts';

export type PacketKind = 'udp' | 'tcp';

export interface Packet {
  readonly kind: PacketKind;
  /** With IP and UDP or TCP headers. */
  readonly bytes: number;
  /** Called once where it arrives; never where it is lost. */
  readonly deliver: () => void;
}

export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

export interface KindStats {
  readonly sent: Count;
  readonly delivered: Count;
  /** Lost at random on the way. */
  readonly lost: Count;
  /** Refused by a full queue. */
  readonly dropped: Count;
  /** Sent or queued while the link was cut. */
  readonly cut: Count;
}

export interface ChannelStats extends Record<PacketKind, KindStats> {
  readonly queueBytes: number;
  /** How long a packet that is sent now would wait, milliseconds. */
  readonly queueMs: number;
}

type Fate = keyof KindStats;

interface Queued {
  readonly packet: Packet;
  readonly lost: boolean;
  readonly jitter: number;
  readonly heldBack: boolean;
}

/** How much longer a packet takes that others are to overtake, milliseconds: two frames of voice. */
const HOLD_BACK = 120;

/** Unrelated seeds from one: the golden ratio's odd multiples (Knuth, The Art of Computer Programming, 6.4). */
const SEED_STEP = 0x9e3779b1;

/** One way of a link: a drop-tail queue in bytes, a rate, then delay and loss. All flows share all of it. */
export class Channel {
  readonly #agenda: Agenda;
  readonly #random: { loss: () => number; jitter: () => number; reorder: () => number };
  readonly #queue: Queued[] = [];
  readonly #counts: Record<PacketKind, Record<Fate, { packets: number; bytes: number }>> = {
    udp: zero(),
    tcp: zero(),
  };
  #shape: Shape;
  #queuedBytes = 0;
  /** When the last bit of the packet at the head of the queue leaves. */
  #departure: Appointment | null = null;
  #lastArrival = 0;
  #cut = false;

  constructor(agenda: Agenda, shape: Shape, seed: number) {
    this.#agenda = agenda;
    this.#shape = shape;
    // One sequence for each question: asking for jitter as well must not change which packets are lost.
    const stream = (index: number) => randomFrom(seed + index * SEED_STEP);
    this.#random = { loss: stream(0), jitter: stream(1), reorder: stream(2) };
  }

  send(packet: Packet): void {
    this.#count(packet, 'sent');
    // Drawn for every packet whatever happens to it, so that the n-th packet's fate does not hang on timing.
    const queued: Queued = {
      packet,
      lost: this.#random.loss() * 100 < this.#shape.lossPct,
      jitter: this.#random.jitter(),
      heldBack: this.#random.reorder() * 100 < this.#shape.reorderPct,
    };
    if (this.#cut) this.#count(packet, 'cut');
    else if (this.#isFullFor(packet)) this.#count(packet, 'dropped');
    else {
      this.#queue.push(queued);
      this.#queuedBytes += packet.bytes;
      if (!this.#departure) this.#begin(queued, performance.now());
    }
  }

  /** An empty queue takes any packet: one that is longer than the queue could never be sent otherwise. */
  #isFullFor({ bytes }: Packet): boolean {
    return this.#queue.length > 0 && this.#queuedBytes + bytes > this.#shape.queueBytes;
  }

  /** Holds for the packet that is just leaving as well. A shorter queue lets what is in it leave. */
  reshape(shape: Shape): void {
    const now = performance.now();
    const head = this.#queue[0];
    const left = this.#departure ? this.#departure.at - now : 0;
    // On a link without a limit whatever is queued is about to leave.
    const scale = Number.isFinite(this.#shape.kbps) ? this.#shape.kbps / shape.kbps : 0;
    this.#shape = shape;
    if (head && this.#departure) this.#departAt(head, now + left * scale);
  }

  /** Loses what is queued, and whatever is sent until `restore`. What has left the queue still arrives. */
  cut(): void {
    this.#cut = true;
    this.#departure?.cancel();
    this.#departure = null;
    for (const { packet } of this.#queue.splice(0)) this.#count(packet, 'cut');
    this.#queuedBytes = 0;
  }

  restore(): void {
    this.#cut = false;
  }

  stats(): ChannelStats {
    const headMs = this.#departure ? Math.max(0, this.#departure.at - performance.now()) : 0;
    const behind = this.#queuedBytes - (this.#queue[0]?.packet.bytes ?? 0);
    return {
      ...structuredClone(this.#counts),
      queueBytes: this.#queuedBytes,
      queueMs: headMs + (behind * 8) / this.#shape.kbps,
    };
  }

  #begin(queued: Queued, at: number): void {
    this.#departAt(queued, at + (queued.packet.bytes * 8) / this.#shape.kbps);
  }

  #departAt(queued: Queued, at: number): void {
    this.#departure?.cancel();
    this.#departure = this.#agenda.at(at, () => this.#depart(queued, at));
  }

  /** The next packet begins when this one was to end, not when the timer came: the rate holds to the bit. */
  #depart(queued: Queued, at: number): void {
    this.#queue.shift();
    this.#queuedBytes -= queued.packet.bytes;
    this.#departure = null;
    const next = this.#queue[0];
    if (next) this.#begin(next, at);
    if (queued.lost) this.#count(queued.packet, 'lost');
    else this.#agenda.at(this.#arrival(queued, at), () => this.#deliver(queued.packet));
  }

  #deliver(packet: Packet): void {
    this.#count(packet, 'delivered');
    packet.deliver();
  }

  #arrival({ jitter, heldBack }: Queued, departure: number): number {
    const arrival = departure + this.#shape.delayMs + jitter * this.#shape.jitterMs;
    if (heldBack) return arrival + HOLD_BACK;
    this.#lastArrival = Math.max(this.#lastArrival, arrival);
    return this.#lastArrival;
  }

  #count({ kind, bytes }: Packet, fate: Fate): void {
    const count = this.#counts[kind][fate];
    count.packets += 1;
    count.bytes += bytes;
  }
}

function zero(): Record<Fate, { packets: number; bytes: number }> {
  const count = () => ({ packets: 0, bytes: 0 });
  return { sent: count(), delivered: count(), lost: count(), dropped: count(), cut: count() };
}
