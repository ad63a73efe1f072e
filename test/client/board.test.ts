import assert from 'node:assert/strict';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import type { BoardViewProps } from '../../client/board/BoardView.tsx';
import { WITHOUT } from '../support/chromium.ts';
import type { BoardTestPage } from './page/main.tsx';
import { openBoardSite } from './pages.ts';

declare global {
  interface Window {
    boardPage: BoardTestPage;
  }
}

type Place = readonly [x: number, y: number, force: number];

/** A pen as a digitizer reports it; `force` is its pressure, 0..1. */
class Pen {
  readonly #cdp: CDPSession;

  constructor(cdp: CDPSession) {
    this.#cdp = cdp;
  }

  async draw(places: readonly Place[]): Promise<void> {
    const [first] = places;
    const last = places.at(-1);
    if (!first || !last) return;
    await this.#send('mousePressed', first, 1);
    for (const place of places.slice(1)) await this.#send('mouseMoved', place, 1);
    await this.#send('mouseReleased', last, 0);
  }

  async #send(type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', [x, y, force]: Place, buttons: number) {
    const button = type === 'mouseMoved' ? 'none' : 'left';
    await this.#cdp.send('Input.dispatchMouseEvent', {
      ...{ type, x, y, force, button, buttons, clickCount: 1, pointerType: 'pen' },
    });
  }
}

/** How many device pixels of ink there are around a place on the screen, and on which canvas. Runs in the page. */
function inkAround([x, y, radius]: [number, number, number]): number[] {
  return [...document.querySelectorAll('canvas')].map((canvas) => {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    const at = (place: number, origin: number) => Math.round((place - origin - radius) * scale);
    const size = Math.round(2 * radius * scale);
    const pixels = canvas.getContext('2d')?.getImageData(at(x, box.left), at(y, box.top), size, size).data;
    return [...(pixels ?? [])].reduce((count, value, i) => count + (i % 4 === 3 && value > 100 ? 1 : 0), 0);
  });
}

/** Resolves once what was to be drawn has been. Runs in the page. */
async function drawn(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
}

/** A straight stroke of even pressure. */
const line = (x: number, y: number, toX: number, toY: number): Place[] => [
  [x, y, 0.5],
  [toX, toY, 0.5],
];

/** Pointer events as a browser makes them of a pen, for what no debugging protocol can play. Runs in the page. */
function playPen({ buttons, places }: { buttons: number; places: Place[] }): void {
  const board = document.querySelector('[role="img"]');
  const play = (type: string, [clientX, clientY, pressure]: Place, pressed: number) => {
    const init = { pointerType: 'pen', pointerId: 9, bubbles: true, clientX, clientY, pressure };
    board?.dispatchEvent(new PointerEvent(type, { ...init, buttons: pressed }));
  };
  for (const [i, place] of places.entries()) play(i === 0 ? 'pointerdown' : 'pointermove', place, buttons);
  const last = places.at(-1);
  if (last) play('pointerup', last, 0);
}

/**
 * One stroke of so many samples at 240 Hz that crosses itself over and over. Gives how much ink there is before the pen is
 * lifted and after, and how much of it is not the same, device pixels. Runs in the page.
 */
