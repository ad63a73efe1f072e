import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page, WebSocketRoute } from 'playwright-core';
import type { RouteOutput } from '../../protocol/api.ts';
import { DEVICE_SOCKET_PATH } from '../../protocol/device-requests.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { createLesson } from '../../server/store/lessons.ts';
import { launchChromium } from '../support/chromium.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openRoom } from './support/room-check.ts';

const ROOM = 'demo-room1';
const MINUTE = 60_000;
const HOURS = 3 * 60 * MINUTE;
/** As in `client/faces/room/useRest.ts`, and a little. */
const REST_AFTER = 2 * MINUTE + 1_000;
const SLOW = 90 * MINUTE;
/** As in `client/devices/agent.ts`, and a little. */
const ANSWER = 21_000;
const GREET_AGAIN = 6_000;
/** As in `client/faces/room/useServerTime.ts`, and a little. */
const LOOK_AT_CLOCK = 11_000;
/** Where it is about eight now: a lesson in three hours is today's, whenever this runs. POSIX counts westwards. */
const east = ((8 - new Date().getUTCHours() + 12 + 24) % 24) - 12;
const MORNING = `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`;

describe('a room that nobody touches', function () {
  this.timeout(120_000);
  let server: TestServer;
  let browser: Browser;
  let technician: string;
  let teacher: TestClient;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(), launchChromium()]);
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
  });

  after(async () => {
    teacher?.close();
    await browser?.close();
    await server?.close();
  });

  const room = async () =>
    (await get<RouteOutput<'room.show'>>(server.url, `/rooms/${ROOM}`, technician)).room;

  it('sends its camera again when that was pulled out and is back', async () => {
    const context = await browser.newContext();
    await context.addInitScript(camerasWithCables);
    const { page } = await openRoom(context, { url: server.url, technician, room: ROOM, heard: false });
    teacher = await TestClient.connect(server.url, await signIn(server.url, 'dolma', DEMO_PASSWORD));
    const lesson = (await room()).next?.lesson;
    assert.ok(lesson);
    await teacher.join(lesson);
    await teacher.request('lesson.start', {});
    await teacher.until((state) => state.people[ROOM]?.online === true, 30_000);
    await teacher.request('stage.call', { participant: ROOM });
    await teacher.until((state) => sends(state, 'camera') && sends(state, 'mic'), 30_000);

    await cable(page, 'out');
    await teacher.until((state) => !sends(state, 'camera'), 30_000);
    await eventually(
      async () => (await room()).devices.some(({ report }) => report?.camera === 'missing'),
      'the technician sees it',
      20_000,
    );
    await cable(page, 'in');
    await teacher.until((state) => sends(state, 'camera'), 30_000);
    await eventually(
      async () => (await room()).devices.some(({ report }) => report?.camera === 'ok'),
      'and that it is well again',
      20_000,
    );
    await context.close();
  });

  it('goes to rest after its lesson, with nothing open, and is awake, checked and there before the next', async () => {
    const context = await browser.newContext({ timezoneId: MORNING });
    // After a power cut with a flat battery: the machine takes it for an hour and a half ago.
    await context.clock.install({ time: Date.now() - SLOW });
    await context.addInitScript(countOpenInputs);
    const greetingLost = loseFirstGreeting(context);
    const { page, show } = await openRoom(context, {
      ...{ url: server.url, technician, room: ROOM, heard: false },
    });
    // The server tells the time too, and its clock is the tests' own.
    let moved = 0;
    await page.route('**/api/v1/lessons', async (route) => {
      const response = await route.fetch();
      const answer = await response.json();
      answer.data.now += moved;
      await route.fulfill({ response, json: answer });
    });
    const pass = (ms: number) => {
      moved += ms;
      return page.clock.fastForward(ms);
    };
    // Its greeting got lost, and is said again.
    await greetingLost;
    for (const wait of [ANSWER, GREET_AGAIN]) await pass(wait);
    await page.locator('html[data-line]').waitFor();
    const isResting = page.locator('main[data-resting]');
    const openInputs = () => page.evaluate(() => document.documentElement.dataset.openInputs);
    await teacher.until((state) => sends(state, 'camera') && sends(state, 'mic'), 30_000);
    await teacher.request('stage.dismiss', { participant: ROOM });
    await teacher.until((state) => !sends(state, 'camera') && !sends(state, 'mic'), 30_000);
    await eventually(async () => (await openInputs()) === '0', 'sent back, it has given back what it sent');
    // The lesson ends while a microphone is only being opened: that one is given back too, once it is there.
    await inputs(page, 'slow');
    await teacher.request('stage.call', { participant: ROOM });
    await page.locator('html[data-asked-inputs]').waitFor();
    await teacher.request('lesson.end', {});
    const next = await createLesson({
      ...{ title: { 'zh-CN': '下一节' }, course: 'demo-maths', lead: 'demo-dolma', locals: [], classes: [] },
      ...{ rooms: [ROOM], startsAt: new Date(Date.now() + HOURS), endsAt: new Date(Date.now() + 2 * HOURS) },
    });
    server.devices.agendaChanged([ROOM]);
    await page.getByRole('heading', { name: '下一节' }).waitFor();
    await inputs(page, 'quick');
    const shownTime = () => page.locator('main time').first().innerText();
    const isRight = async () => (await shownTime()) === timeIn(MORNING, Date.now() + moved);
    await eventually(isRight, "the time is the server's");
    await page.clock.setSystemTime(Date.now() + moved);
    await pass(LOOK_AT_CLOCK);
    await eventually(isRight, 'and stays so when the machine learns of it');
    assert.equal(await isResting.count(), 0, 'bright as long as children may still look at it');

    await pass(REST_AFTER);
    await isResting.waitFor();
    await eventually(async () => (await openInputs()) === '0', 'camera and microphone are given back');
    await page.getByRole('heading', { name: '下一节' }).waitFor();
    await page.mouse.move(200, 200);
    await isResting.waitFor({ state: 'detached' });

    await pass(HOURS - 25 * MINUTE);
    await isResting.waitFor();
    await pass(9 * MINUTE);
    await isResting.waitFor({ state: 'detached' });
    const soon = await TestClient.connect(server.url, await signIn(server.url, 'dolma', DEMO_PASSWORD));
    await soon.join(next);
    await soon.until((state) => state.people[ROOM]?.online === true, 30_000);
    soon.close();
    await pass(5 * MINUTE);
    await eventually(
      async () => (await show()).checks[0]?.trigger === 'before_lesson',
      'checked ten minutes before',
      40_000,
    );
    await context.close();
  });

  function sends(state: LessonState, source: 'camera' | 'mic'): boolean {
    return Object.values(state.streams).some((one) => one.participant === ROOM && one.source === source);
  }
});

