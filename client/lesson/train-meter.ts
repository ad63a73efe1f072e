import { CAR_ON_LINK, CARS, type Car } from '../../protocol/train-line.ts';

/** Two tell nothing that one hiccup of the page would not have told. */
const LEAST_CARS = 3;
/** A page's own clock ticks, and is late, by so much; a train that came closer together came as fast as can be told. */
const SHORTEST_MS = 5;

/** What a link carries, by how far apart the datagrams of one train arrive. */
export class TrainMeter {
  #train = -1;
  #arrived: { readonly index: number; readonly at: number }[] = [];
  #isTold = true;

  /** What this one shows, kbit/s, once a train has come as far as it will; else null. */
  read({ train, index }: Car, now = performance.now()): number | null {
    if (train < this.#train) return null; // overtaken by the next
    if (train > this.#train) {
      this.#train = train;
      this.#arrived = [];
      this.#isTold = false;
    }
    this.#arrived.push({ index, at: now });
    const isWhole = index === CARS - 1 || this.#arrived.length === CARS - 1;
    return isWhole ? this.#tell() : null;
  }

  #tell(): number | null {
    if (this.#isTold || this.#arrived.length < LEAST_CARS) return null;
    // Only of neighbours is it known how much came between them, wherever on the way the others were lost.
    const gaps = this.#arrived.flatMap(({ index, at }, i) => {
      const before = this.#arrived[i - 1];
      return before && index - before.index === 1 ? [at - before.at] : [];
    });
    if (gaps.length === 0) return null;
    this.#isTold = true;
    const tookMs = gaps.reduce((sum, gap) => sum + gap, 0);
    return Math.round((8 * CAR_ON_LINK * gaps.length) / Math.max(SHORTEST_MS, tookMs)); // bit/ms
  }
}
