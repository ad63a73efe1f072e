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
import { opusVoice } from '../support/opus.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import { OutgoingStream } from '../support/webrtc-outgoing.ts';

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
    const common = { allowed: 'all', isRoom: true } as const;
    const set: Record<string, SetCeilings> = {
      r1: {
        ...common,
        school: 's',
        own: { kbps: 200, hours: EVENING },
        ofSchool: { kbps: 300, hours: null },
      },
      r2: { ...common, school: 's', own: null, ofSchool: { kbps: 300, hours: null } },
      far: { ...common, school: 't', own: null, ofSchool: null },
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
      set[`s${i}`] = { ...common, school: 's', own: null, ofSchool: { kbps: 300, hours: null } };
      ceilings.arrived(`s${i}`);
    }
    await ceilings.changed();
    assert.equal(ceilings.kbps('r2'), 32);
    ceilings.departed('r1');
    assert.equal(ceilings.kbps('r1'), null);
  });
});

/** How many bytes of the application come in so many milliseconds. */
async function fetchedBy(url: string, cookie: string, ms: number): Promise<number> {
  const page = await (await fetch(url)).text();
  const script = /"(\/assets\/libraries[^"]+\.js)"/.exec(page)?.[1];
  assert.ok(script, 'a script');
  const stop = AbortSignal.timeout(ms);
  let bytes = 0;
  try {
    const headers = { cookie, 'accept-encoding': 'identity' };
    const { body } = await fetch(new URL(script, url), { headers, signal: stop });
    for await (const part of body ?? []) bytes += part.length;
  } catch {
    assert.ok(stop.aborted);
  }
  return bytes;
}

describe('a ceiling that a technician sets', () => {
  let server: TestServer;
  let technician: string;
  let teacher: Bot;
  let room: Bot;
  let roomCookie: string;

  before(async () => {
    server = await startTestServer();
    technician = await signIn(server.url, 'tech', DEMO_PASSWORD);
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    const lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    const join = (name: string, cookie: string) =>
      Bot.join({ url: server.url, lesson, name, cookie, media: true });
    teacher = await join(DEMO.teacher, cookie);
    roomCookie = await signIn(server.url, DEMO.room, DEMO_PASSWORD);
    room = await join(DEMO.room, roomCookie);
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

  it('holds within seconds, and the teacher, the log and the technician are told', async () => {
    await setRoom(40);
    await teacher.client.until(() => person()?.rung === 'ink' && person()?.ceilingKbps === 40);
    const { receiving, nowKbps } = await link();
    assert.deepEqual([receiving?.rung, nowKbps], ['ink', 40]);
    const [camera, voice] = [room.packets('camera'), room.packets('mic')];
    await eventually(() => room.packets('mic') > voice + 10, 'the voice goes on');
    assert.ok(room.packets('camera') - camera <= 2);
    // Voice and ink have 32 of it; files, the rest, after a first packet at once.
    assert.ok((await fetchedBy(server.url, roomCookie, 1_500)) <= 1_200 + (1.5 * 8_000) / 8);
    await setRoom(24);
    await teacher.client.until(() => person()?.rung === 'voice');
    await setRoom(null);
    await teacher.client.until(() => person()?.ceilingKbps === undefined);
  }).timeout(15_000);

  it('holds for what a room fetches outside lessons, too, and not for others', async () => {
    const [second, student] = await Promise.all(
      [DEMO.secondRoom, DEMO.student].map((name) => signIn(server.url, name, DEMO_PASSWORD)),
    );
    assert.ok(second && student);
    const { account } = await get<RouteOutput<'session.show'>>(server.url, '/session', second);
    await post(server.url, `/rooms/${account?.id}`, { settings: { ceilingKbps: 48 } }, technician);
    assert.ok((await fetchedBy(server.url, second, 1_000)) <= 1_200 + 48_000 / 8);
    assert.ok((await fetchedBy(server.url, student, 1_000)) > 20_000);
  });

  it('leaves no room for music beside ink: there the thin voice comes instead', async () => {
    await setRoom(48);
    await teacher.client.until(() => person()?.rung === 'ink' && person()?.ceilingKbps === 48);
    const transport = await teacher.media.transport('send');
    const { rtpParameters } = OutgoingStream.voice(await opusVoice());
    const what = { source: 'mic', music: true } as const;
    await teacher.client.request('media.produce', { transport: transport.id, rtpParameters, ...what });
    await teacher.client.until(() => person()?.rung === 'voice');
    await teacher.media.sendVoice();
    await teacher.client.until(() => person()?.rung === 'ink');
    await setRoom(null);
  }).timeout(15_000);

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
