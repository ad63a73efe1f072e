import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express } from 'express';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createPages } from '../../server/http/pages.ts';
import { copyBuildAs } from '../support/builds.ts';
import { launchChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';

const PAGES = join(import.meta.dirname, '../../dist/client');
const NEWER = 'Newer001';
/** Longer than a newer page is waited for: `SHELL_PATIENCE_MS`. */
const SLOW_MS = 1_000;

const DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"/>';
const DRAWING_AT = `/courseware/lesson/${createHash('sha256').update(DRAWING).digest('hex')}`;
/** What a network answers until somebody has signed in to it. */
const PORTAL = '<!doctype html><title>WiFi</title><p>Sign in to this network</p>';

/** The application's pages alone, over networks of all kinds. */
describe('what a browser keeps of the application', function () {
  this.timeout(60_000);
  let server: Server;
  let browser: Browser;
  let newer: string;
  let url: string;
  let answers: { pages: Express; portal?: boolean; slow?: boolean; away?: boolean };
  let asked: string[];
  let context: BrowserContext;
  let page: Page;

  before(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tongke-newer-'));
    newer = join(directory, 'pages');
    const script = /index-([\w-]+)\.js/.exec(await readFile(join(PAGES, 'index.html'), 'utf8'));
    await copyBuildAs(PAGES, newer, script?.[1] ?? assert.fail('the pages are built'), NEWER);
    browser = await launchChromium();
    server = createServer(async (request, response) => {
      asked.push(request.url ?? '');
      if (answers.away) return request.destroy();
      if (answers.portal) return response.writeHead(200, { 'content-type': 'text/html' }).end(PORTAL);
      const isPage = !/\/assets\/|\.|^\/api/.test(request.url ?? '');
      if (answers.slow && isPage) await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      answers.pages(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    await browser?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    await rm(join(newer, '..'), { recursive: true });
  });
  beforeEach(async () => {
    asked = [];
    answers = { pages: pagesAt(PAGES) };
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(`${url}/seat/none`);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await eventually(() => isHere('/assets/index-'), 'what the page loaded is kept');
  });
  afterEach(() => context?.close());

  const isHere = (path: string) =>
    page.evaluate(async (part) => {
      const kept = await (await caches.open('tongke-assets')).keys();
      return kept.some((request) => request.url.includes(part));
    }, path);
  const isStarted = () => page.evaluate(() => (document.getElementById('root')?.childElementCount ?? 0) > 0);
  const tell = (message: string) =>
    page.evaluate(async (data) => {
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise<unknown>((resolve) => {
        port1.onmessage = (event) => resolve(event.data);
      });
      active?.postMessage(data, [port2]);
      return answer;
    }, message);
  const textOf = (path: string) => page.evaluate(async (from) => (await fetch(from)).text(), path);

  it('is nothing of a network that answers with a page of its own, which people see and rooms do not', async () => {
    const { body } = { body: await readFile(join(PAGES, 'pack.json'), 'utf8') };
    const later = /"(\/assets\/Updates-[^"]+\.js)"/.exec(body)?.[1] ?? assert.fail();
    answers.portal = true;
    assert.equal(await textOf(later), PORTAL);
    assert.equal(await textOf(DRAWING_AT), PORTAL);
    assert.equal(await tell('prepare'), false);
    await page.goto(`${url}/seat/none`);
    await page.getByText('Sign in to this network').waitFor();
    await page.goto(`${url}/room`);
    await eventually(isStarted, 'the screen of a room is its own');
    answers.portal = false;
    assert.notEqual(await textOf(later), PORTAL);
    assert.equal(await textOf(DRAWING_AT), DRAWING);
    answers.away = true;
    assert.equal(await textOf(DRAWING_AT), DRAWING);
    await page.goto(`${url}/seat/none`);
    await eventually(isStarted, 'the application opens without a network');
  });

  it('is a whole page: a newer one that came late is opened once all of it is here', async () => {
    answers = { pages: pagesAt(newer), slow: true };
    const { promise: active, resolve } = Promise.withResolvers<void>();
    await page.exposeFunction('changed', resolve);
    await page.addInitScript(() => {
      const { changed } = window as unknown as { changed(): void };
      navigator.serviceWorker.addEventListener('controllerchange', changed);
    });
    await page.goto(`${url}/seat/none`);
    assert.ok(!(await page.content()).includes(NEWER));
    await active;
    answers.away = true;
    await page.reload();
    await eventually(isStarted, 'the page that is whole opens');
    answers.away = false;
    assert.equal(await tell('prepare'), true);
    answers.away = true;
    await page.reload();
    await eventually(isStarted, 'the newer page opens');
    assert.ok((await page.content()).includes(NEWER));
  });

  it('does not grow while a lesson is on', async () => {
    await page.evaluate(() => {
      void navigator.locks.request('tongke.live', { mode: 'shared' }, () => new Promise(() => {}));
    });
    await page.evaluate(async () => {
      while (!(await navigator.locks.query()).held?.length) await Promise.resolve();
    });
    asked = [];
    assert.equal(await tell('prepare'), false);
    assert.deepEqual(asked, []);
  });
});

function pagesAt(directory: string): Express {
  const app = express();
  app.get(DRAWING_AT, (_request, response) => void response.type('svg').send(DRAWING));
  app.use('/api', (_request, response) => void response.status(503).end());
  app.use(createPages(directory));
  return app;
}
