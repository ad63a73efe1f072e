import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Rendition, Replay } from '../../protocol/replay.ts';
import { launchChromium } from '../support/chromium.ts';
import { writtenLesson } from './lesson-log.ts';
import { openSite, type Site } from './site.ts';
import {
  boardDigest,
  button,
  type Instant,
  inkUntil,
  instant,
  root,
  seek,
  threeFrames,
  until,
} from './watch-page.ts';

const SECONDS = 40;
/** The recorder began before the lesson did. */
const FROM = 700;
const TO = FROM + SECONDS * 1000;

const entries = writtenLesson(SECONDS - 2).entries;

describe('Watch in a browser', function () {
  this.timeout(60_000);
  let site: Site;
  let browser: Browser;

  before(async () => {
    site = await openSite(SECONDS);
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  const voice = (): Rendition => ({ kind: 'voice', url: '/replays/voice.m3u8', bytes: site.bytes.voice });
  const picture = (): Rendition => ({
    kind: 'picture',
    url: '/replays/picture.m3u8',
    bytes: site.bytes.picture,
  });

  function replayOf(lesson: string, renditions: Rendition[], more: Partial<Replay> = {}): Replay {
    return {
      lesson,
      title: { 'zh-CN': '水的三态变化', bo: 'ཆུའི་རྣམ་པ་གསུམ།', en: 'Three states of water' },
      teacher: { 'zh-CN': '卓玛', bo: 'སྒྲོལ་མ།', en: 'Dolma' },
      startedAt: Date.UTC(2026, 10, 23, 1),
      from: FROM,
      to: TO,
      state: { voice: 'ready', picture: 'ready', progress: 1 },
      renditions,
      gaps: [],
      log: `/api/v1/lessons/${lesson}/log`,
      lines: `/replays/${lesson}/log`,
      part: 'student',
      ...more,
    };
  }

  async function open(lesson: string, replay: Replay | null): Promise<Page> {
    if (replay) site.shows.set(lesson, { replay, entries });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.on('pageerror', (error) => assert.fail(error));
    await page.goto(`${site.url}/watch/${lesson}?lang=en`);
    return page;
  }

  function inStep(now: Instant): void {
    const apart = Math.abs(FROM + now.media * 1000 - now.time);
    assert.ok(apart <= 150, `media at ${now.media} s, board at ${now.time} ms: ${apart} ms apart`);
    if (now.digest !== null)
      assert.equal(now.digest, boardDigest(entries, now.time), `the ink at ${now.time}`);
  }

  it('plays the voice, with the ink of the log in step with it', async () => {
    const page = await open('plays', replayOf('plays', [voice()]));
    await button(page, 'Watch').click();
    const first = await until(page, (now) => now.state === 'playing' && now.media > 0.2);
    let digests = 0;
    for (
      let now = first;
      now.time < first.time + 4000;
      now = await until(page, (later) => later.time > now.time)
    ) {
      inStep(now);
      if (now.digest !== null) digests += 1;
    }
    assert.ok(digests >= 8, `${digests} digests`);
    await page.keyboard.press('k');
    inStep(await until(page, (now) => now.state === 'paused' && now.digest !== null));
    await page.context().close();
  });

  it('shows the ink of the log wherever it is sent, forwards and backwards', async () => {
    const page = await open('seeks', replayOf('seeks', [voice()]));
    await root(page).waitFor();
    for (const t of [30_000, 4321, 39_900, 12_050, 11_900, FROM, 25_555, 8000, TO]) {
      await seek(page, FROM, t);
      // Board and voice follow the clock, the one a frame later, the other once it is there.
      const wanted = boardDigest(entries, t);
      await until(page, ({ digest: text, media }) => {
        return text === wanted && Math.abs(FROM + media * 1000 - t) <= 150;
      });
    }
    await page.context().close();
  });

  it('draws the ink as it was written, within 150 ms', async () => {
    const page = await open('draws', replayOf('draws', [voice()]));
    await root(page).waitFor();
    // The stroke of second 12: from x = 160 to 1660 in 700 ms, on the line of y = 300.
    const begun = 12_050;
    for (const after of [560, 200, 420, 90]) {
      await seek(page, FROM, begun + after);
      await page.evaluate(threeFrames);
      const drawn = (((await page.evaluate(inkUntil, 300)) - 160) / 1500) * 700;
      assert.ok(Math.abs(drawn - after) <= 150, `after ${after} ms there is ink of ${drawn} ms`);
    }
    await page.context().close();
  });

  it('goes on playing after a leap while it plays, at double speed', async () => {
    const page = await open('leaps', replayOf('leaps', [voice()]));
    await button(page, 'Watch').click();
    await until(page, (now) => now.state === 'playing' && now.media > 0.2);
    await page.getByRole('button', { name: /^Speed/ }).click();
    await page.getByRole('menuitemradio', { name: '2 times' }).click();
    await page.keyboard.press('5');
    const middle = await until(page, (now) => now.state === 'playing' && now.time > FROM + 20_000);
    const startedAt = Date.now();
    const later = await until(page, (now) => now.time > middle.time + 3000);
    const speed = (later.time - middle.time) / (Date.now() - startedAt);
    assert.ok(speed > 1.6 && speed < 2.4, `${speed} times`);
    inStep(later);
    await page.keyboard.press('j');
    inStep(await until(page, (now) => now.state === 'playing' && now.time < later.time - 8000));
    await page.context().close();
  });

  it('offers the picture when it has become ready, and shows it at the same instant', async () => {
    const unfinished = { voice: 'ready', picture: 'working', progress: 0.4 } as const;
    const page = await open('picture', replayOf('picture', [voice()], { state: unfinished }));
    await button(page, 'Watch').click();
    const before = await until(page, (now) => now.time > FROM + 1000 && now.state === 'playing');
    site.shows.set('picture', { replay: replayOf('picture', [voice(), picture()]), entries });
    await button(page, 'Show it').click({ timeout: 15_000 });
    const shown = page.locator('main[data-watching="picture"]');
    await shown.waitFor();
    const after = await until(page, (now) => now.state === 'playing');
    assert.ok(after.time >= before.time, 'it went on');
    await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
    inStep(await until(page, (now) => now.state === 'playing' && now.time > after.time + 500));
    await page.context().close();
  });

  it('plays ink alone while the voice is being made', async () => {
    const making = { voice: 'working', picture: 'waiting', progress: 0.25 } as const;
    const page = await open('ink', replayOf('ink', [], { state: making }));
    await page.getByText('The voice is being prepared, 25%').waitFor();
    await button(page, 'Watch').click();
    const now = await until(page, ({ time, digest: text }) => time > FROM + 3000 && text !== null);
    assert.equal(now.digest, boardDigest(entries, now.time));
    await page.context().close();
  });

  it('goes on with the voice by itself where there was none to begin with, and leaves in silence who chose it', async () => {
    const making = { voice: 'working', picture: 'waiting', progress: 0.25 } as const;
    const page = await open('bell', replayOf('bell', [], { state: making }));
    const prepared = page.getByText(/^The voice is being prepared/);
    await prepared.waitFor();
    await button(page, 'Watch').click();
    const before = await until(page, ({ time }) => time > FROM + 1000);
    site.shows.set('bell', { replay: replayOf('bell', [voice()]), entries });
    await page.locator('main[data-watching="voice"]').waitFor();
    const after = await until(page, (now) => now.state === 'playing' && now.media > 0.5);
    assert.ok(after.time >= before.time, 'from where one was');
    inStep(await until(page, (now) => now.state === 'playing' && now.digest !== null));
    assert.equal(await button(page, 'Turn it on').count(), 0);

    await page.getByRole('button', { name: /^How to watch/ }).click();
    await page.getByRole('menuitemradio', { name: /^Board only, in silence/ }).click();
    site.shows.set('bell', { replay: replayOf('bell', [], { state: making }), entries });
    await page.reload();
    await prepared.waitFor();
    await page.getByRole('button', { name: /^(Watch|Go on)/ }).click();
    site.shows.set('bell', { replay: replayOf('bell', [voice()]), entries });
    await button(page, 'Turn it on').waitFor({ timeout: 15_000 });
    assert.equal(await page.locator('main[data-watching="ink"]').count(), 1);
    await page.context().close();
  });

  it('does not say that the voice is being prepared to whoever hears it', async () => {
    const making = { voice: 'working', picture: 'waiting', progress: 0.02 } as const;
    const live = { now: TO + 3000 };
    const page = await open('heard', replayOf('heard', [voice()], { state: making, live }));
    await button(page, 'Watch').click();
    await until(page, (now) => now.state === 'playing' && now.media > 0.5);
    // The bell, at which for a moment there is no voice of all of it.
    const asked = page.waitForResponse((response) => response.url().endsWith('/replay'));
    site.shows.set('heard', { replay: replayOf('heard', [], { state: making }), entries });
    await asked;
    await page.getByText('Live', { exact: true }).waitFor({ state: 'detached' });
    assert.equal(await page.getByText(/^The voice is being prepared/).count(), 0);
    inStep(await until(page, (now) => now.state === 'playing' && now.digest !== null));
    await page.context().close();
  });

  it('says that the voice is being prepared where the server says so, and plays it once it is there', async () => {
    const page = await open('coming', replayOf('coming', [voice()]));
    // As the server answers `replay_part_coming`.
    const busy = { status: 503, headers: { 'Retry-After': '5' }, body: '{}' };
    await page.route('**/*.m4s', (route) => route.fulfill(busy));
    await page.reload();
    await button(page, 'Watch').click();
    const said = page.getByText('The sound is being prepared for this device. It goes on by itself.');
    await said.waitFor();
    await page.unroute('**/*.m4s');
    inStep(await until(page, (now) => now.state === 'playing' && now.media > 0.5));
    await said.waitFor({ state: 'detached' });
    await page.context().close();
  });

  for (const [when, from] of [
    ['at its beginning', 0],
    ['in its midst', 1],
  ] as const)
    it(`says so where the system’s own player plays it and gives up ${when}`, async () => {
      const lesson = `native${from}`;
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const page = await context.newPage();
      page.on('pageerror', (error) => assert.fail(error));
      await page.addInitScript(() =>
        Object.defineProperty(navigator, 'vendor', { value: 'Apple Computer, Inc.' }),
      );
      site.shows.set(lesson, { replay: replayOf(lesson, [voice()]), entries });
      const busy = { status: 503, headers: { 'Retry-After': '5' }, body: '{}' };
      const isHeld = (url: URL) => Number(/\/aac-(\d+)\.m4s$/.exec(url.pathname)?.[1] ?? -1) >= from;
      await page.route(isHeld, (route) => route.fulfill(busy));
      await page.goto(`${site.url}/watch/${lesson}?lang=en`);
      await button(page, 'Watch').click();
      const said = page.getByText('The sound is being prepared for this device. It goes on by itself.');
      await said.waitFor();
      await page.unroute(isHeld);
      inStep(await until(page, (now) => now.state === 'playing' && now.media > from * 4 + 0.5));
      assert.match(
        await page.locator('video').evaluate((video: HTMLVideoElement) => video.currentSrc),
        /\/voice-aac\.m3u8$/,
      );
      await said.waitFor({ state: 'detached' });
      await context.close();
    });

  it('says that the store does not answer where the server says so, and plays on once it does', async () => {
    const page = await open('away', replayOf('away', [voice()]));
    const error = { code: 'storage_unavailable', message: '' };
    const away = { status: 503, body: JSON.stringify({ ok: false, error }) };
    await page.route('**/*.{m3u8,m4s}', (route) => route.fulfill(away));
    await page.reload();
    await button(page, 'Watch').click();
    const said = page.getByText('Where sound and pictures are kept does not answer.');
    await said.waitFor();
    await page.unroute('**/*.{m3u8,m4s}');
    inStep(await until(page, (now) => now.state === 'playing' && now.media > 0.5));
    await said.waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('begins with the voice when that became ready before anything was played', async () => {
    const making = { voice: 'working', picture: 'waiting', progress: 0.25 } as const;
    const page = await open('late', replayOf('late', [], { state: making }));
    await page.locator('main[data-watching="ink"]').waitFor();
    site.shows.set('late', { replay: replayOf('late', [voice()]), entries });
    await page.locator('main[data-watching="voice"]').waitFor();
    await button(page, 'Watch').click();
    inStep(await until(page, (now) => now.state === 'playing' && now.media > 0.5));
    await page.context().close();
  });

  it('shows the board under the finger while the scrubber is held, and leaps when it is let go', async () => {
    const page = await open('scrubs', replayOf('scrubs', [voice()]));
    await button(page, 'Watch').click();
    await until(page, (now) => now.state === 'playing' && now.media > 0.3);
    const box = await page.getByRole('slider', { name: 'Position' }).boundingBox();
    assert.ok(box);
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.02, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, y, { steps: 5 });
    const held = await until(
      page,
      (now) => Math.abs(now.time - FROM - SECONDS * 500) < 1000 && now.digest !== null,
    );
    assert.equal(held.digest, boardDigest(entries, held.time));
    assert.ok(held.media < 10, 'the voice goes on where it was');
    await page.mouse.move(box.x + box.width * 0.75, y - 300);
    await page.mouse.up();
    const leapt = await until(page, (now) => now.state === 'playing' && now.time > FROM + SECONDS * 700);
    inStep(leapt);
    await page.context().close();
  });

  it('fetches the lighter of the voices, and nothing of the other', async () => {
    const page = await open('light', replayOf('light', [voice()]));
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
    await page.reload();
    await button(page, 'Watch').click();
    await until(page, (now) => now.media > 5);
    const segments = fetched.filter((path) => path.endsWith('.m4s'));
    assert.ok(segments.length > 1);
    assert.deepEqual(
      segments.filter((path) => !path.includes('opus')),
      [],
    );
    await page.context().close();
  });

  it('goes on where one left', async () => {
    const page = await open('resumes', replayOf('resumes', [voice()]));
    await root(page).waitFor();
    await seek(page, FROM, 21_700);
    await page.reload();
    await button(page, 'Go on at 0:21').waitFor();
    assert.equal((await instant(page)).time, 21_700);
    for (const [t, clock] of [
      [31_700, '0:31'],
      [12_700, '0:12'],
    ] as const) {
      await seek(page, FROM, t);
      await page.evaluate(threeFrames);
      assert.equal(await page.getByRole('button', { name: /^Go on at/ }).innerText(), `Go on at ${clock}`);
    }
    await page.context().close();
  });

  for (const [width, height, language] of [
    [360, 740, 'bo'],
    [1280, 800, 'zh-CN'],
    [1920, 1080, 'en'],
  ] as const) {
    it(`can be used by touch and by screen readers at ${width} px, in ${language}`, async () => {
      const page = await open('all', replayOf('all', [voice(), picture()]));
      await page.setViewportSize({ width, height });
      await page.evaluate(() => localStorage.setItem('tongke.watch', '{"watching":"picture"}'));
      await page.goto(`${site.url}/watch/all?lang=${language}`);
      await page.locator('main[data-watching="picture"]').waitFor();
      await page.addScriptTag({ content: axe.source });
      const { violations } = await page.evaluate(() => axe.run());
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)]),
        [],
      );
      const small = await page
        .locator('button:visible, input:visible, [role="tab"]:visible')
        .evaluateAll((elements) =>
          elements
            .filter((element) => {
              const box = element.getBoundingClientRect();
              return box.width < 48 || box.height < 48;
            })
            .map((element) => element.outerHTML),
        );
      assert.deepEqual(small, []);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(overflow <= 0, `${overflow} px too wide`);
      await page.context().close();
    });
  }

  it('says why there is nothing to watch, and opens by itself when there is', async () => {
    site.shows.set('closed', { replay: { status: 403, code: 'forbidden' }, entries: [] });
    const refused = await open('closed', null);
    await refused.getByRole('heading', { name: 'This replay cannot be opened' }).waitFor();
    await refused.context().close();

    site.shows.set('early', { replay: { status: 409, code: 'replay_not_ready' }, entries: [] });
    const early = await open('early', null);
    await early.getByRole('heading', { name: 'The replay is not ready yet' }).waitFor();
    site.shows.set('early', { replay: replayOf('early', [voice()]), entries });
    await button(early, 'Watch').waitFor();
    await early.context().close();
  });
});
