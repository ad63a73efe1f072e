import assert from 'node:assert/strict';
import type { LessonSummary, RouteOutput } from '../../protocol/api.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { countAudit } from '../../server/store/audit.ts';
import { lessonRecords } from '../../server/store/lessons.ts';
import { get, signIn } from '../support/client.ts';
import { post } from '../support/device.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const DAY_MS = 86_400_000;
const PATH = '/schools/demo-hub/timetable';
const dayOf = (at: number) => {
  const date = new Date(at);
  return new Date(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())).toISOString().slice(0, 10);
};

describe('the timetable', () => {
  let server: TestServer;
  let admin: string;

  before(async () => {
    server = await startTestServer();
    admin = await signIn(server.url, 'admin', DEMO_PASSWORD);
  });

  after(() => server.close());

  /** On tomorrow's weekday, at ten. */
  const tomorrow = () => Date.now() + DAY_MS;
  const series = (change: object = {}) => ({
    ...{ title: { 'zh-CN': '音乐' }, course: 'demo-maths', lead: 'demo-dolma', rooms: ['demo-room2'] },
    ...{ weekday: new Date(tomorrow()).getDay() || 7, at: 600, minutes: 40 },
    ...{ from: dayOf(Date.now() - 7 * DAY_MS), until: dayOf(Date.now() + 90 * DAY_MS) },
    ...change,
  });
  const put = (change?: object) =>
    post<RouteOutput<'timetable.put'>>(server.url, PATH, series(change), admin);

  it('makes the lessons of the coming fortnight, which rooms and pupils see', async () => {
    const { id, lessons } = await put();
    assert.equal(lessons, 2);
    assert.equal(
      await countAudit({ action: 'timetable.put', target: id, actor: 'demo-admin', outcome: 'ok' }),
      1,
    );
    const record = await lessonRecords.find(`${id}-${dayOf(tomorrow())}`);
    assert.equal(new Date(record?.startsAt ?? 0).getHours(), 10);
    assert.ok(record?.members.students.includes('demo-student1'), 'the class of the course');
    const room = await signIn(server.url, 'room2', DEMO_PASSWORD);
    if (new Date().getDay() !== 0) {
      const { lessons: seen } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', room);
      assert.ok(seen.some((lesson) => lesson.id === record?.id && lesson.part === 'room'));
    }
  });

  it('moves and cancels what has not begun, and leaves what has', async () => {
    const { id } = await put();
    const name = `${id}-${dayOf(tomorrow())}`;
    const next = `${id}-${dayOf(tomorrow() + 7 * DAY_MS)}`;
    const to = dayOf(tomorrow() + DAY_MS);
    await put({ id, moves: [{ day: dayOf(tomorrow()), to, at: 840 }] });
    const moved = await lessonRecords.find(name);
    assert.equal(dayOf(moved?.startsAt ?? 0), to);
    assert.equal(new Date(moved?.startsAt ?? 0).getHours(), 14);
    await lessonRecords.setState(next, 'live');
    await put({ id, holidays: [dayOf(tomorrow()), dayOf(tomorrow() + 7 * DAY_MS)] });
    assert.equal(await lessonRecords.find(name), null);
    assert.equal((await lessonRecords.find(next))?.state, 'live');
  });

  it('is for administrators of the school', async () => {
    const teacher = await signIn(server.url, 'dolma', DEMO_PASSWORD);
    await assert.rejects(post(server.url, PATH, series(), teacher), { code: 'forbidden' });
    await assert.rejects(get(server.url, '/schools/elsewhere/timetable', admin), { code: 'forbidden' });
    const { series: listed } = await get<RouteOutput<'timetable.list'>>(server.url, PATH, admin);
    assert.equal(listed.length, 2);
  });
});
