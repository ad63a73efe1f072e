import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { LessonSummary } from '../../protocol/api.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { encodeInk } from '../../protocol/ink.ts';
import { digest, EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';
import type { Replay } from '../../protocol/replay.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { Bot } from '../bots/bot.ts';
import { launchChromium } from '../support/chromium.ts';
import { get, signIn } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';

/** Ink may be this far from the voice, ms. */
const SYNC_MS = 100;

describe('a lesson that goes on, watched from its beginning in a browser', function () {
  this.timeout(90_000);
  let server: TestServer;
  let browser: Browser;
  let teacher: Bot;
  let lesson: string;
  let cookie: string;
  let teachers: string;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(), launchChromium()]);
    teachers = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    cookie = await signIn(server.url, DEMO.student, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', teachers);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    teacher = await Bot.join({ url: server.url, lesson, name: DEMO.teacher, cookie: teachers, media: true });
    await teacher.client.request('lesson.start', {});
    await teacher.speak();
  });
  after(async () => {
    await teacher?.close();
    await browser?.close();
    await server?.close();
  });

  const write = (stroke: string) =>
    teacher.client.perform('ink.draw', {
      ...{ stroke, page: 'page1', done: true },
      brush: { tool: 'pen', colour: '#1f2937', width: 6, grid: 1 },
      data: encodeInk(
        [],
        [
          [100, 100, 0, 128],
          [300, 300, 100, 128],
        ],
      ),
    });

  it('is heard from its beginning by a teacher who comes late, with a device that has no Opus', async () => {
    const context = await browser.newContext();
    const [name = '', value = ''] = teachers.split('=');
    await context.addCookies([{ name, value, url: server.url }]);
    const page = await context.newPage();
    await page.addInitScript(withoutOpus);
    const come: string[] = [];
    page.on('response', (response) => come.push(response.url()));
    const replay = () => get<Replay>(server.url, `/lessons/${lesson}/replay`, cookie);
    const hasVoice = async () => ((await replay()).renditions[0]?.bytes ?? 0) > 0;
    await eventually(hasVoice, 'a voice', 30_000);
    const { from } = await replay();
    await page.goto(`${server.url}/watch/${lesson}?lang=en`);
    await page.getByRole('button', { name: 'Watch', exact: true }).click();
    const read = () =>
      page.evaluate(() => ({
        time: Number(document.querySelector<HTMLElement>('main[data-time]')?.dataset.time),
        media: document.querySelector('video')?.currentTime ?? 0,
        heard: Number(Reflect.get(document.querySelector('video') ?? {}, 'webkitAudioDecodedByteCount')),
      }));
    // Beyond the first segment, and the second: a lesson goes on.
    await eventually(async () => (await read()).media > 3, 'the voice goes on', 40_000);
    const now = await read();
    assert.ok(now.heard > 0, 'bytes were decoded');
    assert.ok(
      Math.abs(from + now.media * 1000 - now.time) <= SYNC_MS,
      `${now.media} s, ${now.time - from} ms`,
    );
    assert.equal(
      (await get<Replay>(server.url, `/lessons/${lesson}/replay`, cookie)).live !== undefined,
      true,
    );
    assert.ok(
      come.some((url) => url.endsWith('/voice-live-aac-00001.m4s')),
      `${come}`,
    );
    assert.ok(!come.some((url) => /voice-live-0/.test(url)), 'nothing in Opus');
    await context.close();
  });

  it('plays from the beginning, grows, ends when the lesson does, and is one touch from being there', async () => {
    await write('s1');
    const context = await browser.newContext();
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url: server.url }]);
    const page = await context.newPage();
    const today = context.newPage();
    // Nothing can be heard before its first window is made: whoever has begun by then hears it all the same.
    let hasBegun = false;
    await page.route(`**/api/v1/lessons/${lesson}/replay`, async (route) => {
      const response = await route.fetch();
      const answer: { data?: { renditions: unknown[] } } = await response.json();
      if (answer.data && !hasBegun) answer.data.renditions = [];
      await route.fulfill({ response, json: answer });
    });
    await page.goto(`${server.url}/watch/${lesson}?lang=en`);
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Watch', exact: true }).click();
    await page.getByRole('button', { name: 'How to watch: Board only, in silence' }).waitFor();
    hasBegun = true;
    const main = page.locator('main[data-time]');
    const read = () =>
      main.evaluate((element: HTMLElement) => ({
        time: Number(element.dataset.time),
        digest: element.dataset.digest ?? null,
        media: document.querySelector('video')?.currentTime ?? 0,
      }));
    await eventually(async () => (await read()).media > 1, 'a voice is heard', 30_000);
    await write('s2');
    const log = async () =>
      (await get<{ entries: LogEntry[] }>(server.url, `/lessons/${lesson}/log`, cookie)).entries;
    const strokes = (entries: readonly LogEntry[], t: number) =>
      digest(entries.filter((entry) => entry.t <= t).reduce(reduce, EMPTY_LESSON).board);
    await eventually(
      async () => {
        const second = (await log()).find(({ event }) => event.type === 'ink.drawn' && event.stroke === 's2');
        return second !== undefined && (await read()).time > second.t;
      },
      'what was written later is reached',
      40_000,
    );
    const { from } = await get<{ from: number }>(server.url, `/lessons/${lesson}/replay`, cookie);
    let now = await read();
    // Read between two frames of a busy machine, the ink is a frame behind the voice.
    const isTogether = () => now.digest !== null && Math.abs(from + now.media * 1000 - now.time) <= SYNC_MS;
    await eventually(async () => {
      now = await read();
      return isTogether() && now.digest === strokes(await log(), now.time);
    }, 'voice and ink of the same moment, as the log has them');
    await page.getByText(/^\d:\d\d behind the lesson$/).waitFor();

    const list = await today;
    await list.goto(`${server.url}/?lang=en`);
    await list.getByRole('link', { name: /^From the beginning / }).waitFor();
    assert.equal(
      await page.getByRole('link', { name: 'To the live lesson' }).getAttribute('href'),
      `/seat/${lesson}`,
    );

    await teacher.client.request('lesson.end', {});
    await page.getByText('Live', { exact: true }).waitFor({ state: 'detached', timeout: 20_000 });
    await page.getByRole('button', { name: 'Keep on this device' }).waitFor();
    await context.close();
  });
});

/** Runs in the page. */
function withoutOpus(): void {
  const isTypeSupported = MediaSource.isTypeSupported.bind(MediaSource);
  MediaSource.isTypeSupported = (type) => !/opus/i.test(type) && isTypeSupported(type);
}
