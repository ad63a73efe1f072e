import { readFileSync } from 'node:fs';
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

/** `client/service-worker.js` at the root of the site, knowing what the application is made of. */
const serviceWorker: Plugin = {
  name: 'service-worker',
  enforce: 'post', // after chunks that held only styles are gone
  apply: 'build',
  generateBundle(_options, bundle) {
    const files = Object.keys(bundle)
      .filter((name) => /\.(js|css)$/.test(name))
      .sort();
    const list = (names: readonly string[]) => JSON.stringify(names.map((name) => `/${name}`));
    const source = readFileSync(new URL('client/service-worker.js', import.meta.url), 'utf8')
      .replace('self.__PRECACHE__', list(files.filter((name) => !NOT_AHEAD.test(name))))
      .replace('self.__REPLAY__', list(files.filter((name) => NOT_AHEAD.test(name))));
    this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
  },
};

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
    rolldownOptions: { treeshake: { moduleSideEffects: [{ test: /\/protocol\//, sideEffects: false }] } },
  },
  server: {
    proxy: {
      '/api': SERVER,
      '/replays': SERVER,
      '/socket.io': { target: SERVER, ws: true },
    },
  },
});
