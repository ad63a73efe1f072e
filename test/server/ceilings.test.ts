import assert from 'node:assert/strict';
import type { LessonSummary, RouteOutput } from '../../protocol/api.ts';
import { holdsAt } from '../../protocol/ceilings.ts';
import type { LinkChoice } from '../../protocol/link.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { Ceilings, type SetCeilings } from '../../server/lessons/ceilings.ts';
import { countAudit } from '../../server/store/audit.ts';
import { Bot } from '../bots/bot.ts';
import { get, signIn } from '../support/client.ts';
import { post } from '../support/device.ts';
import { eventually } from '../support/eventually.ts';
import { quietLog } from '../support/log.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';

const EVENING = { from: 18 * 60, until: 7 * 60 };
const at = (hour: number) => new Date(2025, 0, 6, hour, 30);

describe('ceilings of lines', () => {
  it('hold in their hours, over midnight too', () => {
    const day = { kbps: 64, hours: { from: 480, until: 1_080 } };
    assert.deepEqual(
      [479, 480, 1_079, 1_080].map((minute) => holdsAt(day, minute)),
      [false, true, true, false],
    );
    const night = { kbps: 64, hours: EVENING };
    assert.deepEqual(
      [0, 419, 420, 1_080, 1_439].map((m) => holdsAt(night, m)),
      [true, true, false, true, true],
    );
    assert.ok(holdsAt({ kbps: 64, hours: null }, 0));
  });

  it('are the lower of the room’s own and its share of the school’s, which leaves voice and ink to everyone', async () => {
    const allowed = 'all';
    const set: Record<string, SetCeilings> = {
      r1: { allowed, school: 's', own: { kbps: 200, hours: EVENING }, ofSchool: { kbps: 300, hours: null } },
      r2: { allowed, school: 's', own: null, ofSchool: { kbps: 300, hours: null } },
      far: { allowed, school: 't', own: null, ofSchool: null },
    };
    const ceilings = new Ceilings({ ceilingsOf: async (id) => set[id] ?? null }, quietLog);
    for (const id of ['r1', 'far']) ceilings.arrived(id);
    assert.equal(ceilings.kbps('r1'), null, 'nothing is known yet');
    await ceilings.changed();
    assert.deepEqual(
      [ceilings.kbps('r1', at(20)), ceilings.kbps('r1', at(12)), ceilings.kbps('far')],
      [200, 300, null],
    );
    ceilings.arrived('r2');
    await ceilings.changed();
    assert.equal(ceilings.kbps('r1', at(20)), 150, 'shared by two');
    for (let i = 0; i < 20; i++) {
      set[`s${i}`] = { allowed, school: 's', own: null, ofSchool: { kbps: 300, hours: null } };
      ceilings.arrived(`s${i}`);
    }
    await ceilings.changed();
    assert.equal(ceilings.kbps('r2'), 32);
    ceilings.departed('r1');
    assert.equal(ceilings.kbps('r1'), null);
  });
});

describe('a ceiling that a technician sets', () => {
  let server: TestServer;
  let technician: string;
  let teacher: Bot;
  let room: Bot;

  before(async () => {
    server = await startTestServer();
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    const lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    const join = async (name: string) =>
      Bot.join({
        url: server.url,
        lesson,
        name,
        cookie: await signIn(server.url, name, DEMO_PASSWORD),
        media: true,
      });
    teacher = await join(DEMO.teacher);
    room = await join(DEMO.room);
    await teacher.client.request('lesson.start', {});
    await teacher.speak();
    await teacher.client.until(() => person()?.rung === 'everyone');
  });

  after(async () => {
    await room.close();
    await teacher.close();
    await server.close();
  });

  const id = () => room.client.you?.participant ?? '';
  const person = () => teacher.client.state.people[id()];
  const link = () => get<RouteOutput<'room.link'>>(server.url, `/rooms/${id()}/link`, technician);
  const setRoom = (ceilingKbps: number | null) =>
    post(server.url, `/rooms/${id()}`, { settings: { ceilingKbps } }, technician);

  it('holds within seconds, and the teacher, the log and the technician are told', async () => {
    await setRoom(40);
    await teacher.client.until(() => person()?.rung === 'ink' && person()?.ceilingKbps === 40);
    const { receiving, nowKbps } = await link();
    assert.deepEqual([receiving?.rung, nowKbps], ['ink', 40]);
    const [camera, voice] = [room.packets('camera'), room.packets('mic')];
    await eventually(() => room.packets('mic') > voice + 10, 'the voice goes on');
    assert.ok(room.packets('camera') - camera <= 2);
    await setRoom(24);
    await teacher.client.until(() => person()?.rung === 'voice');
    await setRoom(null);
    await teacher.client.until(() => person()?.ceilingKbps === undefined);
  }).timeout(15_000);

  it('may be the pictures: none reach the room, whose teacher and page say who said so', async () => {
    const allow = (allowed: LinkChoice) =>
      post(server.url, `/rooms/${id()}`, { settings: { allowed } }, technician);
    await teacher.client.until(() => person()?.rung === 'everyone');
    await allow('no_picture');
    await teacher.client.until(() => person()?.rung === 'ink' && person()?.allowed === 'no_picture');
    assert.equal((await link()).receiving?.rung, 'ink');
    await room.client.request('link.choose', { choice: 'save' });
    await teacher.client.until(() => person()?.choice === 'save');
    assert.deepEqual([person()?.allowed, person()?.rung], ['no_picture', 'ink']);
    await room.client.request('link.choose', { choice: 'all' });
    await allow('voice_only');
    await teacher.client.until(() => person()?.rung === 'voice');
    assert.equal(await countAudit({ action: 'room.allow.voice_only', target: id() }), 1);
    const student = await signIn(server.url, DEMO.student, DEMO_PASSWORD);
    await assert.rejects(post(server.url, `/rooms/${id()}`, { settings: { allowed: 'all' } }, student));
    await allow('all');
    await teacher.client.until(() => person()?.allowed === undefined && person()?.rung !== 'voice');
  }).timeout(30_000);

  it('holds for a school, whoever in it receives', async () => {
    const { schools } = await get<RouteOutput<'school.ceilings'>>(server.url, '/ceilings', technician);
    assert.ok(schools.length > 0);
    const ceiling = { kbps: 48, hours: null };
    for (const school of schools)
      await post(server.url, `/schools/${school.id}/ceiling`, { ceiling }, technician);
    await teacher.client.until(() => person()?.ceilingKbps === 48);
    assert.deepEqual((await link()).school, ceiling);
    const student = await signIn(server.url, DEMO.student, DEMO_PASSWORD);
    await assert.rejects(post(server.url, `/schools/${schools[0]?.id}/ceiling`, { ceiling: null }, student));
  });
});
