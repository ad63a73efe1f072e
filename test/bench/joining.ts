import type { Page } from 'playwright-core';
import { z } from 'zod';
import { digest } from '../../protocol/lesson.ts';
import { Classroom } from '../support/classroom.ts';
import { closeDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { createLink } from '../support/link/link.ts';
import { type DirectionOptions, LINKS } from '../support/link/options.ts';
import { firstSound, watchSound } from '../support/sound.ts';
import type { Bench, Report } from './bench.ts';

const RUNS = 3;
/** Nothing in the way, while what is kept on a device is brought there. */
const FREE: DirectionOptions = { kbps: Number.POSITIVE_INFINITY, delayMs: 0, lossPct: 0 };

/** The application's own pages, as a browser that has never been there and one that has them open over a thin link. */
export const bench: Bench = {
  about: 'the first screen of a new browser over link C, and a room that has the application, over D',
  async run(_options, report: Report): Promise<void> {
    const classroom = await Classroom.open();
    try {
      const [first, rooms]: [number[], Kept[]] = [[], []];
      for (let run = 0; run < RUNS; run++) first.push(await firstScreen(classroom, run));
      for (let run = 0; run < RUNS; run++) rooms.push(await keptRoom(classroom, run));
      const ms = (name: string, values: number[], goal: number) =>
        report({
          ...{ name, value: median(values), unit: 'ms', better: 'less', goal },
          against: { least: Math.min(...values), most: Math.max(...values) },
        });
      ms('first_screen_ms_c', first, 20_000);
      ms(
        'kept_first_voice_ms_d',
        rooms.map(({ voice }) => voice),
        4_000,
      );
      ms(
        'again_first_voice_ms_d',
        rooms.map(({ again }) => again),
        4_000,
      );
      ms(
        'kept_page_ms_d',
        rooms.map(({ page }) => page),
        8_000,
      );
    } finally {
      await classroom.close();
      await closeDatabase();
    }
  },
};

/** Until somebody can sign in. */
async function firstScreen(classroom: Classroom, run: number): Promise<number> {
  const link = createLink({ ...LINKS.C, seed: 100 + run });
  const { context, url } = await classroom.visitor(link);
  try {
    await context.clearCookies();
    const page = await context.newPage();
    const began = Date.now();
    await page.goto(url, { waitUntil: 'commit', timeout: 120_000 });
    await page.waitForSelector('input[type=password]', { timeout: 120_000 });
    return Date.now() - began;
  } finally {
    await context.close();
    await link.close();
  }
}

/** Milliseconds from opening the page. */
interface Kept {
  readonly voice: number;
  /** Until the page is seen that everyone looks at. */
  readonly page: number;
  /** Until a voice is heard by the page after that one, as after a power cut. */
  readonly again: number;
}

async function keptRoom(classroom: Classroom, run: number): Promise<Kept> {
  const { down, up } = LINKS.D;
  const link = createLink({ down: FREE, up: FREE, seed: 200 + run });
  const { context, url } = await classroom.visitor(link);
  try {
    await watchSound(context);
    await keep(await context.newPage(), url);
    link.setDown(down);
    link.setUp(up);
    const page = await context.newPage();
    const began = Date.now();
    await page.goto(`${url}/room`, { waitUntil: 'commit' });
    const [voiceAt, pageAt] = await Promise.all([firstSound(page), pageShown(page, classroom)]);
    await page.close();
    const next = await context.newPage();
    const beganAgain = Date.now();
    await next.goto(`${url}/room`, { waitUntil: 'commit' });
    const again = (await firstSound(next)) - beganAgain;
    return { voice: voiceAt - began, page: pageAt - began, again };
  } finally {
    await context.close();
    await link.close();
  }
}

/** As a room that was open the day before. */
async function keep(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/room`);
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage('prepare');
  });
  const source = await (await page.request.get(`${url}/service-worker.js`)).text();
  const [list = ''] = /(?<=PRECACHE = )\[[^\]]*\]/.exec(source) ?? [];
  const wanted = z.array(z.string()).min(1).parse(JSON.parse(list));
  await eventually(
    async () => {
      const kept = await page.evaluate(async () => {
        const requests = await (await caches.open('tongke-assets')).keys();
        return requests.map(({ url: address }) => new URL(address).pathname);
      });
      return wanted.every((path) => kept.includes(path));
    },
    'the application is kept',
    60_000,
  );
  await page.waitForSelector('[data-digest]');
  await page.close();
}

async function pageShown(page: Page, classroom: Classroom): Promise<number> {
  const wanted = digest(classroom.pen.state.board);
  await eventually(
    async () => (await page.locator(`[data-digest="${wanted}"]`).count()) > 0,
    'the board',
    120_000,
  );
  // A board says which it is when it has been at rest for 300 ms.
  return Date.now() - 300;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
