import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { RouteOutput } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { launchChromium } from '../support/chromium.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { post } from '../support/device.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
/** demo-room1 */
const ROOM_NAME = 'Snow Lotus classroom';
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

describe("a classroom's screen, unattended", function () {
  this.timeout(180_000);
  let server: TestServer;
  let technician: string;
  let profile: string;
  let child: ChildProcess | null = null;

  before(async () => {
    server = await startTestServer();
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    profile = await mkdtemp(join(tmpdir(), 'tongke-kiosk-'));
  });

  after(async () => {
    if (child) kill(child);
    await server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  /** As the kiosk script does: one profile that stays, one address, nobody there. */
  function powerOn(): void {
    const args = [...FLAGS, `--user-data-dir=${profile}`, '--remote-debugging-port=0', `${server.url}/room`];
    child = spawn(CHROMIUM, args, { stdio: 'ignore', detached: true });
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
    await enterCode(code);
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
    assert.deepEqual(await checkInLesson(), ['loudspeaker lesson_running', 'link roundTripMs']);
    teacher.close();
    await powerCut();
  });

  /** No tone is played in the middle of a lesson, and nothing sent to measure its link by. */
  async function checkInLesson(): Promise<string[]> {
    const place = `/rooms/demo-room1/devices/${(await room()).devices[0]?.id}`;
    const { id } = await post<{ id: string }>(server.url, `${place}/commands`, { kind: 'check' }, technician);
    const show = () => get<RouteOutput<'device.show'>>(server.url, place, technician);
    await eventually(
      async () => (await show()).commands.find((one) => one.id === id)?.state === 'done',
      'the check has its result',
      40_000,
    );
    const items = (await show()).checks[0]?.items ?? [];
    const [loudspeaker, link] = ['loudspeaker', 'link'].map((part) => items.find((one) => one.part === part));
    return [`loudspeaker ${loudspeaker?.code}`, `link ${Object.keys(link?.values ?? {})}`];
  }

  /** The first visit, watched: shows a code, and keeps its key in the profile. */
  async function pairInBrowser(): Promise<string> {
    const context = await openProfile(profile);
    const page = context.pages()[0] ?? (await context.newPage());
    const code = await shownCode(page);
    await context.close();
    return code;
  }

  /** As a technician who has scanned the picture, and looks after more rooms than are chosen among at a glance. */
  async function enterCode(code: string): Promise<void> {
    const room = { role: 'room', password: 'none', school: 'demo-lotus' } as const;
    const others = Array.from({ length: 12 }, (_, i) => ({
      ...room,
      username: `other${i}`,
      name: { 'zh-CN': `${i}` },
    }));
    await Promise.all(others.map(createAccount));
    server.devices.directory.changed();
    const browser = await launchChromium();
    try {
      const context = await browser.newContext();
      const [name = '', value = ''] = technician.split('=');
      await context.addCookies([{ name, value, url: server.url }]);
      const page = await context.newPage();
      await page.goto(`${server.url}/devices/pair?code=${code}&lang=en`);
      await page.getByLabel('Find a room or school').fill(ROOM_NAME);
      await page.getByRole('button', { name: 'Room' }).click();
      await page.getByRole('option', { name: ROOM_NAME }).click();
      await page.getByRole('button', { name: 'Pair' }).click();
      await page.waitForURL(`${server.url}/devices/demo-room1`);
    } finally {
      await browser.close();
    }
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
});
