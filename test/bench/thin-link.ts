import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { RUNGS, type Rung } from '../../protocol/link.ts';
import { Classroom } from '../support/classroom.ts';
import { closeDatabase } from '../support/database.ts';
import { createLink } from '../support/link/link.ts';
import { LINKS, type LinkOptions } from '../support/link/options.ts';
import { startWriting } from '../support/pen.ts';
import { readReception } from '../support/reception.ts';
import { BareClassroom } from './bare-mediasoup.ts';
import type { Options, Print } from './main.ts';

/** A lesson passes where so much of the voice was there when it was to be played, and ink was so late at most. */
const VOICE_PCT = 99;
const INK_P95_MS = 1_500;
/** Time to find one's place on the ladder before what arrives is counted. */
const SETTLE_MS = 15_000;
const WINDOW_MS = 30_000;
const RATES = [64, 48, 40, 32, 28, 24, 20, 18, 16];
const BARE_RATES = [512, 256, 128, 64];

/** Another seed for every run, the same ones in every benchmark. */
let runs = 0;

interface Outcome {
  readonly firstVoiceMs: number;
  readonly voicePct: number;
  readonly inkP50: number | null;
  readonly inkP95: number | null;
  readonly reconnects: number;
  readonly playoutMs: number;
  readonly kbps: { readonly voice: number; readonly picture: number; readonly rest: number };
  readonly seconds: Readonly<Partial<Record<Rung, number>>>;
  readonly frames: number;
  readonly lateMs: number;
}

/** Speech, a camera and handwriting from a real Chromium to a real Chromium, through the rig. */
export async function run(print: Print, options: Options): Promise<void> {
  const classroom = await Classroom.open();
  const windowMs = options.window ? 1_000 * Number(options.window) : WINDOW_MS;
  try {
    const links = (options.links ?? 'A,B,C,D').split(',').filter(Boolean);
    for (const [name, link] of Object.entries(LINKS)) {
      if (!links.includes(name)) continue;
      report(print, name, await attend(classroom, link, windowMs), await bareVoice(link, windowMs, options));
    }
    if (options.cuts !== 'no')
      for (const seconds of [2, 30]) await recover(print, classroom, LINKS.D, seconds);
    if (options.lowest !== 'no') await lowest(print, classroom, windowMs, options);
  } finally {
    await classroom.close();
    await closeDatabase();
  }
}

function report(print: Print, link: string, outcome: Outcome, bare: number | null): void {
  const line = (
    name: string,
    value: number | null,
    unit: string,
    better: 'higher' | 'lower',
    goal?: number,
  ) =>
    print({
      bench: 'thin-link',
      name: `${name} ${link}`,
      value,
      unit,
      ...(goal && { goal }),
      better,
      against: {},
    });
  print({
    ...{ bench: 'thin-link', name: `voice_in_time_pct ${link}`, value: outcome.voicePct, unit: '%' },
    ...{ goal: VOICE_PCT, better: 'higher', against: { 'mediasoup at its defaults': bare } },
  });
  line('ink_p95_ms', outcome.inkP95, 'ms', 'lower', INK_P95_MS);
  line('ink_p50_ms', outcome.inkP50, 'ms', 'lower');
  line('first_voice_ms', outcome.firstVoiceMs, 'ms', 'lower', 4_000);
  line('playout_ms', outcome.playoutMs, 'ms', 'lower');
  line('voice_kbps', outcome.kbps.voice, 'kbit/s', 'lower');
  line('picture_kbps', outcome.kbps.picture, 'kbit/s', 'higher');
  line('rest_kbps', outcome.kbps.rest, 'kbit/s', 'lower');
  line('frames', outcome.frames, '1', 'higher');
  line('rig_worst_late_ms', outcome.lateMs, 'ms', 'lower');
  for (const rung of RUNGS)
    if (outcome.seconds[rung]) line(`seconds_on_${rung}`, outcome.seconds[rung], 's', 'higher');
}