async function scribble(count: number): Promise<{ during: number; after: number; differs: number }> {
  const board = document.querySelector('[role="img"]');
  const frames = async () => {
    for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
  };
  const event = (type: string, n: number, more: PointerEventInit = {}) =>
    new PointerEvent(type, {
      ...{ pointerType: 'pen', pointerId: 9, bubbles: true, buttons: 1 },
      clientX: 640 + 500 * Math.sin(n / 170),
      clientY: 400 + 250 * Math.sin(n / 37),
      pressure: n < 1_500 ? 128 / 255 : 0.5 + 0.3 * Math.sin(n / 50), // a pen that is pressed evenly, and then is not
      ...more,
    });
  const isInked = () => {
    const all = [...document.querySelectorAll('canvas')].map(
      (canvas) => canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data,
    );
    const pixels = (all[0]?.length ?? 0) / 4;
    return Array.from({ length: pixels }, (_, i) => all.some((data) => (data?.[i * 4 + 3] ?? 0) > 127));
  };
  board?.dispatchEvent(event('pointerdown', 0));
  for (let n = 0; n < count; n += 100) {
    const coalescedEvents = Array.from({ length: 100 }, (_, i) => event('pointermove', n + i));
    board?.dispatchEvent(event('pointermove', n + 99, { coalescedEvents }));
    await new Promise(requestAnimationFrame);
  }
  await frames();
  const before = isInked();
  board?.dispatchEvent(event('pointerup', count, { buttons: 0 }));
  await frames();
  const finished = isInked();
  const inked = (all: readonly boolean[]) => all.filter(Boolean).length;
  const differs = finished.filter((is, i) => is !== before[i]).length;
  return { during: inked(before), after: inked(finished), differs };
}

const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0);

