import type { Rung } from '../../protocol/link.ts';
import type { Pace } from './media-notice.ts';

/**
 * What a batch costs beside its content: a segment of 80 B, and its acknowledgement. Where the voice suffers, ink gives
 * way; and only there, since TCP notices a lost segment by those after it, which batches make rare.
 */
const THINNEST_PACE_MS = 500;
/** From here on TCP keeps back too much: with a segment in 30 lost, a tenth of the ink is late. */
const LOSSY = 0.03;
const LOSSY_FOR_MS = 60_000;

export const AT_ONCE: Pace = { everyMs: 0, feed: null };

/** How the lesson's entries best reach a receiver. */
export class Pacer {
  /** Datagrams to its client, where it takes them. */
  feed: string | null = null;
  #lossyUntil = 0;

  /** Share of packets that did not come at first, 0..1. */
  learn(loss: number | null, now = performance.now()): void {
    if (loss !== null && loss > LOSSY) this.#lossyUntil = now + LOSSY_FOR_MS;
  }

  pace(rung: Rung, now = performance.now()): Pace {
    const { feed } = this;
    if (feed !== null && (rung === 'voice' || now < this.#lossyUntil)) return { everyMs: 0, feed };
    return rung === 'voice' ? { everyMs: THINNEST_PACE_MS, feed: null } : AT_ONCE;
  }
}
