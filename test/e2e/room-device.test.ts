import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { RouteOutput } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { post } from '../support/device.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--headless=new',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

/** A room in which what the loudspeaker plays is heard by the microphone, over a digital cable instead of air. */
function joinLoudspeakerToMicrophone(): void {
  const buses = new Map<BaseAudioContext, MediaStreamAudioDestinationNode>();
  const connect = AudioNode.prototype.connect as (this: AudioNode, ...args: unknown[]) => AudioNode;
  const room = new AudioContext();
  const air = room.createMediaStreamDestination();
  AudioNode.prototype.connect = function (this: AudioNode, ...args: unknown[]) {
    const [target] = args;
    if (target instanceof AudioDestinationNode && this.context instanceof AudioContext) {
      const bus = buses.get(this.context) ?? this.context.createMediaStreamDestination();
      if (!buses.has(this.context)) {
        buses.set(this.context, bus);
        connect.call(room.createMediaStreamSource(bus.stream), air);
      }
      connect.call(this, bus);
    }
    return connect.apply(this, args);
  } as typeof AudioNode.prototype.connect;
  // The hum of a room: no microphone that works gives digital silence.
  const hum = room.createOscillator();
  const soft = room.createGain();
  soft.gain.value = 0.002;
  hum.frequency.value = 150;
  connect.call(hum, soft);
  connect.call(soft, air);
  hum.start();
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    if (!constraints?.audio || constraints.video) return open(constraints);
    return new MediaStream(air.stream.getAudioTracks().map((track) => track.clone()));
  };
}

describe("a classroom's screen, unattended", function () {
  this.timeout(180_000);
  let server: TestServer;
  let technician: string;
  let profile: string;
  let child: ChildProcess | null = null;
  let browser: Browser | null = null;

  before(async () => {
    server = await startTestServer();
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    profile = await mkdtemp(join(tmpdir(), 'tongke-kiosk-'));
  });

  after(async () => {
    await browser?.close();
    if (child) kill(child);
    await server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  /** As the kiosk script does: one profile that stays, one address, nobody there. */
  function powerOn(): void {
    const args = [...FLAGS, `--user-data-dir=${profile}`, '--remote-debugging-port=0', `${server.url}/room`];
    child = spawn(CHROMIUM, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    child.stderr?.resume();
  }

  /** The power is cut: every process of the browser ends at once, with no chance to say or write anything. */
  async function powerCut(): Promise<void> {
    assert.ok(child);
    const gone = once(child, 'exit');
    kill(child);
    await gone;
    child = null;
  }

  function kill({ pid }: ChildProcess): void {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL'); // its own process group, and nothing else
  }

  const room = async () =>
    (await get<RouteOutput<'room.show'>>(server.url, '/rooms/demo-room1', technician)).room;

  it('is paired by its code, loses power, comes back and joins the running lesson by itself', async () => {
    assert.ok(existsSync(CHROMIUM), 'there is a browser');
    const code = await pairInBrowser();
    await post(server.url, '/devices', { code, room: { id: 'demo-room1' } }, technician);
    powerOn();
    await eventually(async () => (await room()).online, 'the room is online', 60_000);

    const teacher = await TestClient.connect(server.url, await signIn(server.url, 'dolma', DEMO_PASSWORD));
    const lesson = (await room()).next?.lesson;
    assert.ok(lesson);
    await teacher.join(lesson);
    await teacher.request('lesson.start', {});
    const here = (online: boolean) =>
      teacher.until((state) => state.people['demo-room1']?.online === online, 60_000);
    await here(true);

    await powerCut();
    const cutAt = performance.now();
    await here(false);
    powerOn();
    await here(true);
    const away = performance.now() - cutAt;
    assert.ok(away < 60_000, `it was back after ${Math.round(away)} ms`);
    await eventually(
      async () => (await room()).devices[0]?.events[0]?.kind === 'power_cut',
      'the power cut is in its history',
      30_000,
    );
    teacher.close();
    await powerCut();
  });

  /** The first visit, watched: shows a code, and keeps its key in the profile. */
  async function pairInBrowser(): Promise<string> {
    const context = await openProfile(profile);
    const page = context.pages()[0] ?? (await context.newPage());
    const code = await shownCode(page);
    await context.close();
    return code;
  }

  async function shownCode(page: Page): Promise<string> {
    await page.goto(`${server.url}/room?lang=en`);
    const text = await page.getByTestId('code').innerText();
    assert.equal(await page.getByRole('img', { name: 'Picture to scan' }).count(), 1);
    return text.replace(/\D/g, '');
  }

  function openProfile(directory: string): Promise<BrowserContext> {
    return chromium.launchPersistentContext(directory, { executablePath: CHROMIUM, args: FLAGS });
  }

  it('checks itself: green where all is well, and names what is not', async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const good = await checkIn(browser, 'demo-room2', true);
    assert.deepEqual(
      good.filter(({ level }) => level !== 'green'),
      [],
    );
    assert.deepEqual(
      good.map(({ part }) => part),
      ['camera', 'microphone', 'loudspeaker', 'screen', 'link', 'clock', 'space'],
    );
    const deaf = await checkIn(browser, 'demo-room2', false);
    const speaker = deaf.find(({ part }) => part === 'loudspeaker');
    assert.equal(speaker?.code, 'loudspeaker_unheard', 'a loudspeaker that is off');
  });

  async function checkIn(inBrowser: Browser, roomId: string, heard: boolean) {
    const context = await inBrowser.newContext();
    if (heard) await context.addInitScript(joinLoudspeakerToMicrophone);
    const page = await context.newPage();
    const code = await shownCode(page);
    const { device } = await post<RouteOutput<'device.enrol'>>(
      ...([server.url, '/devices', { code, room: { id: roomId } }, technician] as const),
    );
    const show = async () => {
      const answer = await get<RouteOutput<'room.show'>>(server.url, `/rooms/${roomId}`, technician);
      return answer.room.devices.find(({ id }) => id === device);
    };
    await eventually(async () => (await show())?.online === true, 'the device is online', 30_000);
    const before = (await show())?.checks.length ?? 0;
    await post(server.url, `/rooms/${roomId}/devices/${device}/commands`, { kind: 'check' }, technician);
    await eventually(
      async () => (await show())?.commands[0]?.state === 'done',
      'the check has its result',
      40_000,
    );
    const shown = await show();
    assert.ok((shown?.checks.length ?? 0) > before);
    await context.close();
    return shown?.checks[0]?.items ?? [];
  }
});
