import { CAR_ON_LINK, CARS, type Car } from '../../protocol/train-line.ts';

/** Two tell nothing that one hiccup of the page would not have told. */
const LEAST_CARS = 3;
/** A page's own clock ticks, and is late, by so much; a train that came closer together came as fast as can be told. */
const SHORTEST_MS = 5;

/** What a link carries, by how far apart the datagrams of one train arrive. */
export class TrainMeter {
  #train = -1;
  #arrived: number[] = [];
  #isTold = true;

  /** What this one shows, kbit/s, once a train has come as far as it will; else null. */
  read({ train, index }: Car, now = performance.now()): number | null {
    if (train < this.#train) return null; // overtaken by the next
    const told = train === this.#train ? null : this.#tell();
    if (train > this.#train) {
      this.#train = train;
      this.#arrived = [];
      this.#isTold = false;
    }
    this.#arrived.push(now);
    const isWhole = index === CARS - 1 || this.#arrived.length === CARS - 1;
    return isWhole ? this.#tell() : told;
  }

  #tell(): number | null {
    const [first = 0] = this.#arrived;
    const last = this.#arrived.at(-1) ?? first;
    if (this.#isTold || this.#arrived.length < LEAST_CARS) return null;
    this.#isTold = true;
    const bits = 8 * CAR_ON_LINK * (this.#arrived.length - 1);
    return Math.round(bits / Math.max(SHORTEST_MS, last - first)); // bit/ms
  }
}
