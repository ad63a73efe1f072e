import { type DBSchema, openDB } from 'idb';
import { toBase64url } from '../../protocol/base64.ts';
import { type KeyProof, proofText } from '../../protocol/devices.ts';

interface IdentitySchema extends DBSchema {
  keys: { key: 'device'; value: CryptoKeyPair };
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** This browser as a device: a key pair whose private half no script can read, ours included. */
export interface DeviceIdentity {
  /** The public key, as the server knows it. */
  readonly key: string;
  prove(purpose: 'pair' | 'sign_in', challenge: string): Promise<KeyProof>;
}

/** Whether this page may hold a key at all: browsers offer WebCrypto to secure origins only. */
export function canBeDevice(): boolean {
  return globalThis.isSecureContext && 'indexedDB' in globalThis && globalThis.crypto?.subtle !== undefined;
}

const database = () =>
  openDB<IdentitySchema>('tongke-device', 1, { upgrade: (db) => void db.createObjectStore('keys') });

/** The key kept in this browser, made at first asking; null with `make: false` where there is none. */
export async function openIdentity({ make }: { make: boolean }): Promise<DeviceIdentity | null> {
  const db = await database();
  try {
    const kept = await db.get('keys', 'device');
    if (kept) return await identityOf(kept);
    if (!make) return null;
    const made = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
    // Strict: a power cut a moment later must not leave a server that knows a key which is nowhere.
    const transaction = db.transaction('keys', 'readwrite', { durability: 'strict' });
    await Promise.all([transaction.store.put(made, 'device'), transaction.done]);
    return await identityOf(made);
  } finally {
    db.close();
  }
}

/** The server will not have this key any more. */
export async function forgetIdentity(): Promise<void> {
  const db = await database();
  await db.delete('keys', 'device');
  db.close();
}

async function identityOf({ publicKey, privateKey }: CryptoKeyPair): Promise<DeviceIdentity> {
  const key = toBase64url(new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)));
  return {
    key,
    async prove(purpose, challenge) {
      const text = new TextEncoder().encode(proofText(purpose, key, challenge));
      const signature = await crypto.subtle.sign(SIGNATURE, privateKey, text);
      return { key, challenge, signature: toBase64url(new Uint8Array(signature)) };
    },
  };
}
