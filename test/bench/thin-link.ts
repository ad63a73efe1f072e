import { setTimeout as wait } from 'node:timers/promises';
import { RUNGS } from '../../protocol/link.ts';
import { Classroom } from '../support/classroom.ts';
import { closeDatabase } from '../support/database.ts';
import { createLink } from '../support/link/link.ts';
import { LINKS, type LinkOptions } from '../support/link/options.ts';
import { readReception } from '../support/reception.ts';
import type { Bench, BenchOptions, Result } from './bench.ts';
import { attend, firstVoice, type Outcome, SETTLE_MS, voiceAgain } from './thin-link/attend.ts';
import { BareClassroom } from './thin-link/bare-mediasoup.ts';
import { round, voiceInTime } from './thin-link/voice-in-time.ts';

type Report = (result: Result) => void;

/** A lesson passes where so much of the voice was there when it was to be played, and ink was so late at most. */
const VOICE_PCT = 99;
const INK_P95_MS = 1_500;
/** Downwards from the first; where that is not carried, upwards. */
const RATES = [24, 20, 16];
const RATES_ABOVE = [32, 48, 64];
const BARE_RATES = [256, 128, 64];
/** A page that was not fetched ahead is there within this time. */
const PAGE_MS = 8_000;
/** Link E is link D with the second of them. */
const CUTS_S = [2, 60];
/** So that all of it takes a few minutes. */
const MOST_SECONDS = 15;

/** Speech, a camera and handwriting from a real Chromium to a real Chromium, through the rig. */
export const bench: Bench = {
  about: 'a lesson over thin links, against mediasoup at its defaults',
  async run({ seconds, settings }: BenchOptions, report: Report): Promise<void> {
    const classroom = await Classroom.open();
    const ms = 1_000 * Math.min(seconds, Number(settings.seconds ?? MOST_SECONDS));
    const bare = settings.bare !== 'no';
    try {
      const links = (settings.links ?? 'A,B,C,D').split(',');
      for (const [name, link] of Object.entries(LINKS)) {
        if (!links.includes(name)) continue;
        const outcome = await attend(classroom, link, ms);
        const isThin = (link.down.kbps ?? 0) < 200;
        reportLink(
          report,
          name.toLowerCase(),
          outcome,
          bare && isThin ? await bareVoice(link, ms) : undefined,
        );
      }
      if (settings.cuts !== 'no') for (const cut of CUTS_S) await recover(report, classroom, cut);
      if (settings.lowest !== 'no') {
        const rates = settings.rates?.split(',').map(Number);
        await lowest(report, classroom, ms, rates, bare);
      }
    } finally {
      await classroom.close();
      await closeDatabase();
    }
  },
};

function reportLink(report: Report, link: string, outcome: Outcome, bare?: number): void {
  const { voicePct, inkP95, inkP50, firstVoiceMs, kbps, page } = outcome;
  report({
    ...{ name: `voice_in_time_pct_${link}`, value: voicePct, unit: '%', better: 'more', goal: VOICE_PCT },
    against: {
      ...(bare !== undefined && { mediasoup_defaults: bare }),
      playout_ms: outcome.playoutMs,
      voice_kbps: kbps.voice,
      picture_kbps: kbps.picture,
      everything_else_kbps: kbps.rest,
      frames: outcome.frames,
      reconnects: outcome.reconnects,
      ...Object.fromEntries(RUNGS.map((rung) => [`seconds_on_${rung}`, outcome.seconds[rung] ?? 0])),
      rig_worst_late_ms: outcome.lateMs,
    },
  });
  report({
    ...{ name: `ink_p95_ms_${link}`, value: inkP95, unit: 'ms', better: 'less', goal: INK_P95_MS },
    against: { p50: inkP50 },
  });
  report({
    ...{ name: `page_ms_${link}`, value: page.pageMs, unit: 'ms', better: 'less', goal: PAGE_MS },
    against: {
      voice_in_time_pct: page.voicePct,
      reconnects: page.reconnects,
      kilobytes: round(page.bytes / 1_000, 1),
    },
  });
  report({ name: `first_voice_ms_${link}`, value: firstVoiceMs, unit: 'ms', better: 'less', goal: 4_000 });
}

/** How soon after a cut on link D the voice is back, and the log. */
async function recover(report: Report, classroom: Classroom, seconds: number): Promise<void> {
  const link = createLink(LINKS.D);
  const { page, close } = await classroom.join(link);
  try {
    await firstVoice(page);
    await wait(8_000);
    link.cut();
    await wait(1_000 * seconds);
    link.restore();
    const restored = Date.now();
    const voice = voiceAgain(page);
    const joined = page
      .waitForFunction(() => window.session.view().connection === 'joined', undefined, { timeout: 60_000 })
      .then(() => Date.now());
    report({
      ...{
        name: `recover_ms_${seconds}s_cut`,
        value: (await voice) - restored,
        unit: 'ms',
        better: 'less',
        goal: 2_000,
      },
      against: { log: (await joined) - restored, link: 'D: 64 kbit/s, 600 ms, 10% loss' },
    });
  } finally {
    await close();
    await link.close();
  }
}

const thin = (kbps: number): LinkOptions => ({
  down: { kbps, delayMs: 300, lossPct: 10 },
  up: { kbps: 32, delayMs: 300, lossPct: 10 },
});

/** The thinnest downlink at 600 ms and 10% loss over which a lesson passes. */
async function lowest(
  report: Report,
  classroom: Classroom,
  ms: number,
  given: readonly number[] | undefined,
  bare: boolean,
): Promise<void> {
  let passed: number | null = null;
  let voice: number | null = null;
  const carries = async (kbps: number) => {
    const outcome = await attend(classroom, thin(kbps), ms);
    reportLink(report, `${kbps}k`, outcome);
    if (outcome.reconnects > 0 || outcome.voicePct < VOICE_PCT) return false;
    voice = kbps;
    if (outcome.inkP95 <= INK_P95_MS) passed = kbps;
    return passed === kbps;
  };
  const rates = given ?? RATES;
  for (const kbps of rates) if (!(await carries(kbps))) break;
  if (passed === null && !given) for (const kbps of RATES_ABOVE) if (await carries(kbps)) break;
  report({
    ...{
      name: 'lowest_downlink_kbps',
      value: passed ?? Number.NaN,
      unit: 'kbit/s',
      better: 'less',
      goal: 24,
    },
    against: {
      for_the_voice_alone: voice ?? 'none of those tried',
      ...(bare && { mediasoup_defaults: (await lowestBare(ms)) ?? `none up to ${BARE_RATES[0]}` }),
    },
  });
}

async function lowestBare(ms: number): Promise<number | null> {
  let passed: number | null = null;
  for (const kbps of BARE_RATES) {
    if ((await bareVoice(thin(kbps), ms)) < VOICE_PCT) break;
    passed = kbps;
  }
  return passed;
}

async function bareVoice(link: LinkOptions, ms: number): Promise<number> {
  const bare = await BareClassroom.open(link);
  try {
    await wait(SETTLE_MS);
    const before = await readReception(bare.receiver);
    await wait(ms);
    return voiceInTime(before, await readReception(bare.receiver));
  } finally {
    await bare.close();
  }
}
