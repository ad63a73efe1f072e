import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { RouteOutput } from '../../protocol/api.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { readAudit } from '../../server/store/audit.ts';
import { createSchool } from '../../server/store/schools.ts';
import { writeBareBuild } from '../support/builds.ts';
import { get, signIn } from '../support/client.ts';
import { enrol, post, TestDevice } from '../support/device.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const FORMER = 'Former01';
/** The last has its lesson about now. */
const ROOMS = [
  ...['一', '二', '三', '四'].map((name) => ({ name, school: 'demo-lotus' })),
  { id: 'demo-room1' },
];
type List = RouteOutput<'update.list'>;

describe('updates of the screens', function () {
  this.timeout(30_000);
  let server: TestServer;
  let technician: string;
  let newest: string;
  const devices: TestDevice[] = [];
  const rooms: string[] = [];

  before(async () => {
    server = await startTestServer();
    server.devices.updates.rest();
    server.devices.alerts.rest();
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    const former = join(server.directory, 'former');
    await writeBareBuild(former, FORMER);
    await server.devices.builds.keep(former);
    for (const place of ROOMS) {
      const device = await TestDevice.create(server.url);
      const { code } = await device.pair();
      const { room } = await enrol(server.url, technician, { code, room: place });
      await device.signIn();
      devices.push(device);
      rooms.push(room);
      assert.equal(
        (await device.connect(`p${rooms.length}`, 0, `4 ${FORMER}`)).build,
        FORMER,
        'it keeps what it has',
      );
    }
    server.devices.directory.changed();
    newest = (await list()).newest ?? assert.fail('the pages are built');
  });

  after(async () => {
    for (const device of devices) device.close();
    await server.close();
  });

  const list = (cookie = technician) => get<List>(server.url, '/updates', cookie);
  const rollout = async () => (await list()).rollouts[0] ?? assert.fail();
  const look = () => server.devices.updates.look();
  const at = (i: number) => devices[i] ?? assert.fail();
  const stepOf = async (i: number) => (await rollout()).devices.find(({ room }) => room === rooms[i])?.step;
  const start = (
    cookie = technician,
    waves: object[] = [{ rooms: [rooms[0]] }, { rooms: rooms.slice(1, 3) }, { percent: 100 }],
  ) => post<{ id: string }>(server.url, '/updates', { waves, soakMinutes: 0, failPercent: 0 }, cookie);
  const page = async (i: number | null, path = '/room') => {
    const headers: Record<string, string> = i === null ? {} : { cookie: at(i).cookie };
    return (await fetch(server.url + path, { headers })).text();
  };
  /** As a screen that loads its page anew: it runs whatever the server hands out. */
  async function reload(i: number): Promise<string> {
    at(i).close();
    const build = /index-([\w-]+)\.js/.exec(await page(i))?.[1] ?? assert.fail();
    await at(i).connect(`p${i}${build}`, 0, `4 ${build}`);
    return build;
  }
  const told = async (i: number) => {
    const notice = await at(i).next('build');
    return notice.type === 'build' ? notice.build : assert.fail();
  };
  const check = (i: number, level: 'green' | 'red') =>
    at(i).ask('device.check', {
      trigger: 'asked',
      items: [{ part: 'camera', level, code: level === 'red' ? 'camera_black' : 'ok' }],
    });

  it('give each screen the pages it is to run, and everyone else the newest', async () => {
    assert.match(await page(0), new RegExp(FORMER));
    assert.match(await page(0, '/service-worker.js'), new RegExp(FORMER));
    assert.match(await page(null), new RegExp(newest));
    assert.doesNotMatch(await page(null, '/service-worker.js'), new RegExp(FORMER));
    assert.match(
      await page(null, `/assets/index-${FORMER}.js`),
      new RegExp(FORMER),
      'open pages need it still',
    );
    assert.deepEqual((await list()).behind.map(({ id }) => id).toSorted(), rooms.toSorted());
  });

  it('are begun by whoever looks after the rooms, and by nobody else', async () => {
    const teacher = await signIn(server.url, 'dolma', DEMO_PASSWORD);
    await assert.rejects(start(teacher), { code: 'forbidden' });
    await assert.rejects(start(at(0).cookie), { code: 'forbidden' });
    const far = await technicianOf('far-updates');
    await assert.rejects(start(far), { code: 'room_not_found' });
    await assert.rejects(start(far, [{ percent: 100 }]), { code: 'bad_request' }, 'it has no rooms');
    const refused = await readAudit({ action: 'update.start', outcome: 'room_not_found' }, 5);
    assert.equal(refused.length, 1);
  });

  it('go wave by wave: told, back, checked, well', async () => {
    const { id } = await start();
    await assert.rejects(start(), { code: 'update_running' });
    assert.equal(await told(0), newest);
    assert.equal(await stepOf(1), 'waiting');
    const far = await signIn(server.url, 'far-updates', DEMO_PASSWORD);
    for (const what of ['halt', 'return'])
      await assert.rejects(post(server.url, `/updates/${id}/${what}`, {}, far), { code: 'not_found' });
    assert.deepEqual((await list(far)).rollouts, []);

    assert.equal(await reload(0), newest);
    await look();
    const notice = await at(0).next('command');
    assert.equal(notice.type === 'command' && notice.command.kind, 'check');
    await check(0, 'green');
    await look();
    assert.equal(await stepOf(0), 'well');
    await look();
    assert.deepEqual([await told(1), await told(2)], [newest, newest]);
    assert.equal(await stepOf(3), 'waiting');
  });

  it('halt by themselves where a check turns red; the wave goes back, and an alert says so', async () => {
    for (const i of [1, 2]) assert.equal(await reload(i), newest);
    await look();
    await check(1, 'red');
    await look();
    const { state, haltedBy } = await rollout();
    assert.deepEqual([state, haltedBy], ['halted', 'failures']);
    assert.deepEqual([await told(1), await told(2)], [FORMER, FORMER]);
    for (const i of [1, 2]) assert.equal(await reload(i), FORMER, 'the server keeps it');
    await look();
    assert.deepEqual(
      await Promise.all([0, 1, 2, 3].map(stepOf)),
      ['well', 'returned', 'returned', 'waiting'],
      'the wave before stays, the one after never began',
    );
    await server.devices.alerts.look();
    assert.deepEqual(await failedRooms(), [rooms[1]]);
  });

  it('are taken back by a word, and all of it is in the audit', async () => {
    const { id } = await rollout();
    await post(server.url, `/updates/${id}/return`, {}, technician);
    assert.equal(await told(0), FORMER);
    assert.equal(await reload(0), FORMER);
    await look();
    assert.equal(await stepOf(0), 'returned');
    await server.devices.alerts.look();
    assert.deepEqual(await failedRooms(), []);
    for (const action of ['update.start', 'update.return'])
      assert.equal((await readAudit({ action, target: id, outcome: 'ok' }, 5)).length, 1, action);
  });

  it('tell a screen that was away when it comes, and can be halted', async () => {
    const { online } = server.devices.fleet.count();
    at(0).close();
    await eventually(() => server.devices.fleet.count().online < online, 'it is away');
    const { id } = await start(technician, [{ percent: 100 }]);
    await look();
    assert.equal(await stepOf(0), 'waiting');
    await post(server.url, `/updates/${id}/halt`, {}, technician);
    await at(0).connect('late', 0, `4 ${FORMER}`);
    await look();
    assert.equal(await stepOf(0), 'waiting', 'halted');
    const again = await start(technician, [{ percent: 100 }]);
    assert.notEqual(again.id, id);
    assert.equal(await told(0), newest);
    assert.equal(await stepOf(4), 'waiting', 'its lesson is near');
    assert.equal((await list()).rollouts.find((one) => one.id === id)?.closed, true);
  });

  async function failedRooms(): Promise<string[]> {
    const { open } = await get<RouteOutput<'alert.list'>>(server.url, '/alerts', technician);
    return open.filter(({ kind }) => kind === 'update_failed').map(({ room }) => room.id);
  }

  async function technicianOf(username: string): Promise<string> {
    const name = { 'zh-CN': '远方小学' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username, password, role: 'technician', name, school });
    return signIn(server.url, username, DEMO_PASSWORD);
  }
});
