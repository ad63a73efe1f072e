import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { shownPages } from '../../../protocol/board.ts';
import type { LessonState } from '../../../protocol/lesson.ts';
import { DEMO_PASSWORD } from '../../../server/demo/demo.ts';
import { CoursewareSite } from '../../server/courseware-site.ts';
import { sendTo } from '../../server/http-server.ts';
import type { Classroom } from '../../support/classroom.ts';
import { signIn } from '../../support/client.ts';
import { randomFrom } from '../../support/link/random.ts';
import { readReception } from '../../support/reception.ts';
import { DEMO } from '../../support/server.ts';
import { voiceInTime } from './voice-in-time.ts';

/** Voice is watched for so long after a page has been turned, whenever it came. */
const WINDOW_MS = 15_000;
/** Of a drawing: about 23 kB as it travels. */
const POINTS = 6_000;

export interface PageTurn {
  readonly pageMs: number;
  readonly bytes: number;
  readonly voicePct: number;
}

export interface LaidPage {
  readonly id: string;
  readonly sha256: string;
}

/** A page of courseware that no room has fetched, laid into the lesson that goes on. */
export async function layPage(classroom: Classroom, seed: number): Promise<LaidPage> {
  const { server, lesson, pen } = classroom;
  const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
  const send: typeof sendTo = (path, options) => sendTo(server.url + path, options);
  const site = new CoursewareSite({ url: server.url, send }, cookie, lesson);
  const before = new Set(shownPages(pen.state.board).map((page) => page.id));
  const { state, problem } = await site.bring(`drawing-${seed}.svg`, drawing(seed));
  if (state !== 'ready') throw new Error(`the page is ${state}: ${problem}`);
  const laid = ({ board }: LessonState) => shownPages(board).find(({ id }) => !before.has(id));
  await pen.until((lesson) => laid(lesson) !== undefined);
  const page = laid(pen.state);
  if (!page?.file) throw new Error('a page without a file');
  return { id: page.id, sha256: page.file.sha256 };
}

/** The teacher turns to it, the room's page fetches it, and its voice is watched. */
export async function turnPage(
  classroom: Classroom,
  page: Page,
  { id, sha256 }: LaidPage,
): Promise<PageTurn> {
  const before = await readReception(page);
  const watched = wait(WINDOW_MS).then(() => readReception(page));
  await classroom.pen.perform('page.turn', { page: id });
  const fetched = await page.evaluate(async (url) => {
    const from = performance.now();
    const { body } = await fetch(url);
    const reader = body?.getReader();
    while (reader && !(await reader.read()).done);
    const [timing] = performance.getEntriesByName(new URL(url, location.href).href);
    const bytes = timing instanceof PerformanceResourceTiming ? timing.encodedBodySize : 0;
    return { ms: performance.now() - from, bytes };
  }, `/courseware/${classroom.lesson}/${sha256}`);
  return {
    pageMs: Math.round(fetched.ms),
    bytes: fetched.bytes,
    voicePct: voiceInTime(before, await watched),
  };
}

function drawing(seed: number): string {
  const random = randomFrom(seed);
  const at = () => `${Math.round(1_600 * random())} ${Math.round(900 * random())}`;
  const strokes = Array.from({ length: POINTS / 20 }, () => {
    const points = Array.from({ length: 20 }, at).join(' ');
    return `<polyline fill="none" stroke="#222222" points="${points}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 900">${strokes.join('')}</svg>`;
}
