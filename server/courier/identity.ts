import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Who this server is to others: an Ed25519 key of its own, in `keys/` of the data folder, made once. */
export interface Identity {
  /** SPKI, base64. */
  readonly key: string;
  readonly fingerprint: string;
  /** Base64. */
  sign(data: Buffer): string;
}

const FILE = 'courier.pem';

export async function openIdentity(dataDir: string): Promise<Identity> {
  const path = join(dataDir, 'keys', FILE);
  await mkdir(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  try {
    // wx: fails where it exists, so that two servers starting at once end up with the same key.
    await writeFile(path, made, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const secret = createPrivateKey(await readFile(path));
  const spki = createPublicKey(secret).export({ type: 'spki', format: 'der' });
  return {
    key: spki.toString('base64'),
    fingerprint: fingerprintOf(spki),
    sign: (data) => sign(null, data, secret).toString('base64'),
  };
}

function fingerprintOf(spki: Buffer): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** The fingerprint of the key that signed `data`, or null where none did. */
export function signerOf(
  data: Buffer,
  { key, signature }: { key: string; signature: string },
): string | null {
  const spki = Buffer.from(key, 'base64');
  const known = publicKey(spki);
  if (known?.asymmetricKeyType !== 'ed25519') return null;
  return verify(null, data, known, Buffer.from(signature, 'base64')) ? fingerprintOf(spki) : null;
}

function publicKey(spki: Buffer): KeyObject | null {
  try {
    return createPublicKey({ key: spki, type: 'spki', format: 'der' });
  } catch {
    return null; // not a key at all
  }
}
