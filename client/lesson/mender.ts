import type { types } from 'mediasoup-client';
import { ConnectionLost } from './answer.ts';
import { IceSpare } from './ice-spare.ts';
import type { Ask } from './media-path.ts';
import { iceParameters } from './opaque.ts';

/** A short break mends itself; longer ones need new ICE credentials. */
const RESTART_AFTER_MS = 2_000;
/** Credentials for the next break are fetched once all else has been said. */
const SPARE_AFTER_MS = 5_000;
/** An attempt with one pair of credentials, before the other's turn: a satellite's answers take a second. */
const TURN_MS = 5_000;
/** A restart that has not connected by then will not: transports are built anew. */
const RESTART_TIMEOUT_MS = 8_000;

export interface MenderOptions {
  readonly ask: Ask;
  readonly transport: types.Transport;
  /** Those that it was made with. */
  readonly iceParameters: types.IceParameters;
  /** It cannot be mended. */
  broken(): void;
  report(error: unknown): void;
}

/** Finds a transport's way to the media server again after a break, with the server's help or without. */
export class Mender {
  readonly #options: MenderOptions;
  readonly #spare: IceSpare;
  #next: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: MenderOptions) {
    this.#options = options;
    this.#spare = new IceSpare(options.iceParameters);
  }

  stateChanged(state: types.ConnectionState): void {
    if (this.#closed) return;
    if (state === 'connected') this.#later(SPARE_AFTER_MS, () => this.#fetchSpare());
    else if (state === 'disconnected') this.#later(RESTART_AFTER_MS, () => this.#restartOrBreak());
    else if (state === 'failed') this.#later(0, () => this.#restartOrBreak());
  }

  /**
   * With new credentials, which also hands the transport over to one's new connection. Rejects with ConnectionLost, or with
   * the server's refusal where it no longer knows the transport.
   */
  async restart(): Promise<void> {
    const { ask, transport, broken } = this.#options;
    this.#later(RESTART_TIMEOUT_MS, () => {
      if (transport.connectionState !== 'connected') broken();
    });
    const answer = await ask('media.restart', { transport: transport.id });
    const fresh = iceParameters(answer.iceParameters);
    this.#spare.replaced(fresh);
    if (transport.closed) return;
    if (answer.iceServers) await transport.updateIceServers({ iceServers: answer.iceServers });
    await transport.restartIce({ iceParameters: fresh });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#next);
  }

  #later(delayMs: number, act: () => void): void {
    clearTimeout(this.#next);
    this.#next = setTimeout(act, delayMs);
  }

  #fetchSpare(): void {
    if (this.#spare.isThere) return;
    this.#options.ask('media.restart', { transport: this.#options.transport.id }).then(
      (answer) => this.#spare.keep(iceParameters(answer.iceParameters)),
      () => undefined, // the line is down: whoever comes back restarts all there is
    );
  }

  #restartOrBreak(): void {
    const { transport, broken, report } = this.#options;
    const others = this.#spare.swap();
    if (others) {
      // Until it connects, however long the link is away: whoever comes back over the socket restarts all there is.
      this.#later(TURN_MS, () => this.#restartOrBreak());
      transport.restartIce({ iceParameters: others }).catch((error: unknown) => {
        if (!this.#closed) report(error);
      });
      return;
    }
    this.restart().catch((error: unknown) => {
      if (this.#closed) return;
      clearTimeout(this.#next);
      if (error instanceof ConnectionLost) return; // whoever comes back restarts all there is
      report(error);
      broken();
    });
  }
}
