import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { LessonSummary, RouteOutput } from '../../protocol/api.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { countAudit, readAudit } from '../../server/store/audit.ts';
import { createSchool } from '../../server/store/schools.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { enrol, post, TestDevice } from '../support/device.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const ROOM = 'demo-room1';

describe('pairing a device', () => {
  let server: TestServer;
  let technician: string;
  const devices: TestDevice[] = [];

  before(async () => {
    server = await startTestServer();
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
  });

  after(async () => {
    for (const device of devices) device.close();
    await server.close();
  });

  async function newDevice(): Promise<TestDevice> {
    const device = await TestDevice.create(server.url);
    devices.push(device);
    return device;
  }

  async function paired(room = ROOM, replaces?: string) {
    const device = await newDevice();
    const { code } = await device.pair();
    const { device: id } = await enrol(server.url, technician, { code, room: { id: room }, replaces });
    await device.signIn();
    return { device, id };
  }

  const refused = (outcome: string, action: string) =>
    eventually(async () => (await countAudit({ outcome, action })) > 0, `${action} ${outcome} in the audit`);

  it('makes a screen that shows a code a device of the room, which acts as its account', async () => {
    const device = await newDevice();
    const { code, expiresAt, now } = await device.pair();
    assert.match(code, /^\d{8}$/);
    assert.ok(Math.abs(expiresAt - now - 600_000) < 5_000);
    assert.equal((await device.pair()).code, code, 'asking again gives the same code');
    assert.equal((await device.trySignIn()).enrolled, null);

    const spaced = `${code.slice(0, 4)} ${code.slice(4)}`;
    const { room } = await enrol(server.url, technician, { code: spaced, room: { id: ROOM } });
    assert.equal(room, ROOM);
    const { account } = await device.signIn();
    assert.equal(account.id, ROOM);
    assert.equal(account.role, 'room');
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', device.cookie);
    const lesson = lessons.find(({ part, state }) => part === 'room' && state === 'ready');
    assert.ok(lesson);
    const client = await TestClient.connect(server.url, device.cookie);
    await client.join(lesson.id);
    assert.equal(client.you?.part, 'room');
    client.close();
    await assert.rejects(enrol(server.url, technician, { code, room: { id: ROOM } }), {
      code: 'pairing_code_unknown',
    });
    await refused('pairing_code_unknown', 'device.enrol');
    await assert.rejects(device.pair(), { code: 'bad_request' }, 'it is paired');
  });

  it('names a new room of a school, and lets room accounts with a password go on', async () => {
    const device = await newDevice();
    const { code } = await device.pair();
    const room = { name: '音乐教室', school: 'demo-lotus' };
    const made = await enrol(server.url, technician, { code, room });
    const { account } = await device.signIn();
    assert.equal(account.id, made.room);
    assert.equal(account.name['zh-CN'], '音乐教室');
    assert.ok(await signIn(server.url, 'room1', DEMO_PASSWORD));
  });

  it('refuses an answer that was given before, changed, or made for something else', async () => {
    const { device } = await paired();
    const proof = await device.proof('sign_in');
    await post(server.url, '/device/session', proof);
    await assert.rejects(post(server.url, '/device/session', proof), { code: 'proof_refused' });
    await assert.rejects(post(server.url, '/device/session', await device.proof('pair')), {
      code: 'proof_refused',
    });
    const thief = await newDevice();
    await assert.rejects(
      post(server.url, '/device/session', { ...(await thief.proof('sign_in')), key: device.key }),
      {
        code: 'proof_refused',
      },
    );
    const foreign = await device.sign(
      'sign_in',
      `${(Date.now() + 9e6).toString(36)}.${'A'.repeat(24)}.${'B'.repeat(43)}`,
    );
    await assert.rejects(post(server.url, '/device/session', foreign), { code: 'proof_refused' });
    const enrolment = await thief.proof('pair');
    await post(server.url, '/device/pairing', enrolment);
    await assert.rejects(post(server.url, '/device/pairing', enrolment), { code: 'proof_refused' });
    await refused('proof_refused', 'device.signIn');
    await refused('proof_refused', 'device.pair');
  });

  it('ends everything of a revoked device at once, and knows its key from then on', async () => {
    const { device, id } = await paired();
    await device.connect();
    const lessonSocket = await TestClient.connect(server.url, device.cookie);
    const gone = Promise.all([once(lessonSocket, 'disconnect'), device.next('revoked')]);
    await remove(`/rooms/${ROOM}/devices/${id}`, technician);
    await gone;
    await assert.rejects(get(server.url, '/lessons', device.cookie), { code: 'not_signed_in' });
    await assert.rejects(TestClient.connect(server.url, device.cookie), { code: 'not_signed_in' });
    await assert.rejects(device.connect(), { code: 'not_signed_in' });
    await assert.rejects(device.signIn(), { code: 'device_revoked' });
    await assert.rejects(device.pair(), { code: 'device_revoked' });
    await refused('device_revoked', 'device.signIn');
  });

  it('puts a new screen in the place of an old one, history and all', async () => {
    const { device, id } = await paired();
    await device.connect();
    await device.ask('device.check', {
      trigger: 'asked',
      items: [{ part: 'camera', level: 'amber', code: 'camera_blurred' }],
    });
    const { device: successor, id: same } = await paired(ROOM, id);
    assert.equal(same, id);
    await device.next('revoked');
    await assert.rejects(get(server.url, '/lessons', device.cookie), { code: 'not_signed_in' });
    assert.equal((await successor.signIn()).device, id);
    const { room } = await get<RouteOutput<'room.show'>>(server.url, `/rooms/${ROOM}`, technician);
    const shown = room.devices.find((one) => one.id === id);
    assert.equal(shown?.checks[0]?.level, 'amber');
    assert.deepEqual(shown?.events.map(({ kind }) => kind).slice(0, 1), ['replaced']);
  });

  it("refuses another room's lesson, and writes it down", async () => {
    const { device } = await paired();
    const client = await TestClient.connect(server.url, device.cookie);
    await assert.rejects(client.join('demo-nobodys'), { code: 'not_found' });
    const far = await farSchool();
    await assert.rejects(client.join(far.lesson), { code: 'not_found' });
    client.close();
    await refused('not_found', 'lesson.join');
    await assert.rejects(get(server.url, `/lessons/${far.lesson}`, device.cookie), { code: 'not_found' });
    await refused('not_found', 'lesson.show');
  });

  it('refuses a command, a look or a code from who does not serve the school, and writes it down', async () => {
    const { id } = await paired();
    const { cookie } = await farSchool();
    const path = `/rooms/${ROOM}/devices/${id}`;
    await assert.rejects(post(server.url, `${path}/commands`, { kind: 'reload' }, cookie), {
      code: 'room_not_found',
    });
    await assert.rejects(get(server.url, `/rooms/${ROOM}`, cookie), { code: 'room_not_found' });
    await assert.rejects(remove(path, cookie), { code: 'room_not_found' });
    const { code } = await (await newDevice()).pair();
    await assert.rejects(enrol(server.url, cookie, { code, room: { id: ROOM } }), { code: 'room_not_found' });
    const elsewhere = { name: '教室', school: 'demo-lotus' };
    await assert.rejects(enrol(server.url, cookie, { code, room: elsewhere }), { code: 'forbidden' });
    const teacher = await signIn(server.url, 'dolma', DEMO_PASSWORD);
    await assert.rejects(enrol(server.url, teacher, { code, room: { id: ROOM } }), { code: 'forbidden' });
    await assert.rejects(get(server.url, '/rooms', teacher), { code: 'forbidden' });
    // Of the room's own school, but through another room's path.
    await assert.rejects(
      post(server.url, `/rooms/demo-room2/devices/${id}/commands`, { kind: 'reload' }, technician),
      {
        code: 'room_not_found',
      },
    );
    await eventually(async () => {
      const [entry] = await readAudit({ action: 'device.command', outcome: 'room_not_found', target: id }, 1);
      return entry !== undefined && entry.actor !== undefined;
    }, 'the command in the audit');
  });

  it('refuses guesses by the hundred, and logs each of them', async () => {
    const guessers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => technicianOf('demo-lotus', `guess${i}`)),
    );
    const answers = new Map<string, number>();
    for (let batch = 0; batch < 15; batch++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const code = String(batch * 100 + i).padStart(8, '0');
          const cookie = guessers[(batch + i) % guessers.length] ?? '';
          const outcome = await enrol(server.url, cookie, { code, room: { id: ROOM } }).then(
            () => 'ok',
            (error: { code: string }) => error.code,
          );
          answers.set(outcome, (answers.get(outcome) ?? 0) + 1);
        }),
      );
    }
    assert.deepEqual([...answers.keys()].sort(), ['pairing_code_unknown', 'too_many_requests']);
    assert.ok((answers.get('pairing_code_unknown') ?? 0) <= 300, 'so many codes were looked at, and no more');
    const logged = { action: 'device.enrol', outcome: 'too_many_requests' };
    await eventually(async () => (await countAudit(logged)) >= 1_200, 'all in the audit', 30_000);
  }).timeout(180_000);

  async function remove(path: string, cookie: string): Promise<void> {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: 'DELETE',
      headers: { cookie, origin: server.url },
    });
    const answer = (await response.json()) as { ok: boolean; error?: { code: string } };
    if (!answer.ok) throw Object.assign(new Error('refused'), { code: answer.error?.code });
  }

  async function technicianOf(school: string, username: string): Promise<string> {
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username, password, role: 'technician', name: { 'zh-CN': username }, school });
    return signIn(server.url, username, DEMO_PASSWORD);
  }

  let far: Promise<{ cookie: string; lesson: string }> | undefined;
  /** A school that has nothing to do with the demo's. */
  function farSchool(): Promise<{ cookie: string; lesson: string }> {
    far ??= makeFarSchool();
    return far;
  }

  async function makeFarSchool(): Promise<{ cookie: string; lesson: string }> {
    const { createLesson } = await import('../../server/store/lessons.ts');
    const name = { 'zh-CN': '远方小学' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const startsAt = new Date();
    const lesson = await createLesson({
      ...{ title: name, course: 'none', lead: 'nobody', locals: [], rooms: ['demo-room2'], classes: [] },
      ...{ startsAt, endsAt: new Date(startsAt.getTime() + 3_600_000) },
    });
    return { cookie: await technicianOf(school, 'far'), lesson };
  }
});
