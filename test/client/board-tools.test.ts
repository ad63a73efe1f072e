import assert from 'node:assert/strict';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { BoardViewProps } from '../../client/board/BoardView.tsx';
import type { Mark } from '../../protocol/board.ts';
import type { Content } from '../../protocol/board-events.ts';
import type { LessonEvent } from '../../protocol/events.ts';
import { WITHOUT } from '../support/chromium.ts';
import { openBoardSite } from './pages.ts';

/** The page of 1920x1080 stands 1280x720 in a window of 1280x800: 40 px from the top, two thirds in size. */
const screen = ([x, y]: readonly [number, number]): [number, number] => [(x * 2) / 3, (y * 2) / 3 + 40];

/** Of finished ink, as it is in the very moment of the zoom, before the view can rest: device pixels. Runs in the page. */
function zoomAndLook(factor: number): { ink: number; blurred: number } {
  window.boardPage.board?.zoom(factor);
  const canvas = document.querySelectorAll('canvas')[1];
  const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  const alphas = Array.from(data).filter((_, i) => i % 4 === 3);
  return {
    ink: alphas.filter((alpha) => alpha > 127).length,
    blurred: alphas.filter((alpha) => alpha > 0 && alpha < 255).length,
  };
}

describe('board tools in a browser', function () {
  this.timeout(60_000);
  let site: Awaited<ReturnType<typeof openBoardSite>>;
  let browser: Browser;
  let page: Page;

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
  });

  afterEach(() => page.close());

  const use = async (props: Partial<BoardViewProps>) => {
    await page.evaluate((given) => window.boardPage.show(given), props);
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
  };
  /** Board units. */
  const drag = async (...places: readonly (readonly [number, number])[]) => {
    const [first, ...rest] = places;
    if (!first) return;
    await page.mouse.move(...screen(first));
    await page.mouse.down();
    for (const place of rest) await page.mouse.move(...screen(place), { steps: 8 });
    await page.mouse.up();
  };
  const marks = (): Promise<Mark[]> =>
    page.evaluate(() => {
      const first = window.boardPage.session.view().state?.board.pages[0];
      return [...Object.values(first?.strokes ?? {}), ...Object.values(first?.items ?? {})];
    });
  const pieces = () =>
    page.evaluate(() => {
      const first = window.boardPage.session.view().state?.board.pages[0];
      return Object.values(first?.strokes ?? {}).map(({ cuts }) => Object.values(cuts ?? {}).flat());
    });
  /** How much is drawn around a place, device pixels. */
  const ink = async (place: readonly [number, number]) => {
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    return page.evaluate(
      ([x, y]) =>
        [...document.querySelectorAll('canvas')].reduce((sum, canvas) => {
          const box = canvas.getBoundingClientRect();
          const data = canvas.getContext('2d')?.getImageData(x - box.left - 5, y - box.top - 5, 10, 10).data;
          return sum + [...(data ?? [])].filter((value, i) => i % 4 === 3 && value > 100).length;
        }, 0),
      screen(place),
    );
  };

  it('draws shapes; Shift makes squares and lines of 15 degrees; one undo takes one back', async () => {
    await use({ tool: 'shape', shape: 'rectangle' });
    await page.keyboard.down('Shift');
    await drag([300, 300], [500, 430]);
    await page.keyboard.up('Shift');
    const [square] = await marks();
    assert.ok(square && 'content' in square && square.content.kind === 'shape');
    assert.deepEqual(square.content.points, [
      [300, 300],
      [500, 500],
    ]);
    assert.ok((await ink([300, 400])) > 0);
    assert.equal(await ink([400, 400]), 0);
    await page.evaluate(() => window.boardPage.session.perform('ink.undo', { page: 'page1' }));
    assert.equal(await ink([300, 400]), 0);
  });

  it('erases a part of a stroke and nothing beside it, in one undo', async () => {
    await use({ tool: 'pen' });
    await drag([300, 400], [900, 400]);
    await use({ tool: 'cutter' });
    await drag([600, 340], [600, 460]);
    assert.equal((await pieces())[0]?.length, 1);
    assert.equal(await ink([600, 400]), 0);
    assert.ok((await ink([450, 400])) > 0 && (await ink([750, 400])) > 0);
    await page.evaluate(() => window.boardPage.session.perform('ink.undo', { page: 'page1' }));
    assert.ok((await ink([600, 400])) > 0);
  });

  it('takes hold of what a lasso goes round, and moves, copies and erases it', async () => {
    await use({ tool: 'pen' });
    await drag([300, 400], [500, 400]);
    await drag([900, 800], [1100, 800]);
    await use({ tool: 'select' });
    await drag([250, 350], [550, 350], [550, 450], [250, 450], [250, 355]);
    await page.evaluate(() => window.boardPage.board?.selection.move([1, 0, 0, 1, 0, 200]));
    assert.equal(await ink([400, 400]), 0);
    assert.ok((await ink([400, 600])) > 0);
    await page.evaluate(() => window.boardPage.board?.selection.copy());
    assert.ok((await ink([400, 600])) > 0 && (await ink([440, 640])) > 0);
    await page.evaluate(() => window.boardPage.board?.selection.erase());
    assert.equal(await ink([440, 640]), 0);
    assert.deepEqual(
      (await marks()).map(({ hidden }) => hidden),
      [false, false, true],
    );
    await use({ tool: 'eraser' });
    await drag([400, 560], [400, 640]); // where it is now, not where it was written
    assert.equal(await ink([400, 600]), 0);
  });

  it('shows a page larger, writes on it more finely, and tells everyone what is looked at', async () => {
    await use({ tool: 'pen' });
    await page.evaluate(() => window.boardPage.board?.zoom(4));
    await page.waitForFunction(
      () => window.boardPage.session.view().state?.board.pages[0]?.view?.scale === 4,
    );
    await page.mouse.move(640, 400);
    await page.mouse.down();
    await page.mouse.move(643, 400, { steps: 3 });
    await page.mouse.up();
    const [stroke] = await page.evaluate(() => {
      const { session, decodeStroke } = window.boardPage;
      return Object.values(session.view().state?.board.pages[0]?.strokes ?? {}).map((one) =>
        decodeStroke(one),
      );
    });
    assert.equal(stroke?.brush.grid, 4);
    assert.deepEqual(stroke?.points.map(([x, y]) => [x / 4, y / 4]).at(-1), [961.25, 540]); // 3 px are 1.125 units
  });

  it('tells what is looked at once the line is back, if it was down when the view was moved', async () => {
    const told = () =>
      page.evaluate(() => window.boardPage.session.view().state?.board.pages[0]?.view?.scale);
    await page.evaluate(() => {
      window.boardPage.session.join(false);
      window.boardPage.board?.zoom(4);
    });
    await page.waitForFunction(() => window.boardPage.session.asked.includes('page.view'));
    assert.equal(await told(), undefined);
    await page.evaluate(() => window.boardPage.session.join(true));
    await page.waitForFunction(
      () => window.boardPage.session.view().state?.board.pages[0]?.view?.scale === 4,
    );
  });

  it('keeps what a pen wrote until the page was turned beneath it, where it was written', async () => {
    await use({ tool: 'pen' });
    await page.mouse.move(...screen([300, 300]));
    await page.mouse.down();
    await page.mouse.move(...screen([600, 300]), { steps: 8 });
    await page.evaluate(() => {
      const page = { id: 'other', kind: 'grid' } as const;
      window.boardPage.session.happen([{ type: 'page.added', page }], 'someone');
    });
    await page.mouse.move(...screen([900, 300]), { steps: 8 });
    assert.equal(await ink([450, 300]), 0, 'nothing of it is seen on the other page');
    assert.equal(await ink([750, 300]), 0);
    await page.mouse.up();
    const pages = await page.evaluate(() => {
      const { session, decodeStroke } = window.boardPage;
      return session
        .view()
        .state?.board.pages.map(({ strokes }) =>
          Object.values(strokes).map((one) => ({ done: one.done, to: decodeStroke(one).points.at(-1)?.[0] })),
        );
    });
    assert.deepEqual(pages, [[{ done: true, to: 600 }], []]);
  });

  it('does not sweep away what is hidden', async () => {
    await use({ tool: 'pen' });
    await drag([300, 300], [900, 300]);
    const veil = (veiled: boolean) =>
      page.evaluate((yes) => {
        window.boardPage.session.happen([{ type: 'ink.veiled', by: 'teacher', veiled: yes }], 'someone');
      }, veiled);
    await veil(true);
    await use({ tool: 'eraser' });
    await drag([600, 200], [600, 400]);
    await veil(false);
    assert.notEqual(await ink([600, 300]), 0);
    await drag([600, 200], [600, 400]);
    assert.equal(await ink([600, 300]), 0);
  });

  it('leaves nothing of a text that is erased, however far its letters reach above and below their line', async () => {
    const all = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('canvas')].reduce((sum, canvas) => {
          const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
          return sum + [...(data ?? [])].filter((value, i) => i % 4 === 3 && value > 0).length;
        }, 0),
      );
    const does = (events: readonly LessonEvent[]) =>
      page.evaluate(async (given) => {
        window.boardPage.session.happen(given, 'teacher');
        for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
      }, events);
    // Tibetan with vowels and marks above and stacks below, and a letter with more of them than any font holds in its line.
    const text = `བོད་ཧྰུྃ་བསྒྲུབས་ A${'\u0302'.repeat(6)}${'\u032d'.repeat(6)}`;
    const content: Content = {
      ...{ kind: 'text', at: [600, 500], width: 1_000, size: 76, colour: '#14212b', text, breaks: [] },
    };
    const place = { page: 'page1', item: 'text1' };
    await does([{ type: 'item.added', ...place, content }]);
    assert.ok((await all()) > 1_000);
    await does([{ type: 'ink.erased', page: 'page1', strokes: ['text1'] }]);
    assert.equal(await all(), 0);
  });

  it('stretches a full page while its view moves, and draws it sharp once it rests', async () => {
    await use({ tool: 'pen' });
    await page.evaluate(() => {
      const board = document.querySelector('[role="img"]');
      const pen = (type: string, clientX: number, clientY: number) =>
        board?.dispatchEvent(
          new PointerEvent(type, {
            ...{ pointerType: 'pen', pointerId: 7, bubbles: true, buttons: 1, pressure: 0.5 },
            ...{ clientX, clientY },
          }),
        );
      for (let i = 0; i < 300; i++) {
        const [x, y] = [340 + (i % 20) * 30, 280 + Math.floor(i / 20) * 16];
        pen('pointerdown', x, y);
        pen('pointermove', x + 12, y);
        pen('pointerup', x + 12, y);
      }
    });
    await ink([0, 0]);
    const moving = await page.evaluate(zoomAndLook, 2);
    await page.waitForFunction(
      () => window.boardPage.session.view().state?.board.pages[0]?.view?.scale === 2,
    );
    let sharp = await page.evaluate(zoomAndLook, 1);
    for (let i = 0; i < 50 && sharp.blurred >= moving.blurred; i++)
      sharp = await page.evaluate(zoomAndLook, 1);
    assert.ok(sharp.blurred < moving.blurred * 0.8, `${sharp.blurred} of ${moving.blurred} are blurred`);
    assert.ok(Math.abs(sharp.ink - moving.ink) < sharp.ink * 0.15, `${moving.ink}, then ${sharp.ink} pixels`);
  });

  it('lets two fingers that come down as one move the page, and leaves no ink of them', async () => {
    await use({ tool: 'pen' });
    await page.evaluate(() => {
      const board = document.querySelector('[role="img"]');
      const touch = (type: string, pointerId: number, clientX: number) =>
        board?.dispatchEvent(
          new PointerEvent(type, {
            pointerType: 'touch',
            pointerId,
            clientX,
            clientY: 400,
            bubbles: true,
            buttons: 1,
          }),
        );
      touch('pointerdown', 1, 600);
      touch('pointerdown', 2, 680);
      for (let i = 1; i <= 8; i++) {
        touch('pointermove', 1, 600 - i * 5);
        touch('pointermove', 2, 680 + i * 5);
      }
      touch('pointerup', 1, 560);
      touch('pointerup', 2, 720);
    });
    await page.waitForFunction(
      () => (window.boardPage.session.view().state?.board.pages[0]?.view?.scale ?? 1) > 1.9,
    );
    assert.deepEqual(await marks(), []);
  });

  it('leads a pen along the edge of a ruler, however the hand shakes', async () => {
    await use({ tool: 'pen', instrument: { kind: 'ruler', at: [960, 540], angle: 0, size: 1000 } });
    await drag([600, 530], [800, 560], [1000, 525], [1200, 545]);
    const [stroke] = await page.evaluate(() => {
      const { session, decodeStroke } = window.boardPage;
      return Object.values(session.view().state?.board.pages[0]?.strokes ?? {}).map(
        (one) => decodeStroke(one).points,
      );
    });
    assert.ok(stroke && stroke.length > 10);
    assert.deepEqual([...new Set(stroke.map(([, y]) => y))], [540]);
  });
});
