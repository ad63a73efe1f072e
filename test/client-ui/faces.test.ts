import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { WITHOUT } from '../support/chromium.ts';
import { openSite, type Site } from './site.ts';

const FACES = {
  'sign in': '/signin?x=1',
  'set-up': '/signin?scene=setup',
  today: '/?as=dolma',
  'a day without lessons': '/?as=student1&scene=empty',
  preview: '/teach/first?as=dolma&scene=ready',
  teach: '/teach/first?as=dolma&scene=called',
  'room, waiting': '/room?as=room1&scene=waiting',
  room: '/room?as=room1&scene=called',
  seat: '/seat/first?as=student1',
  'seat, let write': '/seat/first?as=student1&scene=writing',
};

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  WITHOUT,
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

describe('faces', function () {
  this.timeout(120_000);
  let site: Site;
  let browser: Browser;
  let axe: string;

  before(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    site = await openSite();
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      args: FLAGS,
    });
  });

  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** A window of its own, as on a device where nobody was before; or one more in `shared`. */
  async function open(path: string, lang: string, width: number, shared?: BrowserContext) {
    const context = shared ?? (await newContext());
    const page = await context.newPage();
    await page.setViewportSize(sizeOf(width));
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(`${site.url}${path}&lang=${lang}`);
    await page.locator('main, h1').first().waitFor();
    await page.waitForLoadState('networkidle');
    return { page, complaints, close: () => (shared ? page : context).close() };
  }

  // What is measured is the page, not its motion.
  const newContext = () => browser.newContext({ reducedMotion: 'reduce', serviceWorkers: 'block' });
  const sizeOf = (width: number) => ({ width, height: width < 500 ? 740 : Math.round((width * 9) / 16) });

  describe('one by one', () => {
    /** What they have loaded is loaded once. */
    let shared: BrowserContext;
    /** Two at a time: what measures a page has a core to itself, and no more. */
    const measured = new Map<string, Promise<void>>();
    before(async () => {
      shared = await newContext();
      const paths = Object.values(FACES);
      for (const [i, path] of paths.entries()) {
        const turn = measured.get(paths[i - 2] ?? '') ?? Promise.resolve();
        measured.set(
          path,
          turn.catch(() => undefined).then(() => measure(path)),
        );
      }
      await Promise.allSettled(measured.values());
    });
    after(() => shared?.close());

    for (const [face, path] of Object.entries(FACES)) {
      it(`${face}: fits a phone in every language, complains of nothing, is open to everyone, light and dark`, () =>
        measured.get(path));
    }

    async function measure(path: string): Promise<void> {
      await Promise.all([fits(path, 'zh-CN', isOpenToEveryone), fits(path, 'bo'), fits(path, 'en')]);
    }

    async function fits(path: string, lang: string, then?: (page: Page) => Promise<void>): Promise<void> {
      const { page, complaints, close } = await open(path, lang, 360, shared);
      assert.equal(await page.locator('html').getAttribute('lang'), lang);
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(excess <= 0, `${lang}: ${excess} px too wide`);
      await then?.(page);
      assert.deepEqual(complaints, [], lang);
      await close();
    }

    async function isOpenToEveryone(page: Page): Promise<void> {
      await page.setViewportSize(sizeOf(1280));
      await page.evaluate(axe);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(untilStill);
        assert.deepEqual(await violations(page), [], colorScheme);
      }
    }
  });

  it('says what is wrong with a password, and lets one in with the right one', async () => {
    const { page, close } = await open('/signin?x=1', 'en', 1280);
    await page.getByLabel('User name').fill('dolma');
    await page.getByLabel('Password', { exact: true }).fill('guess');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('User name or password is wrong').waitFor();
    await page.getByRole('button', { name: 'Dolma Teacher' }).click();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Today' }).waitFor();
    await close();
  });

  it('starts a lesson from the preview, and asks before it ends', async () => {
    const { page, close } = await open('/teach/first?as=dolma&scene=ready', 'en', 1280);
    await page.getByRole('button', { name: 'Start lesson' }).click();
    await page.getByRole('radio', { name: 'Pen', exact: true }).waitFor();
    await page.keyboard.press('e');
    assert.equal(await page.getByRole('radio', { name: 'Eraser' }).getAttribute('aria-checked'), 'true');
    await page.getByRole('button', { name: 'End lesson' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'End lesson' }).click();
    await page.getByText('The lesson is over').waitFor();
    await close();
  });

  it('saves on a link that is paid for by the megabyte, and takes pictures off at the day’s limit', async () => {
    const { page, close } = await open('/seat/first?as=student1', 'en', 360);
    const link = page.getByRole('banner').getByRole('button');
    await link.click();
    await page.getByRole('menuitemradio', { name: 'Yes, save data' }).click();
    await link.click();
    const chosen = (name: string) => page.getByRole('menuitemradio', { name, checked: true });
    await chosen('The teacher in small only').waitFor();
    await page.getByText('Poor link · Receiving: Voice and board (own choice)').waitFor();
    await page.getByRole('menuitemradio', { name: '50 MB' }).click();
    await page.evaluate(() => {
      const day = new Date().toLocaleDateString('sv');
      const kept = { days: { [day]: { received: 58_000_000, sent: 2_000_000 } } };
      localStorage.setItem('tongke.dataUse', JSON.stringify(kept));
      location.reload();
    });
    await page.getByRole('log').getByText('Today’s 50 MB are used up').waitFor();
    await link.click();
    await chosen('No pictures').waitFor();
    await page.getByText('This device: 60 MB today, 60 MB this month').waitFor();
    await page.getByRole('menuitemradio', { name: 'As much as the link carries' }).click();
    await link.click();
    await chosen('As much as the link carries').waitFor();
    await close();
  });

  it('says to teachers, too, what their own link brings, and lets them save', async () => {
    const { page, close } = await open('/teach/first?as=dolma&scene=called', 'en', 1280);
    const link = page.getByRole('button', { name: 'Good link' });
    await link.click();
    await page.getByRole('menuitemradio', { name: 'Only whoever is called on, in small' }).click();
    await link.click();
    await page.getByText('Good link · Receiving: Voice and board (own choice)').waitFor();
    await close();
  });

  it('asks a student before anything of theirs is sent', async () => {
    const { page, close } = await open('/seat/first?as=student1&scene=called', 'en', 360);
    await page.getByRole('button', { name: 'Microphone only' }).click();
    await page.getByText('Everyone sees and hears you').waitFor();
    await close();
  });
});

/** Drawn, and no colour on its way to another. Runs in the page. */
async function untilStill(): Promise<void> {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const passing = document
    .getAnimations()
    .filter(({ effect }) => effect?.getTiming().iterations !== Infinity);
  await Promise.allSettled(passing.map(({ finished }) => finished));
}

/** What axe finds against WCAG 2.2 A and AA, in short. */
async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run(options: object): Promise<{ violations: AxeViolation[] }> } }
    ).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
    );
  });
}

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
