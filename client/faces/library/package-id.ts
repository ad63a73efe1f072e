/** Of a zip's local header (APPNOTE 4.3.7), bytes. */
const HEAD = 30;
const MAGIC = 0x04034b50;
/** Of what is read of a file before anything is known of it, bytes. */
const MOST = 40_000_000;

/**
 * What a package is known by: the SHA-256 of its manifest, which is its first file, as it is. Null for what is no package of ours,
 * and on a page that is not secure, where browsers do not hash.
 */
export async function packageId(file: Blob): Promise<string | null> {
  const head = new DataView(await file.slice(0, HEAD).arrayBuffer());
  if (head.byteLength < HEAD || head.getUint32(0, true) !== MAGIC || !globalThis.crypto.subtle) return null;
  const [flags, method] = [head.getUint16(6, true), head.getUint16(8, true)];
  const [bytes, name, extra] = [head.getUint32(18, true), head.getUint16(26, true), head.getUint16(28, true)];
  const isPlain = method === 0 && (flags & 8) === 0 && bytes <= MOST;
  if (!isPlain || (await file.slice(HEAD, HEAD + name).text()) !== 'manifest.json') return null;
  const at = HEAD + name + extra;
  const hash = await crypto.subtle.digest('SHA-256', await file.slice(at, at + bytes).arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
