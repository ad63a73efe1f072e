import assert from 'node:assert/strict';
import type { RouteOutput } from '../../protocol/api.ts';
import type { DeviceDetail } from '../../protocol/devices.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { countStretches, readSeries, SeriesWriter } from '../../server/store/device-series.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { enrol, post, TestDevice } from '../support/device.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const ROOM = 'demo-room1';

describe('devices', () => {
  let server: TestServer;
  let technician: string;
  let device: TestDevice;
  let id: string;

  before(async () => {
    server = await startTestServer();
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    device = await TestDevice.create(server.url);
    const { code } = await device.pair();
    id = (await enrol(server.url, technician, { code, room: { id: ROOM } })).device;
    await device.signIn();
  });

  after(async () => {
    device.close();
    await server.close();
  });

  const detail = () => get<DeviceDetail>(server.url, `/rooms/${ROOM}/devices/${id}`, technician);
  const list = (query = '') => get<RouteOutput<'room.list'>>(server.url, `/rooms${query}`, technician);
  const summary = async () => (await list()).rooms.find((room) => room.id === ROOM);
  const command = (kind: string) =>
    post<{ id: string; state: string }>(
      server.url,
      `/rooms/${ROOM}/devices/${id}/commands`,
      { kind },
      technician,
    );

  it('are red in the list while their lesson waits and they are away, and green once they are there', async () => {
    assert.deepEqual(await summary().then((room) => [room?.level, room?.reason, room?.online]), [
      'red',
      'offline_lesson',
      false,
    ]);
    const { agenda, settings } = await device.connect('p1');
    assert.notEqual(agenda, '');
    assert.deepEqual(settings, { ceilingKbps: null, volume: 1 });
    await device.ask('device.report', { roundTripMs: 80, camera: 'ok', microphone: 'ok' });
    const room = await summary();
    assert.deepEqual([room?.level, room?.online, room?.roundTripMs], ['green', true, 80]);
    assert.ok(room?.next, 'with its next lesson');
  });

  it('say what is wrong: a camera that is gone, a poor link, a check that failed', async () => {
    await device.ask('device.report', { camera: 'missing' });
    assert.equal((await summary())?.reason, 'input_trouble');
    await device.ask('device.report', { camera: 'ok', roundTripMs: 3_000 });
    assert.equal((await summary())?.reason, 'link_poor');
    await device.ask('device.report', { roundTripMs: 50 });
    await device.ask('device.check', {
      trigger: 'asked',
      items: [
        { part: 'camera', level: 'red', code: 'camera_black', values: { brightness: 3 } },
        { part: 'link', level: 'green', code: 'ok' },
      ],
    });
    const room = await summary();
    assert.deepEqual([room?.level, room?.reason], ['red', 'check_red']);
    assert.equal((await detail()).checks[0]?.items[0]?.code, 'camera_black');
    await device.ask('device.check', {
      trigger: 'asked',
      items: [{ part: 'link', level: 'green', code: 'ok' }],
    });
    assert.equal((await summary())?.level, 'green');
  });

  it('are asked for nothing but what is theirs, and refuse what does not fit', async () => {
    const hostile: [unknown, string][] = [
      [null, 'bad_request'],
      [{ name: 'lesson.join', input: { lesson: 'x' } }, 'unknown_request'],
      [{ name: '__proto__', input: {} }, 'unknown_request'],
      [{ name: 'device.report', input: { roundTripMs: -1 } }, 'bad_request'],
      [{ name: 'device.check', input: { trigger: 'asked', items: [] } }, 'bad_request'],
      [{ name: 'device.probe', input: { bytes: 1e9 } }, 'bad_request'],
    ];
    for (const [envelope, code] of hostile) {
      const answer = (await device.raw(envelope)) as { ok: boolean; error?: { code: string } };
      assert.equal(answer.error?.code, code, JSON.stringify(envelope));
    }
    const password = new TestDeviceOfPeople(server.url, await signIn(server.url, 'room2', DEMO_PASSWORD));
    await assert.rejects(password.connect(), { code: 'forbidden' });
  });

  it('do what they are told, at once or when they are back, and each command has its result', async () => {
    const told = await command('identify');
    assert.equal(told.state, 'sent');
    assert.deepEqual(await device.next('command'), {
      type: 'command',
      command: { id: told.id, kind: 'identify' },
    });
    await device.ask('device.done', { command: told.id, ok: true });
    device.close();
    await eventually(async () => !(await detail()).online, 'the device is gone');
    const queued = await command('check');
    assert.equal(queued.state, 'queued');
    const { commands } = await device.connect('p2');
    assert.deepEqual(commands, [{ id: queued.id, kind: 'check' }]);
    await device.ask('device.done', { command: queued.id, ok: false, detail: 'camera_missing' });
    const records = (await detail()).commands;
    assert.deepEqual(
      records.map(({ kind, state, detail: why }) => [kind, state, why]),
      [
        ['check', 'failed', 'camera_missing'],
        ['identify', 'done', undefined],
      ],
    );
    assert.equal(records[0]?.by['zh-CN'], '洛桑');
    await device.ask('device.done', { command: told.id, ok: false });
    assert.equal((await detail()).commands[1]?.state, 'done', 'what is done stays done');
  });

  it('are told a new volume and ceiling, which stay with the room', async () => {
    await post(
      server.url,
      `/rooms/${ROOM}`,
      { settings: { ceilingKbps: 128, volume: 0.5 }, notes: '钥匙在校长处' },
      technician,
    );
    const notice = await device.next('settings');
    assert.deepEqual(notice, { type: 'settings', settings: { ceilingKbps: 128, volume: 0.5 } });
    const { room } = await get<RouteOutput<'room.show'>>(server.url, `/rooms/${ROOM}`, technician);
    assert.equal(room.notes, '钥匙在校长处');
    device.close();
    assert.deepEqual((await device.connect('p3')).settings, { ceilingKbps: 128, volume: 0.5 });
  });

  it('tell a power cut from a page that was closed, and from a link that broke', async () => {
    const kinds = async () => (await detail()).events.map(({ kind }) => kind);
    const before = await kinds();
    device.close({ goodbye: true });
    await device.connect('p4');
    assert.deepEqual(await kinds(), before, 'a page that was closed and opened again');
    device.close({ goodbye: false });
    await device.connect('p4');
    assert.deepEqual(await kinds(), before, 'the same page, a moment later');
    device.close({ goodbye: false });
    await device.connect('p5');
    assert.deepEqual(await kinds(), ['power_cut', ...before], 'another page, and no goodbye');
  });

  it('hear at once that their lesson has begun', async () => {
    const teacher = await TestClient.connect(server.url, await signIn(server.url, 'dolma', DEMO_PASSWORD));
    const lesson = (await summary())?.next?.lesson ?? '';
    const { agenda } = await device.ask('device.report', {});
    await teacher.join(lesson);
    await teacher.request('lesson.start', {});
    await device.next('agenda');
    assert.notEqual((await device.ask('device.report', {})).agenda, agenda);
    const room = await summary();
    assert.deepEqual([room?.reason, room?.next?.live], ['in_lesson', true]);
    teacher.close();
  });

  it('are found by name, level and school, a page at a time, and as a file for a spreadsheet', async () => {
    const all = await list();
    assert.deepEqual(all.schools.map(({ id }) => id).sort(), ['demo-hub', 'demo-lotus', 'demo-spring']);
    assert.equal(
      Object.values(all.counts).reduce((sum, n) => sum + n, 0),
      2,
    );
    assert.deepEqual(
      (await list('?search=雪莲')).rooms.map((room) => room.id),
      [ROOM],
    );
    assert.deepEqual(
      (await list('?search=clear+spring')).rooms.map((room) => room.id),
      ['demo-room2'],
    );
    assert.deepEqual(
      (await list('?school=demo-spring')).rooms.map((room) => room.id),
      ['demo-room2'],
    );
    assert.equal((await list('?limit=1&from=1')).rooms.length, 1);
    assert.equal((await list('?level=green')).rooms.length, all.counts.green);
    await post(server.url, '/rooms/demo-room2', { name: '=cmd()' }, technician);
    const response = await fetch(`${server.url}/api/v1/rooms.csv`, { headers: { cookie: technician } });
    const text = await response.text();
    assert.match(response.headers.get('content-type') ?? '', /^text\/csv/);
    assert.match(text, /,'=cmd\(\),/, 'a name is never a formula');
    assert.equal(text.trim().split('\r\n').length, 3);
  });

  it('keep their history in bounded space, at decreasing resolution', async () => {
    const writer = new SeriesWriter();
    const end = Date.now();
    const start = end - 400 * 86_400_000;
    // A day's at once: what the rings keep is the same, and they are written to a quarter as often.
    for (let day = start; day < end; day += 86_400_000) {
      const times = [0, 6, 12, 18].map((hours) => day + hours * 3_600_000);
      await writer.add(
        times.map((at) => ({ device: 'dlong', at, measures: { roundTripMs: 100, levelIn: -40 } })),
      );
    }
    const minute = Math.floor(end / 60_000) * 60_000;
    await writer.add([
      { device: 'dlong', at: minute, measures: { roundTripMs: 100 } },
      { device: 'dlong', at: minute + 1, measures: { roundTripMs: 200 } },
    ]);
    assert.ok((await countStretches('dlong')) <= 25 + 32 + 54);
    const day = await readSeries('dlong', 'day', end);
    assert.ok(day.every(({ at }) => at > end - 25 * 3_600_000));
    assert.deepEqual(day.at(-1), { at: minute, n: 2, roundTripMs: 150 });
    const year = await readSeries('dlong', 'year', end);
    assert.ok(
      year.length > 4 * 360 && year.every(({ at }) => at > end - 372 * 86_400_000),
      String(year.length),
    );
    const restarted = new SeriesWriter();
    await restarted.add([{ device: 'dlong', at: minute + 2, measures: { roundTripMs: 300 } }]);
    assert.equal((await readSeries('dlong', 'day', end)).at(-1)?.roundTripMs, 200, 'a restart loses nothing');
  }).timeout(60_000);

  it('give their figures to a scraper on this computer, and to nobody through a proxy', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(text, /^tongke_devices_online 1$/m);
    assert.match(text, /^tongke_lessons_open\{phase="live"\} 1$/m);
    assert.match(text, /^# TYPE tongke_process_cpu_seconds_total counter$/m);
    const passedOn = await fetch(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '10.0.0.1' } });
    assert.equal(passedOn.status, 403);
  });
});

/** Somebody with a password at the devices' door. */
class TestDeviceOfPeople {
  readonly #url: string;
  readonly #cookie: string;

  constructor(url: string, cookie: string) {
    this.#url = url;
    this.#cookie = cookie;
  }

  async connect(): Promise<void> {
    const device = await TestDevice.create(this.#url);
    device.cookie = this.#cookie;
    await device.connect();
  }
}
