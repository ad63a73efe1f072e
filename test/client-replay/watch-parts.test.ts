import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { watchTexts } from '../../client/replay/i18n.ts';
import { Language } from '../../protocol/common.ts';
import type { Replay } from '../../protocol/replay.ts';
import { launchChromium } from '../support/chromium.ts';
import { writtenLesson } from './lesson-log.ts';
import { openSite, type Site } from './site.ts';
import { root, seek, until } from './watch-page.ts';

const SECONDS = 40;
const FROM = 700;
const TO = FROM + SECONDS * 1000;
const CUT = FROM + 15_000;

const { entries } = writtenLesson(SECONDS - 2);

interface Opening {
  /** Counted from 1. */
  readonly part?: number;
  /** CSS pixels. */
  readonly size?: readonly [number, number];
  readonly language?: Language;
  readonly more?: Partial<Replay>;
}

/** A lesson that its teacher has divided. */
describe('Watch: a lesson of several parts', function () {
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

  async function open(lesson: string, opening: Opening = {}): Promise<Page> {
    const { part, size = [1280, 800], language = 'en', more } = opening;
    const replay: Replay = {
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
      parts: [
        { from: FROM, to: CUT, title: null },
        { from: CUT, to: TO, title: 'Steam' },
      ],
      ...more,
    };
    site.shows.set(lesson, { replay, entries });
    const context = await browser.newContext({ viewport: { width: size[0], height: size[1] } });
    const page = await context.newPage();
    page.on('pageerror', (error) => assert.fail(error));
    await page.addInitScript(hearSystem);
    await page.goto(`${site.url}/watch/${lesson}?lang=${language}${part ? `&part=${part}` : ''}`);
    await root(page).waitFor();
    return page;
  }

  it('is offered and kept whole, whichever part is watched', async () => {
    const offers = async (part?: number) => {
      const page = await open('keep', { part });
      await page.getByRole('button', { name: 'Keep on this device' }).click();
      await page.getByRole('radio', { name: /^Voice, board and picture/ }).waitFor();
      return { page, texts: await page.getByRole('group', { name: 'What to keep' }).innerText() };
    };
    const whole = await offers();
    await whole.page.context().close();
    const { page, texts } = await offers(2);
    assert.equal(texts, whole.texts);
    await page.getByRole('radio', { name: /^Board alone/ }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByText(/^Kept: plays without a network · /).waitFor();
    const { from, to } = await page.evaluate(keptManifest);
    assert.deepEqual([from, to], [FROM, TO]);
    await page.context().close();
  });

  it('has its part on the lock screen, and goes where that says', async () => {
    const page = await open('system', { part: 2 });
    await seek(page, CUT, CUT + 3000);
    await page.waitForFunction(() => window.systemState?.position === 3);
    assert.equal(await page.evaluate(() => window.systemState?.duration), (TO - CUT) / 1000);
    await page.evaluate(() => window.seekFromSystem?.({ action: 'seekto', seekTime: 10 }));
    await until(page, ({ time }) => time === CUT + 10_000);
    await page.waitForFunction(() => window.systemState?.position === 10);
    await page.context().close();
  });

  for (const size of [
    [360, 740],
    [740, 360],
  ] as const) {
    it(`leaves the board and its title their place while the lesson goes on, at ${size.join(' × ')} px`, async () => {
      const more = { live: { now: TO + 754_000 }, to: FROM + 30_000, parts: undefined };
      for (const language of Language.options) {
        const page = await open('live', { size, language, more });
        const { begin, liveJoin } = watchTexts[language];
        const places = page
          .getByRole('button', { name: begin })
          .or(page.getByRole('link', { name: liveJoin }));
        await places.nth(1).waitFor();
        assert.deepEqual(await places.evaluateAll(covered), [], language);
        const head = await page.locator('main > header').boundingBox();
        const title = await page.getByRole('heading', { level: 1 }).boundingBox();
        assert.ok(head && head.height <= 200, `${language}: the head is ${head?.height} px high`);
        assert.ok(
          title && title.width >= 80 && title.height <= 80,
          `${language}: ${title?.width} × ${title?.height}`,
        );
        await page.context().close();
      }
    });
  }

  it('says that there is no more yet, where there is no more of a lesson that goes on', async () => {
    const page = await open('edge', { more: { live: { now: TO }, to: FROM + 30_000, parts: undefined } });
    await page.getByRole('button', { name: 'Watch', exact: true }).click();
    await page.keyboard.press('End');
    await page.getByText(watchTexts.en.liveEdge).waitFor();
    assert.equal((await until(page, ({ state }) => state === 'waiting')).time, FROM + 30_000);
    await page.context().close();
  });

  for (const size of [
    [320, 568],
    [360, 740],
    [740, 360],
    [960, 420],
    [1280, 800],
  ] as const) {
    it(`has room for its contents, and no button over another, at ${size.join(' × ')} px`, async () => {
      const captions: Replay['captions'] = [
        { id: 'c1', language: 'en', label: 'English', url: '/c.vtt', cues: '/c.json', count: 1 },
      ];
      const page = await open('small', { size, more: { captions } });
      const buttons = page.getByRole('button', { name: /^(Back 10|Play|Forward|Captions|Speed|How|Full)/ });
      await buttons.nth(6).waitFor();
      assert.deepEqual(await buttons.evaluateAll(covered), []);
      const parts = await page.getByRole('navigation', { name: 'Parts' }).boundingBox();
      const tabs = await page.getByRole('tablist').boundingBox();
      assert.ok(parts && tabs && parts.height >= 48 && parts.y + parts.height <= tabs.y, 'parts, then tabs');
      const list = page.getByRole('button', { name: /^Page 1/ });
      await list.scrollIntoViewIfNeeded();
      const height = await list.evaluate((line) => line.closest('ol, ul')?.clientHeight ?? 0);
      assert.ok(height >= 110, `the contents are ${height} px high`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${wide} px too wide`);
      await page.context().close();
    });
  }
});

declare global {
  interface Window {
    systemState?: MediaPositionState;
    seekFromSystem?: MediaSessionActionHandler;
  }
}

/** Stands for the lock screen. Runs in the page. */
function hearSystem(): void {
  const { mediaSession } = navigator;
  mediaSession.setPositionState = (state) => {
    window.systemState = state;
  };
  mediaSession.setActionHandler = (action, handler) => {
    if (action === 'seekto' && handler) window.seekFromSystem = handler;
  };
}

/** The names of those at whose corners something else lies. Runs in the page. */
function covered(elements: Element[]): string[] {
  const isSeen = (element: Element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left + 9, right - 9].every((x) =>
      [top + 9, bottom - 9].every((y) => element.contains(document.elementFromPoint(x, y))),
    );
  };
  return elements.filter((one) => !isSeen(one)).map((one) => one.getAttribute('aria-label') ?? '');
}

/** Runs in the page. */
async function keptManifest() {
  const name = (await caches.keys()).find((one) => one.startsWith('tongke-kept'));
  return (await (await caches.open(name ?? '')).match('/kept/manifest'))?.json();
}
