import assert from 'node:assert/strict';
import { type Browser, chromium, type Page } from 'playwright-core';
import { digest } from '../../protocol/lesson.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import type { LiveTestPage } from './page/live.ts';
import { type BuiltPages, buildPages } from './pages.ts';

declare global {
  interface Window {
    livePage: LiveTestPage;
    session: ReturnType<LiveTestPage['openSession']>;
  }
}

/** How much of each received stream has been played, in bytes and frames. Runs in the page. */
async function played(): Promise<{ streams: number; seconds: number; frames: number }> {
  const tracks = Object.values(window.session.media.view().received);
  for (const track of tracks) {
    if (document.querySelector(`[data-track="${track.id}"]`)) continue;
    const element = document.createElement(track.kind === 'audio' ? 'audio' : 'video');
    element.dataset.track = track.id;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
    await element.play();
  }
  const of = (kind: string) =>
    [...document.querySelectorAll<HTMLVideoElement>(kind)].filter(({ dataset }) =>
      tracks.some(({ id }) => id === dataset.track),
    );
  return {
    streams: tracks.length,
    seconds: Math.max(0, ...of('audio').map(({ currentTime }) => currentTime)),
    frames: Math.max(0, ...of('video').map((video) => video.getVideoPlaybackQuality().totalVideoFrames)),
  };
}

/** A machine so busy that the voice stutters is spared its pictures for a minute. */
const SPARED_MS = 90_000;

describe('lesson session with a real server, worker and browser', function () {
  this.timeout(240_000);
  let server: TestServer;
  let pages: BuiltPages;
  let browser: Browser;
  let lesson: string;

  before(async () => {
    [server, pages] = await Promise.all([startTestServer(), buildPages()]);
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: { id: string; state: string }[] }>(
      server.url,
      '/lessons',
      cookie,
    );
    lesson = lessons.find(({ state }) => state !== 'ended')?.id ?? '';
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      args: [
        ...[
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
        ],
        ...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
        '--autoplay-policy=no-user-gesture-required',
      ],
    });
  });

  after(async () => {
    await browser?.close();
    await pages?.close();
    await server?.close();
  });

  async function join(username: string): Promise<Page> {
    const context = await browser.newContext();
    const [name = '', value = ''] = (await signIn(server.url, username, DEMO_PASSWORD)).split('=');
    await context.addCookies([{ name, value, url: server.url }]);
    // The page under test on the server's own origin, as the client is.
    await context.route(`${server.url}/client-test/**`, async (route) => {
      const path = new URL(route.request().url()).pathname.replace('/client-test', '');
      const page = await pages.read(path);
      await route.fulfill(page ? { body: page.body, contentType: page.type } : { status: 404 });
    });
    const page = await context.newPage();
    await page.goto(`${server.url}/client-test/live.html`);
    await page.evaluate((id) => {
      window.session = window.livePage.openSession({ lesson: id });
    }, lesson);
    await page.waitForFunction(() => window.session.view().connection === 'joined');
    return page;
  }

  const flows = async (page: Page) => {
    await eventually(async () => (await page.evaluate(played)).streams === 2, 'two streams', SPARED_MS);
    const before = await page.evaluate(played);
    await eventually(
      async () => {
        const now = await page.evaluate(played);
        return now.seconds > before.seconds + 0.5 && now.frames > before.frames + 3;
      },
      'voice and picture go on',
      SPARED_MS,
    );
  };

  let teacher: Page;
  let room: Page;

  it('sends voice and picture, and receives them', async () => {
    teacher = await join(DEMO.teacher);
    room = await join(DEMO.room);
    await teacher.evaluate(async () => {
      await window.session.request('lesson.start', {});
      const { media } = window.session;
      await media.send('mic', await window.livePage.openMicrophone());
      await media.send('camera', await window.livePage.openCamera());
    });
    assert.deepEqual(await teacher.evaluate(() => Object.keys(window.session.media.view().sending)), [
      'mic',
      'camera',
    ]);
    await flows(room);
  });

  it('refuses a room that has not been called on, and takes it when it has', async () => {
    const send = () =>
      room.evaluate(async () => {
        const track = await window.livePage.openMicrophone();
        return window.session.media.send('mic', track).then(
          () => 'sent',
          (error: { code: string }) => error.code,
        );
      });
    assert.equal(await send(), 'not_on_stage');
    const participant = await room.evaluate(() => window.session.view().you?.participant ?? '');
    await teacher.evaluate((who) => window.session.request('stage.call', { participant: who }), participant);
    assert.equal(await send(), 'sent');
    await teacher.waitForFunction(() => Object.keys(window.session.media.view().received).length === 1);
    await teacher.evaluate(
      (who) => window.session.request('stage.dismiss', { participant: who }),
      participant,
    );
    await room.waitForFunction(() => Object.keys(window.session.media.view().sending).length === 0);
    await teacher.waitForFunction(() => Object.keys(window.session.media.view().received).length === 0);
  });

  it('holds and goes on', async () => {
    await teacher.evaluate(() => window.session.media.hold('camera', true));
    assert.equal(await teacher.evaluate(() => window.session.media.view().held.camera), true);
    await teacher.evaluate(() => window.session.media.hold('camera', false));
    await flows(room);
  });

  it('is back without a click after the socket is cut, with everyone in the same state', async () => {
    const cut = async (page: Page) => {
      const context = page.context();
      await context.setOffline(true);
      await page.waitForFunction(() => window.session.view().connection === 'lost', undefined, {
        timeout: 20_000,
      });
      await page.evaluate(() => window.session.perform('chat.say', { text: 'said while away' }));
      await context.setOffline(false);
      await page.waitForFunction(() => window.session.view().connection === 'joined');
    };
    await cut(teacher);
    await room.waitForFunction(() =>
      window.session.view().state?.chat.some(({ text }) => text === 'said while away'),
    );
    await flows(room);
    const states = await Promise.all(
      [teacher, room].map((page) => page.evaluate(() => window.session.view().state)),
    );
    const [one, other] = states;
    assert.ok(one && other && one.chat.length === 1 && digest(one.board) === digest(other.board));
  });

  it('sends again when the media worker is killed', async () => {
    const [pid] = server.media.pids();
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    await room.waitForFunction(() => Object.keys(window.session.media.view().received).length === 0);
    await flows(room);
  });

  it('keeps what a tab has not sent when it is closed, for the next', async () => {
    const context = teacher.context();
    await context.setOffline(true);
    await teacher.waitForFunction(() => window.session.view().connection === 'lost', undefined, {
      timeout: 20_000,
    });
    await teacher.evaluate(() => window.session.perform('chat.say', { text: 'from a closed tab' }));
    await teacher.waitForFunction(async () => {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open('tongke');
        opening.onsuccess = () => resolve(opening.result);
      });
      const count = database.transaction('operations').objectStore('operations').count();
      return new Promise((resolve) => {
        count.onsuccess = () => resolve(count.result === 1);
      });
    });
    await teacher.close();
    await context.setOffline(false);
    const next = await context.newPage();
    await next.goto(`${server.url}/client-test/live.html`);
    await next.evaluate((id) => {
      window.session = window.livePage.openSession({ lesson: id });
    }, lesson);
    await room.waitForFunction(() =>
      window.session.view().state?.chat.some(({ text }) => text === 'from a closed tab'),
    );
  });
});
