import type { Pack, PackFile, PackShare } from '../../protocol/pack.ts';
import { dataUse } from '../data-use/data-use.ts';
import { isLinkTaken } from './live-lock.ts';
import { isFull, packStore } from './pack-store.ts';

/** A broken line is tried again, less and less often. */
const AGAIN_FIRST_MS = 2_000;
const AGAIN_MOST_MS = 60_000;
/** What came of a file is kept at least so often: a power cut costs no more, bytes. */
const KEEP_EVERY = 64 * 1024;
/** A line over which nothing came for so long is taken for broken: what was lost on it would be waited for for ever. Ms. */
const STALLED_MS = 20_000;
/** While a lesson is live in this browser nothing is fetched; one is looked for so often, and for its end, ms. */
const LOOK_EVERY_MS = 1_000;
const LOOK_AGAIN_MS = 5_000;

/** The server answered, and will answer the same next time. */
class Refused extends Error {
  override readonly name = 'Refused';
}

/**
 * Fetches what is missing of a pack, one file after the other, and goes on where a line broke. Every file is checked
 * against its hash before it counts. Resolves when all of it is there, or `signal` says to stop. Rejects where the
 * server refuses, and where the device is full (`isFull`).
 */
export async function fetchPack(
  pack: Pack,
  { signal, onShare }: { signal: AbortSignal; onShare(share: PackShare): void },
): Promise<void> {
  const of = pack.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let have = 0;
  const missing: PackFile[] = [];
  for (const file of pack.files) {
    if (await packStore.has(file)) have += file.bytes;
    else missing.push(file);
  }
  onShare({ have, of });
  for (const file of missing) {
    await fetchFile(file, signal, (got) => onShare({ have: have + got, of }));
    if (signal.aborted) return;
    have += file.bytes;
    onShare({ have, of });
  }
}

async function fetchFile(file: PackFile, signal: AbortSignal, onBytes: (got: number) => void): Promise<void> {
  let wait = AGAIN_FIRST_MS;
  while (!signal.aborted) {
    await untilNoLesson(signal);
    try {
      const { content, type } = await receive(file, signal, onBytes);
      if ((await sha256(content)) === file.sha256) return await packStore.put(file, content, type);
      await packStore.dropPart(file); // damaged on the way: from its beginning
    } catch (error) {
      // A full device would fetch the same bytes for ever.
      if (error instanceof Refused || isFull(error)) throw error;
    }
    await pause(wait * (0.5 + Math.random()), signal);
    wait = Math.min(AGAIN_MOST_MS, 2 * wait);
  }
}

/** From where it was broken off. Rejects where the line breaks; what came until then is kept. */
async function receive(
  file: PackFile,
  signal: AbortSignal,
  onBytes: (got: number) => void,
): Promise<{ content: Blob; type: string }> {
  const before = await packStore.part(file);
  const line = watched(signal);
  try {
    return await receiveOver(line, file, { before, onBytes });
  } finally {
    line.over();
  }
}

async function receiveOver(
  line: ReturnType<typeof watched>,
  file: PackFile,
  { before, onBytes }: { before: Blob | null; onBytes(got: number): void },
): Promise<{ content: Blob; type: string }> {
  const headers: HeadersInit = before ? { range: `bytes=${before.size}-` } : {};
  // Past the service worker, which would keep it unchecked.
  const asked = { headers, signal: line.signal, priority: 'low', cache: 'no-store' } as const;
  const response = await fetch(`${file.url}?ahead`, asked);
  if (response.status === 416) await packStore.dropPart(file);
  if (response.status >= 400 && response.status < 500 && response.status !== 416 && response.status !== 429)
    throw new Refused(`${file.url}: HTTP ${response.status}`);
  if (!response.ok || !response.body) throw new Error(`${file.url}: HTTP ${response.status}`);
  const type = response.headers.get('content-type') ?? '';
  const parts: BlobPart[] = response.status === 206 && before ? [before] : [];
  let kept = response.status === 206 ? (before?.size ?? 0) : 0;
  let got = kept;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      line.alive();
      parts.push(value);
      dataUse.add({ received: value.length, sent: 0 });
      got += value.length;
      onBytes(Math.min(got, file.bytes));
      if (got - kept < KEEP_EVERY) continue;
      kept = got;
      await packStore.putPart(file, new Blob(parts));
    }
  } catch (error) {
    if (got > kept && !isFull(error)) await packStore.putPart(file, new Blob(parts));
    throw error;
  }
  return { content: new Blob(parts), type };
}

/** A signal that also ends what has stalled, and what a lesson has overtaken; one that ends after all is over does no harm. */
function watched(signal: AbortSignal) {
  const stalled = new AbortController();
  const look = () => setTimeout(() => stalled.abort(new Error('nothing came any more')), STALLED_MS);
  let timer = look();
  const looks = setInterval(async () => {
    if (await isLinkTaken()) stalled.abort(new Error('a lesson is on'));
  }, LOOK_EVERY_MS);
  return {
    signal: AbortSignal.any([signal, stalled.signal]),
    alive() {
      clearTimeout(timer);
      timer = look();
    },
    over() {
      clearTimeout(timer);
      clearInterval(looks);
    },
  };
}

async function sha256(content: Blob): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', await content.arrayBuffer());
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A lesson that is live here needs the link for itself. */
async function untilNoLesson(signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await isLinkTaken())) await pause(LOOK_AGAIN_MS, signal);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
