import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { LessonSummary } from '../../protocol/api.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { Bot } from '../bots/bot.ts';
import { get, signIn } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';

/** Packets of 60 ms: twelve seconds, longer than who has lost their connection is waited for. */
const LONG = 200;

describe('a room that is called', () => {
  let server: TestServer;
  let teacher: Bot;
  let room: Bot;

  before(async () => {
    server = await startTestServer();
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    const lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    const join = async (name: string) =>
      Bot.join({
        ...{ url: server.url, lesson, name, media: true },
        cookie: await signIn(server.url, name, DEMO_PASSWORD),
      });
    teacher = await join(DEMO.teacher);
    room = await join(DEMO.room);
    await teacher.client.request('lesson.start', {});
  });

  after(async () => {
    await room.close();
    await teacher.close();
    await server.close();
  });

  const id = () => room.client.you?.participant ?? '';
  const person = () => teacher.client.state.people[id()];
  const streams = () =>
    Object.values(teacher.client.state.streams).filter(({ participant }) => participant === id());

  it('without a microphone is shown to the teacher, until it has one or is sent back', async () => {
    const trouble = { trouble: 'microphone_missing' } as const;
    await assert.rejects(room.client.request('stage.trouble', trouble), TongkeError);
    await teacher.client.request('stage.call', { participant: id() });
    await room.client.request('stage.trouble', trouble);
    await teacher.client.until(() => person()?.trouble === 'microphone_missing');
    await room.client.request('stage.trouble', { trouble: null });
    await teacher.client.until(() => person()?.trouble === undefined);
    await room.client.request('stage.trouble', trouble);
    await teacher.client.request('stage.dismiss', { participant: id() });
    await teacher.client.until(() => person()?.trouble === undefined);
  });

  it('is not heard when its stream was under way while it was sent back', async () => {
    const produce = server.media.produce.bind(server.media);
    const reached = Promise.withResolvers<void>();
    const sentBack = Promise.withResolvers<void>();
    const made = Promise.withResolvers<string>();
    server.media.produce = async (...what) => {
      reached.resolve();
      await sentBack.promise;
      made.resolve(produce(...what));
      return made.promise;
    };
    const logged: string[] = [];
    teacher.client.on('entry', ({ event }) => logged.push(event.type));
    try {
      // The bot speaks as soon as it is called.
      await teacher.client.request('stage.call', { participant: id() });
      await reached.promise;
      await teacher.client.request('stage.dismiss', { participant: id() });
      sentBack.resolve();
      const producer = await made.promise;
      await eventually(async () => {
        const gone = await server.media.pauseProducer(producer).then(
          () => false,
          (error: unknown) => error instanceof TongkeError && error.code === 'stream_gone',
        );
        return gone;
      }, 'the stream is closed');
      assert.ok(!logged.includes('stream.opened'));
      assert.deepEqual(streams(), []);
    } finally {
      server.media.produce = produce;
    }
  });

  it('is here for as long as it is heard, whatever became of its connection', async () => {
    await teacher.client.request('stage.call', { participant: id() });
    await teacher.client.until(() => streams().length > 0);
    await room.settled();
    const [voice] = streams();
    const lost = once(room.client, 'disconnect');
    room.client.socket.io.engine.close();
    await lost;
    const before = teacher.packets('mic');
    await eventually(() => teacher.packets('mic') > before + LONG, 'it is heard for long', 40_000);
    assert.ok(person()?.online && teacher.client.state.stage.includes(id()));
    assert.deepEqual(streams()[0], voice);
    await room.close();
    await teacher.client.until(() => person()?.online === false && streams().length === 0, 20_000);
  }).timeout(90_000);
});