function timeIn(timeZone: string, at: number): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', minute: '2-digit' });
  return format.format(at).replace(/^0/, '');
}

/** Resolves once a device has greeted, and nobody has heard it. */
function loseFirstGreeting(context: BrowserContext): Promise<void> {
  return new Promise((resolve, reject) => {
    let isLost = false;
    const route = (page: WebSocketRoute) => {
      const server = page.connectToServer();
      page.onMessage((message) => {
        if (isLost || !String(message).includes('device.hello')) return server.send(message);
        isLost = true;
        resolve();
      });
    };
    context.routeWebSocket(({ pathname }) => pathname === `${DEVICE_SOCKET_PATH}/`, route).catch(reject);
  });
}

/**
 * Keeps count, on the page's first element, of the tracks of cameras and microphones that are open. Made slow, none
 * opens before they are made quick again.
 */
function countOpenInputs(): void {
  const tracks = new Set<MediaStreamTrack>();
  let slow: Promise<void> | null = null;
  let quicken = () => {};
  addEventListener('inputs', (event) => {
    quicken();
    if (!(event instanceof CustomEvent) || event.detail !== 'slow') return;
    slow = new Promise((resolve) => {
      quicken = resolve;
    });
  });
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    if (slow) {
      document.documentElement.setAttribute('data-asked-inputs', '');
      await slow;
    }
    const stream = await open(constraints);
    for (const track of stream.getTracks()) tracks.add(track);
    return stream;
  };
  const count = () => [...tracks].filter(({ readyState }) => readyState === 'live').length;
  setInterval(() => document.documentElement?.setAttribute('data-open-inputs', String(count())), 50);
}

/** Cameras that can be pulled out, as the browser tells pages of it: the track ends, and none can be opened. */
function camerasWithCables(): void {
  const opened = new Set<MediaStreamTrack>();
  let isOut = false;
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    if (isOut && constraints?.video) throw new DOMException('no camera', 'NotFoundError');
    const stream = await open(constraints);
    for (const track of stream.getVideoTracks()) opened.add(track);
    return stream;
  };
  addEventListener('cable', (event) => {
    isOut = event instanceof CustomEvent && event.detail === 'out';
    for (const track of opened) {
      if (track.readyState !== 'live' || !isOut) continue;
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
    opened.clear();
    mediaDevices.dispatchEvent(new Event('devicechange'));
  });
}

function cable(page: Page, end: 'in' | 'out'): Promise<void> {
  return page.evaluate((detail) => void dispatchEvent(new CustomEvent('cable', { detail })), end);
}

function inputs(page: Page, detail: 'slow' | 'quick'): Promise<void> {
  return page.evaluate((how) => void dispatchEvent(new CustomEvent('inputs', { detail: how })), detail);
}
