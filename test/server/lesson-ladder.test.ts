import assert from 'node:assert/strict';
import type { LessonSummary } from '../../protocol/api.ts';
import type { Notice } from '../../protocol/requests.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { Bot } from '../bots/bot.ts';
import { get, signIn } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import { RECEIVE_CAPABILITIES } from '../support/webrtc.ts';

describe('what a receiver is given', () => {
  let server: TestServer;
  let lesson: string;
  let teacher: Bot;
  let student: Bot;
  const notices: Notice[] = [];

  before(async () => {
    server = await startTestServer();
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    teacher = await join(DEMO.teacher);
    student = await join(DEMO.student);
    student.client.on('notice', (notice) => notices.push(notice));
    await teacher.client.request('lesson.start', {});
    await teacher.speak();
  });

  after(async () => {
    await student.close();
    await teacher.close();
    await server.close();
  });

  async function join(name: string): Promise<Bot> {
    const cookie = await signIn(server.url, name, DEMO_PASSWORD);
    return Bot.join({ url: server.url, lesson, name, cookie, media: true });
  }

  const person = () => teacher.client.state.people[student.client.you?.participant ?? ''];
  const pictureStops = async () => {
    const before = student.packets('camera');
    const voice = student.packets('mic');
    await eventually(() => student.packets('mic') > voice + 10, 'the voice goes on');
    return student.packets('camera') - before;
  };

  it('grows from voice and ink to pictures, and the log says so', async () => {
    await eventually(() => student.packets('mic') > 0, 'a voice');
    await teacher.client.until(() => person()?.rung === 'everyone');
    await eventually(() => student.packets('camera') > 10, 'a picture');
  }).timeout(15_000);

  it('loses its pictures within three seconds of a suffering voice, and the voice never', async () => {
    const started = performance.now();
    await student.client.request('link.report', { roundTripMs: 700, loss: 0.2, concealed: 0.3 });
    await teacher.client.until(() => person()?.rung === 'ink');
    assert.ok(performance.now() - started < 3_000);
    assert.ok((await pictureStops()) <= 2);
    assert.ok(notices.some((notice) => notice.type === 'consumer.paused' && notice.paused));
  });

  it('is what they chose, shown to the teacher', async () => {
    await student.client.request('link.choose', { choice: 'voice_only' });
    await teacher.client.until(() => person()?.rung === 'voice' && person()?.choice === 'voice_only');
    // Strokes still come, together and a little later.
    const { seq } = teacher.client.state;
    await teacher.client.perform('chat.say', { text: 'one' });
    await teacher.client.perform('chat.say', { text: 'two' });
    await student.client.until((state) => state.seq >= seq + 2);
    assert.deepEqual(
      student.client.state.chat.map(({ text }) => text),
      ['one', 'two'],
    );
    assert.ok((await pictureStops()) <= 2);
  });

  it('begins with the voices, in the answer that opens the way to receive', async () => {
    const { client } = student;
    const rtpCapabilities = RECEIVE_CAPABILITIES;
    const { voices } = await client.request('media.open', { direction: 'receive', rtpCapabilities });
    const theirs = Object.values(client.state.streams).filter(
      ({ source, thin }) => source === 'mic' && !thin,
    );
    assert.deepEqual(
      voices?.map(({ stream, consumer }) => [stream, consumer.kind]),
      theirs.map(({ id }) => [id, 'audio']),
    );
    assert.equal(theirs.length, 1);
    const without = await client.request('media.open', { direction: 'receive' });
    assert.equal(without.voices, undefined);
  });
});