describe('board in a browser', function () {
  this.timeout(60_000);
  let site: Awaited<ReturnType<typeof openBoardSite>>;
  let browser: Browser;
  let page: Page;
  let pen: Pen;

  before(async () => {
    site = await openBoardSite();
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', WITHOUT],
    });
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
    pen = new Pen(await page.context().newCDPSession(page));
  });

  afterEach(() => page.close());

  const strokes = () =>
    page.evaluate(() => {
      const { session, decodeStroke } = window.boardPage;
      return Object.values(session.view().state?.board.pages[0]?.strokes ?? {}).map((stroke) => ({
        ...stroke,
        points: decodeStroke(stroke).points,
      }));
    });

  /** Resolves once the board has the tool in its hand. */
  const use = async (props: Partial<BoardViewProps>) => {
    await page.evaluate((given) => window.boardPage.show(given), props);
    await page.evaluate(drawn);
  };

  const ink = async (x: number, y: number, radius = 6) => {
    await page.evaluate(drawn);
    return page.evaluate(inkAround, [x, y, radius] as [number, number, number]);
  };

  it('writes what the pen wrote: places, pressure, one stroke', async () => {
    await pen.draw([
      [100, 300, 0.2],
      [200, 300, 0.6],
      [300, 310, 1],
    ]);
    const [stroke, ...more] = await strokes();
    assert.equal(more.length, 0);
    assert.equal(stroke?.done, true);
    assert.deepEqual(stroke?.brush, { tool: 'pen', colour: '#1b1b1f', width: 6, grid: 1 });
    // The page of 1920x1080 stands 1280x720 in a window of 1280x800: 40 px from the top, two thirds in size.
    assert.deepEqual(
      stroke?.points.map(([x, y, , pressure]) => [x, y, pressure]),
      [
        [150, 390, 48],
        [300, 390, 152],
        [450, 405, 248],
      ],
    );
    assert.ok(total(await ink(150, 300)) > 10);
    assert.equal(total(await ink(150, 330)), 0);
  });

  it('shows ink within the frame of the pointer event', async () => {
    await page.evaluate(() => {
      const late: number[] = [];
      Object.assign(window, { late });
      // Before the board hears of it: the frame after this event is the first that could show it.
      window.addEventListener(
        'pointermove',
        (event) => {
          if (event.buttons === 0) return;
          const { clientX, clientY } = event;
          requestAnimationFrame(() =>
            setTimeout(() => {
              const shown = [...document.querySelectorAll('canvas')].some((canvas) => {
                const box = canvas.getBoundingClientRect();
                const scale = canvas.width / box.width;
                const [x, y] = [(clientX - box.left) * scale, (clientY - box.top) * scale];
                return (canvas.getContext('2d')?.getImageData(x - 1, y - 1, 3, 3).data ?? []).some(
                  (v) => v > 0,
                );
              });
              late.push(shown ? 0 : 1);
            }),
          );
        },
        { capture: true },
      );
    });
    await pen.draw(
      Array.from({ length: 60 }, (_, i) => [200 + i * 8, 300 + Math.sin(i / 4) * 60, 0.7] as const),
    );
    await page.evaluate(drawn);
    const late = await page.evaluate(() => ('late' in window ? (window.late as number[]) : []));
    assert.ok(late.length > 30, `${late.length} moves`);
    assert.equal(
      late.reduce((sum, one) => sum + one, 0),
      0,
    );
  });

  it('takes a finished stroke from the moving canvas to the still one, in place', async () => {
    const [under, still, live] = [0, 1, 2];
    await pen.draw(line(100, 300, 400, 300));
    const counts = await ink(250, 300);
    assert.ok((counts[still] ?? 0) > 0 && counts[live] === 0 && counts[under] === 0, String(counts));
    await use({ tool: 'highlighter', colour: '#ffd400' });
    await pen.draw(line(100, 500, 400, 500));
    const marked = await ink(250, 500);
    assert.ok((marked[under] ?? 0) > 0 && marked[live] === 0, String(marked));
  });

  it('shows a stroke of twenty seconds while it is drawn as it will be once it is finished', async () => {
    const { during, after, differs } = await page.evaluate(scribble, 4_000);
    assert.ok(after > 20_000, `${after} pixels of ink`);
    // The last few points are still on their way to where the finished line puts them.
    assert.ok(differs < after * 0.01, `${differs} of ${during} pixels differ from ${after}`);
  });

  it('erases whole strokes with the tool and with the tail of the pen, and nothing else', async () => {
    for (const y of [200, 300, 400]) await pen.draw(line(100, y, 400, y));
    await use({ tool: 'eraser' });
    await pen.draw(line(150, 190, 150, 210));
    await use({ tool: 'pen' });
    await page.evaluate(playPen, { buttons: 32, places: line(150, 390, 150, 410) });
    assert.deepEqual(
      (await strokes()).map(({ hidden }) => hidden),
      [true, false, true],
    );
    assert.equal(total(await ink(300, 200)), 0);
    assert.ok(total(await ink(300, 300)) > 0);
    assert.equal(total(await ink(300, 400)), 0);
    await page.evaluate(() => window.boardPage.session.perform('ink.undo', { page: 'page1' }));
    assert.ok(total(await ink(300, 400)) > 0);
  });

  it('leaves palms alone once a pen has been seen', async () => {
    const touch = (type: string) => {
      const init = {
        pointerType: 'touch',
        pointerId: 77,
        bubbles: true,
        buttons: 1,
        clientX: 500,
        clientY: 400,
      };
      document.querySelector('[role="img"]')?.dispatchEvent(new PointerEvent(type, init));
    };
    await pen.draw(line(100, 300, 200, 300));
    await page.evaluate(touch, 'pointerdown');
    await page.evaluate(touch, 'pointerup');
    assert.equal((await strokes()).length, 1);
  });

  it('takes a refused stroke off the screen under the pen', async () => {
    await page.mouse.move(100, 300);
    await page.mouse.down();
    await page.mouse.move(300, 300, { steps: 10 });
    assert.ok(total(await ink(200, 300)) > 0);
    await page.evaluate(async () => {
      const { session } = window.boardPage;
      const before = session.view().state;
      if (before)
        session.refuse({
          ...before,
          board: { ...before.board, pages: [{ id: 'page1', kind: 'blank', strokes: {} }] },
        });
    });
    assert.equal(total(await ink(200, 300)), 0);
    await page.mouse.move(500, 300, { steps: 5 });
    await page.mouse.up();
    assert.equal(total(await ink(200, 300)), 0);
    assert.equal(total(await ink(450, 300)), 0);
  });

  it('does nothing when one may not write', async () => {
    await use({ tool: 'pen', writable: false });
    await pen.draw(line(100, 300, 200, 300));
    assert.equal((await strokes()).length, 0);
  });
});
