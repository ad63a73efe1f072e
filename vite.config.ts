import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `vite dev` sends what is not a page: the server as `npm start` runs it. */
const SERVER = `http://127.0.0.1:${process.env.PORT ?? '3000'}`;

export default defineConfig({
  root: 'client',
  plugins: [react()],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    /** Old classroom screens: Android WebViews and Chromium of 2021. */
    target: ['chrome94', 'safari15.4', 'firefox93'],
    /** A data: URL would need an exception in the content security policy. */
    assetsInlineLimit: 0,
    sourcemap: true,
  },
  server: {
    proxy: {
      '/api': SERVER,
      '/replays': SERVER,
      '/socket.io': { target: SERVER, ws: true },
    },
  },
});
