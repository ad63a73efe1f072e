import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Rung } from '../../../protocol/link.ts';
import type { Classroom } from '../../support/classroom.ts';
import { createLink } from '../../support/link/link.ts';
import type { LinkOptions } from '../../support/link/options.ts';
import { startWriting } from '../../support/pen.ts';
import { readReception } from '../../support/reception.ts';
import { percentile } from '../bench.ts';
import { layPage, type PageTurn, turnPage } from './page-turn.ts';
import { round, voiceInTime } from './voice-in-time.ts';

/** Time to find one's place on the ladder before what arrives is counted. */
export const SETTLE_MS = 15_000;

/** Another seed for every run, the same ones in every benchmark. */
let runs = 0;

export interface Outcome {
  readonly firstVoiceMs: number;
  readonly voicePct: number;
  /** Infinity for ink that never came. */
  readonly inkP50: number;
  readonly inkP95: number;
  /** Until the end of the window. */
  readonly reconnects: number;
  readonly playoutMs: number;
  readonly kbps: { readonly voice: number; readonly picture: number; readonly rest: number };
  readonly seconds: Readonly<Partial<Record<Rung, number>>>;
  readonly frames: number;
  readonly lateMs: number;
  /** A page that the room had not fetched ahead. */
  readonly page: PageTurn & { readonly reconnects: number };
}

/** A room joins over a link, and is watched for a while. */
export async function attend(classroom: Classroom, options: LinkOptions, windowMs: number): Promise<Outcome> {
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
    const heard = firstHeard(page);
    await firstVoice(page);
    const firstVoiceMs = (await heard) - enteredAt;
    await noteInk(page);
    const [laid] = await Promise.all([layPage(classroom, runs), wait(SETTLE_MS)]);
    const [before, bytes, from] = [await readReception(page), link.stats().down, Date.now()];
    await wait(windowMs);
    const [after, bytesAfter, to] = [await readReception(page), link.stats().down, Date.now()];
    await wait(3_000); // ink that is late is late, not lost
    const ink = await inkDelays(page, writing.sentAt, from, to);
    const reconnects = await reconnectsOf(page);
    const pageTurn = await turnPage(classroom, page, laid);
    const duringPage = (await reconnectsOf(page)) - reconnects;
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
      voicePct: voiceInTime(before, after),
      inkP50: Math.round(percentile(ink, 0.5)),
      inkP95: Math.round(percentile(ink, 0.95)),
      reconnects,
      playoutMs: after.playoutMs,
      kbps: {
        voice: round(voice * perSecond, 1),
        picture: round(picture * perSecond, 1),
        rest: round((total - voice - picture) * perSecond, 1),
      },
      seconds: secondsOn(rungs, from, to),
      frames: after.frames - before.frames,
      lateMs: Math.round(link.stats().worstLateMs),
      page: { ...pageTurn, reconnects: duringPage },
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

/** Wall time of the first sound, that which comes before WebRTC's too. */
async function firstHeard(page: Page): Promise<number> {
  const isEarly = () => window.session.media.view().early !== null;
  const early = page.waitForFunction(isEarly, undefined, { polling: 50, timeout: 0 }).then(() => Date.now());
  early.catch(() => undefined); // there need not be any
  return Promise.race([early, firstVoice(page)]);
}

/** Wall time of the first sound over WebRTC. */
export async function firstVoice(page: Page): Promise<number> {
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

function reconnectsOf(page: Page): Promise<number> {
  return page.evaluate(() => Number(document.body.dataset.reconnects ?? 0));
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

/** Wall time from which on voice packets come again. */
export async function voiceAgain(page: Page): Promise<number> {
  const { voiceBytes } = await readReception(page);
  for (;;) {
    const now = await readReception(page);
    if (now.voiceBytes !== voiceBytes) return Date.now();
    await wait(50);
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
