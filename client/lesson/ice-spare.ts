import type { types } from 'mediasoup-client';

/**
 * ICE credentials fetched while the link is there, to begin anew with when it is not: a restart needs others than those
 * in use, and the server cannot be asked for them then. It takes two pairs at any time, the one in use and the one it
 * gave out last (mediasoup's `IceServer`), so these can be used in turns for as long as an outage lasts.
 */
export class IceSpare {
  #inUse: types.IceParameters;
  #other: types.IceParameters | null = null;

  constructor(inUse: types.IceParameters) {
    this.#inUse = inUse;
  }

  get isThere(): boolean {
    return this.#other !== null;
  }

  keep(other: types.IceParameters): void {
    this.#other = other;
  }

  /** These are in use from now on; the server has forgotten those before. */
  replaced(inUse: types.IceParameters): void {
    this.#inUse = inUse;
    this.#other = null;
  }

  /** The others, in use from now on; null where there are none. */
  swap(): types.IceParameters | null {
    const other = this.#other;
    if (other) [this.#inUse, this.#other] = [other, this.#inUse];
    return other;
  }
}