/** A room joins over a link, and is watched for a while. */
async function attend(classroom: Classroom, options: LinkOptions, windowMs: number): Promise<Outcome> {
  const link = createLink({ ...options, seed: ++runs });
  const rungs: { at: number; rung: Rung }[] = [];
  const note = () => {
    const rung = roomRung(classroom);
    if (rung && rung !== rungs.at(-1)?.rung) rungs.push({ at: Date.now(), rung });
  };
  classroom.pen.on('state', note);
  const writing = startWriting(classroom.pen);
  const { page, enteredAt, close } = await classroom.join(link);
  try {
    const firstVoiceMs = (await firstVoice(page)) - enteredAt;
    await noteInk(page);
    await wait(SETTLE_MS);
    const [before, bytes, from] = [await readReception(page), link.stats().down, Date.now()];
    await wait(windowMs);
    const [after, bytesAfter, to] = [await readReception(page), link.stats().down, Date.now()];
    await wait(3_000); // ink that is late is late, not lost
    const ink = await inkDelays(page, writing.sentAt, from, to);
    const perSecond = 8 / (to - from);
    const all = ['udp', 'tcp'] as const;
    const total = all.reduce(
      (sum, kind) => sum + bytesAfter[kind].delivered.bytes - bytes[kind].delivered.bytes,
      0,
    );
    const voice = after.voiceBytes - before.voiceBytes;
    const picture = after.pictureBytes - before.pictureBytes;
    return {
      firstVoiceMs,
      voicePct: round(
        100 * (1 - (after.concealed - before.concealed) / Math.max(1, after.samples - before.samples)),
        2,
      ),
      inkP50: percentile(ink, 0.5),
      inkP95: percentile(ink, 0.95),
      reconnects: await page.evaluate(() => Number(document.body.dataset.reconnects ?? 0)),
      playoutMs: after.playoutMs,
      kbps: {
        voice: round(voice * perSecond, 1),
        picture: round(picture * perSecond, 1),
        rest: round((total - voice - picture) * perSecond, 1),
      },
      seconds: secondsOn(rungs, from, to),
      frames: after.frames - before.frames,
      lateMs: Math.round(link.stats().worstLateMs),
    };
  } finally {
    classroom.pen.off('state', note);
    await writing.stop();
    await close();
    await link.close();
  }
}

function roomRung(classroom: Classroom): Rung | undefined {
  return Object.values(classroom.pen.state.people).find(({ part, online }) => part === 'room' && online)
    ?.rung;
}

/** Wall time of the first sound. */
async function firstVoice(page: Page): Promise<number> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { samples, concealed } = await readReception(page);
    if (samples > concealed) return Date.now();
    if (Date.now() > deadline) throw new Error('no voice within a minute');
    await wait(50);
  }
}

/** Keeps in the page when each entry came, and how often the connection was lost. */
async function noteInk(page: Page): Promise<void> {
  await page.evaluate(() => {
    const view: Window & { arrivals?: [number, number][] } = window;
    const arrivals: [number, number][] = [];
    view.arrivals = arrivals;
    window.session.onEntry(({ seq, event }) => {
      if (event.type === 'ink.drawn') arrivals.push([seq, Date.now()]);
    });
    let before = window.session.view().connection;
    window.session.subscribe(() => {
      const { connection } = window.session.view();
      if (connection === 'lost' && before !== 'lost')
        document.body.dataset.reconnects = String(Number(document.body.dataset.reconnects ?? 0) + 1);
      before = connection;
    });
  });
}

async function inkDelays(
  page: Page,
  sentAt: ReadonlyMap<number, number>,
  from: number,
  to: number,
): Promise<number[]> {
  const arrivals = new Map(
    await page.evaluate(() => {
      const view: Window & { arrivals?: [number, number][] } = window;
      return view.arrivals ?? [];
    }),
  );
  return [...sentAt]
    .filter(([, at]) => at >= from && at < to)
    .map(([seq, at]) => (arrivals.get(seq) ?? Number.POSITIVE_INFINITY) - at);
}

