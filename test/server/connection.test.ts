import assert from 'node:assert/strict';
import { once } from 'node:events';
import { openSession } from '../../client/lesson/session.ts';
import type { LessonSummary } from '../../protocol/api.ts';
import { digest, type LessonState } from '../../protocol/lesson.ts';
import { requests } from '../../protocol/requests.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';

const PEN = { tool: 'pen', colour: '#1a1a1a', width: 6, grid: 1 } as const;
const stroke = (id: string) => ({ stroke: id, page: 'page1', brush: PEN, data: 'AAAA', done: true }) as const;

const strokesIn = (state: LessonState | null) =>
  (state?.board.pages ?? []).flatMap(({ strokes }) => Object.keys(strokes)).length;

describe('connection', () => {
  let server: TestServer;
  let lesson: string;
  const clients: TestClient[] = [];

  before(async () => {
    server = await startTestServer();
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    const ready = lessons.find(({ state, part }) => state === 'ready' && part === 'lead');
    assert.ok(ready, 'the demo school has a lesson to teach');
    lesson = ready.id;
  });

  after(async () => {
    for (const client of clients) client.close();
    await server.close();
  });

  async function connect(username: string): Promise<TestClient> {
    const client = await TestClient.connect(server.url, await signIn(server.url, username, DEMO_PASSWORD));
    clients.push(client);
    return client;
  }

  async function joined(username: string): Promise<TestClient> {
    const client = await connect(username);
    await client.join(lesson);
    return client;
  }

  it('refuses who is not signed in, and a page of another version', async () => {
    await assert.rejects(TestClient.connect(server.url, ''), { code: 'not_signed_in' });
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    await assert.rejects(TestClient.connect(server.url, cookie, 999), { code: 'version_mismatch' });
  });

  it('refuses what is not a request, with a code, and goes on serving', async () => {
    const client = await joined(DEMO.teacher);
    const deep = JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`);
    const hostile: [unknown, string][] = [
      [null, 'bad_request'],
      ['lesson.join', 'bad_request'],
      [{ name: 'lesson.destroy', input: {} }, 'unknown_request'],
      [{ name: '__proto__', input: {} }, 'unknown_request'],
      [{ name: 'constructor', input: {} }, 'unknown_request'],
      [
        { name: 'ink.draw', input: { stroke: '__proto__', data: '' }, op: { client: 'c1', n: 1 } },
        'bad_request',
      ],
      [
        { name: 'ink.draw', input: { stroke: 's1', data: 'A'.repeat(17_000) }, op: { client: 'c1', n: 1 } },
        'bad_request',
      ],
      [{ name: 'ink.draw', input: stroke('s1') }, 'bad_request'], // durable, but without its count
      [{ name: 'hand.raise', input: {}, op: { client: 'c1', n: 1 } }, 'bad_request'],
      [{ name: 'lesson.join', input: { lesson: { $ne: null } } }, 'bad_request'],
      [{ name: 'chat.say', input: { text: '   ' }, op: { client: 'c1', n: 1 } }, 'bad_request'],
      [{ name: 'media.produce', input: deep }, 'bad_request'],
      [{ name: 'stage.call', input: { participant: 'nobody' } }, 'not_found'],
      [
        { name: 'media.connect', input: { transport: crypto.randomUUID(), dtlsParameters: {} } },
        'stream_gone',
      ],
    ];
    for (const [envelope, code] of hostile) {
      const answer = await client.raw(envelope);
      assert.equal(answer.ok ? 'ok' : answer.error.code, code, JSON.stringify(envelope)?.slice(0, 80));
    }
    assert.deepEqual(await client.request('lesson.leave', {}), {});
  });

  it('refuses every request before one has joined', async () => {
    const client = await connect(DEMO.student);
    for (const [name, spec] of Object.entries(requests)) {
      if (name === 'lesson.join') continue;
      const answer = await client.raw({
        name,
        input: {},
        op: 'durable' in spec ? { client: 'c1', n: 1 } : undefined,
      });
      assert.equal(answer.ok, false, name);
      if (!answer.ok) assert.ok(['bad_request', 'not_in_lesson'].includes(answer.error.code), name);
    }
  });

  it('answers the same for a lesson of others as for one that does not exist', async () => {
    const client = await connect('tech');
    await assert.rejects(client.join(lesson), { code: 'not_found' });
    await assert.rejects(client.join('nosuchlesson'), { code: 'not_found' });
  });

  it('lets students respond and nothing else', async () => {
    const student = await joined(DEMO.student);
    await assert.rejects(student.perform('ink.draw', stroke('hers')), { code: 'forbidden' });
    await assert.rejects(student.perform('page.turn', { page: 'page1' }), { code: 'forbidden' });
    await assert.rejects(student.request('lesson.start', {}), { code: 'forbidden' });
    await assert.rejects(student.request('stage.call', { participant: DEMO.student }), { code: 'forbidden' });
    await student.request('hand.raise', {});
    await student.until((state) => Object.values(state.people).some(({ hand }) => hand !== null));
    await student.perform('chat.say', { text: 'བཀྲ་ཤིས་བདེ་ལེགས།' });
    await student.until((state) => state.chat.length === 1);
  });

  it('shows what the lead writes to everyone, in the same order, to the same digest', async () => {
    const [teacher, room, student] = await Promise.all([DEMO.teacher, DEMO.room, DEMO.student].map(joined));
    assert.ok(teacher && room && student);
    await Promise.all(Array.from({ length: 50 }, (_, i) => teacher.perform('ink.draw', stroke(`w${i}`))));
    await teacher.perform('page.add', { page: { id: 'p2', kind: 'grid' } });
    const end = await teacher.until((state) => state.board.current === 'p2');
    const others = await Promise.all(
      [room, student].map((client) => client.until((state) => state.seq >= end.seq)),
    );
    for (const state of others) assert.equal(digest(state.board), digest(end.board));
  });

  it("takes a writer's batches as bytes, acknowledges them by their entries, and tells newcomers enough", async () => {
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const headers = { cookie, origin: server.url };
    const reported: unknown[] = [];
    const writer = openSession({ lesson, url: server.url, headers, report: (error) => reported.push(error) });
    const settled = (count: number) =>
      eventually(() => strokesIn(writer.view().state) === count && writer.view().unsent === 0, 'settled');
    await eventually(() => writer.view().connection === 'joined', 'joined');
    const before = strokesIn(writer.view().state);
    const early = await joined(DEMO.room);
    writer.perform('ink.draw', { stroke: 'line1', page: 'page1', brush: PEN, data: 'AAAA' });
    await settled(before + 1);
    const late = await joined(DEMO.student); // has not seen how the stroke began
    writer.perform('ink.draw', { stroke: 'line1', data: 'AAAA' });
    writer.perform('ink.draw', { stroke: 'line1', data: '', done: true });
    writer.perform('ink.draw', { stroke: 'line2', page: 'page1', brush: PEN, data: 'AAAA', done: true });
    await settled(before + 2);
    const { state } = writer.view();
    assert.ok(state);
    for (const client of [early, late]) {
      assert.equal(
        digest(await client.until(({ seq }) => seq >= state.seq)),
        digest(writer.view().state ?? state),
      );
    }
    assert.deepEqual(reported, []);
    writer.close();
  });

  it('puts out who sends what cannot be read, and nobody else', async () => {
    const other = await joined(DEMO.room);
    const hostile: ((client: TestClient) => void)[] = [
      (client) => client.socket.emit('perform', new Uint8Array([1, 2, 3])),
      (client) => client.socket.io.engine.write('2["disconnect"]'),
      (client) => client.socket.io.engine.write(Buffer.from([9, 9])),
      (client) => client.socket.io.engine.write('2["perform","text"]'),
    ];
    for (const send of hostile) {
      const client = await joined(DEMO.room);
      const gone = once(client, 'disconnect');
      send(client);
      await gone;
    }
    await other.request('hand.lower', {});
  });

  it('gives who comes back what was missed, and takes what is sent twice once', async () => {
    const teacher = await joined(DEMO.teacher);
    const room = await joined(DEMO.room);
    await room.until((state) => state.seq >= teacher.state.seq);
    const last = room.state.seq;
    room.close();
    const op = { client: 'pen1', n: 1 };
    const [first, second] = [
      await teacher.perform('ink.draw', stroke('twice'), op),
      await teacher.perform('ink.draw', stroke('twice'), op),
    ];
    assert.ok(first.seq && second.seq === undefined);
    const again = await connect(DEMO.room);
    again.state = room.state;
    await again.join(lesson, last);
    const now = await teacher.until((state) => state.seq >= again.state.seq);
    assert.equal(digest(again.state), digest(now));
  });

  it('lets nobody count under the client of somebody else', async () => {
    const teacher = await joined(DEMO.teacher);
    const student = await joined(DEMO.student);
    const op = { client: 'pen2', n: 1 };
    await teacher.perform('ink.draw', stroke('mine'), op);
    await student.until((state) => state.operations.pen2 === 1);
    const poison = { client: 'pen2', n: Number.MAX_SAFE_INTEGER };
    await assert.rejects(student.perform('chat.say', { text: 'x' }, poison), { code: 'forbidden' });
    const next = await teacher.perform('ink.draw', stroke('mine2'), { client: 'pen2', n: 2 });
    assert.ok(next.seq, 'the teacher goes on writing');
  });

  it('keeps one person from flooding everyone with remarks', async () => {
    const student = await joined(DEMO.student);
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) => student.perform('chat.say', { text: `again ${i}` })),
    );
    assert.ok(answers.filter(({ status }) => status === 'rejected').length >= 6);
  });

  it('tells a person gone a while after their last connection broke', async () => {
    const teacher = await joined(DEMO.teacher);
    const other = await joined(DEMO.secondRoom);
    const id = other.you?.participant ?? '';
    await teacher.until((state) => state.people[id]?.online === true);
    other.close();
    await teacher.until((state) => state.people[id]?.online === false, 12_000);
  }).timeout(20_000);

  it('lets nobody speak before they are called on, and takes the word back at once', async () => {
    const teacher = await joined(DEMO.teacher);
    const room = await joined(DEMO.room);
    await teacher.request('lesson.start', {});
    const produce = { transport: crypto.randomUUID(), source: 'mic', rtpParameters: {} } as const;
    await assert.rejects(room.request('media.produce', produce), { code: 'not_on_stage' });
    const participant = room.you?.participant ?? '';
    await teacher.request('stage.call', { participant });
    await assert.rejects(room.request('media.produce', produce), { code: 'stream_gone' }); // allowed; no such transport
    await teacher.request('stage.dismiss', { participant });
    await assert.rejects(room.request('media.produce', produce), { code: 'not_on_stage' });
  });

  it('ends the sockets of a session that is signed out', async () => {
    const cookie = await signIn(server.url, DEMO.student, DEMO_PASSWORD);
    const client = await TestClient.connect(server.url, cookie);
    const gone = once(client, 'disconnect');
    await fetch(`${server.url}/api/v1/session`, {
      method: 'DELETE',
      headers: { cookie, origin: server.url },
    });
    await gone;
  });

  it('says so once the lesson is over', async () => {
    const [teacher, student] = await Promise.all([DEMO.teacher, DEMO.student].map(joined));
    assert.ok(teacher && student);
    await teacher.request('lesson.end', {});
    await student.until((state) => state.phase === 'ended');
    await assert.rejects(student.perform('chat.say', { text: 'late' }), { code: 'lesson_ended' });
    await assert.rejects(teacher.perform('ink.draw', stroke('late')), { code: 'lesson_ended' });
  });
});
