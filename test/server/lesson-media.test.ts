import assert from 'node:assert/strict';
import type { LessonSummary } from '../../protocol/api.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { Bot } from '../bots/bot.ts';
import { get, signIn } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';

const PACKETS = 20;

describe('voices and pictures of a lesson', () => {
  let server: TestServer;
  let lesson: string;
  const bots: Bot[] = [];

  before(async () => {
    server = await startTestServer();
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
  });

  after(async () => {
    for (const bot of bots) await bot.close();
    await server.close();
  });

  async function join(name: string): Promise<Bot> {
    const cookie = await signIn(server.url, name, DEMO_PASSWORD);
    const bot = await Bot.join({ url: server.url, lesson, name, cookie, media: true });
    bots.push(bot);
    return bot;
  }

  const hears = (bot: Bot, since = 0) =>
    eventually(() => bot.packets('mic') >= since + PACKETS, `${bot.report().bot} hears`);
  const sees = (bot: Bot, since = 0) =>
    eventually(() => bot.packets('camera') >= since + PACKETS, `${bot.report().bot} sees`);

  it('reach everyone from the teacher, and from a room once it is called on', async () => {
    const [teacher, room, student] = [
      await join(DEMO.teacher),
      await join(DEMO.room),
      await join(DEMO.student),
    ];
    await teacher.client.request('lesson.start', {});
    await teacher.speak();
    await Promise.all([hears(room), sees(room), hears(student), sees(student)]);

    const participant = room.client.you?.participant ?? '';
    await teacher.client.request('stage.call', { participant });
    await Promise.all([hears(teacher), sees(teacher)]);
    await teacher.client.request('stage.dismiss', { participant });
    const isSilent = ({ streams }: LessonState) =>
      Object.values(streams).every((s) => s.participant !== participant);
    await Promise.all([teacher.client.until(isSilent), room.client.until(isSilent)]);
    await room.settled();
  }).timeout(30_000);

  it('come back by themselves when the worker is killed in mid-lesson', async () => {
    const [, room] = bots;
    assert.ok(room);
    const moved = new Promise<void>((resolve) => {
      room.client.on('entry', ({ event }) => event.type === 'media.moved' && resolve());
    });
    const started = performance.now();
    for (const pid of server.media.pids()) process.kill(pid, 'SIGKILL');
    await moved;
    await Promise.all([hears(room), sees(room)]);
    assert.ok(performance.now() - started < 10_000);
  }).timeout(30_000);

  it('rest while the lesson has a break, and go on after it', async () => {
    const [teacher, room] = bots;
    assert.ok(teacher && room);
    await teacher.client.request('lesson.pause', {});
    const during = room.packets('mic');
    await teacher.client.request('lesson.resume', {});
    await hears(room, during);
  }).timeout(20_000);

  it('leave nothing behind when the lesson ends', async () => {
    const [teacher] = bots;
    await teacher?.client.request('lesson.end', {});
    await eventually(() => server.media.size === 0, 'the router closes');
  });
});
