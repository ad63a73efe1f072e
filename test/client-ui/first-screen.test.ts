import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const built = join(import.meta.dirname, '../../dist/client');
/** Bytes, compressed as the server does: ten seconds of a satellite's 128 kbit/s. */
const LIMIT = 150_000;
/** Each six of them are a round trip. */
const FILES = 8;

/** A script and all that it cannot begin without. */
async function withImports(path: string, found: Map<string, Buffer>): Promise<void> {
  if (found.has(path)) return;
  const content = await readFile(join(built, path));
  found.set(path, content);
  for (const [, name] of content.toString().matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
    await withImports(`/assets/${name}`, found);
}

describe('the first screen of a browser that has never been here', () => {
  for (const language of ['zh-CN', 'bo', 'en']) {
    it(`${language}: takes less than 150 kB, in a few files`, async () => {
      const found = new Map<string, Buffer>();
      const page = await readFile(join(built, 'index.html'), 'utf8');
      for (const [, path = ''] of page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g))
        await withImports(path, found);
      const screen = (await readdir(join(built, 'assets'))).filter(
        (name) => name.startsWith(`${language}-`) && name.endsWith('.js'),
      );
      assert.equal(screen.length, 1, `${screen}`);
      for (const name of screen) await withImports(`/assets/${name}`, found);
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
      const bytes = [...found.values()].reduce(
        (sum, file) => sum + brotliCompressSync(file, quality).length,
        0,
      );
      assert.ok(bytes < LIMIT && found.size <= FILES, `${bytes} bytes in ${found.size} files`);
    });
  }
});
