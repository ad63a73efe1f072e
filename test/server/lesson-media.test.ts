import assert from 'node:assert/strict';
import { io, type Socket } from 'socket.io-client';
import type { LessonSummary } from '../../protocol/api.ts';
import type { Answer } from '../../protocol/errors.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import { type ClientToServer, requests, type ServerToClient } from '../../protocol/requests.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { type VoiceFrame, VoiceLineReader, voicePath } from '../../protocol/voice-line.ts';
import * as wire from '../../protocol/wire.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { createSchool } from '../../server/store/schools.ts';
import { Bot } from '../bots/bot.ts';
import { get, signIn, unwrap } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { opusVoice } from '../support/opus.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import { TurnServer } from '../support/turn-server.ts';
import { RECEIVE_CAPABILITIES, signalOverRequests, WebRtcClient } from '../support/webrtc.ts';

const PACKETS = 20;
const TURN_SECRET = 'sixteen and more';

describe('voices and pictures of a lesson', () => {
  let server: TestServer;
  let turn: TurnServer;
  let lesson: string;
  const bots: Bot[] = [];

  before(async () => {
    turn = await TurnServer.open(TURN_SECRET);
    server = await startTestServer({ TURN_URLS: turn.url, TURN_SECRET });
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
  });

  after(async () => {
    for (const bot of bots) await bot.close();
    await server.close();
    await turn.close();
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

  it('go through a TURN relay as TLS where a network lets nothing else out', async () => {
    const { client } = await join(DEMO.secondRoom);
    const media = new WebRtcClient(
      signalOverRequests((name, input) => client.request(name, input)),
      turn,
    );
    try {
      const voice = Object.values(client.state.streams).find(({ source }) => source === 'mic');
      const heard = await media.receive(voice?.id ?? '');
      await heard.next(PACKETS);
      assert.ok(turn.relayed > PACKETS);
    } finally {
      await media.close();
    }
  });

  it('go over HTTP too, from the last moments on, to those whom they concern', async () => {
    const voice = async (name: string | null) => {
      const cookie = name === null ? '' : await signIn(server.url, name, DEMO_PASSWORD);
      return fetch(server.url + voicePath(lesson), { headers: { cookie } });
    };
    const { status, headers, body } = await voice(DEMO.student);
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store, no-transform');
    const line = new VoiceLineReader();
    const frames: VoiceFrame[] = [];
    const { packets: sent } = await opusVoice();
    for await (const bytes of body ?? []) {
      frames.push(...line.read(bytes));
      if (frames.filter(({ ageMs }) => ageMs === 0).length >= 10) break;
    }
    for (const { payload } of frames)
      assert.ok(
        sent.some((packet) => packet.equals(payload)),
        'an unknown packet',
      );
    const [first] = frames;
    assert.ok(first && first.ageMs > 500 && first.ageMs <= 1_300, `the first came ${first?.ageMs} ms ago`);
    const steps = frames.slice(1).map(({ timestamp }, i) => timestamp - (frames[i]?.timestamp ?? 0));
    assert.deepEqual(new Set(steps), new Set([48 * 60]), 'none is missing, none comes twice');

    assert.equal((await voice(DEMO.teacher)).status, 204, 'nobody hears themselves');
    assert.equal((await voice(null)).status, 401);
    const name = { 'zh-CN': '别的学校' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username: 'outsider', password, role: 'student', name, school });
    assert.equal((await voice('outsider')).status, 404);
  });

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

  it('are there with the answers to what came with the connection, and end with a line that was not taken', async () => {
    const ahead = [
      { name: 'lesson.join', input: { lesson } },
      { name: 'media.open', input: { direction: 'receive', rtpCapabilities: RECEIVE_CAPABILITIES } },
    ];
    const before = server.media.count().transports;
    const { socket, answers } = await connectAsking(ahead);
    await eventually(() => answers.size === ahead.length, 'both are answered');
    assert.equal(requests['lesson.join'].output.parse(answers.get(0)).you.part, 'student');
    const { voices } = requests['media.open'].output.parse(answers.get(1));
    assert.equal(voices?.length, 1);
    assert.equal(server.media.count().transports, before + 1);
    socket.disconnect();
    await eventually(() => server.media.count().transports === before, 'its transport ends');
  });

  it('end for who is away when their session is over', async () => {
    const before = server.media.count().transports;
    const { socket, answers, cookie } = await connectAsking([
      { name: 'lesson.join', input: { lesson } },
      { name: 'media.open', input: { direction: 'receive' } },
    ]);
    await eventually(() => answers.size === 2, 'both are answered');
    await socket.emitWithAck('request', { name: 'link.report', input: { roundTripMs: 600, loss: 0 } });
    socket.disconnect();
    assert.equal(server.media.count().transports, before + 1, 'kept for who comes back');
    await fetch(`${server.url}/api/v1/session`, {
      method: 'DELETE',
      headers: { cookie, origin: server.url },
    });
    await eventually(() => server.media.count().transports === before, 'its transport ends');
  });

  it('are not asked for by what takes effect once, or by a list without end', async () => {
    const draw = { name: 'chat.say', input: { text: 'hello' }, op: { client: 'c', n: 1 } };
    const join = { name: 'lesson.join', input: { lesson } };
    for (const ahead of [[draw], [join, join, join], 'lesson.join'])
      await assert.rejects(connectAsking(ahead), { message: /bad_request|Invalid|Unrecognized|Too big/ });
  });

  /** A line of the student's, and what is answered over it, by place. */
  async function connectAsking(ahead: unknown) {
    const cookie = await signIn(server.url, DEMO.student, DEMO_PASSWORD);
    const socket: Socket<ServerToClient, ClientToServer> = io(server.url, {
      ...{ auth: { version: PROTOCOL_VERSION, ahead }, parser: wire, transports: ['websocket'] },
      ...{ extraHeaders: { cookie, origin: server.url }, reconnection: false, forceNew: true },
    });
    const answers = new Map<number, unknown>();
    socket.on('answered', (place, answer) => answers.set(place, unwrap(answer as Answer<unknown>)));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return { socket, answers, cookie };
  }

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
