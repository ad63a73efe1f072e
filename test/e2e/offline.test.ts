import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { createLink } from '../support/link/link.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

describe('the application kept on a device', function () {
  this.timeout(60_000);
  let server: TestServer;
  let browser: Browser;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(), launchChromium()]);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('opens without a network, after it was opened once', async () => {
    const link = createLink({ down: {}, up: {} });
    const target = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
    const { host, port } = await link.relayTcp({ target });
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://${host}:${port}/`);
    await page.waitForSelector('input');
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      active?.postMessage('prepare');
    });
    const source = await (await context.request.get(`${server.url}/service-worker.js`)).text();
    const ahead = source.match(/"\/assets\/[^"]+"/g) ?? [];
    assert.ok(ahead.length > 10);
    await page.waitForFunction(async (count) => {
      const kept = await (await caches.open('tongke-assets')).keys();
      return kept.length > count;
    }, ahead.length);
    link.cut(undefined, { reset: true });
    const again = await context.newPage();
    await again.goto(`http://${host}:${port}/room`);
    // Drawn by the application itself, which says that it cannot reach its server.
    await again.waitForFunction(() => (document.querySelector('#root')?.textContent ?? '') !== '');
    await context.close();
    await link.close();
  });
});
