import type { Agenda, Appointment } from './agenda.ts';
import { ByteQueue } from './byte-queue.ts';
import { type Acknowledgement, type Content, SEGMENT_BYTES } from './tcp-segment.ts';

interface Flight {
  readonly content: Content;
  sentAt: number;
  /** Counts transmissions, so that a segment sent again is only compared with what was sent after it. */
  order: number;
  again: boolean;
  lost: boolean;
}

/** RFC 6928, segments. */
const INITIAL_WINDOW = 10;
/** RFC 5681 section 3.2: this many later ones acknowledged mean that one is lost. */
const REORDERING = 3;
/** Milliseconds: RFC 6298's first guess and Linux's bounds (TCP_RTO_MIN, TCP_RTO_MAX in its tcp.h). */
const INITIAL_TIMEOUT = 1_000;
const LEAST_MARGIN = 200;
const LONGEST_TIMEOUT = 120_000;

const EMPTY = Buffer.alloc(0);

export interface SenderPort {
  transmit(number: number, content: Content): void;
  /** Bytes that the other end has room for. */
  room(): number;
  /** Something was acknowledged: there may be room for more. */
  onProgress(): void;
}

/** The sending half of one end: Reno's window, selective acknowledgements, retransmission timeouts. */
export class TcpSender {
  readonly #agenda: Agenda;
  readonly #port: SenderPort;
  readonly #pending = new ByteQueue();
  /** Sent and not acknowledged, by number, in order. */
  readonly #flights = new Map<number, Flight>();
  #control: Content['type'][] = [];
  #open = false;
  #flightBytes = 0;
  #next = 0;
  #transmissions = 0;
  #window = INITIAL_WINDOW;
  #threshold = Number.POSITIVE_INFINITY;
  /** A loss among the segments below this one belongs to a window that was already halved for it. */
  #halvedUntil = 0;
  #smoothed: number | null = null;
  #variation = 0;
  #backoff = 1;
  #timeout: Appointment | null = null;

  constructor(agenda: Agenda, port: SenderPort) {
    this.#agenda = agenda;
    this.#port = port;
  }

  /** Payload that has not been sent once, bytes. */
  get unsent(): number {
    return this.#pending.length;
  }

  connect(): void {
    this.#sendNew('syn', EMPTY);
  }

  write(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.pump();
  }

  finish(): void {
    this.#control.push('fin');
    this.pump();
  }

  /** Drops what has not been sent. */
  abort(): void {
    this.#pending.clear();
    this.#control = ['abort'];
    this.pump();
  }

  get idle(): boolean {
    return this.#flights.size === 0 && this.#pending.length === 0 && this.#control.length === 0;
  }

  stop(): void {
    this.#timeout?.cancel();
    this.#pending.clear();
    this.#control = [];
    this.#flights.clear();
    this.#flightBytes = 0;
  }

  acknowledge({ next, beyond }: Acknowledgement): void {
    const arrived = [...this.#flights.keys()].filter((number) => number < next || beyond.includes(number));
    if (arrived.length === 0) return;
    // A window that was not used up says nothing of what the path would have carried (RFC 7661).
    const used = this.#outside() >= Math.floor(this.#window);
    const latest = Math.max(...arrived.map((number) => this.#arrive(number)));
    this.#backoff = 1;
    if (used) this.#grow(arrived.length);
    this.#findLost(latest - REORDERING);
    this.#restartTimeout();
    this.pump();
    this.#port.onProgress();
  }

  /** Sends what the window allows: lost segments first, then new ones. */
  pump(): void {
    for (let outside = this.#outside(); outside < Math.floor(this.#window); outside += 1)
      if (!this.#resendFirstLost() && !this.#sendNext()) return;
  }

  /** Segments that are believed to be on the way. */
  #outside(): number {
    let outside = 0;
    for (const { lost } of this.#flights.values()) if (!lost) outside += 1;
    return outside;
  }

  #resendFirstLost(): boolean {
    for (const [number, flight] of this.#flights) {
      if (!flight.lost) continue;
      flight.lost = false;
      flight.again = true;
      this.#transmit(number, flight);
      return true;
    }
    return false;
  }

  /** False where there is nothing to send, or no room for it. */
  #sendNext(): boolean {
    if (!this.#open && this.#control[0] !== 'abort') return false;
    if (this.#pending.length > 0) {
      const bytes = Math.min(SEGMENT_BYTES, this.#pending.length);
      if (bytes > this.#port.room() - this.#flightBytes) return false;
      this.#sendNew('data', this.#pending.take(bytes));
      return true;
    }
    const control = this.#control.shift();
    if (control) this.#sendNew(control, EMPTY);
    return control !== undefined;
  }

  #sendNew(type: Content['type'], payload: Buffer): void {
    const flight = { content: { type, payload }, sentAt: 0, order: 0, again: false, lost: false };
    this.#flights.set(this.#next, flight);
    this.#flightBytes += payload.length;
    this.#transmit(this.#next++, flight);
  }

  #transmit(number: number, flight: Flight): void {
    flight.sentAt = performance.now();
    flight.order = this.#transmissions++;
    if (!this.#timeout) this.#restartTimeout();
    this.#port.transmit(number, flight.content);
  }

  /** The order in which the segment was sent. */
  #arrive(number: number): number {
    const flight = this.#flights.get(number);
    if (!flight) return 0;
    this.#flights.delete(number);
    this.#flightBytes -= flight.content.payload.length;
    if (flight.content.type === 'syn') this.#open = true;
    // Which of its transmissions arrived is not known, so it says nothing of the round trip (Karn's algorithm).
    if (!flight.again) this.#measure(performance.now() - flight.sentAt);
    return flight.order;
  }

  /** RFC 6298 section 2. */
  #measure(roundTrip: number): void {
    const smoothed = this.#smoothed ?? roundTrip;
    this.#variation =
      this.#smoothed === null
        ? roundTrip / 2
        : 0.75 * this.#variation + 0.25 * Math.abs(smoothed - roundTrip);
    this.#smoothed = 0.875 * smoothed + 0.125 * roundTrip;
  }

  /** Slow start, then one segment a round trip. */
  #grow(acknowledged: number): void {
    const growing = this.#window < this.#threshold;
    this.#window += growing ? acknowledged : acknowledged / this.#window;
  }

  #findLost(sentBefore: number): void {
    let halve = false;
    for (const [number, flight] of this.#flights) {
      if (flight.lost || flight.order > sentBefore) continue;
      flight.lost = true;
      if (number >= this.#halvedUntil) halve = true;
    }
    if (!halve) return;
    this.#threshold = Math.max(2, this.#window / 2);
    this.#window = this.#threshold;
    this.#halvedUntil = this.#next;
  }

  #restartTimeout(): void {
    this.#timeout?.cancel();
    this.#timeout = null;
    if (this.#flights.size === 0) return;
    const estimate =
      this.#smoothed === null
        ? INITIAL_TIMEOUT
        : this.#smoothed + Math.max(LEAST_MARGIN, 4 * this.#variation);
    const wait = Math.min(LONGEST_TIMEOUT, estimate * this.#backoff);
    this.#timeout = this.#agenda.at(performance.now() + wait, () => this.#timedOut());
  }

  #timedOut(): void {
    this.#timeout = null;
    for (const flight of this.#flights.values()) flight.lost = true;
    if (this.#backoff === 1) this.#threshold = Math.max(2, this.#window / 2);
    this.#window = 1;
    this.#halvedUntil = this.#next;
    this.#backoff *= 2;
    this.pump();
  }
}
