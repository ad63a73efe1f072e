import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { launchChromium } from '../support/chromium.ts';
import { signIn } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openRoom } from './support/room-check.ts';
import { text } from './support/texts.ts';

/** As in `client/faces/room/useRest.ts`, and a little. */
const REST_AFTER = 121_000;
/** As in `client/devices/agent.ts`, and a little: until a page says that it hears nothing, and until it has tried again. */
const FIRST_HEARD = 8_100;
const RECONNECTED = 15_100;

describe('the screen of a room whose server is away', function () {
  this.timeout(90_000);
  let server: TestServer;
  let browser: Browser;
  let link: Link;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(), launchChromium()]);
    link = createLink({ down: {}, up: {} });
  });
  after(async () => {
    await browser?.close();
    await link?.close();
    await server?.close();
  });

  it('says so, opens from what it keeps, and is back by itself', async () => {
    const target = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
    const { host, port } = await link.relayTcp({ target });
    const technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    const context = await browser.newContext();
    await context.clock.install();
    const url = `http://${host}:${port}`;
    const room = { name: '新教室' };
    const { page, show } = await openRoom(context, { url, technician, room, heard: false });
    const ahead = await filesAhead(server.url);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await page.clock.fastForward(REST_AFTER);
    await page.waitForFunction(async (count) => {
      const kept = await (await caches.open('tongke-assets')).keys();
      return kept.length > count;
    }, ahead);

    const away = page.getByText(text('en', 'lesson.coming'), { exact: true });
    link.cut(undefined, { reset: true });
    await away.waitFor();
    await page.reload();
    await page.locator('main time').waitFor();
    await page.clock.fastForward(FIRST_HEARD);
    await away.waitFor();
    await page.locator('main time').waitFor();
    link.restore();
    await page.clock.fastForward(RECONNECTED);
    await away.waitFor({ state: 'detached' });
    await eventually(async () => (await show()).online, 'the device is online again', 20_000);
  });
});

/** How many files the application is made of, as its service worker knows. */
async function filesAhead(url: string): Promise<number> {
  const source = await (await fetch(`${url}/service-worker.js`)).text();
  const ahead = source.match(/"\/assets\/[^"]+"/g) ?? [];
  assert.ok(ahead.length > 10);
  return ahead.length;
}
