import assert from 'node:assert/strict';
import type { RouteOutput } from '../../protocol/api.ts';
import type { DeviceDetail } from '../../protocol/devices.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { readAudit } from '../../server/store/audit.ts';
import { createSchool } from '../../server/store/schools.ts';
import { get, signIn } from '../support/client.ts';
import { enrol, post, TestDevice } from '../support/device.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const ROOMS = ['demo-room1', 'demo-room2'];
const [ROOM = ''] = ROOMS;

describe('commands to devices', () => {
  let server: TestServer;
  let technician: string;
  const devices: TestDevice[] = [];
  const ids: string[] = [];

  before(async () => {
    server = await startTestServer();
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    for (const room of ROOMS) {
      const device = await TestDevice.create(server.url);
      const { code } = await device.pair();
      ids.push((await enrol(server.url, technician, { code, room: { id: room } })).device);
      await device.signIn();
      await device.connect('p1');
      devices.push(device);
    }
  });

  after(async () => {
    for (const device of devices) device.close();
    await server.close();
  });

  const first = () => devices[0] ?? assert.fail();
  const place = (i = 0) => `/rooms/${ROOMS[i]}/devices/${ids[i]}`;
  const command = (order: object, i = 0) =>
    post<{ id: string; state: string }>(server.url, `${place(i)}/commands`, order, technician);
  const detail = (i = 0) => get<DeviceDetail>(server.url, place(i), technician);
  async function told(i = 0) {
    const notice = await (devices[i] ?? assert.fail()).next('command');
    return notice.type === 'command' ? notice.command : assert.fail();
  }
  const result = (id: string, i = 0, cookie = technician) =>
    get<RouteOutput<'device.result'>>(server.url, `${place(i)}/commands/${id}`, cookie);

  it('choose a camera and a microphone of those that the device has', async () => {
    const inputs = {
      cameras: [{ id: 'c1', label: 'Front' }],
      microphones: [{ id: 'm1', label: 'Table' }],
      camera: 'c1',
    };
    await first().ask('device.report', { inputs });
    assert.deepEqual((await detail()).report?.inputs, inputs);
    await first().ask('device.report', { roundTripMs: 50 });
    assert.deepEqual((await detail()).report?.inputs, inputs, 'what did not change is kept');
    const choice = { camera: 'c1', microphone: null };
    const { id } = await command({ kind: 'choose', choice });
    assert.deepEqual(await told(), { id, kind: 'choose', choice });
    await assert.rejects(command({ kind: 'choose' }), { code: 'bad_request' });
    await assert.rejects(command({ kind: 'tone', choice }), { code: 'bad_request' });
    await assert.rejects(command({ kind: 'format_disk' }), { code: 'bad_request' });
  });

  it('bring a picture and a log, which only the technician of that room sees, and each look is written down', async () => {
    const picture = { type: 'image/webp', data: 'UklGRg' } as const;
    const { id } = await command({ kind: 'screenshot' });
    await told();
    await assert.rejects(result(id), { code: 'not_found' }, 'not yet');
    // Another device cannot put its own picture there, nor end the command.
    await devices[1]?.ask('device.done', {
      command: id,
      ok: true,
      result: { type: 'text/plain', data: 'no' },
    });
    await assert.rejects(result(id), { code: 'not_found' });
    await first().ask('device.done', { command: id, ok: true, result: picture });
    assert.deepEqual(await result(id), picture);
    assert.equal((await detail()).commands[0]?.hasResult, true);
    await assert.rejects(result(id, 1), { code: 'not_found' }, 'by the other device');
    const name = { 'zh-CN': '远方小学' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const far = await technicianOf(school, 'far-commands');
    await assert.rejects(result(id, 0, far), { code: 'room_not_found' });
    const looks = await readAudit({ action: 'device.result' }, 10);
    assert.deepEqual(
      looks.filter(({ outcome }) => outcome === 'ok').map(({ target }) => target),
      [ids[0]],
    );
    await first().ask('device.done', {
      command: id,
      ok: true,
      result: { type: 'text/plain', data: 'later' },
    });
    assert.deepEqual(await result(id), picture, 'what is done stays as it is');
  });

  it('of many rooms reach each screen, at once or when it is back', async () => {
    devices[1]?.close();
    await eventually(async () => !(await detail(1)).online, 'the second screen is gone');
    const asked = await post(server.url, '/fleet/commands', { rooms: ROOMS, kind: 'check' }, technician);
    assert.deepEqual(asked, { devices: 2, away: 1 });
    assert.equal((await told()).kind, 'check');
    const { commands = [] } = (await devices[1]?.connect('p2')) ?? {};
    assert.deepEqual(
      commands.map(({ kind }) => kind),
      ['check'],
    );
    await eventually(async () => {
      const entries = await readAudit({ action: 'fleet.check', outcome: 'ok' }, 10);
      return entries.length === 2;
    }, 'a line for each room in the audit');
  });

  it('of many rooms set the volume of each, and leave what else was set', async () => {
    await post(server.url, `/rooms/${ROOM}`, { settings: { ceilingKbps: 128 } }, technician);
    await first().next('settings');
    await post(server.url, '/fleet/settings', { rooms: ROOMS, settings: { volume: 0.5 } }, technician);
    const notice = await first().next('settings');
    assert.deepEqual(notice, { type: 'settings', settings: { ceilingKbps: 128, volume: 0.5 } });
  });

  it('of a room of another school, or of none, are refused as a whole, and logged', async () => {
    const name = { 'zh-CN': '别处小学' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const other = await technicianOf(school, 'other-commands');
    for (const rooms of [[ROOM], ['no-such-room']]) {
      await assert.rejects(post(server.url, '/fleet/commands', { rooms, kind: 'reload' }, other), {
        code: 'room_not_found',
      });
    }
    await assert.rejects(
      post(server.url, '/fleet/commands', { rooms: [ROOM, 'no-such-room'], kind: 'reload' }, technician),
      { code: 'room_not_found' },
    );
    await assert.rejects(
      post(server.url, '/fleet/commands', { rooms: [ROOM], kind: 'screenshot' }, technician),
      { code: 'bad_request' },
    );
    await eventually(async () => {
      const entries = await readAudit({ action: 'fleet.command', outcome: 'room_not_found' }, 10);
      return entries.length === 3;
    }, 'the refusals in the audit');
  });

  it('are one thing; what was measured is another, exported as a file', async () => {
    await first().ask('device.report', { roundTripMs: 120, levelIn: -30, cpu: 0.5, frames: 24 });
    await first().ask('device.report', { roundTripMs: 140 });
    await server.devices.fleet.flush();
    const csv = (path: string, cookie = technician) =>
      fetch(`${server.url}/api/v1${path}`, { headers: { cookie } });
    const response = await csv(`${place()}/series.csv?span=day`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/csv/);
    const [head = '', ...rows] = (await response.text()).replace('\uFEFF', '').trim().split('\r\n');
    assert.deepEqual(head.split(',').slice(0, 3), ['time', 'reports', 'roundTripMs']);
    const last = Object.fromEntries(
      head.split(',').map((column, i) => [column, (rows.at(-1) ?? '').split(',')[i]]),
    );
    assert.equal(last.levelIn, '-30', 'a number below zero is a number');
    assert.equal(last.cpu, '0.5', 'what did not change holds on');
    assert.equal((await csv(`/rooms/demo-room2/devices/${ids[0]}/series.csv`)).status, 404);
    assert.equal((await csv(`${place()}/series.csv`, '')).status, 401);
  });

  async function technicianOf(school: string, username: string): Promise<string> {
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username, password, role: 'technician', name: { 'zh-CN': username }, school });
    return signIn(server.url, username, DEMO_PASSWORD);
  }
});
