import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { CheckCode, CheckItem, CheckPart } from '../../protocol/devices.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { launchChromium } from '../support/chromium.ts';
import { signIn } from '../support/client.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type FakeDevices, fakeDevices } from './support/fake-devices.ts';
import { openRoom } from './support/room-check.ts';

/** Long enough that an answer is lost whose question was heard of late: what is cut here is cut from another process. */
const DELAY = { delayMs: 100 };
/** Until the server has answered what was asked just now, and before TCP tries again. */
const LOST_MS = 2 * DELAY.delayMs;

describe('the check of a room', function () {
  this.timeout(90_000);
  let server: TestServer;
  let technician: string;
  let folder: string;

  before(async () => {
    [server, folder] = await Promise.all([startTestServer(), mkdtemp(join(tmpdir(), 'tongke-devices-'))]);
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
  });

  after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  interface Surroundings {
    readonly heard: boolean;
    /** The screen stands behind it. */
    readonly link?: Link;
  }

  async function checkWith(
    devices: FakeDevices,
    room: string,
    { heard, link }: Surroundings,
  ): Promise<readonly CheckItem[]> {
    const browser = await launchChromium(await fakeDevices(folder, devices));
    try {
      const context = await browser.newContext();
      if (link) context.on('page', (page) => loseEveryOther(page, link));
      const url = link ? await throughLink(link) : server.url;
      const opened = await openRoom(context, { url, technician, room: { name: room }, heard });
      link?.setDown(DELAY);
      link?.setUp(DELAY);
      return await opened.check();
    } finally {
      await browser.close();
    }
  }

  /** Of what the check asks to measure the link by, every second time question or answer is lost. */
  function loseEveryOther(page: Page, link: Link): void {
    let asked = 0;
    const lose = ({ payload }: { payload: string | Buffer }) => {
      if (!String(payload).includes('{"name":"device.probe","input":{"bytes":0}}')) return;
      asked += 1;
      if (asked % 2 === 0) link.cut(LOST_MS);
    };
    page.on('websocket', (socket) => socket.on('framesent', lose));
  }

  async function throughLink(link: Link): Promise<string> {
    const target = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
    const { host, port } = await link.relayTcp({ target });
    return `http://${host}:${port}`;
  }

  const codeOf = (items: readonly CheckItem[], part: CheckPart): CheckCode | undefined =>
    items.find((item) => item.part === part)?.code;

  it('is green in a good room, in every part', async () => {
    const items = await checkWith({ camera: 'good', microphone: 'hum' }, 'good', { heard: true });
    assert.deepEqual(
      items.map(({ part }) => part),
      ['camera', 'microphone', 'loudspeaker', 'screen', 'link', 'clock', 'space'],
    );
    assert.deepEqual(
      items.filter(({ level }) => level !== 'green'),
      [],
    );
  });

  /** What is wrong with these is so however busy the machine is: they are checked at once. */
  it('finds what is wrong with cameras, microphones, loudspeakers and links', async () => {
    const link = createLink({ down: {}, up: {} });
    try {
      const [black, frozen, blurred] = await Promise.all([
        checkWith({ camera: 'black', microphone: 'hum' }, 'black', { heard: false }),
        checkWith({ camera: 'frozen', microphone: 'silent' }, 'frozen', { heard: false }),
        checkWith({ camera: 'blurred', microphone: 'hum' }, 'blurred', { heard: false, link }),
      ]);
      assert.equal(codeOf(black, 'camera'), 'camera_black', JSON.stringify(black));
      assert.equal(codeOf(black, 'microphone'), 'ok');
      assert.equal(codeOf(black, 'loudspeaker'), 'loudspeaker_unheard');

      assert.equal(codeOf(frozen, 'camera'), 'camera_frozen', JSON.stringify(frozen));
      assert.equal(codeOf(frozen, 'microphone'), 'microphone_silent');
      assert.notEqual(frozen.find(({ part }) => part === 'loudspeaker')?.level, 'green', 'nobody can know');

      assert.equal(codeOf(blurred, 'camera'), 'camera_blurred', JSON.stringify(blurred));
      assert.equal(codeOf(blurred, 'link'), 'link_lossy', JSON.stringify(blurred));
    } finally {
      await link.close();
    }
  });
});
