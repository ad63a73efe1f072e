import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { Classroom } from '../support/classroom.ts';
import { closeDatabase } from '../support/database.ts';
import { readLateness, watchLateness } from '../support/lateness.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { LINKS, type LinkOptions } from '../support/link/options.ts';
import { randomFrom } from '../support/link/random.ts';
import { startWriting } from '../support/pen.ts';
import type { Bench, Report } from './bench.ts';
import { firstVoice, voiceAgain } from './thin-link/attend.ts';
import { round } from './thin-link/voice-in-time.ts';

const CUTS_S = [2, 30, 300];
/** Voice for a while, so that what is kept for an outage is there. */
const BEFORE_MS = 15_000;
/** Of a flapping link, from the first break on. */
const FLAPPING_MS = 120_000;

/** What an outage costs, and how the missed part of the lesson is caught up with. */
export const bench: Bench = {
  about: 'cuts of 2, 30 and 300 s on link D and a flapping link C: back, caught up, voice lost',
  async run({ settings }, report: Report): Promise<void> {
    const classroom = await Classroom.open();
    const writing = startWriting(classroom.pen);
    try {
      for (const cut of settings.cuts?.split(',').map(Number) ?? CUTS_S)
        await cutOnce(report, classroom, cut);
      if (settings.flapping !== 'no') await flap(report, classroom);
    } finally {
      await writing.stop();
      await classroom.close();
      await closeDatabase();
    }
  },
};

async function cutOnce(report: Report, classroom: Classroom, seconds: number): Promise<void> {
  const { page, link, close } = await attend(classroom, LINKS.D, seconds);
  try {
    link.cut();
    await wait(1_000 * seconds);
    link.restore();
    const restored = Date.now();
    const since = () => round((Date.now() - restored) / 1_000, 1);
    const missedTo = classroom.pen.state.seq;
    const timeout = { timeout: 90_000 };
    const joined = page
      .waitForFunction(() => window.session.view().connection === 'joined', undefined, timeout)
      .then(since);
    const board = page
      .waitForFunction((seq) => (window.session.view().state?.seq ?? 0) >= seq, missedTo, timeout)
      .then(since);
    // What was missed is heard from here on, where there is enough of it.
    const begun = page
      .waitForFunction(
        () => window.session.view().behind?.waiting === false || window.session.view().behind === null,
        undefined,
        timeout,
      )
      .then(since);
    const voice = (await voiceAgain(page)) - restored;
    const [joinedAfter, boardBack, begunAfter] = await Promise.all([joined, board, begun]);
    await page.waitForFunction(() => window.session.view().behind === null, undefined, {
      timeout: 60_000 + 4_000 * seconds,
    });
    const { heard, waited, madeUp, mostMs, early } = await readLateness(page);
    report({
      ...{ name: `recover_ms_${seconds}s_cut`, value: voice, unit: 'ms', better: 'less', goal: 2_000 },
      against: {
        board_back_s: boardBack,
        missed_begins_s: begunAfter,
        socket_back_s: joinedAfter,
        caught_up_s: since(),
        most_behind_s: mostMs / 1_000,
        heard_late_s: round(heard, 1),
        waited_s: round(waited, 1),
        made_up_s: round(madeUp, 1),
        ink_shown_too_early: early,
        link: 'D: 64 kbit/s, 600 ms, 10% loss',
      },
    });
  } finally {
    await close();
  }
}

/** Off for 1 to 3 s every 5 to 15 s. */
async function flap(report: Report, classroom: Classroom): Promise<void> {
  const { page, link, close } = await attend(classroom, LINKS.C, 7);
  const random = randomFrom(7);
  try {
    const began = Date.now();
    let offMs = 0;
    while (Date.now() - began < FLAPPING_MS) {
      const off = 1_000 + 2_000 * random();
      link.cut(off);
      offMs += off;
      await wait(off + 5_000 + 10_000 * random());
    }
    const seconds = (Date.now() - began) / 1_000;
    const { heard, waited, madeUp, mostMs } = await readLateness(page);
    report({
      ...{ name: 'flapping_voice_pct', value: round(100 * (1 - madeUp / seconds), 1), unit: '%' },
      ...{ better: 'more', goal: 90 },
      against: {
        off_pct: round(offMs / seconds / 10, 1),
        made_up_s: round(madeUp, 1),
        heard_late_s: round(heard, 1),
        waited_s: round(waited, 1),
        most_behind_s: mostMs / 1_000,
        link: 'C: 128 kbit/s, 600 ms, 5% loss, off 1-3 s every 5-15 s',
      },
    });
  } finally {
    await close();
  }
}

async function attend(
  classroom: Classroom,
  options: LinkOptions,
  seed: number,
): Promise<{ page: Page; link: Link; close(): Promise<void> }> {
  const link = createLink({ ...options, seed });
  const { page, close } = await classroom.join(link);
  await firstVoice(page);
  await watchLateness(page);
  await wait(BEFORE_MS);
  return {
    ...{ page, link },
    async close() {
      await close();
      await link.close();
    },
  };
}
