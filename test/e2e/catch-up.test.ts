import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { digest } from '../../protocol/lesson.ts';
import { Classroom } from '../support/classroom.ts';
import { eventually } from '../support/eventually.ts';
import { readLateness, watchLateness } from '../support/lateness.ts';
import { createLink } from '../support/link/link.ts';
import { LINKS } from '../support/link/options.ts';
import { startWriting } from '../support/pen.ts';
import { readReception } from '../support/reception.ts';

const CUT_MS = 6_500;
/** Of what is heard while one is behind, so much is not silence: the teacher speaks without a rest. */
const SPOKEN_SHARE = 0.3;

describe('a lesson after an outage, in a real browser', function () {
  this.timeout(180_000);
  let classroom: Classroom;

  before(async () => {
    classroom = await Classroom.open();
  });
  after(() => classroom?.close());

  const behind = (page: Page) => page.evaluate(() => window.session.view().behind?.ms ?? null);

  it('B: the missed voice is heard with the board as it was, until both are live; a short cut is not made up for', async () => {
    const link = createLink({ ...LINKS.B, seed: 11 });
    const { page, close } = await classroom.join(link);
    const writing = startWriting(classroom.pen);
    try {
      await eventually(
        async () => (await readReception(page)).samples > 100_000,
        'two seconds of voice',
        30_000,
      );
      await watchLateness(page);

      link.cut();
      await wait(2_000);
      link.restore();
      await eventually(async () => (await readLateness(page)).liveStrokes > 0, 'ink after the short cut');
      assert.equal(await behind(page), null);

      link.cut();
      await wait(CUT_MS);
      link.restore();
      await eventually(
        async () => (await readLateness(page)).spoken > 1,
        'a second of what was missed',
        20_000,
      );
      await writing.stop();
      await page.waitForFunction(() => window.session.view().behind === null, undefined, { timeout: 60_000 });
      const { heard, spoken, early, mostMs } = await readLateness(page);
      assert.ok(mostMs >= CUT_MS - 1_000, `${mostMs} ms behind at most`);
      assert.ok(heard > CUT_MS / 1_000 / 1.5, `${heard} s were heard late`);
      assert.ok(spoken / heard > SPOKEN_SHARE, `${spoken} s of ${heard} s were a voice`);
      assert.equal(early, 0, 'ink that belongs to a later moment than the voice');
      const board = await page.evaluate(() => window.session.view().state?.board);
      assert.ok(board && digest(board) === digest(classroom.pen.state.board), 'the same board in the end');
    } finally {
      await writing.stop();
      await close();
      await link.close();
    }
  });
});
