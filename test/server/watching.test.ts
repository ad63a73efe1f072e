import assert from 'node:assert/strict';
import { routes } from '../../protocol/api.ts';
import { shareOf, union } from '../../protocol/watching.ts';
import { hashPassword } from '../../server/auth/password.ts';
import { DEMO_PASSWORD, FINISHED_LESSON } from '../../server/demo/demo.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { createSchool } from '../../server/store/schools.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

const PATH = `/api/v1/lessons/${FINISHED_LESSON}`;

describe('stretches that were watched', () => {
  it('become one where they meet, in any order', () => {
    const watched = union(
      [
        [10_000, 20_000],
        [40_000, 50_000],
      ],
      [
        [0, 5000],
        [20_500, 41_000],
      ],
    );
    assert.deepEqual(watched, [
      [0, 5000],
      [10_000, 50_000],
    ]);
    assert.equal(shareOf(watched, 0, 90_000), 0.5);
  });

  it('never grow without end', () => {
    const many = Array.from({ length: 1000 }, (_, i): [number, number] => [i * 5000, i * 5000 + 1000]);
    const kept = union([], many);
    assert.ok(kept.length <= 200);
    assert.deepEqual([kept[0]?.[0], kept.at(-1)?.[1]], [0, 999 * 5000 + 1000]);
  });
});

describe('one’s own in a replay', () => {
  let server: HttpServer;
  let student: string;
  let other: string;
  let teacher: string;
  let stranger: string;
  let room: string;

  before(async function () {
    this.timeout(60_000);
    server = await startHttpServer();
    const name = { 'zh-CN': '别的学校' };
    const school = await createSchool({ name, region: name, kind: 'hub' });
    const password = await hashPassword(DEMO_PASSWORD);
    await createAccount({ username: 'stranger', password, role: 'student', name, school });
    const people = ['student1', 'student2', 'dolma', 'stranger', 'room1'];
    [student = '', other = '', teacher = '', stranger = '', room = ''] = await Promise.all(
      people.map((username) => server.as(username)),
    );
  });
  after(() => server.close());

  const show = async (cookie: string) =>
    routes['watching.show'].output.parse((await server.send(`${PATH}/watching`, { cookie })).data);
  const post = (cookie: string, place: string, body: unknown) =>
    server.send(PATH + place, { cookie, method: 'POST', body, headers: { origin: server.url } });
  const remove = (cookie: string, place: string) =>
    server.send(PATH + place, { cookie, method: 'DELETE', headers: { origin: server.url } });

  it('goes on where one left, on whichever device, with what was watched added up', async () => {
    assert.equal((await show(student)).position, null);
    await Promise.all([
      post(student, '/watching', { t: 30_000, watched: [[0, 30_000]] }),
      post(student, '/watching', { t: 90_000, watched: [[60_000, 90_000]] }),
    ]);
    await post(student, '/watching', { t: 45_000, watched: [[30_000, 45_000]] });
    const { position, watched } = await show(student);
    assert.equal(position?.t, 45_000);
    assert.deepEqual(watched, [
      [0, 45_000],
      [60_000, 90_000],
    ]);
    assert.deepEqual((await show(other)).watched, []);
  });

  it('tells the teacher of the class, and tells nobody else', async () => {
    await post(room, '/watching', { t: 1000, watched: [[0, 1000]] });
    const { data } = await server.send(`${PATH}/viewers`, { cookie: teacher });
    const { viewers } = routes['watching.viewers'].output.parse(data);
    const begun = viewers.filter(({ at }) => at !== null);
    assert.deepEqual(
      begun.map(({ id }) => id),
      ['demo-student1'],
    );
    assert.ok(viewers.length >= 6, 'those who have not begun are there too');
    for (const [cookie, code] of [
      [student, 'forbidden'],
      [room, 'forbidden'],
      [stranger, 'not_found'],
      ['', 'not_signed_in'],
    ] as const) {
      assert.equal((await server.send(`${PATH}/viewers`, { cookie })).code, code);
    }
  });

  it('goes on where one was last, whichever device tells of it first', async () => {
    const hour = 3_600_000;
    await post(other, '/watching', { t: 95_000, watched: [[80_000, 95_000]] });
    const { position: before } = await show(other);
    await post(other, '/watching', { t: 25_000, watched: [[0, 25_000]], ago: hour });
    const { position, watched } = await show(other);
    assert.deepEqual(position, before);
    assert.deepEqual(watched, [
      [0, 25_000],
      [80_000, 95_000],
    ]);
    await post(other, '/watching', { t: 40_000, watched: [] });
    assert.equal((await show(other)).position?.t, 40_000);
    const { code } = await post(other, '/watching', { t: 1000, watched: [], ago: -hour });
    assert.equal(code, 'bad_request');
  });

  it('keeps notes for their writer alone, once however often they are sent', async () => {
    const note = { id: 'n1', t: 5000, text: '分母要相同' };
    for (let i = 0; i < 2; i++) assert.equal((await post(student, '/notes', note)).code, undefined);
    await post(other, '/notes', { ...note, text: 'mine' });
    assert.deepEqual(
      (await show(student)).notes.map(({ text }) => text),
      ['分母要相同'],
    );
    assert.deepEqual((await show(teacher)).notes, []);
    await remove(other, '/notes/n1');
    assert.equal((await show(student)).notes.length, 1, 'another’s note of the same id is another note');
    assert.equal((await post(student, '/notes', { ...note, text: ' ' })).code, 'bad_request');
    assert.equal((await post(stranger, '/notes', note)).code, 'not_found');
  });

  it('brings questions to the teacher, and answers back to who asked', async () => {
    const question = { id: 'q1', t: 12_000, text: '为什么要通分？' };
    assert.equal((await post(student, '/questions', question)).code, undefined);
    assert.equal((await post(other, '/questions', { ...question, text: 'x' })).code, 'bad_request');
    const [asked] = (await show(teacher)).questions;
    assert.deepEqual([asked?.text, asked?.t, asked?.by], [question.text, 12_000, 'demo-student1']);
    assert.deepEqual((await show(other)).questions, []);
    const answer = { text: '因为每一份要一样大。' };
    assert.equal((await post(student, '/questions/q1/answer', answer)).code, 'forbidden');
    assert.equal((await post(stranger, '/questions/q1/answer', answer)).code, 'not_found');
    assert.equal((await post(teacher, '/questions/q2/answer', answer)).code, 'not_found');
    await post(teacher, '/questions/q1/answer', answer);
    assert.equal((await show(student)).questions[0]?.answer?.text, answer.text);
    await remove(other, '/questions/q1');
    assert.equal((await show(student)).questions.length, 1, 'not theirs to take back');
    await remove(student, '/questions/q1');
    assert.deepEqual((await show(teacher)).questions, []);
  });
});
