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
/** RFC 8985 section 6.2: what may still overtake, as a share of the shortest round trip. */
const REORDERING = 0.25;
/** RFC 8985 section 7.2: the longest that the other end may wait before it acknowledges a single segment, milliseconds. */
const LONGEST_DELAY = 200;
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

/** The sending half of one end: Reno's window, selective acknowledgements, loss found and probed for by time (RACK-TLP), timeouts. */
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
  /** The shortest round trip so far. */
  #least = Number.POSITIVE_INFINITY;
  /** When the last transmission that has arrived was sent, and its round trip. */
  #latest: { readonly order: number; readonly roundTrip: number } | null = null;
  #overdue: Appointment | null = null;
  /** The tail has been probed for, and nothing was acknowledged since. */
  #probed = false;

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
    this.#overdue?.cancel();
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
    for (const number of arrived) this.#arrive(number);
    this.#backoff = 1;
    this.#probed = false;
    if (used) this.#grow(arrived.length);
    this.#findLost();
    this.#restartTimeout();
    // RFC 6937: while losses are being repaired, about as much goes out as has arrived, and not all at once.
    this.pump(this.#isRepairing() ? arrived.length + 1 : Number.POSITIVE_INFINITY);
    this.#port.onProgress();
  }

  /** Sends what the window allows, and no more than `most`: lost segments first, then new ones. */
  pump(most = Number.POSITIVE_INFINITY): void {
    const room = Math.min(most, Math.floor(this.#window) - this.#outside());
    for (let sent = 0; sent < room; sent += 1) if (!this.#resendFirstLost() && !this.#sendNext()) return;
  }

  #isRepairing(): boolean {
    const [oldest] = this.#flights.keys();
    return oldest !== undefined && oldest < this.#halvedUntil;
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

  #arrive(number: number): void {
    const flight = this.#flights.get(number);
    if (!flight) return;
    this.#flights.delete(number);
    this.#flightBytes -= flight.content.payload.length;
    if (flight.content.type === 'syn') this.#open = true;
    // Which of its transmissions arrived is not known, so it says nothing of the round trip (Karn's algorithm).
    const roundTrip = performance.now() - flight.sentAt;
    if (!flight.again) this.#measure(roundTrip);
    // Sooner than any answer can be: it was the transmission before that arrived.
    const isOfOneBefore = flight.again && roundTrip < this.#least;
    if (!isOfOneBefore && flight.order >= (this.#latest?.order ?? 0))
      this.#latest = { order: flight.order, roundTrip };
  }

  /** RFC 6298 section 2. */
  #measure(roundTrip: number): void {
    this.#least = Math.min(this.#least, roundTrip);
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

  /** RFC 8985 section 6.2: lost is what was sent before something that has arrived, once it is later than that by more than order. */
  #findLost(): void {
    this.#overdue?.cancel();
    const latest = this.#latest;
    if (!latest) return;
    const now = performance.now();
    let [halve, next] = [false, Number.POSITIVE_INFINITY];
    for (const [number, flight] of this.#flights) {
      if (flight.lost || flight.order > latest.order) continue;
      const due = flight.sentAt + latest.roundTrip + REORDERING * this.#least;
      if (due > now) next = Math.min(next, due);
      else {
        flight.lost = true;
        if (number >= this.#halvedUntil) halve = true;
      }
    }
    if (next < Number.POSITIVE_INFINITY)
      this.#overdue = this.#agenda.at(next, () => {
        this.#findLost();
        this.pump();
      });
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
    const probe = this.#probeAfter();
    const isProbe = probe !== null && probe < wait;
    this.#timeout = this.#agenda.at(performance.now() + (isProbe ? probe : wait), () =>
      isProbe ? this.#probe() : this.#timedOut(),
    );
  }

  /** RFC 8985 section 7.2; null where the tail is not to be probed for. */
  #probeAfter(): number | null {
    if (this.#smoothed === null || this.#probed || this.#backoff > 1) return null;
    if ([...this.#flights.values()].some(({ lost }) => lost)) return null;
    return 2 * this.#smoothed + (this.#flights.size === 1 ? LONGEST_DELAY : 0);
  }

  /** The last segment once more: its acknowledgement tells which of those before it are missing. */
  #probe(): void {
    this.#timeout = null;
    this.#probed = true;
    const last = [...this.#flights].at(-1);
    if (!last) return;
    last[1].again = true;
    this.#transmit(...last);
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
