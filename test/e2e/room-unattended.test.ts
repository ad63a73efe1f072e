import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import type { RouteOutput } from '../../protocol/api.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { launchChromium } from '../support/chromium.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openRoom } from './support/room-check.ts';

const ROOM = 'demo-room1';

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

  function sends(state: LessonState, source: 'camera' | 'mic'): boolean {
    return Object.values(state.streams).some((one) => one.participant === ROOM && one.source === source);
  }
});

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
