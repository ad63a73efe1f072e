import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { LessonSummary } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import { OwnChromium } from './support/own-chromium.ts';

/** What a hand writes in ten minutes of a lesson, of which a third is writing. */
const STROKES = 400;

/** Writes short strokes one after another, a frame apart. Runs in the page. */
async function writeStrokes(count: number): Promise<void> {
  const board = [...document.querySelectorAll('[role="img"]')].find((one) => one.querySelector('canvas'));
  if (!board) throw new Error('there is no board');
  const box = board.getBoundingClientRect();
  for (let i = 0; i < count; i++) {
    const [left, top] = [box.left + 150 + (i % 20) * 20, box.top + 120 + Math.floor(i / 20) * 12];
    const play = (type: string, x: number, buttons: number) =>
      board.dispatchEvent(
        new PointerEvent(type, {
          ...{ pointerType: 'pen', pointerId: 1, bubbles: true, pressure: 0.5, buttons },
          ...{ clientX: left + x, clientY: top },
        }),
      );
    play('pointerdown', 0, 1);
    for (let x = 2; x <= 12; x += 2) play('pointermove', x, 1);
    play('pointerup', 12, 0);
    await new Promise(requestAnimationFrame);
  }
}

/** How many operations the browser holds on its disk. Runs in the page. */
function keptOperations(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('tongke');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const counting = database.transaction('operations').objectStore('operations').count();
      counting.onsuccess = () => {
        database.close();
        resolve(counting.result);
      };
    };
  });
}

describe('writing without a link (invariants 5, 6)', function () {
  this.timeout(120_000);
  let server: TestServer;
  let link: Link;
  let url: string;
  let browser: OwnChromium;
  let page: Page;
  let lesson: string;
  let title: string;
  let watcher: TestClient;
  let expected = 0;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(), OwnChromium.create()]);
    link = createLink({ down: {}, up: {} });
    const target = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
    const { host, port } = await link.relayTcp({ target });
    url = `http://${host}:${port}`;
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    const own = lessons.find(({ state, part }) => state === 'ready' && part === 'lead');
    [lesson, title] = [own?.id ?? '', own?.title['zh-CN'] ?? ''];
    watcher = await TestClient.connect(server.url, cookie);
    await watcher.join(lesson);
    await watcher.request('lesson.start', {});
    page = await browser.start();
    await enter();
  });

  after(async () => {
    watcher?.close();
    await browser?.close();
    await link?.close();
    await server?.close();
  });

  async function enter(): Promise<void> {
    const [name = '', value = ''] = (await signIn(server.url, DEMO.teacher, DEMO_PASSWORD)).split('=');
    await page.context().addCookies([{ name, value, url }]);
    await page.goto(`${url}/teach/${lesson}?lang=zh-CN`);
    await page.waitForSelector('[role="img"] canvas');
  }

  async function write(count: number): Promise<void> {
    await page.evaluate(writeStrokes, count);
    expected += count;
  }

  /** All that was written is in everyone's lesson, once, in the order in which it was written. */
  async function arrived(): Promise<void> {
    const strokes = () => Object.values(watcher.state.board.pages[0]?.strokes ?? {});
    await eventually(() => strokes().length >= expected, `${expected} strokes have arrived`, 60_000);
    await page.getByText('已保存', { exact: true }).waitFor();
    assert.equal(strokes().length, expected);
    const counts = new Map<string, number[]>();
    for (const { id } of strokes()) {
      const [load = '', n = ''] = id.split('-'); // a page load, and its count: see client/board/ink-sender.ts
      counts.set(load, [...(counts.get(load) ?? []), Number.parseInt(n, 36)]);
    }
    for (const order of counts.values())
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
        'in the order of writing',
      );
  }

  const unsent = () => page.getByText(/还有 \d+ 处未保存/).first();

  it('goes on, says what is not sent yet, and arrives in order when the link is back', async () => {
    await write(3);
    await arrived();
    link.cut(undefined, { reset: true });
    await write(STROKES);
    await unsent().waitFor();
    const said = async () => Number(/\d+/.exec((await unsent().textContent()) ?? '')?.[0]);
    await eventually(async () => (await said()) >= STROKES, 'all of it is said to be unsent');
    link.restore();
    await arrived();
  });

  it('survives a reload while the link is away: the board is there, is written on, and all of it arrives', async () => {
    await opensWithoutLink();
    link.cut(undefined, { reset: true });
    await write(40);
    await keptOnDisk(40);
    const before = await inkAtRest();
    const heading = page.locator('header').getByText(title, { exact: true });
    await heading.waitFor();
    await page.reload();
    await unsent().waitFor();
    await heading.waitFor();
    await showsAsMuchInkAs(before);
    await write(10);
    await keptOnDisk(50);
    link.restore();
    await arrived();
  });

  it('survives a power cut: the browser is killed, and is started again before the link is back', async () => {
    link.cut(undefined, { reset: true });
    await write(STROKES / 4);
    await unsent().waitFor();
    await keptOnDisk(STROKES / 4);
    const before = await inkAtRest();
    await browser.kill();
    page = await browser.start();
    await enter();
    await unsent().waitFor();
    await showsAsMuchInkAs(before);
    await write(10);
    link.restore();
    await arrived();
  });

  async function keptOnDisk(count: number): Promise<void> {
    await eventually(async () => (await page.evaluate(keptOperations)) >= count, 'all is on the disk');
  }

  /** How much ink is to be seen, pixels. (The digest tells of when it was written too, which a pending stroke guesses.) */
  async function inkAtRest(): Promise<number> {
    const board = page.locator('[role="img"][data-digest]').first();
    await board.waitFor({ timeout: 30_000 });
    return board.evaluate(inkOf);
  }

  async function showsAsMuchInkAs(before: number): Promise<void> {
    let now = 0;
    await eventually(async () => {
      now = await inkAtRest();
      return Math.abs(now - before) <= before / 200;
    }, `${before} pixels of ink, and not ${now}`);
  }

  /** The application is kept, and so is the lesson as far as it is confirmed. */
  async function opensWithoutLink(): Promise<void> {
    await page.waitForFunction(isApplicationKept);
    const { seq } = watcher.state;
    await eventually(async () => (await page.evaluate(keptSeq)) >= seq, 'the lesson is kept');
  }
});

/** Runs in the page. */
function inkOf(board: Element): number {
  return [...board.querySelectorAll('canvas')].reduce((sum, canvas) => {
    const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let count = 0;
    for (let i = 3; i < data.length; i += 4) count += (data[i] ?? 0) > 64 ? 1 : 0;
    return sum + count;
  }, 0);
}

/** Whether all that this page has loaded lies on the device. Runs in the page. */
async function isApplicationKept(): Promise<boolean> {
  const cache = await caches.open('tongke-assets');
  const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
  return kept.has('/') && loaded.every((path) => !path.startsWith('/assets/') || kept.has(path));
}

/** Up to which entry the browser keeps a lesson. Runs in the page. */
function keptSeq(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('tongke-lessons');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(['states', 'entries']);
      const states = transaction.objectStore('states').getAll();
      const entries = transaction.objectStore('entries').getAllKeys();
      transaction.oncomplete = () => {
        database.close();
        const behind = entries.result.map((key) => (Array.isArray(key) ? Number(key[1]) : 0));
        resolve(Math.max(0, ...states.result.map(({ state }) => state.seq), ...behind));
      };
    };
  });
}
