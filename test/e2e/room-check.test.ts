import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckCode, CheckItem, CheckPart } from '../../protocol/devices.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { launchChromium } from '../support/chromium.ts';
import { signIn } from '../support/client.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type FakeDevices, fakeDevices } from './support/fake-devices.ts';
import { openRoom } from './support/room-check.ts';

/**
 * Of a link that is else a good one, while the check looks for it: what is sent in one moment of every eight is lost. No
 * multiple of the times after which TCP tries again. Milliseconds.
 */
const DELAY = { delayMs: 40 };
const LOST_MS = 40;
const LOST_EVERY_MS = 330;
const LOSING_MS = 12_000;

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
    { heard, link }: Surroundings,
  ): Promise<readonly CheckItem[]> {
    const browser = await launchChromium(await fakeDevices(folder, devices));
    try {
      const context = await browser.newContext();
      const url = link ? await throughLink(link) : server.url;
      const room = await openRoom(context, { url, technician, room: 'demo-room2', heard });
      link?.setDown(DELAY);
      link?.setUp(DELAY);
      const losing = setInterval(() => link?.cut(LOST_MS), LOST_EVERY_MS);
      setTimeout(() => clearInterval(losing), LOSING_MS);
      return await room.check();
    } finally {
      await browser.close();
    }
  }

  async function throughLink(link: Link): Promise<string> {
    const target = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
    const { host, port } = await link.relayTcp({ target });
    return `http://${host}:${port}`;
  }

  const codeOf = (items: readonly CheckItem[], part: CheckPart): CheckCode | undefined =>
    items.find((item) => item.part === part)?.code;

  it('is green in a good room, in every part', async () => {
    const items = await checkWith({ camera: 'good', microphone: 'hum' }, { heard: true });
    assert.deepEqual(
      items.map(({ part }) => part),
      ['camera', 'microphone', 'loudspeaker', 'screen', 'link', 'clock', 'space'],
    );
    assert.deepEqual(
      items.filter(({ level }) => level !== 'green'),
      [],
    );
  });

  it('finds a camera that is black, and a loudspeaker that is off', async () => {
    const items = await checkWith({ camera: 'black', microphone: 'hum' }, { heard: false });
    assert.equal(codeOf(items, 'camera'), 'camera_black', JSON.stringify(items[0]));
    assert.equal(codeOf(items, 'microphone'), 'ok');
    assert.equal(codeOf(items, 'loudspeaker'), 'loudspeaker_unheard');
  });

  it('finds a camera that stands still, and a microphone that is silent', async () => {
    const items = await checkWith({ camera: 'frozen', microphone: 'silent' }, { heard: false });
    assert.equal(codeOf(items, 'camera'), 'camera_frozen', JSON.stringify(items[0]));
    assert.equal(codeOf(items, 'microphone'), 'microphone_silent');
    assert.notEqual(items.find(({ part }) => part === 'loudspeaker')?.level, 'green', 'nobody can know');
  });

  it('finds a camera that is out of focus, and a link that loses packets', async () => {
    const link = createLink({ down: {}, up: {} });
    try {
      const items = await checkWith({ camera: 'blurred', microphone: 'hum' }, { heard: false, link });
      assert.equal(codeOf(items, 'camera'), 'camera_blurred', JSON.stringify(items[0]));
      assert.equal(codeOf(items, 'link'), 'link_lossy', JSON.stringify(items));
    } finally {
      await link.close();
    }
  });
});
