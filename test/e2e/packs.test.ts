import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContext } from 'playwright-core';
import { type LessonSummary, routes } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { CoursewareSite } from '../server/courseware-site.ts';
import { type HttpServer, startHttpServer } from '../server/http-server.ts';
import { launchChromium } from '../support/chromium.ts';
import { get, signIn } from '../support/client.ts';
import { picture } from '../support/courseware-files.ts';
import { eventually } from '../support/eventually.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { DEMO } from '../support/server.ts';
import { text } from './support/texts.ts';

describe('a lesson’s pack, fetched ahead', function () {
  this.timeout(90_000);
  let server: HttpServer;
  let browser: Browser;
  const open: { close(): Promise<void> }[] = [];

  before(async () => {
    [server, browser] = await Promise.all([startHttpServer(), launchChromium()]);
  });
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A browser on a link of its own. */
  async function visitor(kbps: number): Promise<{ link: Link; context: BrowserContext; url: string }> {
    const link = createLink({ down: { kbps }, up: {} });
    open.push(link);
    const target = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
    const { host, port } = await link.relayTcp({ target });
    const context = await browser.newContext();
    open.push(context);
    return { link, context, url: `http://${host}:${port}` };
  }

  it('comes to a student who asks for it, goes on after a break, is there without a network, and goes when they sign out', async () => {
    const teacher = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', teacher);
    const lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    await new CoursewareSite(server, teacher, lesson).bring('a.jpg', picture('mjpeg', 1600, 900));

    const { link, context, url } = await visitor(4_000);
    const cookie = await signIn(server.url, DEMO.student, DEMO_PASSWORD);
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url }]);
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(message.text()));
    context.on('requestfailed', (request) =>
      troubles.push(`${request.url()}: ${request.failure()?.errorText}`),
    );
    context.on('response', (response) => {
      if (response.status() >= 400) troubles.push(`${response.url()}: HTTP ${response.status()}`);
    });
    await page.goto(url);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.getByRole('button', { name: /MB/ }).click();
    await eventually(async () => (await page.getByText(/[1-9]\d?%/).count()) > 0, 'some of it');
    link.cut(1_000, { reset: true });
    const here = (['zh-CN', 'bo', 'en'] as const).map((language) => text(language, 'pack.here'));
    const whole = page.getByText(new RegExp(here.join('|'))).waitFor({ timeout: 60_000 });
    await whole.catch(async (cause: unknown) => {
      const said = await page.locator('main').innerText();
      throw new Error([said, ...troubles.slice(-40)].join('\n'), { cause });
    });

    const { files } = routes['pack.show'].output.parse(
      await get(server.url, `/lessons/${lesson}/pack`, cookie),
    );
    const ofPages = files.filter(({ kind }) => kind === 'page');
    assert.equal(ofPages.length, 1);
    assert.ok(files.length > 10, 'the application too');
    await page.reload(); // from here on the service worker answers
    link.cut(undefined, { reset: true });
    for (const file of [...ofPages, ...files.slice(0, 3)]) {
      const hash = await page.evaluate(async (path) => {
        const content = await (await fetch(path)).arrayBuffer();
        const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
        return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      }, file.url);
      assert.equal(hash, file.sha256, file.url);
    }
    link.restore();
    await page.goto(`${url}/?lang=en`);
    await page.getByRole('button', { name: /^Account and settings/ }).click();
    await page.getByRole('menuitem', { name: text('en', 'action.signOut') }).click();
    await eventually(
      async () => !(await page.evaluate(() => caches.keys())).includes('tongke-packs'),
      'whoever comes next on this computer finds none of its pages',
    );
    const status = (path: string) => page.evaluate(async (at) => (await fetch(at)).status, path);
    assert.equal(await status(ofPages[0]?.url ?? ''), 401, 'nor does it get one by its address');
  });

  it('stops once a lesson is on, and says so where the device is full', async () => {
    const { context, url } = await visitor(2_000);
    const [name = '', value = ''] = (await signIn(server.url, DEMO.student, DEMO_PASSWORD)).split('=');
    await context.addCookies([{ name, value, url }]);
    const page = await context.newPage();
    await page.goto(`${url}/?lang=en`);
    const button = page.getByRole('button', { name: /MB|%/ });
    await button.click();
    await eventually(async () => /[1-9]\d?%/.test(await button.innerText()), 'some of it');
    await page.evaluate(() => {
      const view: Window & { endLesson?: () => void } = window;
      void navigator.locks.request('tongke.live', { mode: 'shared' }, () => {
        return new Promise<void>((resolve) => (view.endLesson = resolve));
      });
    });
    await eventually(async () => {
      const before = await button.innerText();
      await wait(2_000);
      return before === (await button.innerText());
    }, 'nothing more comes');
    const cdp = await context.newCDPSession(page);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: url, quotaSize: 1_000 });
    await page.evaluate(() => (window as Window & { endLesson?: () => void }).endLesson?.());
    await page.getByText(text('en', 'pack.full')).waitFor({ timeout: 30_000 });
  });
});
