import type { KeptFile } from '../../../protocol/api-watching.ts';
import { NetworkError } from '../../api.ts';
import { dataUse } from '../../data-use/data-use.ts';
import { isFull } from '../../packs/pack-store.ts';

/** The file is not what its hash says, twice over: something in between changes it. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
}

/** The server says that there is nothing here for this person any more. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** No byte for this long is a lost link, ms. */
const STALL_MS = 20_000;
const TRIES = 2;

/** What came of a file before the link broke: in the cache beside it, so that it goes on where it was. */
const partOf = (url: string): string => `/kept/part${url}`;

/**
 * Brings a file into the cache: whole, and as its hash says. What an earlier try brought of it is not asked for again.
 * Rejects with NetworkError, DamagedError, RefusedError, or the cache's own error where the device is full.
 */
export async function fetchFile(
  cache: Cache,
  file: KeptFile,
  { signal, onBytes }: { signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const data = await fetchWhole(cache, file, signal, onBytes);
    if (data.length === file.bytes && (await sha256(data)) === file.sha256) {
      await cache.put(file.url, new Response(data, { headers: { 'Content-Type': typeOf(file, data) } }));
      await cache.delete(partOf(file.url));
      return;
    }
    await cache.delete(partOf(file.url));
    onBytes(-data.length);
    if (tries >= TRIES) throw new DamagedError(file.url);
  }
}

/** As the server calls it, by what it is. */
function typeOf({ url }: KeptFile, [first]: Uint8Array): string {
  if (url.startsWith('/courseware/')) return first === '<'.charCodeAt(0) ? 'image/svg+xml' : 'image/webp';
  return url.endsWith('.m3u8') ? 'application/vnd.apple.mpegurl' : 'video/mp4';
}

async function fetchWhole(
  cache: Cache,
  { url }: KeptFile,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const before = await cache.match(partOf(url));
  const had = before ? new Uint8Array(await before.arrayBuffer()) : new Uint8Array(0);
  const stalled = new AbortController();
  const stop = AbortSignal.any([signal, stalled.signal]);
  const headers = had.length > 0 ? { Range: `bytes=${had.length}-` } : undefined;
  const response = await fetch(url, { headers, signal: stop, cache: 'no-store' }).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : new NetworkError(url, { cause: error });
  });
  if (response.status >= 500 || response.status === 429) throw new NetworkError(`${url}: ${response.status}`);
  if (!response.ok && response.status !== 416) throw new RefusedError(`${url}: ${response.status}`);
  const parts: Uint8Array<ArrayBuffer>[] = response.status === 206 ? [had] : [];
  onBytes(response.status === 206 ? had.length : 0);
  if (response.status === 416) return had;
  let timer = setTimeout(() => stalled.abort(), STALL_MS);
  try {
    const reader = response.body?.getReader();
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) return joined(parts);
      parts.push(part.value);
      dataUse.add({ received: part.value.length, sent: 0 });
      onBytes(part.value.length);
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALL_MS);
    }
  } catch (error) {
    await cache.put(partOf(url), new Response(joined(parts))).catch((failure: unknown) => {
      // Without it the file is asked for from its beginning: why this one broke off is what there is to say.
      if (!isFull(failure)) throw failure;
    });
    onBytes(-joined(parts).length);
    throw signal.aborted ? signal.reason : new NetworkError(url, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export async function sha256(data: BufferSource): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
