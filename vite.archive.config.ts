import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The first stylesheet a browser meets decides the order of layers: see `vite.config.ts`. */
const layerOrder: Plugin = {
  name: 'layer-order',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('.css') ? { code: `@layer tokens, base, components, faces;${code}`, map: null } : null,
};

/** The voice is a file beside the page: nothing of an HLS player comes along. */
const playsFiles: Plugin = {
  name: 'plays-files',
  enforce: 'pre',
  resolveId: (source) => (source.endsWith('/hls.ts') ? here('client/archive/attach.ts') : null),
};

/** A page opened from a disk loads scripts that are no modules, and nothing else. */
const page: Plugin = {
  name: 'page',
  closeBundle: () => copyFileSync(here('client/archive/index.html'), here('dist/archive/index.html')),
};

/** The player of archives: one script, one stylesheet, fonts within. */
export default defineConfig({
  root: 'client/archive',
  plugins: [react(), layerOrder, playsFiles, page],
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: '../../dist/archive',
    emptyOutDir: true,
    target: ['chrome110', 'safari16.4', 'firefox115'],
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    lib: {
      entry: here('client/archive/main.tsx'),
      formats: ['iife'],
      name: 'tongke',
      fileName: () => 'player.js',
      cssFileName: 'player',
    },
    rolldownOptions: { treeshake: { moduleSideEffects: [{ test: /\/protocol\//, sideEffects: false }] } },
  },
});
