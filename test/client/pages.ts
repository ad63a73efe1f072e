import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export interface BuiltPages {
  /** A built file by its path, or null. */
  read(path: string): Promise<{ body: Buffer; type: string } | null>;
  close(): Promise<void>;
}

/** The pages of `page/`, built as the client is. */
export async function buildPages(): Promise<BuiltPages> {
  const directory = await mkdtemp(join(tmpdir(), 'tongke-page-'));
  const root = join(import.meta.dirname, 'page');
  await build({
    ...{ root, base: './', configFile: false, logLevel: 'error', plugins: [react()] },
    build: {
      ...{ outDir: directory, emptyOutDir: true, minify: false },
      rolldownOptions: { input: ['index.html', 'live.html', 'bare.html'].map((page) => join(root, page)) },
    },
  });
  return {
    async read(path) {
      const file = join(directory, path === '/' ? 'index.html' : path);
      try {
        return { body: await readFile(file), type: TYPES[extname(file)] ?? 'text/plain' };
      } catch {
        return null; // what a page asks for and is not there is a 404, as on any server
      }
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

/** The board's page on a port of its own. */
export async function openBoardSite(): Promise<{ url: string; close(): Promise<void> }> {
  const pages = await buildPages();
  const server = createServer((request, response) => {
    void pages.read(new URL(request.url ?? '/', 'http://localhost').pathname).then((page) => {
      if (page) response.setHeader('content-type', page.type).end(page.body);
      else response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await pages.close();
    },
  };
}
