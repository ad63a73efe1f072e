import { createHmac } from 'node:crypto';
import type { IceServer } from '../../protocol/media.ts';

export interface TurnOptions {
  /** Such as `turns:turn.example.cn:443?transport=tcp`: RFC 7065. */
  readonly urls: readonly string[];
  /** Shared with the TURN server: coturn's `static-auth-secret`. */
  readonly secret: string;
}

/** Longer than a lesson; each path that is opened or begun anew gets others. What leaks is worth nothing soon. */
const LIFETIME_S = 3_600;

/**
 * Credentials that TURN servers with a shared secret take until they expire: draft-uberti-behave-turn-rest-00, as
 * coturn does it. `now` is wall time, milliseconds.
 */
export function turnServer({ urls, secret }: TurnOptions, user: string, now = Date.now()): IceServer {
  const username = `${Math.floor(now / 1_000) + LIFETIME_S}:${user}`;
  const credential = createHmac('sha1', secret).update(username).digest('base64');
  return { urls: [...urls], username, credential };
}
