import type { LogEntry } from '../../protocol/events.ts';
import { FeedReader } from '../../protocol/feed-line.ts';
import { decodeCar } from '../../protocol/train-line.ts';
import { TrainMeter } from './train-meter.ts';

/**
 * What it costs, a segment up and its acknowledgement down, is a third of what the socket would bring otherwise; and
 * it must come before the server has lost patience (server/connection/backlog.ts).
 */
const TELL_EVERY_MS = 800;

export interface FedOptions {
  /** Fresh entries; what is missing between comes over the socket. */
  entries(entries: LogEntry[]): void;
  /** The last entry of the confirmed log; 0 where there is none. */
  has(): number;
  /** Tells the server what is there, so that the socket need not bring it. */
  tell(seq: number): void;
  /** A train has shown what the link carries. */
  carries(kbps: number): void;
  report(error: unknown): void;
}

/** What comes by datagrams, where the link loses packets. */
export class Fed {
  readonly #options: FedOptions;
  readonly #feed = new FeedReader();
  readonly #trains = new TrainMeter();
  #told = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FedOptions) {
    this.#options = options;
  }

  take(datagram: Uint8Array): void {
    const { carries, report } = this.#options;
    const car = decodeCar(datagram);
    if (car) {
      const kbps = this.#trains.read(car);
      if (kbps !== null) carries(kbps);
      return;
    }
    try {
      this.#take(this.#feed.read(datagram));
    } catch (error) {
      report(error);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #take(entries: LogEntry[]): void {
    if (entries.length === 0) return;
    this.#options.entries(entries);
    this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  #tell(): void {
    this.#timer = undefined;
    const has = this.#options.has();
    if (has <= this.#told) return;
    this.#told = has;
    this.#options.tell(has);
  }
}
