import type { LogEntry } from '../../protocol/events.ts';
import { FeedReader } from '../../protocol/feed-line.ts';
import { decodeCar } from '../../protocol/train-line.ts';
import { TrainMeter } from './train-meter.ts';

export interface FedOptions {
  /** Fresh entries, before the socket brings them; what is missing between comes over the socket. */
  entries(entries: LogEntry[]): void;
  /** A train has shown what the link carries. */
  carries(kbps: number): void;
  report(error: unknown): void;
}

/** What comes by datagrams, where the link loses packets. */
export class Fed {
  readonly #options: FedOptions;
  readonly #feed = new FeedReader();
  readonly #trains = new TrainMeter();

  constructor(options: FedOptions) {
    this.#options = options;
  }

  take(datagram: Uint8Array): void {
    const { entries, carries, report } = this.#options;
    const car = decodeCar(datagram);
    if (car) {
      const kbps = this.#trains.read(car);
      if (kbps !== null) carries(kbps);
      return;
    }
    try {
      entries(this.#feed.read(datagram));
    } catch (error) {
      report(error);
    }
  }
}
