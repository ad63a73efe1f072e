import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import type { BoardTestPage } from './page/main.tsx';
import { openBoardSite } from './pages.ts';

declare global {
  interface Window {
    boardPage: BoardTestPage;
  }
}

/** One thing that a pointer does; `wait`: let time pass, ms. */
type Step =
  | {
      readonly type: string;
      readonly id: number;
      readonly x: number;
      readonly y: number;
      readonly size?: number;
    }
  | { readonly wait: number };

/** Ids below 10 are pens, the others fingers. Runs in the page. */
async function play(steps: readonly Step[]): Promise<void> {
  const board = document.querySelector('[role="img"]');
  for (const step of steps) {
    if ('wait' in step) {
      await new Promise((resolve) => setTimeout(resolve, step.wait));
      continue;
    }
    const { type, id, x, y, size = 1 } = step;
    const pen = id < 10;
    board?.dispatchEvent(
      new PointerEvent(`pointer${type}`, {
        ...{ pointerType: pen ? 'pen' : 'touch', pointerId: id, clientX: x, clientY: y, bubbles: true },
        ...{ width: size, height: size, pressure: 0.5, buttons: type === 'up' ? 0 : 1 },
      }),
    );
  }
}

/** Down, through to the other place, up. */
const stroke = (id: number, [x, y]: [number, number], [toX, toY]: [number, number]): Step[] => [
  { type: 'down', id, x, y },
  ...moves(id, [x, y], [toX, toY]),
  { type: 'up', id, x: toX, y: toY },
];

const moves = (id: number, [x, y]: [number, number], [toX, toY]: [number, number]): Step[] =>
  [1, 2, 3, 4].map((i) => ({ type: 'move', id, x: x + ((toX - x) * i) / 4, y: y + ((toY - y) * i) / 4 }));

/**
 * Several pens at 240 Hz for a second, four samples a frame as a browser hands them over. Gives how many samples each
 * made, and how often a pen's place was without ink after the frame of its event. Runs in the page.
 */
async function writeTogether(pens: number): Promise<{ samples: number[]; late: number }> {
  const board = document.querySelector('[role="img"]');
  const samples = Array.from({ length: pens }, () => 0);
  let late = 0;
  const place = (pen: number, n: number) => ({
    clientX: 150 + n * 3,
    clientY: 200 + pen * 130 + Math.round(20 * Math.sin(n / 9)),
  });
  const event = (type: string, pen: number, more: PointerEventInit = {}) =>
    new PointerEvent(type, {
      ...{ pointerType: 'pen', pointerId: pen + 1, bubbles: true, buttons: 1, pressure: 0.6 },
      ...place(pen, samples[pen] ?? 0),
      ...more,
    });
  const hasInk = ({ clientX, clientY }: { clientX: number; clientY: number }) =>
    [...document.querySelectorAll('canvas')].some((canvas) => {
      const box = canvas.getBoundingClientRect();
      const scale = canvas.width / box.width;
      const [x, y] = [(clientX - box.left) * scale - 2, (clientY - box.top) * scale - 2];
      return canvas
        .getContext('2d')
        ?.getImageData(x, y, 4, 4)
        .data.some((value) => value > 0);
    });
  const frame = () => new Promise(requestAnimationFrame);
  for (let pen = 0; pen < pens; pen++) board?.dispatchEvent(event('pointerdown', pen));
  for (let frames = 0; frames < 60; frames++) {
    await frame();
    for (let pen = 0; pen < pens; pen++) {
      const coalescedEvents = [1, 2, 3, 4].map(() => {
        samples[pen] = (samples[pen] ?? 0) + 1;
        return event('pointermove', pen);
      });
      board?.dispatchEvent(event('pointermove', pen, { coalescedEvents }));
    }
    // What the board asked for came before this: it draws in the very next frame.
    await frame();
    for (let pen = 0; pen < pens; pen++) if (!hasInk(place(pen, samples[pen] ?? 0))) late++;
  }
  for (let pen = 0; pen < pens; pen++) board?.dispatchEvent(event('pointerup', pen, { buttons: 0 }));
  return { samples, late };
}

