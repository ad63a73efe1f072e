import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { digest } from '../../protocol/lesson.ts';
import { Classroom } from '../support/classroom.ts';
import { eventually } from '../support/eventually.ts';
import { readLateness, watchLateness } from '../support/lateness.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { LINKS } from '../support/link/options.ts';
import { startWriting } from '../support/pen.ts';
import { readReception } from '../support/reception.ts';
import { DEMO } from '../support/server.ts';
import { text } from './support/texts.ts';

const CUT_MS = 6_500;
/** Of what is heard while one is behind, so much is not silence: the teacher speaks without a rest. */
const SPOKEN_SHARE = 0.3;
/** At 1.5 times the speed, with what was said meanwhile, until its last piece is made, and a breath. */
const LIVE_AGAIN_MS = 40_000;

describe('a lesson after an outage, in a real browser', function () {
  this.timeout(120_000);
  let classroom: Classroom;

  before(async () => {
    classroom = await Classroom.open();
  });
  after(() => classroom?.close());

  const behind = (page: Page) => page.evaluate(() => window.session.view().behind?.ms ?? null);
  const isLive = (page: Page) =>
    page.waitForFunction(() => window.session.view().behind === null, undefined, { timeout: LIVE_AGAIN_MS });
  const hears = (page: Page) =>
    eventually(async () => (await readReception(page)).samples > 100_000, 'two seconds of voice', 30_000);

  /** A room that hears the lesson, over link B; with `pieces` false no piece of what was missed ever comes. */
  async function room(
    link: Link,
    username: string,
    pieces = true,
  ): Promise<{ page: Page; close(): unknown }> {
    // The other one polls, so that its line can be held up.
    const { page, close } = await classroom.join(link, { username, webSocket: pieces });
    if (!pieces) await page.route('**/voice-live-0*', () => undefined);
    await hears(page);
    await watchLateness(page);
    return { page, close };
  }

  it('says in the application how late one is, and skips to now at a touch', async () => {
    const link = createLink({ ...LINKS.A, seed: 13 });
    const { context, url } = await classroom.visitor(link, { username: DEMO.student });
    try {
      const page = await context.newPage();
      await page.goto(`${url}/seat/${classroom.lesson}?lang=en`);
      await hears(page);
      link.cut();
      await wait(CUT_MS + 3_000);
      link.restore();
      const late = page.getByRole('button', { name: text('en', 'behind.skip') });
      await late.getByText(/^([5-9]|1\d) s behind$/).waitFor();
      await late.click();
      await late.waitFor({ state: 'detached' });
    } finally {
      await context.close();
      await link.close();
    }
  });

  it('B: the missed voice is heard with the board as it was, until both are live; a short cut is not made up for', async () => {
    const [link, other] = [createLink({ ...LINKS.B, seed: 11 }), createLink({ ...LINKS.B, seed: 12 })];
    const [{ page, close }, without] = await Promise.all([
      room(link, DEMO.room),
      room(other, DEMO.secondRoom, false),
    ]);
    const writing = startWriting(classroom.pen);
    try {
      link.cut();
      await wait(2_000);
      link.restore();
      await eventually(async () => (await readLateness(page)).liveStrokes > 0, 'ink after the short cut');
      assert.equal(await behind(page), null);

      for (const each of [link, other]) each.cut();
      await wait(CUT_MS);
      const missedTo = classroom.pen.state.seq;
      const sockets = '**/socket.io/**';
      await without.page.route(sockets, (route) => route.abort());
      for (const each of [link, other]) each.restore();
      await without.page.waitForFunction((seq) => (window.session.view().state?.seq ?? 0) >= seq, missedTo);
      const { connection } = await without.page.evaluate(() => window.session.view());
      assert.equal(connection, 'lost', 'what was written is there before any socket');
      await without.page.unroute(sockets);
      await eventually(async () => (await behind(without.page)) !== null, 'the other is behind too');
      await eventually(
        async () => (await readLateness(page)).spoken > 1,
        'a second of what was missed',
        20_000,
      );
      await writing.stop();
      await Promise.all([isLive(page), isLive(without.page)]);
      const { heard, spoken, early, mostMs } = await readLateness(page);
      assert.ok(mostMs >= CUT_MS - 1_000, `${mostMs} ms behind at most`);
      assert.ok(heard > CUT_MS / 1_000 / 1.5, `${heard} s were heard late`);
      assert.ok(spoken / heard > SPOKEN_SHARE, `${spoken} s of ${heard} s were a voice`);
      assert.equal(early, 0, 'ink that belongs to a later moment than the voice');
      for (const each of [page, without.page]) {
        const board = await each.evaluate(() => window.session.view().state?.board);
        assert.ok(board && digest(board) === digest(classroom.pen.state.board), 'the same board in the end');
      }
    } finally {
      await writing.stop();
      await Promise.all([close(), without.close()]);
      for (const each of [link, other]) await each.close();
    }
  });
});
