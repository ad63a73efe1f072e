import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { toBase64url } from '../../protocol/base64.ts';
import { InkEncoder } from '../../protocol/ink.ts';
import { digest } from '../../protocol/lesson.ts';
import { Classroom } from '../support/classroom.ts';
import { eventually } from '../support/eventually.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { LINKS } from '../support/link/options.ts';
import { startWriting } from '../support/pen.ts';
import { readReception } from '../support/reception.ts';
import { DEMO } from '../support/server.ts';

/** The browser looks for its way each 2.5 s, and the server answers wherever it comes from. */
const VOICE_WITHIN_MS = 6_000;
/** A line that is dead says nothing: that is noticed after 6.5 s, and another takes some round trips. */
const LINE_WITHIN_MS = 15_000;
/** Where the system tells the page of its new network, the line is asked whether it lives, for 3 s. */
const LINE_TOLD_WITHIN_MS = 9_000;
const STROKE_EVERY_MS = 250;

/** A line of a few points. */
const POINTS = toBase64url(
  new InkEncoder().push(Array.from({ length: 8 }, (_, i) => [300 + 20 * i, 700, 10 * i, 128])),
);

/** As Android's browsers do when Wi-Fi is left. Runs in the page. */
function sayMobile(): void {
  if (!('connection' in navigator && navigator.connection instanceof EventTarget))
    throw new Error('no network');
  Object.defineProperty(navigator.connection, 'type', { value: 'cellular', configurable: true });
  navigator.connection.dispatchEvent(new Event('change'));
}

describe('a phone that changes networks in mid-lesson', function () {
  this.timeout(120_000);
  let classroom: Classroom;
  let link: Link;
  let phone: { page: Page; close(): Promise<void> };

  before(async () => {
    classroom = await Classroom.open();
    await classroom.teacher.evaluate(() => window.session.media.send('camera', null));
    link = createLink({ ...LINKS.B, seed: 21 });
    phone = await classroom.join(link, { username: DEMO.student });
    const { page } = phone;
    await page.waitForFunction(() => window.session.view().connection === 'joined');
    const participant = await page.evaluate(() => window.session.view().you?.participant ?? '');
    await classroom.pen.request('writers.change', { participant, may: true });
    await page.waitForFunction((id) => window.session.view().state?.writers.includes(id), participant);
    await eventually(
      async () => (await readReception(page)).samples > 100_000,
      'two seconds of voice',
      30_000,
    );
  });
  after(async () => {
    await phone?.close();
    await link?.close();
    await classroom?.close();
  });

  /** A stroke every quarter of a second, until told otherwise; gives how many. */
  async function writeOnPhone(name: string): Promise<() => Promise<number>> {
    const page = classroom.pen.state.board.current;
    const what = { name, page, data: POINTS, everyMs: STROKE_EVERY_MS };
    await phone.page.evaluate(({ name, page, data, everyMs }) => {
      const view: Window & { strokes?: number; writing?: number } = window;
      view.strokes = 0;
      const brush = { tool: 'pen', colour: '#b91c1c', width: 5, grid: 1 } as const;
      view.writing = window.setInterval(() => {
        view.strokes = (view.strokes ?? 0) + 1;
        const stroke = `${name}${view.strokes}`;
        window.session.perform('ink.draw', { stroke, data, page, brush, done: true });
      }, everyMs);
    }, what);
    return async () => {
      await phone.page.evaluate(() => {
        const view: Window & { writing?: number } = window;
        clearInterval(view.writing);
      });
      return strokesSoFar();
    };
  }

  const strokesSoFar = () =>
    phone.page.evaluate(() => {
      const view: Window & { strokes?: number } = window;
      return view.strokes ?? 0;
    });

  const onBoard = (stroke: string) => JSON.stringify(classroom.pen.state.board).includes(`"${stroke}"`);

  async function move(name: string, told: boolean): Promise<void> {
    const { page } = phone;
    const writing = startWriting(classroom.pen);
    const stop = await writeOnPhone(name);
    try {
      await eventually(() => writing.sentAt.size > 3, 'some ink');
      await link.move();
      if (told) await page.evaluate(sayMobile);
      const moved = performance.now();
      const within = (lastMs: number) => moved + lastMs - performance.now();
      const own = await strokesSoFar();
      const { seq } = classroom.pen.state;
      // What was on its way arrives; all that is asked of is from after that.
      await eventually(() => classroom.pen.state.seq > seq + 10, 'some ink that the phone did not get');
      const missed = classroom.pen.state.seq;
      const before = await readReception(page);
      const hears = async () => {
        const now = await readReception(page);
        return now.samples - before.samples - (now.concealed - before.concealed) > 24_000;
      };
      const reads = () => page.evaluate((last) => (window.session.view().state?.seq ?? 0) >= last, missed);
      const writes = () => onBoard(`${name}${own + 1}`);
      const lineMs = told ? LINE_TOLD_WITHIN_MS : LINE_WITHIN_MS;
      await Promise.all([
        eventually(hears, 'half a second of voice', within(VOICE_WITHIN_MS)),
        eventually(reads, 'what was written since', within(lineMs)),
        eventually(writes, 'what the phone wrote since', within(lineMs)),
      ]);
    } finally {
      await writing.stop();
    }
    const strokes = await stop();
    assert.ok(strokes > 5);
    await eventually(
      async () => {
        const view = await page.evaluate(() => window.session.view());
        const board = view.state?.board;
        return (
          view.unsent === 0 && board !== undefined && digest(board) === digest(classroom.pen.state.board)
        );
      },
      'all that was written, by the one and by the other, on both boards',
      30_000,
    );
    for (let n = 1; n <= strokes; n++) assert.ok(onBoard(`${name}${n}`), `stroke ${n} of ${strokes}`);
  }

  it('hears and reads again by itself, and what was written meanwhile is there', () => move('silent', false));

  it('is back sooner where its system says that the network is another', () => move('told', true));
});
