import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { LessonSummary } from '../../protocol/api.ts';
import { pageOf } from '../../protocol/board.ts';
import { encodeInk } from '../../protocol/ink.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO } from '../support/server.ts';
import { openBrowser } from './support/browser.ts';
import { RoomPage, SeatPage, TeacherPage } from './support/people.ts';
import { report } from './support/report.ts';
import { AT_THE_HUB, IN_THE_VILLAGE } from './support/scene.ts';
import { ServerProcess } from './support/server-process.ts';
import { shot } from './support/shots.ts';
import { PATIENCE_MS, type Place, untilSameBoard } from './support/visitor.ts';

/** Strokes that are acknowledged before the server is killed in the midst of more. */
const ACKNOWLEDGED = 40;

const lineAt = (y: number): readonly Place[] => [
  [300, y],
  [1500, y],
];

describe('a server killed in mid-lesson', function () {
  this.timeout(120_000);
  this.bail(true);
  let server: ServerProcess;
  let hub: Browser;
  let village: Browser;
  let teacher: TeacherPage;
  let room: RoomPage;
  let student: SeatPage;
  let lesson: string;
  let cookie: string;
  const acknowledged: string[] = [];
  let killedAt = 0;

  before(async () => {
    server = await ServerProcess.create();
    [hub, village] = await Promise.all([
      openBrowser(AT_THE_HUB),
      openBrowser(IN_THE_VILLAGE),
      server.start(),
    ]);
    const { url } = server;
    cookie = await signIn(url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(url, '/lessons', cookie);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    teacher = await TeacherPage.open(hub, { url, language: 'en' });
    room = await RoomPage.open(village, { url, language: 'zh-CN' });
    student = await SeatPage.open(village, { url, language: 'bo' });
    await Promise.all([
      teacher.arrive(`/teach/${lesson}`),
      room.arrive('/room'),
      student.arrive(`/seat/${lesson}`),
    ]);
    await teacher.preview().waitFor();
    await teacher.start();
    await Promise.all([room, student].map((one) => one.hears(AT_THE_HUB)));
    await teacher.write(1, lineAt(200));
    await untilSameBoard(everyone(), 1);
  });

  after(async () => {
    await Promise.all([hub?.close(), village?.close()]);
    await server?.close();
  });

  const everyone = () => [teacher, room, student];
  const since = () => performance.now() - killedAt;

  it('is killed while strokes are being acknowledged', async () => {
    const client = await TestClient.connect(server.url, cookie);
    await client.join(lesson);
    const killed = new Promise<void>((resolve) => client.once('disconnect', resolve));
    for (let n = 0, killing = false; client.socket.connected; n++) {
      // Several under way at any time: the journal's writes are to be cut in the middle.
      const drawn = [0, 1, 2, 3].map(async (i) => {
        const stroke = `k${n}x${i}`;
        await client.perform('ink.draw', strokeAt(stroke, client.state.board.current, 300 + n * 4 + i));
        acknowledged.push(stroke);
      });
      const outcomes = Promise.allSettled(drawn);
      if (!killing && acknowledged.length >= ACKNOWLEDGED) {
        killing = true;
        killedAt = performance.now();
        await server.kill();
        await killed;
      }
      await outcomes;
    }
    client.close();
  });

  it('is missed, and work goes on without it', async () => {
    await Promise.all(
      everyone().map((one) => one.page.getByText(one.say('lesson.coming'), { exact: true }).waitFor()),
    );
    await teacher.write(1, lineAt(800));
    await teacher.showsInk(1, [900, 800]);
    await teacher.page
      .getByText(teacher.say('teach.top.unsaved', { n: '' }).trim())
      .first()
      .waitFor();
    assert.equal(await room.board(1).count(), 1, 'the room keeps the board before its eyes');
    await shot(room, 'room-server-away');
  });

  it('comes back: everyone is in the lesson again without a click', async () => {
    await server.start();
    report('the server is ready again, after the kill', since());
    await Promise.all(
      everyone().map((one) =>
        one.page.getByText(one.say('lesson.coming'), { exact: true }).waitFor({ state: 'detached' }),
      ),
    );
    report('everyone has joined again', since());
    await Promise.all([room, student].map((one) => one.hears(AT_THE_HUB)));
    report('the voice is heard again', since());
    await Promise.all([room, student].map((one) => one.sees(DEMO.teacher, AT_THE_HUB)));
    report('the picture is seen again', since());
    await shot(room, 'room-server-back');
  });

  it('has lost no acknowledged stroke, and takes what was drawn meanwhile', async () => {
    await Promise.all([room, student].map((one) => one.showsInk(1, [900, 800], PATIENCE_MS)));
    await teacher.saved().waitFor();
    await teacher.write(1, lineAt(1000));
    await Promise.all(everyone().map((one) => one.showsInk(1, [900, 1000], PATIENCE_MS)));
    await untilSameBoard(everyone(), 1);
    const client = await TestClient.connect(server.url, cookie);
    await client.join(lesson);
    const strokes = pageOf(client.state.board, client.state.board.current)?.strokes ?? {};
    client.close();
    const lost = acknowledged.filter((id) => !Object.hasOwn(strokes, id));
    assert.deepEqual(lost, []);
    assert.ok(acknowledged.length >= ACKNOWLEDGED, 'some were acknowledged');
    const byHand = Object.keys(strokes).filter((id) => !/^k\d+x\d$/.test(id));
    assert.equal(byHand.length, 3, 'drawn before, during and after: each once');
  });

  it('lets the room be called on, and the lesson be ended, as if nothing had been', async () => {
    await teacher.button('teach.people.callName', { name: teacher.name(DEMO.room) }).click();
    await Promise.all([teacher.hears(IN_THE_VILLAGE), student.hears(IN_THE_VILLAGE)]);
    await teacher.end();
    await student.page.getByRole('heading', { name: student.say('lesson.ended') }).waitFor();
    await eventually(async () => {
      const { state } = await get<LessonSummary>(server.url, `/lessons/${lesson}`, cookie);
      return state === 'ended';
    }, 'the lesson has ended');
  });
});

function strokeAt(stroke: string, page: string, y: number) {
  const data = encodeInk(
    [],
    [
      [100, y, 0, 128],
      [200, y, 60, 128],
    ],
  );
  return {
    stroke,
    page,
    brush: { tool: 'pen', colour: '#1b1b1f', width: 4, grid: 1 },
    data,
    done: true,
  } as const;
}