async function recover(
  print: Print,
  classroom: Classroom,
  options: LinkOptions,
  seconds: number,
): Promise<void> {
  const link = createLink(options);
  const { page, close } = await classroom.join(link);
  try {
    await firstVoice(page);
    await wait(8_000);
    link.cut();
    await wait(1_000 * seconds);
    link.restore();
    const restored = Date.now();
    const voice = await voiceAgain(page);
    await page.waitForFunction(() => window.session.view().connection === 'joined', undefined, {
      timeout: 60_000,
    });
    const common = { bench: 'thin-link', unit: 'ms', goal: 2_000, better: 'lower', against: {} } as const;
    print({ ...common, name: `recover_ms ${seconds} s cut on D, voice`, value: voice - restored });
    print({ ...common, name: `recover_ms ${seconds} s cut on D, log`, value: Date.now() - restored });
  } finally {
    await close();
    await link.close();
  }
}

/** Wall time from which on voice packets come again. */
async function voiceAgain(page: Page): Promise<number> {
  const { voiceBytes } = await readReception(page);
  for (;;) {
    const now = await readReception(page);
    if (now.voiceBytes !== voiceBytes) return Date.now();
    await wait(50);
  }
}

const thin = (kbps: number): LinkOptions => ({
  down: { kbps, delayMs: 300, lossPct: 10 },
  up: { kbps: 32, delayMs: 300, lossPct: 10 },
});

/** The thinnest downlink at 600 ms and 10% loss over which a lesson passes. */
async function lowest(print: Print, classroom: Classroom, windowMs: number, options: Options): Promise<void> {
  let passed: number | null = null;
  const rates = options.rates ? options.rates.split(',').map(Number) : RATES;
  for (const kbps of rates) {
    const outcome = await attend(classroom, thin(kbps), windowMs);
    report(print, `${kbps}k 600ms 10%`, outcome, null);
    const inTime = outcome.inkP95 !== null && outcome.inkP95 <= INK_P95_MS;
    if (outcome.voicePct < VOICE_PCT || !inTime || outcome.reconnects > 0) break;
    passed = kbps;
  }
  let bare: number | null = null;
  if (options.bare !== 'no')
    for (const kbps of BARE_RATES) {
      const pct = await bareVoice(thin(kbps), windowMs, options);
      if (pct === null || pct < VOICE_PCT) break;
      bare = kbps;
    }
  print({
    ...{ bench: 'thin-link', name: 'lowest_downlink_kbps', value: passed, unit: 'kbit/s', goal: 24 },
    ...{ better: 'lower', against: { 'mediasoup at its defaults (null: none up to 512)': bare } },
  });
}

async function bareVoice(link: LinkOptions, windowMs: number, options: Options): Promise<number | null> {
  if (options.bare === 'no') return null;
  const bare = await BareClassroom.open(link);
  try {
    await wait(SETTLE_MS);
    const before = await readReception(bare.receiver);
    await wait(windowMs);
    const after = await readReception(bare.receiver);
    return round(
      100 * (1 - (after.concealed - before.concealed) / Math.max(1, after.samples - before.samples)),
      2,
    );
  } finally {
    await bare.close();
  }
}

function secondsOn(
  rungs: readonly { at: number; rung: Rung }[],
  from: number,
  to: number,
): Outcome['seconds'] {
  const seconds: Partial<Record<Rung, number>> = {};
  for (const [i, { at, rung }] of rungs.entries()) {
    const begin = Math.max(from, at);
    const end = Math.min(to, rungs[i + 1]?.at ?? to);
    if (end > begin) seconds[rung] = (seconds[rung] ?? 0) + round((end - begin) / 1_000, 1);
  }
  return seconds;
}

function percentile(values: readonly number[], share: number): number | null {
  const value = values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];
  return value === undefined || value === Number.POSITIVE_INFINITY ? null : value;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
