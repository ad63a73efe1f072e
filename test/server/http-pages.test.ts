import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { createPages } from '../../server/http/pages.ts';

const SCRIPT = 'console.log("同课");\n'.repeat(100);

describe('pages', () => {
  let folder: string;
  let server: Server;
  let url: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tongke-pages-'));
    await writeFile(join(folder, 'secret.js'), 'secret');
    await mkdir(join(folder, 'client', 'assets'), { recursive: true });
    server = createServer(express().use(createPages(join(folder, 'client'))));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });

  it('say how they are made while they are missing', async () => {
    const response = await fetch(url);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /npm start/);
  });

  describe('once built', () => {
    before(async () => {
      await writeFile(join(folder, 'client', 'index.html'), '<!doctype html><title>同课</title>');
      await writeFile(join(folder, 'client', 'assets', 'index-abc123.js'), SCRIPT);
    });

    it('are the application at every path that is no file, never kept without asking', async () => {
      for (const path of ['/', '/today', '/lessons/demo-today-1/watch?lang=bo', '/index.html']) {
        const response = await fetch(url + path);
        assert.equal(response.status, 200, path);
        assert.equal(response.headers.get('cache-control'), 'no-cache', path);
        assert.match(await response.text(), /同课/);
      }
    });

    for (const encoding of ['br', 'gzip', 'identity']) {
      it(`come as ${encoding} to those who take that, kept for ever where the name says the content`, async () => {
        const headers = { 'accept-encoding': encoding };
        const response = await fetch(`${url}/assets/index-abc123.js`, { headers });
        assert.equal(response.headers.get('content-encoding') ?? 'identity', encoding);
        assert.match(response.headers.get('cache-control') ?? '', /immutable/);
        assert.match(response.headers.get('content-type') ?? '', /^text\/javascript/);
        assert.equal(await response.text(), SCRIPT);
      });
    }

    it('are new when they were built again', async () => {
      const path = join(folder, 'client', 'icon.svg');
      for (const content of ['<svg>1</svg>', '<svg id="2"></svg>']) {
        await writeFile(path, content);
        assert.equal(await (await fetch(`${url}/icon.svg`)).text(), content);
      }
    });

    it('hold nothing from outside their folder, and take nothing', async () => {
      for (const path of [
        '/..%2fsecret.js',
        '/%2e%2e/secret.js',
        '/assets/..%2f..%2fsecret.js',
        '/a%00.js',
        '/no.js',
      ]) {
        const response = await fetch(url + path);
        assert.notEqual(await response.text(), 'secret', path);
        assert.ok([400, 403, 404].includes(response.status), `${path}: ${response.status}`);
      }
      assert.equal((await fetch(url, { method: 'POST' })).status, 405);
    });
  });
});
