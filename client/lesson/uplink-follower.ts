import type { types } from 'mediasoup-client';
import { limitLayers, readUplink, Uplink } from './uplink.ts';

const FOLLOW_EVERY_MS = 1_000;

export interface UplinkFollowerOptions {
  /** The way's statistics; rejects once it is closed. */
  stats(): Promise<unknown[]>;
  /** What of one's pictures goes over it. */
  pictures(): readonly types.Producer[];
  report(error: unknown): void;
}

/**
 * Sends as much of one's picture over a way as leaves room for one's voice, for as long as the way is there: also while the lesson's
 * socket is down, since what is sent must fit all the same.
 */
export class UplinkFollower {
  readonly #options: UplinkFollowerOptions;
  readonly #uplink = new Uplink();
  readonly #timer: ReturnType<typeof setInterval>;
  #closed = false;

  constructor(options: UplinkFollowerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#follow().catch((error: unknown) => {
        if (!this.#closed) options.report(error);
      });
    }, FOLLOW_EVERY_MS);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  async #follow(): Promise<void> {
    const stats = await this.#options.stats();
    const pictures = this.#options.pictures();
    if (pictures.length === 0 || this.#closed) return;
    const layers = this.#uplink.step(readUplink(stats));
    await Promise.all(pictures.map((picture) => picture.closed || limitLayers(picture, layers)));
  }
}
