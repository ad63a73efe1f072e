import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { RouteOutput } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { giveBuild } from '../../server/store/rollouts.ts';
import { copyBuildAs, writeBareBuild } from '../support/builds.ts';
import { launchChromium } from '../support/chromium.ts';
import { get, signIn } from '../support/client.ts';
import { post } from '../support/device.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PAGES = join(import.meta.dirname, '../../dist/client');
const FORMER = 'Former01';
const BROKEN = 'Broken01';
/** How often a screen that did not start is loaded anew: `client/public/guard.js`. */
const LOOK_MS = 4 * 60_000;

describe('the pages of a screen', function () {
  this.timeout(120_000);
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  let technician: string;
  let newest: string;
  let place: string;
  let device: string;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(), launchChromium()]);
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    newest = server.devices.builds.newest ?? assert.fail('the pages are built');
    const former = join(server.directory, 'former');
    await copyBuildAs(PAGES, former, newest, FORMER);
    const broken = join(server.directory, 'broken');
    await writeBareBuild(broken, BROKEN);
    await copyFile(join(PAGES, 'guard.js'), join(broken, 'guard.js'));
    for (const pages of [former, broken]) await server.devices.builds.keep(pages);
    page = await (await browser.newContext()).newPage();
    await page.goto(`${server.url}/room?lang=en`);
    const code = (await page.getByTestId('code').innerText()).replace(/\D/g, '');
    const room = { name: '新教室', school: 'demo-lotus' };
    const enrolled = await post<RouteOutput<'device.enrol'>>(
      ...([server.url, '/devices', { code, room }, technician] as const),
    );
    device = enrolled.device;
    place = `/rooms/${enrolled.room}/devices/${device}`;
    await runs(newest);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const runs = (build: string) =>
    eventually(
      async () => {
        const { online, facts } = await get<RouteOutput<'device.show'>>(server.url, place, technician);
        return online && facts?.version.endsWith(` ${build}`) === true;
      },
      `the screen runs ${build}`,
      60_000, // all of the build is fetched before it is opened
    );

  it('are changed by a roll-out, and changed back, by nobody there', async () => {
    await giveBuild(device, FORMER);
    server.devices.fleet.tell(device, { type: 'build', build: FORMER });
    await runs(FORMER);
    const plan = { waves: [{ percent: 100 }], soakMinutes: 0, failPercent: 0 };
    const { id } = await post<{ id: string }>(server.url, '/updates', plan, technician);
    await runs(newest);
    await post(server.url, `/updates/${id}/return`, {}, technician);
    await runs(FORMER);
  });

  it('are loaded anew where they do not start, until the server has some that do', async () => {
    await giveBuild(device, BROKEN);
    await page.clock.install();
    const served = async () => (await page.content()).includes(BROKEN);
    await eventually(async () => {
      await page.reload();
      return served();
    }, 'a page that does not start');
    await giveBuild(device, FORMER);
    await page.clock.fastForward(LOOK_MS);
    await eventually(async () => !(await served().catch(() => true)), 'it is loaded anew', 20_000);
    await runs(FORMER);
  });
});
