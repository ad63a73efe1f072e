import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `vite dev` sends what is not a page: the server as `npm start` runs it. */
const SERVER = `http://127.0.0.1:${process.env.PORT ?? '3000'}`;

/**
 * The first stylesheet a browser meets decides the order of layers, and chunks arrive in any order: each one says it.
 * In `client/ui/tokens.css` it stands for readers.
 */
const layerOrder: Plugin = {
  name: 'layer-order',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('.css') ? { code: `@layer tokens, base, components, faces;${code}`, map: null } : null,
};

/** What a replay alone needs, and what is larger than a room can wait for: fetched when used. */
const NOT_AHEAD = /hls|WatchFace|KeptFace/;
/** Letters that few machines have of themselves. */
const TIBETAN = /tibetan[^/]*\.woff2$/;
const isCode = (name: string) => name.startsWith('assets/') && /\.(js|css)$/.test(name);
const isOfApplication = (name: string) => isCode(name) && !NOT_AHEAD.test(name);

/**
 * `client/service-worker.js` at the root of the site, knowing what the application is made of; and `pack.json`, the same
 * with hashes (`PackFile` in protocol/pack.ts), for devices that fetch a lesson ahead.
 */
const serviceWorker: Plugin = {
  name: 'service-worker',
  enforce: 'post', // after chunks that held only styles are gone
  apply: 'build',
  generateBundle(_options, bundle) {
    const files = Object.keys(bundle).filter(isCode).sort();
    const list = (names: readonly string[]) => JSON.stringify(names.map((name) => `/${name}`));
    const source = readFileSync(new URL('client/service-worker.js', import.meta.url), 'utf8')
      .replace('self.__PRECACHE__', list(files.filter(isOfApplication)))
      .replace('self.__REPLAY__', list(files.filter((name) => !isOfApplication(name))));
    this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
  },
  /** From the disk: what is written differs from what was bundled by a line that names its source map. */
  writeBundle({ dir = '' }, bundle) {
    const names = Object.keys(bundle).filter((name) => isOfApplication(name) || TIBETAN.test(name));
    const pack = names.sort().map((name) => {
      const content = readFileSync(join(dir, name));
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { url: `/${name}`, sha256, bytes: content.length };
    });
    writeFileSync(join(dir, 'pack.json'), JSON.stringify(pack));
  },
};

/** What it imports is loaded in one go by whoever opens the application for the first time. */
const ENTRY = fileURLToPath(new URL('client/main.tsx', import.meta.url));

interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/**
 * Into which of three files a module of the first screen goes; null for all others. Left to itself the bundler makes fifty
 * files of it, which come six at a time: over a satellite each six take 600 ms.
 */
function firstScreen(): (id: string, graph: Graph) => string | null {
  const [seen, first] = [new Set<string>(), new Set<string>()];
  const isZod = (id: string) => id.includes('/node_modules/zod/');
  const add = (id: string, graph: Graph) => {
    if (seen.has(id)) return;
    seen.add(id);
    const imports = graph.getModuleInfo(id)?.importedIds ?? [];
    // Of a module with schemas the first screen needs none: it stays out of these files, and zod with it.
    if (![id, ...imports].some(isZod)) first.add(id);
    for (const imported of imports) add(imported, graph);
  };
  return (id, graph) => {
    if (seen.size === 0) add(ENTRY, graph);
    if (!first.has(id)) return null;
    if (!id.includes('/node_modules/')) return 'first';
    return /\/node_modules\/(react|react-dom|scheduler)\//.test(id) ? 'react' : 'libraries';
  };
}

export default defineConfig({
  root: 'client',
  plugins: [react(), layerOrder, serviceWorker],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    /** The oldest that have what the protocol uses (`toSpliced`): classroom screens run Chromium of early 2023. */
    target: ['chrome110', 'safari16.4', 'firefox115'],
    /** A data: URL would need an exception in the content security policy. */
    assetsInlineLimit: 0,
    sourcemap: true,
    /** Making a schema has no effect but itself: a face that needs none of a module's gets none, and no zod. */
    rolldownOptions: {
      treeshake: { moduleSideEffects: [{ test: /\/protocol\//, sideEffects: false }] },
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: firstScreen(), debugName: 'first screen' }],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': SERVER,
      '/replays': SERVER,
      '/courseware': SERVER,
      '/socket.io': { target: SERVER, ws: true },
    },
  },
});
