import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { LessonSummary } from '../../protocol/api.ts';
import { Language, localise } from '../../protocol/common.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { encodeInk } from '../../protocol/ink.ts';
import { digest } from '../../protocol/lesson.ts';
import type { Replay } from '../../protocol/replay.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';
import { openBrowser } from './support/browser.ts';
import { RoomPage, SeatPage, TeacherPage, timesOf, WatchPage } from './support/people.ts';
import { report } from './support/report.ts';
import { AT_THE_HUB, IN_THE_VILLAGE } from './support/scene.ts';
import { sees } from './support/senses.ts';
import { shot } from './support/shots.ts';
import { PATIENCE_MS, type Place, untilSameBoard } from './support/visitor.ts';
import { isOpenToAll, speaks } from './support/well.ts';

/** Encoding a minute of lesson on two busy cores. */
const RENDITION_MS = 60_000;

const ZIGZAG: readonly Place[] = [
  [300, 300],
  [700, 500],
  [1100, 300],
  [1500, 500],
];

describe('one lesson, end to end', function () {
  this.timeout(240_000);
  this.bail(true);
  let server: TestServer;
  let hub: Browser;
  let village: Browser;
  let teacher: TeacherPage;
  let room: RoomPage;
  let student: SeatPage;
  let lesson: LessonSummary;
  let cookie: string;

  before(async () => {
    server = await startTestServer();
    [hub, village] = await Promise.all([openBrowser(AT_THE_HUB), openBrowser(IN_THE_VILLAGE)]);
    const { url } = server;
    teacher = await TeacherPage.open(hub, { url, language: 'zh-CN' });
    room = await RoomPage.open(village, { url, language: 'bo' });
    student = await SeatPage.open(village, { url, language: 'en' });
    cookie = await signIn(url, DEMO.student, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(url, '/lessons', cookie);
    const next = lessons.find(({ state }) => state === 'ready');
    assert.ok(next, 'the demo has a lesson to teach');
    lesson = next;
  });

  after(async () => {
    await Promise.all([hub?.close(), village?.close()]);
    await server?.close();
  });

  const everyone = () => [teacher, room, student];

  it('begins: the teacher signs in, finds it in Today and looks in the mirror', async () => {
    await teacher.go('/');
    await teacher.signIn();
    await teacher.choose('teach', localise(lesson.title, teacher.language));
    await sees(teacher.preview(), AT_THE_HUB, 'the teacher, of herself');
    const levels = new Set<number>();
    await eventually(async () => levels.add(await teacher.level()).size > 3, 'the level meter moves');
    await teacher.page.getByText(teacher.say('teach.preview.heard'), { exact: true }).waitFor();
    await shot(teacher, 'preview');
  });

  it('is waited for: by a room that nobody operates, and by a student', async () => {
    await room.go('/room');
    await room.signIn();
    await room.page.getByText(localise(lesson.title, room.language)).waitFor();
    await shot(room, 'waiting');
    await student.go('/');
    await student.signIn();
    await student.choose('join', localise(lesson.title, student.language));
    await student.page.getByText(student.say('lesson.notStarted')).waitFor();
  });

  it('starts: room and student are in it by themselves', async () => {
    await teacher.start();
    await Promise.all([room.board(1).waitFor(), student.board(1).waitFor()]);
  });

  it('is heard and seen', async () => {
    await Promise.all(
      [room, student].flatMap((one) => [one.hears(AT_THE_HUB), one.sees(DEMO.teacher, AT_THE_HUB)]),
    );
    // And nobody of the village is, before they are called on.
    await Promise.all([teacher.hearsNot(IN_THE_VILLAGE), student.hearsNot(IN_THE_VILLAGE)]);
  });

  it('shows strokes while they are being drawn', async () => {
    await teacher.draw(1, ZIGZAG);
    // The pen is still down.
    await Promise.all([room.showsInk(1, [900, 400]), student.showsInk(1, [900, 400])]);
    await teacher.lift();
    await untilSameBoard(everyone(), 1);
  });

  it('turns pages for everyone', async () => {
    await teacher.addPage('grid');
    await Promise.all(everyone().map((one) => one.board(2).waitFor()));
    await teacher.write(2, [
      [400, 800],
      [1400, 800],
    ]);
    await Promise.all([room.showsInk(2, [900, 800]), student.showsInk(2, [900, 800])]);
    await teacher.button('teach.page.previous').click();
    await Promise.all(everyone().map((one) => one.showsInk(1, [500, 400])));
    await room.showsNoInk(1, [900, 800]);
    await teacher.button('teach.page.next').click();
    await Promise.all(everyone().map((one) => one.showsInk(2, [900, 800])));
  });

  it('takes a stroke back, and puts it there again', async () => {
    await teacher.button('teach.tool.undo').click();
    await Promise.all(everyone().map((one) => one.showsNoInk(2, [900, 800])));
    await teacher.button('teach.tool.redo').click();
    await Promise.all(everyone().map((one) => one.showsInk(2, [900, 800])));
    await untilSameBoard(everyone(), 2);
  });

  it('lets a student write: it can be hidden and shown, and a text stays on the page it was begun on', async () => {
    await teacher.button('board.writers.everyone').click();
    const more = new RegExp(`^${student.say('board.tool.more')}`);
    await student.page.getByRole('button', { name: more }).click();
    await student.page.getByRole('radio', { name: student.say('board.tool.text'), exact: true }).click();
    await student.page.mouse.click(...(await student.point(2, [300, 100])));
    const field = student.page.getByRole('textbox', { name: student.say('board.text.label'), exact: true });
    await field.fill('3/4 > 2/3');
    await teacher.button('teach.page.previous').click();
    await field.waitFor({ state: 'detached' });
    await teacher.button('teach.page.next').click();
    await student.board(2).waitFor();
    await student.page.getByRole('radio', { name: student.say('teach.tool.pen'), exact: true }).click();
    await student.write(2, [
      [400, 500],
      [1400, 500],
    ]);
    await Promise.all(everyone().map((one) => one.showsInk(2, [900, 500])));
    const name = teacher.name(DEMO.student);
    await teacher.page.getByTitle(teacher.say('board.writers.wrote', { name })).waitFor();
    const does = async (what: 'hide' | 'show') => {
      await teacher.page
        .getByRole('button', { name: `${teacher.say('board.writers.title')}: ${name}` })
        .click();
      await teacher.page
        .getByRole('menuitem', { name: teacher.say(`board.writers.${what}`, { name }) })
        .click();
    };
    await does('hide');
    await Promise.all(everyone().map((one) => one.showsNoInk(2, [900, 500])));
    await does('show');
    await Promise.all(everyone().map((one) => one.showsInk(2, [900, 500])));
    await teacher.button('board.writers.everyone').click();
    await student.page.getByRole('button', { name: more }).waitFor({ state: 'detached' });
    await untilSameBoard(everyone(), 2);
    const client = await TestClient.connect(server.url, cookie);
    await client.join(lesson.id);
    const texts = client.state.board.pages.map(({ items }) =>
      Object.values(items ?? {}).map(({ by, content }) => ({
        by,
        text: content.kind === 'text' ? content.text : '',
      })),
    );
    client.close();
    assert.deepEqual(texts, [[], [{ by: client.you?.participant, text: '3/4 > 2/3' }]]);
  });

  it('refuses a stroke of a student, and no board has it', async () => {
    const before = await untilSameBoard(everyone(), 2);
    const client = await TestClient.connect(server.url, cookie);
    await client.join(lesson.id);
    const stroke = {
      stroke: 'graffiti',
      page: client.state.board.current,
      brush: { tool: 'pen', colour: '#1b1b1f', width: 6, grid: 1 },
      data: encodeInk(
        [],
        [
          [100, 100, 0, 128],
          [500, 500, 200, 128],
        ],
      ),
      done: true,
    } as const;
    await assert.rejects(client.perform('ink.draw', stroke), { code: 'forbidden' });
    assert.equal(digest(client.state.board), before);
    client.close();
    assert.equal(await untilSameBoard(everyone(), 2), before);
  });

  it('has a chat, and hands to raise', async () => {
    await student.chat('Is 3/4 the larger?');
    await teacher.openChat();
    await teacher.page.getByText('Is 3/4 the larger?').waitFor();
    await student.button('hand.raise').click();
    await teacher.page.getByRole('tab', { name: teacher.say('teach.people.title') }).click();
    const hands = teacher.page.getByRole('region', { name: teacher.say('teach.people.hands'), exact: true });
    await hands.getByText(teacher.name(DEMO.student), { exact: true }).waitFor();
    await student.button('hand.lower').click();
    await hands.waitFor({ state: 'detached' });
  });

  it('calls on the room: teacher and student hear and see it', async () => {
    await teacher.button('teach.people.callName', { name: teacher.name(DEMO.room) }).click();
    await Promise.all(
      [teacher, student].flatMap((one) => [one.hears(IN_THE_VILLAGE), one.sees(DEMO.room, IN_THE_VILLAGE)]),
    );
    await room.page.getByText(room.say('stage.onRoom')).waitFor();
    await student.hears(AT_THE_HUB); // the teacher is not drowned
    await shot(teacher, 'teach');
    await shot(room, 'room');
    await shot(student, 'seat');
  });

  it('sends the room back: it is seen and heard no longer', async () => {
    await teacher.button('teach.people.dismissName', { name: teacher.name(DEMO.room) }).click();
    await Promise.all(
      [teacher, student].map((one) => one.pictureOf(DEMO.room).waitFor({ state: 'detached' })),
    );
    await Promise.all([teacher, student].map((one) => one.hearsNot(IN_THE_VILLAGE)));
    await student.hears(AT_THE_HUB);
  });

  it('calls on a student, who is heard once they agree, and goes on hearing when sent back', async () => {
    const voice = () => student.page.locator('audio').first().evaluate(trackOf);
    const before = await voice();
    await teacher.button('teach.people.callName', { name: teacher.name(DEMO.student) }).click();
    await student.button('stage.openBoth').click();
    await Promise.all(
      [teacher, room].flatMap((one) => [one.hears(IN_THE_VILLAGE), one.sees(DEMO.student, IN_THE_VILLAGE)]),
    );
    await teacher.button('teach.people.dismissName', { name: teacher.name(DEMO.student) }).click();
    await student.button('hand.raise').waitFor();
    await Promise.all([teacher, room].map((one) => one.hearsNot(IN_THE_VILLAGE)));
    assert.equal(await voice(), before, 'the voice of the lesson was not interrupted');
  });

  it('goes on when its media worker is killed, without anyone’s doing', async () => {
    const began = performance.now();
    for (const pid of server.media.pids()) process.kill(pid, 'SIGKILL');
    await Promise.all(
      [room, student].map((one) => one.page.locator('audio').first().waitFor({ state: 'detached' })),
    );
    await Promise.all(
      [room, student].flatMap((one) => [one.hears(AT_THE_HUB), one.sees(DEMO.teacher, AT_THE_HUB)]),
    );
    report('voice and picture back after the worker’s death', performance.now() - began);
    await teacher.write(2, ZIGZAG);
    await untilSameBoard(everyone(), 2);
  });

  it('ends: everyone is told', async () => {
    await teacher.end();
    await teacher.page.getByRole('heading', { name: teacher.say('teach.ended.title') }).waitFor();
    await student.page.getByRole('heading', { name: student.say('lesson.ended') }).waitFor();
    await shot(student, 'ended');
    // A classroom's screen is back to what comes next.
    await room.board(2).waitFor({ state: 'detached' });
    for (const one of everyone()) assert.deepEqual(one.complaints, [], one.username);
  });

  describe('its replay', () => {
    let watch: WatchPage;
    let replay: Replay;
    let log: readonly LogEntry[];

    it('is made', async () => {
      await eventually(
        async () => {
          replay = await get<Replay>(server.url, `/lessons/${lesson.id}/replay`, cookie);
          return replay.state.voice === 'ready' && replay.state.picture === 'ready';
        },
        'voice and picture are ready',
        RENDITION_MS,
      );
      ({ entries: log } = await get<{ entries: LogEntry[] }>(
        server.url,
        `/lessons/${lesson.id}/log`,
        cookie,
      ));
    });

    it('plays: voice, picture, and ink that is the log’s', async () => {
      watch = new WatchPage(student);
      await student.page.getByRole('link', { name: student.say('today.watch'), exact: true }).click();
      await watch.button('begin').click();
      await eventually(async () => (await watch.instant()).media > 1, 'the voice goes on', PATIENCE_MS);
      await student.hears(AT_THE_HUB);
      await watch.matches(replay, log);
      await watch.choose('picture');
      await sees(watch.picture(), AT_THE_HUB, 'the student, in the replay');
      await student.hears(AT_THE_HUB);
      await watch.matches(replay, log);
      await shot(student, 'watch');
    });

    it('is sought forwards and back, and its ink is the log’s each time', async () => {
      const strokes = timesOf(log, 'ink.drawn');
      const [turned = 0] = timesOf(log, 'page.added');
      const [called = 0] = timesOf(log, 'stage.called');
      const middle = strokes[Math.floor(strokes.length / 2)] ?? 0;
      for (const t of [called, (strokes[0] ?? 0) + 60, replay.to - 1500, turned - 20, middle]) {
        await watch.seek(replay.from, t);
        await eventually(
          async () => {
            const now = await watch.instant();
            return Math.abs(now.time - t) < 2_000 && now.state !== 'waiting';
          },
          `it is at ${t}`,
          PATIENCE_MS,
        );
        await watch.matches(replay, log);
      }
    });

    it('is shown in each language, open to everyone', async () => {
      for (const language of Language.options) {
        const visitor = await SeatPage.open(hub, { url: server.url, language });
        await visitor.arrive(`/watch/${lesson.id}`);
        // Begun or gone on with: what was watched of it before, on whatever device, decides.
        await visitor.page.locator('main[data-digest]').waitFor();
        await speaks(visitor, 'watch');
        await isOpenToAll(visitor, 'watch');
        await visitor.close();
      }
    });

    it('gives the room’s answer where it was called on', async () => {
      const lead = log.find(({ event }) => event.type === 'lesson.started')?.actor;
      const answer = log.find(
        ({ event: e }) =>
          e.type === 'stream.opened' && e.stream.source === 'mic' && e.stream.participant !== lead,
      );
      await watch.seek(replay.from, answer?.t ?? 0);
      // It may have come to its end while Watch was looked at in other languages.
      if ((await watch.instant()).state !== 'playing') await watch.button('play').click();
      await student.hears(IN_THE_VILLAGE);
    });
  });
});

/** Which voice an element plays. Runs in the page. */
function trackOf(element: Element): string | undefined {
  const stream = element instanceof HTMLAudioElement ? element.srcObject : null;
  return stream instanceof MediaStream ? stream.getTracks()[0]?.id : undefined;
}
