import type { Agenda, Appointment } from './agenda.ts';
import type { Acknowledgement, Content } from './tcp-segment.ts';

/** How long an acknowledgement waits for a second segment, or for data to ride on, milliseconds: as Linux does. */
const DELAY = 40;

export interface ReceiverPort {
  /** Called in order, once for each. */
  deliver(content: Content): void;
  acknowledge(): void;
}

/** The receiving half of one end: puts segments in order and says when to acknowledge them (RFC 5681 section 4.2). */
export class TcpReceiver {
  readonly #agenda: Agenda;
  readonly #port: ReceiverPort;
  /** Came before others that go first. */
  readonly #early = new Map<number, Content>();
  #next = 0;
  #owed = 0;
  #delayed: Appointment | null = null;

  constructor(agenda: Agenda, port: ReceiverPort) {
    this.#agenda = agenda;
    this.#port = port;
  }

  /** Payload that waits for an earlier segment, bytes. */
  get waiting(): number {
    let bytes = 0;
    for (const { payload } of this.#early.values()) bytes += payload.length;
    return bytes;
  }

  receive(number: number, content: Content): void {
    const inOrder = number === this.#next && this.#early.size === 0;
    if (number >= this.#next) this.#early.set(number, content);
    this.#owed += 1;
    for (let first = this.#early.get(this.#next); first; first = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#next += 1;
      this.#port.deliver(first);
    }
    if (this.#owed === 0) return; // what was delivered made the other half send, and that said it
    if (!inOrder || this.#owed >= 2) this.flush();
    else this.#delayed ??= this.#agenda.at(performance.now() + DELAY, () => this.flush());
  }

  /** Sends an acknowledgement now if one is owed. */
  flush(): void {
    if (this.#owed > 0) this.#port.acknowledge();
  }

  /** For a segment that is about to be sent: nothing is owed after it. */
  take(): Acknowledgement {
    this.#owed = 0;
    this.#delayed?.cancel();
    this.#delayed = null;
    return { next: this.#next, beyond: [...this.#early.keys()] };
  }

  stop(): void {
    this.#delayed?.cancel();
    this.#early.clear();
  }
}
