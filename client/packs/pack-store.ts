import type { PackFile } from '../../protocol/pack.ts';

/** Where the service worker looks: pages' files by their content, the application's by their names. */
const CACHES = { page: 'tongke-packs', app: 'tongke-assets' } as const;
/** Parts of files that were broken off. */
const PARTS = 'tongke-pack-parts';

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  woff2: 'font/woff2',
};

/** Files kept on this device. Browsers have caches on secure pages alone: see `canKeep`. */
export const packStore = {
  async has(file: PackFile): Promise<boolean> {
    const cache = await caches.open(CACHES[file.kind]);
    return (await cache.match(keyOf(file))) !== undefined;
  },

  /** Whole and found to be right. `type`: as the server calls it. */
  async put(file: PackFile, content: Blob, type: string): Promise<void> {
    const cache = await caches.open(CACHES[file.kind]);
    const headers = {
      'content-type': type || (TYPES[file.url.split('.').at(-1) ?? ''] ?? ''),
      'x-kept-at': `${Date.now()}`,
    };
    await cache.put(keyOf(file), new Response(content, { headers }));
    await this.dropPart(file);
  },

  async part(file: PackFile): Promise<Blob | null> {
    const cache = await caches.open(PARTS);
    return (await cache.match(partKey(file)))?.blob() ?? null;
  },

  async putPart(file: PackFile, part: Blob): Promise<void> {
    const cache = await caches.open(PARTS);
    await cache.put(partKey(file), new Response(part, { headers: { 'x-kept-at': `${Date.now()}` } }));
  },

  async dropPart(file: PackFile): Promise<void> {
    const cache = await caches.open(PARTS);
    await cache.delete(partKey(file));
  },

  /** All that is of lessons; the application stays. */
  async clear(): Promise<void> {
    await Promise.all([CACHES.page, PARTS].map((name) => caches.delete(name)));
  },

  /** Pages that were kept longer ago than `age` (ms), and parts that nobody went on with for so long. */
  async forget(age: number, now = Date.now()): Promise<void> {
    for (const name of [CACHES.page, PARTS]) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const keptAt = Number((await cache.match(request))?.headers.get('x-kept-at') ?? 0);
        if (now - keptAt > age) await cache.delete(request);
      }
    }
  },
};

export function canKeep(): boolean {
  return 'caches' in globalThis && 'crypto' in globalThis && crypto.subtle !== undefined;
}

export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

const keyOf = ({ kind, url, sha256 }: PackFile) => (kind === 'page' ? `/courseware/${sha256}` : url);
const partKey = ({ sha256 }: PackFile) => `/courseware/parts/${sha256}`;
