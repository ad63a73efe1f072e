import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { routes } from '../../protocol/api.ts';
import { NO_EDIT, type ReplayEdit } from '../../protocol/replay-edit.ts';
import { createLesson } from '../../server/store/lessons.ts';
import { Bot } from '../bots/bot.ts';
import { TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO } from '../support/server.ts';
import { type HttpServer, type Reply, startHttpServer } from './http-server.ts';

const SECRET = '我的电话号码';
const BRUSH = { tool: 'pen', colour: '#14212b', width: 7, grid: 1 } as const;

describe('what is hidden of a lesson', function () {
  this.timeout(90_000);
  let server: HttpServer;
  const cookies: Record<string, string> = {};
  /** Two lessons of one teacher, one after the other. */
  const [one, other] = ['demo-today-1', 'hidden-other'];
  /** A third of theirs, later. */
  const third = 'hidden-third';

  before(async () => {
    server = await startHttpServer();
    for (const who of ['dolma', 'student1', 'admin', DEMO.room]) cookies[who] = await server.as(who);
    const lesson = {
      ...{ title: { 'zh-CN': '下一节' }, course: 'demo-maths', lead: 'demo-dolma', locals: [] },
      ...{ classes: [], rooms: ['demo-room1'], startsAt: new Date(), endsAt: new Date(Date.now() + 60_000) },
    };
    await createLesson({ ...lesson, id: other });
    const later = { startsAt: new Date(Date.now() + 1_000), endsAt: new Date(Date.now() + 60_000) };
    await createLesson({ ...lesson, ...later, id: third });
    const startsAt = new Date(Date.now() + 86_400_000);
    await createLesson({ ...lesson, id: 'hidden-next', startsAt, endsAt: startsAt });
    for (const id of [one, other]) await teach(id);
    await teach(third, '明天见');
  });
  after(() => server?.close());

  async function teach(lesson: string, text = SECRET): Promise<void> {
    const teacher = await Bot.join({ ...asTeacher(), lesson, media: true });
    await teacher.client.request('lesson.start', {});
    await teacher.speak();
    await teacher.client.perform('chat.say', { text });
    const page = teacher.client.state.board.current;
    await teacher.client.perform('ink.draw', { stroke: 's1', page, brush: BRUSH, data: 'AAAA', done: true });
    await eventually(async () => ((await replay(lesson))?.renditions[0]?.bytes ?? 0) > 0, 'some of a voice');
    await teacher.client.request('lesson.end', {});
    await teacher.close();
    await eventually(async () => (await replay(lesson))?.state.voice === 'ready', 'a voice', 30_000);
  }
  const asTeacher = () => ({ url: server.url, name: DEMO.teacher, cookie: cookies.dolma ?? '' });
  const send = (
    path: string,
    who = 'dolma',
    body?: unknown,
    method = body ? 'POST' : 'GET',
  ): Promise<Reply> => server.send(`/api/v1/lessons/${path}`, { cookie: cookies[who], method, body });
  const replay = async (lesson: string) =>
    routes['replay.show'].output.safeParse((await send(`${lesson}/replay`)).data).data;
  const logOf = async (lesson: string, who = 'dolma') =>
    JSON.stringify((await send(`${lesson}/log`, who)).data);
  const secretsIn = async (lesson: string) => (await logOf(lesson)).split(SECRET).length - 1;
  const editOf = async (lesson: string) =>
    routes['edit.show'].output.parse((await send(`${lesson}/edit`)).data);
  async function save(lesson: string, edit: Partial<ReplayEdit>): Promise<Reply> {
    const { revision } = await editOf(lesson);
    return await send(`${lesson}/edit`, 'dolma', { revision, edit: { ...NO_EDIT, ...edit } });
  }
  const everything = { id: 'h1', from: 0, to: 600_000, writing: true };
  const merge = async (a = one, b = other) =>
    routes['edit.merge'].output.parse((await send(`${a}/merge`, 'dolma', { with: b })).data).lesson;
  const packages = async () => (await readdir(join(server.directory, 'courier', 'out'))).join();
  async function inDatabase(): Promise<string[]> {
    const { db } = mongoose.connection;
    const found: string[] = [];
    for (const { name } of (await db?.listCollections().toArray()) ?? []) {
      const rows = await db?.collection(name).find({}).toArray();
      if (
        rows?.some((row) => `${row._id}${row.lesson}`.includes(one) && JSON.stringify(row).includes(SECRET))
      )
        found.push(name);
    }
    return found;
  }

  it('is hidden in the lesson that was merged of it, too, which is made once', async () => {
    const merged = await merge();
    assert.equal(await secretsIn(merged), 2);
    const own = { ...everything, id: 'own', from: 1, to: 2, participant: 'demo-student1' };
    assert.equal((await save(merged, { hidden: [own], chapters: [{ t: 5, title: '冰' }] })).status, 200);
    await eventually(
      async () => (await send(`${other}/package`, 'dolma', {})).status === 200,
      'its picture to be made',
      30_000,
    );
    assert.match(await packages(), /hidden-other/);

    assert.equal((await save(other, { hidden: [{ ...everything, writing: false }] })).status, 200);
    const { edit, inherits } = await editOf(merged);
    assert.equal(inherits, true);
    assert.equal(await secretsIn(merged), 1, 'the one of the other');
    assert.equal(await merge(), merged);
    assert.deepEqual((await editOf(merged)).edit, edit, 'made once');
    assert.doesNotMatch(await packages(), /hidden-other/);
  });

  it('is said to stay in the merged lesson, to who may delete one of its parts', async () => {
    const told = async (who: string) =>
      routes['replay.show'].output.parse((await send(`${other}/replay`, who)).data).merged;
    assert.deepEqual(
      (await told('admin'))?.map(({ lesson }) => lesson),
      [await merge()],
    );
    assert.equal(await told('dolma'), undefined);
  });

  it('is not given to those who come back to the lesson itself', async () => {
    const late = await TestClient.connect(server.url, cookies.student1 ?? '');
    await late.join(one);
    assert.match(JSON.stringify(late.state.chat), new RegExp(SECRET), 'before anything is hidden');
    assert.equal((await save(one, { hidden: [everything] })).status, 200);
    await assert.rejects(late.join(one), { code: 'lesson_ended' });
    late.close();
    assert.doesNotMatch(await logOf(one, 'student1'), new RegExp(SECRET));
  });

  it('is not on the board that another lesson goes on with', async () => {
    const { lessons } = routes['board.earlier'].output.parse((await send('hidden-next/earlier')).data);
    assert.deepEqual(
      lessons.map(({ id }) => id),
      [third, other, await merge()],
      'of those whose writing is not hidden',
    );
    const brought = await send('hidden-next/earlier', 'dolma', { from: one });
    assert.ok(brought.status === 200 || brought.code === 'not_found');
    const { lesson } = await server.lessons.open('hidden-next');
    assert.equal(
      Object.values(lesson.state().board.pages).some(({ strokes }) => 's1' in strokes),
      false,
    );
  });

  it('is said to be on the boards that were brought to other lessons before', async () => {
    const startsAt = new Date(Date.now() + 2 * 86_400_000);
    const title = { 'zh-CN': '再下一节' };
    const lesson = { title, course: 'demo-maths', lead: 'demo-dolma', locals: [], classes: [], rooms: [] };
    await createLesson({ ...lesson, id: 'hidden-after-next', startsAt, endsAt: startsAt });
    assert.deepEqual((await editOf(third)).boards, []);
    assert.equal((await send('hidden-after-next/earlier', 'dolma', { from: third })).status, 200);
    assert.deepEqual((await editOf(third)).boards, [{ title, startsAt: startsAt.getTime() }]);
  });

  it('is nowhere once it is erased, nor after the server has stopped', async () => {
    assert.ok((await inDatabase()).length > 0);
    assert.equal((await send(`${one}/original`, 'admin', undefined, 'DELETE')).status, 200);
    assert.deepEqual(await inDatabase(), []);
    await server.lessons.close();
    assert.deepEqual(await inDatabase(), [], 'after it has closed its lessons');
  });

  it('stays hidden where the lesson is merged with another afterwards, with what was cut off', async () => {
    const { recorded } = await editOf(third);
    assert.equal((await save(third, { from: recorded.from + 500 })).status, 200);
    await eventually(async () => (await replay(third))?.state.voice === 'ready', 'a voice', 30_000);
    await eventually(async () => (await replay(other))?.state.voice === 'ready', 'a voice', 30_000);
    const merged = await merge(other, third);
    const log = await logOf(merged);
    assert.doesNotMatch(log, new RegExp(SECRET));
    assert.match(JSON.stringify((await send(`${merged}/original/log`, 'admin')).data), new RegExp(SECRET));
    const at = (await editOf(other)).recorded.to;
    assert.deepEqual((await replay(merged))?.original, undefined, 'for the administrator');
    await eventually(async () => (await replay(merged))?.state.voice === 'ready', 'a voice', 30_000);
    assert.equal((await replay(merged))?.gaps.at(-1)?.to, at + 501, 'and the rest is played');
  });

  it('is refused where less than a second would be left', async () => {
    const { recorded } = await editOf(other);
    for (const [from, to] of [
      [recorded.to + 1, recorded.to + 5_000],
      [recorded.from, recorded.from + 1],
    ] as const)
      assert.equal((await save(other, { from, to })).code, 'bad_request');
  });
});
