import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { routes } from '../../protocol/api.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { digest, EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';
import type { Replay } from '../../protocol/replay.ts';
import { NO_EDIT } from '../../protocol/replay-edit.ts';
import { DEMO_PASSWORD, FINISHED_LESSON } from '../../server/demo/demo.ts';
import { layPage } from '../server/replay/lay-page.ts';
import { launchChromium } from '../support/chromium.ts';
import { get, signIn } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { createLink } from '../support/link/link.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import { afterTests } from './replay/after.ts';
import { namesTests } from './replay/names.ts';
import { renditionTests } from './replay/renditions.ts';

const PATH = `/lessons/${FINISHED_LESSON}`;

/** A finished lesson on the real server: what one leaves there, finds elsewhere, and takes along. */
describe('a replay that is one’s own', function () {
  this.timeout(60_000);
  let server: TestServer;
  let browser: Browser;
  const open: { close(): Promise<void> }[] = [];
  let replay: Replay;
  let log: readonly LogEntry[];

  before(async function () {
    this.timeout(150_000);
    [server, browser] = await Promise.all([startTestServer({}, { begun: 'recorded' }), launchChromium()]);
    await server.makeDemoReplay();
    await layPage(server.directory);
    const cookie = await signIn(server.url, DEMO.student, DEMO_PASSWORD);
    await eventually(
      async () => {
        const answer: unknown = await get(server.url, `${PATH}/replay`, cookie);
        replay = routes['replay.show'].output.parse(answer);
        return replay.state.voice === 'ready';
      },
      'the voice',
      100_000,
    );
    ({ entries: log } = await get<{ entries: LogEntry[] }>(server.url, `${PATH}/log`, cookie));
  });
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Somebody's own device, on a link of its own. */
  async function device(username: string) {
    const link = createLink({ down: {}, up: {} });
    open.push(link);
    const target = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
    const { port } = await link.relayTcp({ target });
    const url = `http://127.0.0.1:${port}`;
    const context = await browser.newContext();
    open.push(context);
    const [name = '', value = ''] = (await signIn(server.url, username, DEMO_PASSWORD)).split('=');
    await context.addCookies([{ name, value, url }]);
    const page = await context.newPage();
    await page.goto(`${url}/watch/${FINISHED_LESSON}?lang=en`);
    await page.locator('main[data-digest]').waitFor();
    return { link, url, context, page };
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const shownTime = (page: Page) =>
    page.locator('main[data-time]').evaluate((main: HTMLElement) => Number(main.dataset.time));

  async function seek(page: Page, t: number): Promise<void> {
    await page.getByRole('slider', { name: 'Position' }).fill(String(t - replay.from));
    await eventually(async () => (await shownTime(page)) === t, `at ${t}`);
  }

  it('goes on elsewhere, and the teacher sees which parts were watched', async () => {
    const phone = await device(DEMO.student);
    const cookie = await signIn(server.url, DEMO.student, DEMO_PASSWORD);
    await seek(phone.page, replay.from + 30_000);
    await phone.page.keyboard.press('k');
    await eventually(async () => (await shownTime(phone.page)) > replay.from + 32_500, 'it plays', 20_000);
    await phone.page.keyboard.press('k');
    const left = await shownTime(phone.page);
    await eventually(async () => {
      const own = routes['watching.show'].output.parse(await get(server.url, `${PATH}/watching`, cookie));
      return Math.abs((own.position?.t ?? 0) - left) < 100;
    }, 'the server knows where one is');

    const computer = await device(DEMO.student);
    await computer.page.getByRole('button', { name: /^Go on at 0:3\d$/ }).waitFor();
    assert.ok(Math.abs((await shownTime(computer.page)) - left) < 100);
    await computer.page.getByRole('tab', { name: 'Notes' }).click();
    await computer.page.getByText(/You have watched \d+% of this lesson. Your teacher can see/).waitFor();

    const desk = await device(DEMO.teacher);
    await desk.page.getByRole('tab', { name: 'Class' }).click();
    await desk.page.getByText(/^[1-9]\d?%, last on/).waitFor();
    assert.ok((await desk.page.getByText('Not yet', { exact: true }).count()) >= 5);
  });

  it('keeps a note that was written without a network, and brings a question to the teacher and the answer back', async () => {
    const phone = await device(DEMO.student);
    const { page } = phone;
    await seek(page, replay.from + 12_000);
    await page.keyboard.press('n');
    const note = page.getByRole('textbox', { name: 'Write something at 0:12' });
    phone.link.cut(undefined, { reset: true });
    await note.fill('halves are not quarters');
    await button(page, 'Keep').click();
    await page.getByText('On this device; sent when there is a link').waitFor();
    phone.link.restore();
    await page.reload();
    await page.locator('main[data-digest]').waitFor();
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByText('halves are not quarters').waitFor();
    await eventually(
      async () => (await page.getByText('On this device; sent when there is a link').count()) === 0,
      'the server has it',
    );
    await page.getByRole('radio', { name: 'Ask the teacher' }).click();
    await page.getByRole('textbox', { name: /^Write something at/ }).fill('Why not add below?');
    await button(page, 'Send to the teacher').click();
    await page.getByText('Not answered yet').waitFor();

    const desk = await device(DEMO.teacher);
    await desk.page.getByRole('tab', { name: 'Notes' }).click();
    await desk.page.getByText('Why not add below?').waitFor();
    assert.equal(await desk.page.getByText('halves are not quarters').count(), 0);
    await button(desk.page, 'Answer').click();
    await desk.page
      .getByRole('textbox', { name: 'Your answer' })
      .fill('The parts stay as large as they are.');
    await button(desk.page, 'Send the answer').click();
    await eventually(
      async () => (await desk.page.getByText('On this device; sent when there is a link').count()) === 0,
      'the answer is sent',
    );
    await page.reload();
    await page.locator('main[data-digest]').waitFor();
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByText('The parts stay as large as they are.').waitFor();
    await page.getByRole('tab', { name: 'Contents' }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('AS LARGE');
    await page.getByText('Places found: 1').waitFor();
  });

  it('is kept in spite of a broken link, plays without a network, and goes when one signs out', async () => {
    const { link, url, context, page } = await device('student2');
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await page.locator('main[data-digest]').waitFor();
    let cuts = 0;
    const asked: string[] = [];
    // The link breaks in the middle of the third segment.
    await page.route('**/replays/**/*.m4s', async (route) => {
      asked.push(route.request().headers().range ?? 'all');
      if (asked.length === 3 && cuts === 0) {
        cuts += 1;
        link.cut(undefined, { reset: true });
        setTimeout(() => link.restore(), 500);
      }
      await route.continue();
    });
    await button(page, 'Keep on this device').click();
    await page.getByRole('radio', { name: /^Voice and board about/ }).waitFor();
    await button(page, 'Keep it').click();
    await page.getByText(/^Kept: plays without a network · /).waitFor({ timeout: 40_000 });
    assert.equal(cuts, 1);
    const files = await page.evaluate(readKept, FINISHED_LESSON);
    assert.ok(files.length > 3);
    for (const { bytes, sha256 } of files)
      assert.equal(createHash('sha256').update(Buffer.from(bytes, 'base64')).digest('hex'), sha256);
    await page.keyboard.press('Escape');

    link.cut(undefined, { reset: true });
    const alone = await context.newPage();
    await alone.goto(`${url}/kept`);
    await alone.getByText(/ · Voice and board$/).waitFor();
    await alone.getByRole('link', { name: /^Watch / }).click();
    await alone.getByText('No network: this is the lesson as this device keeps it.').waitFor();
    await alone.getByRole('button', { name: /^(Watch|Go on at)/ }).click();
    await eventually(async () => (await shownTime(alone)) > replay.from + 1_500, 'it plays', 20_000);
    await alone.keyboard.press('k');
    const t = replay.from + 70_000;
    await seek(alone, t);
    const { board } = log.filter((entry) => entry.t <= t).reduce(reduce, EMPTY_LESSON);
    await eventually(
      async () => (await alone.locator('main').getAttribute('data-digest')) === digest(board),
      'the ink of the log',
    );
    await alone.keyboard.press('/');
    await alone.keyboard.type('denominator BELOW');
    await alone.getByText('Places found: 1').waitFor();
    const played = await alone.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime);
    assert.ok(Math.abs(played * 1000 + replay.from - t) <= 100, `voice at ${played}, board at ${t}`);
    await alone.close();

    link.restore();
    await page.goto(`${url}/`);
    await page.getByRole('button', { name: /^Account and settings/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText(/This device keeps lessons of yours: 1/).waitFor();
    await button(page, 'Remove and sign out').click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await eventually(
      async () => !(await page.evaluate(() => caches.keys())).some((name) => name.startsWith('tongke-kept')),
      'nothing is left',
    );
  });

  it('stops where the device is full, says so, and goes on from there once there is room', async () => {
    const { link, url, context, page } = await device('student3');
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await page.locator('main[data-digest]').waitFor();
    const devtools = await context.newCDPSession(page);
    const room = (quotaSize?: number) =>
      devtools.send('Storage.overrideQuotaForOrigin', { origin: url, ...(quotaSize && { quotaSize }) });
    const asked: string[] = [];
    let isFull = false;
    await page.route('**/replays/**/*.m4s', async (route) => {
      const path = new URL(route.request().url()).pathname;
      asked.push(path);
      // The player fetches ahead, too: what is asked for once there is a record is to be kept.
      if (
        !isFull &&
        path.endsWith('2.m4s') &&
        (await page.evaluate(keptAddresses)).includes('/kept/record')
      ) {
        isFull = true;
        await eventually(async () => (await page.evaluate(keptAddresses)).some(isSegment), 'one is here');
        await room(1); // what is here is more than it may be: not even a note fits
      }
      await route.continue();
    });
    await button(page, 'Keep on this device').click();
    await page.getByRole('radio', { name: /^Voice and board about/ }).waitFor();
    await button(page, 'Keep it').click();
    const full = page.getByText(/^This device is full. What has come stays here/);
    await full.waitFor({ timeout: 40_000 });
    const here = await page.evaluate(keptAddresses);
    const some = here.filter(isSegment);
    assert.ok(some.length > 0, 'what had come is still here');
    await button(page, 'Go on').click();
    await full.waitFor();
    assert.equal(await page.getByText(/^Kept: plays/).count(), 0);
    // A page that is opened anew finds it out by itself.
    await page.goto(`${url}/kept?lang=en`);
    await full.waitFor();
    assert.equal(await page.getByText(/^Kept: plays/).count(), 0);

    asked.length = 0;
    await room();
    await button(page, 'Go on').click();
    await page.getByText(/^Kept: plays without a network · /).waitFor({ timeout: 40_000 });
    assert.deepEqual(
      asked.filter((path) => some.includes(path)),
      [],
      'what was here was not fetched again',
    );
    const files = await page.evaluate(readKept, FINISHED_LESSON);
    assert.ok(files.length > some.length);
    for (const { bytes, sha256 } of files)
      assert.equal(createHash('sha256').update(Buffer.from(bytes, 'base64')).digest('hex'), sha256);
    link.cut(undefined, { reset: true });
    await page.getByRole('link', { name: /^Watch / }).click();
    await page.getByText('No network: this is the lesson as this device keeps it.').waitFor();
    await page.getByRole('button', { name: /^(Watch|Go on at)/ }).click();
    await eventually(async () => (await shownTime(page)) > replay.from + 1_500, 'it plays', 20_000);
  });

  // By now the picture is made, or nearly: it is the last of a lesson's renditions.
  renditionTests(() => ({ url: server.url, directory: server.directory, browser }));

  afterTests(() => ({ url: server.url, browser, replay }));

  it('goes from devices that keep it, once they hear that something of it is hidden', async function () {
    this.timeout(180_000);
    const { link, url, context, page } = await device('student2');
    const keptNames = () =>
      page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('tongke-kept')));
    await button(page, 'Keep on this device').click();
    await page.getByRole('radio', { name: /^Board alone about/ }).click();
    // A device that has no room left.
    const browserOf = await context.newCDPSession(page);
    const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    const room = (quotaSize?: number) =>
      browserOf.send('Storage.overrideQuotaForOrigin', { origin: url, ...(quotaSize && { quotaSize }) });
    await room(used + 1_000);
    await button(page, 'Keep it').click();
    await page.getByText(/^This device is full; nothing of it was kept/).waitFor();
    await eventually(async () => (await keptNames()).length === 0, 'nothing is left that nobody could find');
    await room();
    await button(page, 'Keep it').click();
    await page.getByText(/^Kept: plays without a network · /).waitFor();
    const least = (await page.evaluate(keptAddresses)).filter(isSegment).length;
    await button(page, 'Keep more or less of it').click();
    await page.getByRole('radio', { name: /^Voice and board about/ }).waitFor();
    assert.equal(await page.getByRole('radio', { name: /^Board alone about/ }).count(), 0, 'which is here');
    await button(page, 'Keep it').click();
    await button(page, 'Keep more or less of it').waitFor();
    assert.ok(
      (await page.evaluate(keptAddresses)).filter(isSegment).length > least,
      'the voice is here, too',
    );

    // Captions that the teacher has taken back since.
    await page.evaluate(async (lesson) => {
      const name = (await caches.keys()).find((one) => one.startsWith('tongke-kept') && one.endsWith(lesson));
      const cache = await caches.open(name ?? '');
      const manifest = await (await cache.match('/kept/manifest'))?.json();
      const track = { id: 'gone', language: 'bo', label: 'x', count: 1, url: 'x', cues: 'x' };
      await cache.put('/kept/manifest', new Response(JSON.stringify({ ...manifest, captions: [track] })));
      await cache.put('/kept/captions/gone', new Response('{"cues":[]}'));
    }, FINISHED_LESSON);
    await page.goto(`${url}/kept?lang=en`);
    await eventually(
      async () => !(await page.evaluate(keptAddresses)).includes('/kept/captions/gone'),
      'they are gone from the device, too',
    );
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const passage = { from: replay.from + 20_000, to: replay.from + 40_000 };
    const { revision } = routes['edit.show'].output.parse(await get(server.url, `${PATH}/edit`, cookie));
    const saved = await fetch(`${server.url}/api/v1${PATH}/edit`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({
        revision,
        edit: { ...NO_EDIT, hidden: [{ id: 'h1', ...passage, writing: true }] },
      }),
    });
    assert.equal(saved.status, 200);
    await page.goto(`${url}/kept?lang=en`);
    await page.getByText('The teacher has changed this lesson since; keep it again').waitFor();
    const left = await page.evaluate(keptAddresses);
    assert.deepEqual(left, ['/kept/record']);

    // What is shown now can be kept, and plays: its files have a folder of their own.
    await eventually(
      async () => {
        const answer = routes['replay.show'].output.parse(await get(server.url, `${PATH}/replay`, cookie));
        return answer.state.voice === 'ready' && answer.renditions.some(({ url: at }) => at.includes('/e'));
      },
      'its voice is made anew',
      100_000,
    );
    await page.getByRole('link', { name: /^Watch / }).click();
    await page.locator('main[data-digest]').waitFor();
    await button(page, 'Keep on this device').click();
    await page.getByRole('radio', { name: /^Voice and board about/ }).waitFor();
    await button(page, 'Keep it').click();
    await page.getByText(/^Kept: plays without a network · /).waitFor({ timeout: 40_000 });
    await page.keyboard.press('Escape');
    link.cut(undefined, { reset: true });
    await page.reload();
    await page.getByText('No network: this is the lesson as this device keeps it.').waitFor();
    await seek(page, replay.from + 50_000);
    await page.keyboard.press('k');
    await eventually(async () => (await shownTime(page)) > replay.from + 51_500, 'it plays', 20_000);
  });

  // By itself: what it does beforehand is not to be done before the tests above.
  describe('with names as long as they may be', () =>
    namesTests(() => ({ url: server.url, browser, replay })));
});

const isSegment = (path: string) => path.endsWith('.m4s');

/** What lies in the one cache of a kept replay. Runs in the page. */
async function keptAddresses() {
  const name = (await caches.keys()).find((one) => one.startsWith('tongke-kept'));
  return (await (await caches.open(name ?? '')).keys()).map((request) => new URL(request.url).pathname);
}

/** Every file of a kept replay, with what the list says of it. Runs in the page. */
async function readKept(lesson: string) {
  const name = (await caches.keys()).find((one) => one.startsWith('tongke-kept') && one.endsWith(lesson));
  const cache = await caches.open(name ?? '');
  const record = await (await cache.match('/kept/record'))?.json();
  return Promise.all(
    record.files.map(async (file: { url: string; sha256: string }) => {
      const data = new Uint8Array((await (await cache.match(file.url))?.arrayBuffer()) ?? new ArrayBuffer(0));
      let text = '';
      for (const byte of data) text += String.fromCharCode(byte);
      return { bytes: btoa(text), sha256: file.sha256 };
    }),
  );
}
