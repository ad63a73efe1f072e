import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import type { TextContent } from '../../protocol/board-events.ts';
import type { Replay } from '../../protocol/replay.ts';
import { launchChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { LogWriter, ROOM, TEACHER, wave, writtenLesson } from './lesson-log.ts';
import { openSite, type Site } from './site.ts';
import { boardDigest, button, instant, root, seek, threeFrames, until } from './watch-page.ts';

const SECONDS = 40;
const FROM = 700;
const TO = FROM + SECONDS * 1000;
/** Ink may be this far from the voice, ms. */
const SYNC_MS = 100;
/** A few at every speed; a hundred are made in a lesson that the server itself recorded. */
const SEEKS = 18;

const WORD = {
  kind: 'text',
  at: [100, 100],
  width: 800,
  size: 60,
  colour: '#1f2937',
  breaks: [],
} satisfies Omit<TextContent, 'text'>;

/** A lesson of so many pages, a stroke and a typed word on each, with chat and a question. */
function leafedLesson(pages: number): LogWriter {
  const log = new LogWriter().begin();
  for (let n = 1; n <= pages; n++) {
    const t = n * 1700;
    const page = `page${n}`;
    if (n > 1) log.add(t, { type: 'page.added', page: { id: page, kind: 'blank' } });
    log.stroke(t + 10, page, wave(200, 500, 1400, 300, 300));
    const text = n === 3 ? 'Evaporation 蒸发 རླངས་པར་འགྱུར་བ།' : `Word ${n}`;
    const content: TextContent = { ...WORD, text };
    log.add(t + 400, { type: 'item.added', page, item: `i${n}`, content });
  }
  log.add(pages * 1700, { type: 'chat.said', text: 'What is EVAPORATION?' }, ROOM);
  log.add(
    pages * 1700,
    { type: 'stream.opened', stream: { id: 'm2', participant: ROOM, source: 'mic' } },
    ROOM,
  );
  return log.add((pages + 2) * 1700, { type: 'lesson.ended', reason: 'teacher' }, TEACHER);
}

describe('Watch: one clock, and finding one’s way', function () {
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

  function replayOf(lesson: string, more: Partial<Replay> = {}): Replay {
    return {
      lesson,
      title: { 'zh-CN': '水的三态变化', en: 'Three states of water' },
      teacher: { 'zh-CN': '卓玛', en: 'Dolma' },
      startedAt: Date.UTC(2026, 10, 23, 1),
      from: FROM,
      to: TO,
      state: { voice: 'ready', picture: 'ready', progress: 1 },
      renditions: [
        { kind: 'voice', url: '/replays/voice.m3u8', bytes: site.bytes.voice },
        { kind: 'picture', url: '/replays/picture.m3u8', bytes: site.bytes.picture },
      ],
      gaps: [],
      log: `/api/v1/lessons/${lesson}/log`,
      lines: `/replays/${lesson}/log`,
      part: 'student',
      ...more,
    };
  }

  async function open(lesson: string, log: LogWriter, more: Partial<Replay> = {}): Promise<Page> {
    site.shows.set(lesson, { replay: replayOf(lesson, more), entries: log.entries });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    page.on('pageerror', (error) => assert.fail(error));
    await page.goto(`${site.url}/watch/${lesson}?lang=en`);
    await root(page).waitFor();
    return page;
  }

  it('asks on the board how to begin, and not beside it', async () => {
    const page = await open('begin', writtenLesson(SECONDS - 2));
    const over = await button(page, 'Watch').locator('..').boundingBox();
    assert.deepEqual(over, await page.locator('[role="img"]:has(canvas)').boundingBox());
    await page.context().close();
  });

  it(`shows the ink of the log, and plays the voice of that time, after each of ${SEEKS} seeks`, async () => {
    const log = writtenLesson(SECONDS - 2);
    const page = await open('random', log);
    await button(page, 'Watch').click();
    let seed = 20261126;
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let i = 0; i < SEEKS; i++) {
      const t = Math.round(FROM + random() * (TO - FROM - 1000));
      // Through every speed, down to 0.5 and up to 2.
      if (i % 2 === 0) await page.keyboard.press(i < 6 ? '<' : '>');
      await page.getByRole('slider', { name: 'Position' }).fill(String(t - FROM));
      const now = await until(
        page,
        ({ state, time, digest }) => state === 'playing' && time >= t && time < t + 3000 && digest !== null,
      );
      assert.equal(
        now.digest,
        boardDigest(log.entries, now.time),
        `seek ${i} to ${t}: the ink at ${now.time}`,
      );
      const apart = Math.abs(FROM + now.media * 1000 - now.time);
      assert.ok(apart <= SYNC_MS, `seek ${i} to ${t}: voice and ink ${apart} ms apart`);
    }
    await page.context().close();
  });

  it('is where its voice is when one comes back to its tab, with gaps stepped over meanwhile', async () => {
    const gaps = [{ from: FROM + 3000, to: FROM + 9000 }];
    const page = await open('hidden', new LogWriter().begin(), { gaps });
    await button(page, 'Watch').click();
    await until(page, (now) => now.state === 'playing' && now.media > 0.3);
    const other = await page.context().newPage();
    await other.goto('about:blank');
    await other.bringToFront();
    await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 9.5, null, {
      polling: 200,
    });
    await page.bringToFront();
    const now = await until(page, ({ state, time }) => state === 'playing' && time > FROM + 9500);
    assert.ok(
      Math.abs(FROM + now.media * 1000 - now.time) <= SYNC_MS,
      `voice at ${now.media}, ink at ${now.time}`,
    );
    await page.context().close();
  });

  it('asks with its size before a picture where the link is paid for by the megabyte, and counts what came', async () => {
    const bytes = 240_000_000;
    const renditions = replayOf('metered').renditions.map((each) =>
      each.kind === 'picture' ? { ...each, bytes } : each,
    );
    const page = await open('metered', writtenLesson(SECONDS - 2), { renditions });
    await page.evaluate(() => {
      localStorage.setItem('tongke.watch', JSON.stringify({ watching: 'picture' }));
      localStorage.setItem('tongke.metering', JSON.stringify({ metered: true }));
    });
    await page.reload();
    await button(page, 'Watch').click();
    await until(page, (now) => now.state === 'playing' && now.media > 0.3);
    assert.equal(await root(page).getAttribute('data-watching'), 'voice', 'not the picture, as last time');
    const choose = async (name: string) => {
      await page.getByRole('button', { name: /^How to watch/ }).click();
      await page.getByRole('menuitemradio', { name }).click();
    };
    const asked = page.getByRole('alertdialog');
    await choose('Voice, board and picture · 240 MB');
    await asked.getByText('This takes about 240 MB.').waitFor();
    await asked.getByRole('button', { name: 'Cancel' }).click();
    await asked.waitFor({ state: 'detached' });
    assert.equal(await root(page).getAttribute('data-watching'), 'voice');
    await choose('Voice, board and picture · 240 MB');
    await asked.getByRole('button', { name: 'Fetch it anyway' }).click();
    await page.locator('main[data-watching="picture"]').waitFor();
    await page.waitForFunction(() => localStorage.getItem('tongke.dataUse') !== null);
    await page.getByRole('button', { name: /^How to watch/ }).click();
    await page.getByText(/^This device: [\d.]+ MB today, [\d.]+ MB this month$/).waitFor();
    await page.context().close();
  });

  it('fetches a minute ahead, and no more', async () => {
    const to = FROM + 3 * SECONDS * 1000;
    const page = await open('ahead', writtenLesson(SECONDS - 2), { to });
    // Three times what there is.
    await page.route('**/opus.m3u8', async (route) => {
      const text = await (await route.fetch()).text();
      const body = text.replace('#EXT-X-ENDLIST', '');
      const first = body.indexOf('#EXTINF');
      const again = `#EXT-X-DISCONTINUITY\n${body.slice(first)}`;
      await route.fulfill({ body: `${body}${again}${again}#EXT-X-ENDLIST\n` });
    });
    await page.reload();
    await root(page).waitFor();
    await button(page, 'Watch').click();
    const video = page.locator('video');
    const ahead = () =>
      video.evaluate(({ buffered, currentTime }: HTMLVideoElement) =>
        buffered.length > 0 ? buffered.end(buffered.length - 1) - currentTime : 0,
      );
    await eventually(async () => (await ahead()) >= 55, 'what a pause of the link takes', 20_000);
    const { media } = await instant(page);
    await until(page, (now) => now.media > media + 2);
    assert.ok((await ahead()) <= 66, `${await ahead()} s ahead`);
    await page.context().close();
  });

  it('goes on by itself, with what is shown now, when its teacher changes a lesson that is being watched', async () => {
    const log = writtenLesson(SECONDS - 2);
    const page = await open('changed', log);
    let isGone = false;
    await page.route(/opus-0(0[2-9]|[12]\d)\.m4s$/, async (route) => {
      if (isGone) await route.continue();
      else {
        // Its files are no longer served from now on.
        const { renditions } = replayOf('changed');
        const shown = renditions.map((one) => ({ ...one, url: `${one.url}?cut=1` }));
        const entries = log.entries.filter(({ event }) => event.type !== 'ink.drawn');
        site.shows.set('changed', { replay: replayOf('changed', { cut: 1, renditions: shown }), entries });
        await route.fulfill({ status: 404 });
      }
    });
    await page.route('**/voice.m3u8?cut=1', async (route) => {
      isGone = true;
      await route.continue();
    });
    await button(page, 'Watch').click();
    const { time, digest } = await until(page, (now) => now.media > 10 && now.digest !== null);
    const { entries } = site.shows.get('changed') ?? log;
    assert.equal(digest, boardDigest(entries, time), 'what was hidden is not on the board either');
    await page.context().close();
  });

  it('finds typed text and chat, in any case and any script, and goes there', async () => {
    const log = leafedLesson(6);
    const page = await open('search', log);
    await page.keyboard.press('/');
    await page.locator('[role=searchbox]:focus, input[type=search]:focus').waitFor();
    await page.keyboard.type('evaporation');
    await page.getByText('Places found: 2').waitFor();
    assert.deepEqual(await page.locator('mark').allInnerTexts(), ['Evaporation', 'EVAPORATION']);
    await page.getByRole('searchbox').fill('རླངས་པར་ འགྱུར');
    await page.getByRole('button', { name: /Board · Page 3/ }).click();
    await until(page, (now) => now.time === 3 * 1700 + 400);
    await page.getByRole('searchbox').fill('nothing of the kind');
    await page.getByText('Nothing says “nothing of the kind”').waitFor();
    await page.context().close();
  });

  it('has chapters of pages and of who spoke, and shows a page over the line before one goes there', async () => {
    const page = await open('chapters', leafedLesson(6));
    await page.getByRole('button', { name: /^Nyima teaching point speaks/ }).waitFor();
    await page.getByText('Speakers', { exact: true }).click();
    assert.equal(await page.getByRole('listitem').count(), 1);
    const box = await page.getByRole('slider', { name: 'Position' }).boundingBox();
    assert.ok(box);
    await page.mouse.move(
      box.x + (box.width * (3 * 1700 + 1000 - FROM)) / (TO - FROM),
      box.y + box.height / 2,
    );
    const preview = page.locator('output canvas[data-page="page3"]');
    await preview.waitFor();
    assert.ok(await preview.evaluate(hasInk), 'the page is drawn');
    assert.ok(await preview.evaluate(isOnTop), 'nothing lies over it');
    assert.equal((await instant(page)).time, FROM, 'nothing was played for it');
    await page.context().close();
  });

  it('draws the page that a live lesson is at anew while it is written on', async () => {
    const log = new LogWriter().begin();
    log.stroke(500, 'page1', wave(200, 500, 1400, 300, 300));
    log.add(2000, { type: 'page.added', page: { id: 'page2', kind: 'blank' } });
    const renditions = replayOf('growing').renditions.slice(0, 1);
    const live = (to: number) => ({ to, live: { now: to }, renditions });
    const page = await open('growing', log, live(4000));
    const small = page.locator('aside canvas[data-page="page2"]');
    await small.waitFor();
    assert.ok(!(await small.evaluate(hasInk)));
    log.stroke(4500, 'page2', wave(200, 500, 1400, 300, 300));
    site.shows.set('growing', { replay: replayOf('growing', live(8000)), entries: log.entries });
    await eventually(() => small.evaluate(hasInk), 'what was written since is in it');
    await page.context().close();
  });

  it('draws of 200 pages only those in sight, and keeps up', async () => {
    const page = await open('many', leafedLesson(200), { to: FROM + 202 * 1700 });
    const drawn = page.locator('aside canvas[data-page]');
    await drawn.first().waitFor();
    const slowest = await page.evaluate(longestFrame, 1000);
    const count = await drawn.count();
    assert.ok(count >= 3 && count < 40, `${count} drawn`);
    assert.ok(slowest < 400, `a frame took ${slowest} ms`);
    assert.equal(await page.locator('aside canvas').count(), 200);
    await page.getByRole('button', { name: /^Page 200/ }).scrollIntoViewIfNeeded();
    await page.locator('aside canvas[data-page="page200"]').waitFor();
    assert.ok((await drawn.count()) < 80);
    await page.context().close();
  });

  it('looks around on its own, and goes back to the teacher’s view with one touch', async () => {
    const log = new LogWriter().begin();
    log.stroke(1000, 'page1', wave(200, 300, 400, 60, 400));
    log.add(5000, { type: 'page.viewed', page: 'page1', view: { x: 400, y: 300, scale: 3 } });
    const page = await open('look', log);
    await seek(page, FROM, 20_000);
    const scene = () => page.evaluate(boardPicture);
    await page.evaluate(threeFrames);
    const teachers = await scene();
    await button(page, 'Larger').click();
    await page.evaluate(threeFrames);
    assert.notEqual(await scene(), teachers);
    const box = await page.getByRole('img', { name: /^The board/ }).boundingBox();
    assert.ok(box);
    const near = await scene();
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.7);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5, { steps: 4 });
    await page.mouse.up();
    await page.evaluate(threeFrames);
    assert.notEqual(await scene(), near, 'pulled along');
    assert.equal((await instant(page)).state, 'paused', 'a pull is no press');
    await button(page, 'The teacher’s view').click();
    await page.evaluate(threeFrames);
    assert.equal(await scene(), teachers);
    await page.context().close();
  });

  it('stays where one goes before the server has said where one left', async () => {
    const page = await open('elsewhere', writtenLesson(SECONDS - 2));
    const known = Promise.withResolvers<void>();
    const note = { id: 'n1', t: FROM, text: 'from the server', at: 1 };
    const own = { position: { t: FROM + 10_000, at: 1 }, watched: [], notes: [note], questions: [] };
    await page.route('**/watching', async (route) => {
      await known.promise;
      await route.fulfill({ json: { ok: true, data: own } });
    });
    await page.reload();
    await root(page).waitFor();
    await page.keyboard.press('5');
    const half = FROM + (TO - FROM) / 2;
    await until(page, ({ time, state }) => time === half && state !== 'waiting');
    known.resolve();
    await page.getByText('from the server').waitFor({ state: 'attached' });
    await page.evaluate(threeFrames);
    assert.equal((await instant(page)).time, half);
    await page.context().close();
  });

  it('takes no question that is too long, says so, and keeps what was written', async () => {
    const page = await open('long', leafedLesson(6));
    await page.keyboard.press('n');
    const field = page.getByRole('textbox', { name: /^Write something at/ });
    await field.fill('first');
    await page.keyboard.press('Control+Enter');
    await field.fill('why? '.repeat(120));
    await page.getByRole('radio', { name: 'Ask the teacher' }).click();
    await field.focus();
    await page.getByText('Too long by 99 characters: it may have 500').waitFor();
    await page.keyboard.press('Control+Enter');
    assert.equal((await field.inputValue()).length, 600, 'it is still there to be shortened');
    await field.fill('why? '.repeat(100));
    await page.keyboard.press('Control+Enter');
    await page.getByRole('article').nth(1).waitFor();
    await page.reload();
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByText('My question').waitFor();
    assert.equal(await page.getByRole('article').count(), 2);
    await page.context().close();
  });

  it('tells every key, and obeys them', async () => {
    const page = await open('keys', leafedLesson(6));
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Play, pause').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('5');
    await until(page, (now) => now.time === FROM + (TO - FROM) / 2);
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowLeft');
    await until(page, (now) => now.time === FROM + (TO - FROM) / 2 - 15_000);
    await page.keyboard.press('PageUp');
    await until(page, (now) => now.time < FROM + (TO - FROM) / 2 - 15_000);
    await page.keyboard.press('>');
    await page.getByRole('button', { name: 'Speed: 1.25 times' }).waitFor();
    // Whoever types on at once is writing already.
    for (const [key, field] of [
      ['/', '[data-search]'],
      ['n', '[data-note]'],
    ] as const)
      assert.ok(await page.evaluate(isWritingAfter, { key, field }), key);
    await page.getByRole('textbox', { name: /^Write something at/ }).waitFor();
    await page.keyboard.type('k5');
    assert.equal((await instant(page)).state, 'paused', 'letters that are written are no keys');

    const nobody = { account: null, setup: false, demo: null };
    await page.route('**/api/v1/session', (route) => route.fulfill({ json: { ok: true, data: nobody } }));
    await page.reload();
    await page.getByRole('tab', { name: 'Notes' }).waitFor({ state: 'detached' });
    await page.keyboard.press('n');
    await page.getByRole('tab', { name: 'Contents', selected: true }).waitFor();
    await page.keyboard.press('?');
    await page.getByText('Play, pause').waitFor();
    assert.equal(await page.getByText('Write a note').count(), 0, 'guests have no notes');
    await page.context().close();
  });
});