describe('hands on the board', function () {
  this.timeout(60_000);
  let site: Awaited<ReturnType<typeof openBoardSite>>;
  let browser: Browser;
  let page: Page;

  before(async () => {
    [site, browser] = await Promise.all([openBoardSite(), launchChromium()]);
  });

  after(async () => {
    await browser?.close();
    await site?.close();
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => assert.fail(error));
    await page.goto(site.url);
    await page.waitForSelector('canvas');
  });

  afterEach(() => page.close());

  const does = (...steps: Step[]) => page.evaluate(play, steps);

  /** Strokes that are to be seen, by where they began, px. */
  const seen = () =>
    page.evaluate(() => {
      const { session, decodeStroke } = window.boardPage;
      const strokes = Object.values(session.view().state?.board.pages[0]?.strokes ?? {});
      return strokes
        .filter(({ hidden }) => !hidden)
        .map((one) => {
          const { points } = decodeStroke(one);
          return { x: Math.round(((points[0]?.[0] ?? 0) * 2) / 3), points: points.length, done: one.done };
        });
    });
  const scale = () => page.evaluate(() => window.boardPage.board?.look().view.scale ?? 1);

  it('takes every sample of four pens at 240 Hz, and shows each within a frame', async () => {
    const { samples, late } = await page.evaluate(writeTogether, 4);
    assert.deepEqual(samples, [240, 240, 240, 240]);
    assert.equal(late, 0);
    const strokes = await seen();
    // One more: where the pen went down.
    assert.deepEqual(
      strokes.map(({ points, done }) => [points, done]),
      [241, 241, 241, 241].map((points) => [points, true]),
    );
  });

  it('lets two children write side by side who begin at the same moment', async () => {
    await does({ type: 'down', id: 11, x: 200, y: 300 }, { type: 'down', id: 12, x: 1000, y: 300 });
    await does(...moves(11, [200, 300], [300, 300]), ...moves(12, [1000, 300], [1100, 300]));
    await does({ type: 'up', id: 11, x: 300, y: 300 }, { type: 'up', id: 12, x: 1100, y: 300 });
    assert.deepEqual(
      (await seen()).map(({ x }) => x),
      [200, 1000],
    );
    assert.equal(await scale(), 1);
  });

  it('leaves nothing of a palm that came down before its pen, soon or late', async () => {
    for (const wait of [50, 400]) {
      await page.reload();
      await page.waitForSelector('canvas');
      await does({ type: 'down', id: 11, x: 500, y: 500 }, ...moves(11, [500, 500], [505, 503]));
      await does({ wait }, ...stroke(1, [420, 400], [480, 400]), { type: 'up', id: 11, x: 505, y: 503 });
      assert.deepEqual(
        (await seen()).map(({ x }) => x),
        [420],
        `after ${wait} ms`,
      );
    }
  });

  it('takes what is larger than a finger for a palm, from the first touch', async () => {
    await does({ type: 'down', id: 11, x: 500, y: 500, size: 160 }, ...moves(11, [500, 500], [600, 500]), {
      type: 'up',
      id: 11,
      x: 600,
      y: 500,
    });
    assert.deepEqual(await seen(), []);
    const finger = { id: 12, size: 30 };
    await does({ type: 'down', x: 300, y: 300, ...finger }, ...moves(12, [300, 300], [400, 300]), {
      type: 'up',
      x: 400,
      y: 300,
      ...finger,
    });
    assert.equal((await seen()).length, 1);
  });

  it('lets fingers move the page while a pen writes, and not the palm beneath it', async () => {
    await does({ type: 'down', id: 1, x: 300, y: 300 }, { type: 'down', id: 11, x: 340, y: 380 });
    await does(...moves(1, [300, 300], [360, 300]), ...moves(11, [340, 380], [380, 380]));
    assert.equal(await scale(), 1);
    await does({ type: 'down', id: 12, x: 900, y: 500 }, { type: 'down', id: 13, x: 1000, y: 500 });
    await does(...moves(12, [900, 500], [850, 500]), ...moves(13, [1000, 500], [1050, 500]));
    assert.ok((await scale()) > 1.8, `${await scale()} times as large`);
    // On places that are on no grid but the larger page's: the stroke keeps the one it was begun on.
    await does(...moves(1, [360, 300], [421, 301]), { type: 'up', id: 1, x: 421, y: 301 });
    const strokes = await seen();
    assert.deepEqual([strokes.length, strokes[0]?.points, strokes[0]?.done], [1, 9, true]);
  });

  it('keeps what a pen wrote that the system takes away, and nothing of such a finger', async () => {
    await does({ type: 'down', id: 11, x: 300, y: 300 }, ...moves(11, [300, 300], [400, 300]));
    await does({ type: 'cancel', id: 11, x: 400, y: 300 });
    assert.deepEqual(await seen(), []);
    await does({ type: 'down', id: 1, x: 300, y: 300 }, ...moves(1, [300, 300], [400, 300]));
    await does({ type: 'cancel', id: 1, x: 400, y: 300 });
    assert.equal((await seen()).length, 1);
  });

  it('shows where the pen is going to be for a moment, and writes nothing of it', async () => {
    /** Ink before the pen in the next frame; with `foretold`, after a move that foretells it. */
    const inkAhead = (foretold = false) =>
      page.evaluate(async (foretells) => {
        if (foretells) {
          const init = {
            pointerType: 'pen',
            pointerId: 1,
            bubbles: true,
            buttons: 1,
            pressure: 0.5,
            clientY: 300,
          };
          const predictedEvents = [320, 350].map(
            (clientX) => new PointerEvent('pointermove', { ...init, clientX }),
          );
          const event = new PointerEvent('pointermove', { ...init, clientX: 300, predictedEvents });
          document.querySelector('[role="img"]')?.dispatchEvent(event);
        }
        await new Promise(requestAnimationFrame);
        const canvas = [...document.querySelectorAll('canvas')].at(-1);
        const box = canvas?.getBoundingClientRect();
        if (!canvas || !box) return 0;
        const scale = canvas.width / box.width;
        const data = canvas
          .getContext('2d')
          ?.getImageData((330 - box.left) * scale, (300 - box.top) * scale - 4, 20, 8);
        return data?.data.filter((value) => value > 0).length ?? 0;
      }, foretold);
    await does({ type: 'down', id: 1, x: 200, y: 300 }, ...moves(1, [200, 300], [290, 300]));
    assert.ok((await inkAhead(true)) > 0);
    await does({ wait: 120 });
    assert.equal(await inkAhead(), 0);
    await does({ type: 'up', id: 1, x: 300, y: 300 });
    assert.deepEqual(
      (await seen()).map(({ points }) => points),
      [6],
    );
  });
});
