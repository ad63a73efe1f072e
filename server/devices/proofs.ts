import { createHmac, randomBytes, webcrypto } from 'node:crypto';
import { fromBase64url } from '../../protocol/base64.ts';
import { type KeyProof, proofText } from '../../protocol/devices.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { sameText } from '../auth/sessions.ts';
import { spendChallenge } from '../store/devices.ts';

/** A satellite's round trips and a slow processor fit in; a recorded answer is stale soon. */
const LIFE_MS = 60_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/**
 * Challenges that are not kept until they are answered: `expiry.nonce.mac`. Whoever asks for a million of them costs
 * nothing but the asking; only a right answer is written down, so that it is taken once.
 */
export class Proofs {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  challenge(now = Date.now()): string {
    const head = `${(now + LIFE_MS).toString(36)}.${randomBytes(18).toString('base64url')}`;
    return `${head}.${this.#mac(head)}`;
  }

  /** Rejects with `proof_refused` unless the holder of `key` answered one of our challenges, now and for `purpose`. */
  async check(purpose: 'pair' | 'sign_in', { key, challenge, signature }: KeyProof): Promise<void> {
    const [expiry = '', nonce = '', mac = ''] = challenge.split('.');
    const expiresAt = Number.parseInt(expiry, 36);
    if (!sameText(mac, this.#mac(`${expiry}.${nonce}`))) throw refused('a challenge that is not ours');
    if (!(expiresAt > Date.now())) throw refused('a challenge that is over');
    if (!(await isSigned(key, signature, proofText(purpose, key, challenge)))) {
      throw refused('a signature that does not fit');
    }
    if (!(await spendChallenge(nonce, new Date(expiresAt)))) throw refused('an answer that was given before');
  }

  #mac(head: string): string {
    return createHmac('sha256', this.#secret).update(`device challenge ${head}`).digest('base64url');
  }
}

function refused(message: string): TongkeError {
  return new TongkeError('proof_refused', message);
}

async function isSigned(key: string, signature: string, text: string): Promise<boolean> {
  const [spki, signed] = [fromBase64url(key), fromBase64url(signature)];
  if (!spki || !signed) return false;
  const publicKey = await webcrypto.subtle
    .importKey('spki', Uint8Array.from(spki), ALGORITHM, false, ['verify'])
    .catch((error: unknown) => {
      throw new TongkeError('bad_request', 'not a P-256 public key', { cause: error });
    });
  const hash = { name: 'ECDSA', hash: 'SHA-256' };
  return webcrypto.subtle.verify(hash, publicKey, Uint8Array.from(signed), new TextEncoder().encode(text));
}
