import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { LessonSummary } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { type BuiltPages, buildPages } from '../client/pages.ts';
import { launchChromium } from './chromium.ts';
import { get, signIn, TestClient } from './client.ts';
import { mediaThroughLink } from './link/browser.ts';
import type { Protocols } from './link/ice.ts';
import type { Link } from './link/link.ts';
import { watchReception } from './reception.ts';
import { DEMO, startTestServer, type TestServer } from './server.ts';
import { speechFile } from './speech.ts';

/**
 * A lesson that is being taught: a real server, a teacher in a real browser who speaks and is seen, and receivers in
 * real browsers over whatever link they are given. Pages are of the session alone, without a screen.
 */
export class Classroom {
  readonly server: TestServer;
  readonly lesson: string;
  readonly teacher: Page;
  /** The teacher's pen: a second device of theirs. */
  readonly pen: TestClient;
  readonly #browser: Browser;
  readonly #pages: BuiltPages;

  private constructor(
    server: TestServer,
    pages: BuiltPages,
    browser: Browser,
    lesson: string,
    teacher: Page,
    pen: TestClient,
  ) {
    this.server = server;
    this.lesson = lesson;
    this.teacher = teacher;
    this.pen = pen;
    this.#browser = browser;
    this.#pages = pages;
  }

  static async open(): Promise<Classroom> {
    const [server, pages, voice] = await Promise.all([startTestServer(), buildPages(), speechFile()]);
    const browser = await launchChromium({ voice });
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    const lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    const pen = await TestClient.connect(server.url, cookie);
    await pen.join(lesson);
    await pen.request('lesson.start', {});
    const context = await browser.newContext();
    await prepare(context, pages, server.url, cookie);
    const teacher = await context.newPage();
    await teacher.goto(`${server.url}/client-test/live.html`);
    await enter(teacher, lesson);
    await teacher.evaluate(async () => {
      const { media } = window.session;
      await media.send('mic', await window.livePage.openMicrophone());
      await media.send('camera', await window.livePage.openCamera());
    });
    return new Classroom(server, pages, browser, lesson, teacher, pen);
  }

  /** Somebody of the demo school over `link`. Resolves when they have begun to join; `enterMs` is when (wall clock). */
  async join(
    link: Link,
    { username = DEMO.room, protocols, webSocket = true }: JoinOptions = {},
  ): Promise<{ page: Page; enteredAt: number; close(): Promise<void> }> {
    const { context, url } = await this.visitor(link, { username, protocols });
    if (!webSocket) await context.addInitScript(breakWebSockets);
    const page = await context.newPage();
    const enteredAt = await this.enter(page, url);
    return { page, enteredAt, close: () => context.close() };
  }

  /** Resolves when a visitor's page has begun to join, with when that was (wall clock). */
  async enter(page: Page, url: string): Promise<number> {
    await page.goto(`${url}/client-test/live.html`);
    const enteredAt = Date.now();
    await page.evaluate((id) => {
      window.session = window.livePage.openSession({ lesson: id });
    }, this.lesson);
    return enteredAt;
  }

  /** A browser over `link`, signed in, for pages of the application too. */
  async visitor(
    link: Link,
    { username = DEMO.room, protocols }: Pick<JoinOptions, 'username' | 'protocols'> = {},
  ): Promise<{ context: BrowserContext; url: string }> {
    const context = await this.#browser.newContext();
    const target = { host: '127.0.0.1', port: Number(new URL(this.server.url).port) };
    const { host, port } = await link.relayTcp({ target });
    const cookie = await signIn(this.server.url, username, DEMO_PASSWORD);
    const url = `http://${host}:${port}`;
    await prepare(context, this.#pages, url, cookie);
    await mediaThroughLink(context, link, protocols);
    return { context, url };
  }

  async close(): Promise<void> {
    this.pen.close();
    await this.#browser.close();
    await this.#pages.close();
    await this.server.close();
  }
}

interface JoinOptions {
  readonly username?: string;
  /** What the network lets through of media. */
  readonly protocols?: Protocols;
  /** False: a proxy that does not understand them is in the way. */
  readonly webSocket?: boolean;
}

/** Runs in the page. Every WebSocket fails, as behind a proxy that answers its handshake with an error. */
function breakWebSockets(): void {
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(_url: string | URL) {
      super(`ws://${location.host}/not-a-socket`);
    }
  };
}

/** The page under test on the server's own origin, as the client is; the files themselves come around the link. */
async function prepare(
  context: BrowserContext,
  pages: BuiltPages,
  url: string,
  cookie: string,
): Promise<void> {
  const [name = '', value = ''] = cookie.split('=');
  await context.addCookies([{ name, value, url }]);
  await watchReception(context);
  await context.addInitScript(fetchWorklets);
  await context.route(`${url}/client-test/**`, async (route) => {
    const path = new URL(route.request().url()).pathname.replace('/client-test', '');
    const page = await pages.read(path);
    await route.fulfill(page ? { body: page.body, contentType: page.type } : { status: 404 });
  });
}

/** Runs in the page. Worklets are fetched past what a test puts in place of a file: here by the page, as all else is. */
function fetchWorklets(): void {
  if (!location.pathname.startsWith('/client-test/')) return; // the application's own come from the server
  const original = Worklet.prototype.addModule;
  Worklet.prototype.addModule = async function (url) {
    const code = await (await fetch(url)).blob();
    return original.call(this, URL.createObjectURL(code));
  };
}

async function enter(page: Page, lesson: string): Promise<void> {
  await page.evaluate((id) => {
    window.session = window.livePage.openSession({ lesson: id });
  }, lesson);
  await page.waitForFunction(() => window.session.view().connection === 'joined');
}