/** Whether the next key after `key` goes into the field. Runs in the page. */
function isWritingAfter({ key, field }: { key: string; field: string }): boolean {
  window.dispatchEvent(new KeyboardEvent('keydown', { key }));
  return document.activeElement?.matches(field) === true;
}

/** Runs in the page. */
function hasInk(canvas: Element): boolean {
  if (!(canvas instanceof HTMLCanvasElement)) return false;
  const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
  return data.some((value, i) => i % 4 === 3 && value > 128);
}

/** Whether an element is seen at its corners and in its middle, whatever may be pressed there. Runs in the page. */
function isOnTop(element: Element): boolean {
  const style = document.createElement('style');
  style.textContent = '* { pointer-events: auto !important }';
  document.head.append(style);
  const { left, top, width, height } = element.getBoundingClientRect();
  const shares = [
    [0.05, 0.05],
    [0.95, 0.05],
    [0.5, 0.5],
    [0.05, 0.95],
    [0.95, 0.95],
  ] as const;
  const isSeen = shares.every(
    ([x, y]) => document.elementFromPoint(left + width * x, top + height * y) === element,
  );
  style.remove();
  return isSeen;
}

/** What is on the board's layers. Runs in the page. */
function boardPicture(): string {
  const layers = [...document.querySelectorAll<HTMLCanvasElement>('[role="img"] canvas')];
  return layers.map((canvas) => canvas.toDataURL()).join();
}

/** The longest time between two frames, ms. Runs in the page. */
async function longestFrame(ms: number): Promise<number> {
  const end = performance.now() + ms;
  let longest = 0;
  for (let last = performance.now(); last < end; ) {
    const now = await new Promise<number>(requestAnimationFrame);
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}
