import assert from 'node:assert/strict';
import type { LogEntry } from '../../protocol/events.ts';
import type { JoinedRecording } from '../../protocol/recording.ts';
import { NO_EDIT } from '../../protocol/replay-edit.ts';
import { Merger } from '../../server/replays/merger.ts';
import { OneByOne } from '../../server/replays/one-by-one.ts';
import { leaveHidden, shownEdit } from '../../server/replays/shown-edit.ts';
import { connect, disconnect } from '../../server/store/database.ts';
import { deletionsLeft, endDeletion } from '../../server/store/deletions.ts';
import { createLesson, lessonRecords, neighboursOf } from '../../server/store/lessons.ts';
import { logStore, readLog } from '../../server/store/log.ts';
import {
  addCaptions,
  captionsOf,
  findEdit,
  forgetReplay,
  saveEdit,
  UNEDITED,
} from '../../server/store/replays.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { quietLog } from '../support/log.ts';

const HOUR_MS = 3_600_000;

describe('merging two lessons', () => {
  let first: string;
  let second: string;
  const joins: JoinedRecording[] = [];
  let duringJoin = async (): Promise<void> => undefined;
  const spanOf = (lesson: string) => {
    if (lesson === first) return { from: 1000, to: 61_000 };
    return { from: 500, to: joins.some((join) => join.lesson === lesson) ? 60_501 : 30_500 };
  };
  const work = new OneByOne();
  const merger = new Merger({
    work,
    recordings: {
      join: async (recording) => {
        joins.push(recording);
        await duringJoin();
      },
      recording: async (lesson) => ({
        ...{
          renditions: [],
          gaps: [],
          revision: 0,
          recorded: spanOf(lesson),
          state: { voice: 'ready', picture: 'ready', progress: 1 },
        },
        ...spanOf(lesson),
      }),
    },
    reader: {
      originalLog: ({ id }) => readLog(id),
      recorded: async ({ id }) => spanOf(id),
      recording: async () => null,
      forget() {},
    },
  });

  before(async () => {
    await connect(await freshDatabaseUri(), quietLog);
    [first, second] = [await lessonAt(0, ['k1']), await lessonAt(HOUR_MS, ['k1', 'k2'])];
  });
  after(disconnect);

  async function lessonAt(at: number, classes: string[]): Promise<string> {
    const startsAt = new Date(1_800_000_000_000 + at);
    const id = await createLesson({
      ...{
        title: { 'zh-CN': at === 0 ? '水' : '水（续）' },
        course: 'c1',
        lead: 'dolma',
        state: 'ended',
        classes,
      },
      ...{ locals: [], rooms: ['room1'], startsAt, endsAt: new Date(startsAt.getTime() + HOUR_MS) },
    });
    const entries: LogEntry[] = [
      { seq: 1, t: 1000, actor: 'dolma', event: { type: 'lesson.started', at: startsAt.getTime() } },
      { seq: 2, t: 20_000, actor: 'dolma', event: { type: 'chat.said', text: '好' } },
      { seq: 3, t: 30_000, actor: 'dolma', event: { type: 'lesson.ended', reason: 'teacher' } },
    ];
    await logStore.append(id, 'test', entries);
    return id;
  }
  async function record(id: string) {
    const found = await lessonRecords.find(id);
    assert.ok(found);
    return found;
  }

  it('makes one lesson of them, in their order, however often it is asked', async () => {
    assert.deepEqual(
      (await neighboursOf(await record(first), 2 * HOUR_MS)).map(({ id }) => id),
      [second],
    );
    await saveEdit(
      first,
      {
        ...UNEDITED,
        revision: 1,
        edit: { ...NO_EDIT, chapters: [{ t: 5000, title: '冰' }] },
      },
      0,
    );
    for (const lesson of [first, second])
      await addCaptions({
        lesson,
        language: 'zh-CN',
        label: '字幕',
        cues: [{ from: 2000, to: 3000, text: '好' }],
      });
    const made = await merger.merge(await record(second), await record(first));
    assert.equal(await merger.merge(await record(first), await record(second)), made);
    const parts = [
      { lesson: first, shift: 0 },
      { lesson: second, shift: 60_501 },
    ];
    assert.deepEqual(joins, [{ lesson: made, parts }], 'made once');
    const said = (await readLog(made)).filter(({ event }) => event.type === 'chat.said').map(({ t }) => t);
    assert.deepEqual(said, [20_000, 80_501]);
    const { state, startsAt, endsAt, members } = await record(made);
    assert.deepEqual([state, endsAt - startsAt], ['ended', 2 * HOUR_MS]);
    assert.deepEqual([members.lead, members.rooms, members.audience], ['dolma', ['room1'], 'lead']);
    const { edit } = await findEdit(made);
    assert.deepEqual(edit.chapters, [
      { t: 5000, title: '冰' },
      { t: 61_001, title: '水（续）' },
    ]);
    const [captions, ...more] = await captionsOf(made);
    assert.deepEqual([captions?.cues.map(({ from }) => from), more], [[2000, 62_501], []]);
    assert.ok(!(await neighboursOf(await record(first), 2 * HOUR_MS)).some(({ id }) => id === made));
    assert.deepEqual(await neighboursOf(await record(made), 2 * HOUR_MS), [], 'not with its own parts');
  });

  it('hides what either hides, and what was cut off where they meet, from when on ever they do', async () => {
    const hide = (from: number, to: number) => [{ id: 'h1', from, to, writing: true, eraseAt: 5 }];
    const third = await lessonAt(2 * HOUR_MS, ['k1']);
    const made = await merger.merge(await record(first), await record(third));
    assert.deepEqual((await shownEdit(made)).edit.hidden, []);
    const edit = { ...NO_EDIT, from: 2_000, to: 60_000, hidden: hide(1_500, 600_000) };
    await saveEdit(third, { ...UNEDITED, revision: 1, cut: 1, edit }, 0);
    await saveEdit(
      first,
      { ...UNEDITED, revision: 2, cut: 2, edit: { ...edit, hidden: hide(0, 90_000) } },
      1,
    );
    const shown = await shownEdit(made);
    assert.deepEqual(
      shown.edit.hidden.map(({ from, to, eraseAt }) => [from, to, eraseAt]),
      [
        [0, 61_001, 5],
        [60_000, 61_001, undefined],
        [62_001, 660_501, 5],
        [61_001, 62_501, undefined],
      ],
    );
    assert.deepEqual([shown.edit.from, shown.edit.to, shown.cut], [2_000, 120_501, 3]);
  });

  it('hides what its parts of parts hide, and what one of them hid that is deleted', async () => {
    const [fourth, fifth, sixth] = [
      await lessonAt(3 * HOUR_MS, ['k1']),
      await lessonAt(4 * HOUR_MS, ['k1']),
      await lessonAt(5 * HOUR_MS, ['k1']),
    ];
    const pair = await merger.merge(await record(fourth), await record(fifth));
    const three = await merger.merge(await record(pair), await record(sixth));
    const hidden = [{ id: 'h1', from: 2_000, to: 3_000, writing: true, eraseAt: 5 }];
    await saveEdit(fifth, { ...UNEDITED, revision: 1, cut: 1, edit: { ...NO_EDIT, hidden } }, 0);
    const hides = async () => (await shownEdit(three)).edit.hidden.map(({ from, to }) => [from, to]);
    const expected = [[32_001, 33_001]];
    assert.deepEqual(await hides(), expected);
    const { cut } = await shownEdit(three);
    await leaveHidden(fifth);
    await leaveHidden(fifth); // a crash in between
    await forgetReplay(fifth);
    assert.deepEqual(await hides(), expected);
    assert.ok((await shownEdit(three)).cut > cut, 'no file of before is shown for another');
  });

  it('is done before anything of one of them is erased or deleted', async () => {
    const eighth = await lessonAt(7 * HOUR_MS, ['k1']);
    const done: string[] = [];
    duringJoin = async () => {
      duringJoin = async () => undefined;
      void work.do(async () => void done.push('erased'));
    };
    await merger.merge(await record(second), await record(eighth)).then(() => done.push('merged'));
    await work.done();
    assert.deepEqual(done, ['merged', 'erased']);
  });

  it('leaves nothing but for an hour where it breaks off', async () => {
    const seventh = await lessonAt(6 * HOUR_MS, ['k1']);
    duringJoin = async () => {
      throw new Error('the disk is full');
    };
    await assert.rejects(merger.merge(await record(second), await record(seventh)), /full/);
    duringJoin = async () => undefined;
    const [left] = joins.slice(-1);
    assert.ok(left);
    assert.equal((await lessonRecords.find(left.lesson))?.replayDeleted, true, 'nobody gets it');
    assert.ok(!(await deletionsLeft()).includes(left.lesson), 'it may be under way');
    assert.ok((await deletionsLeft(Date.now() + HOUR_MS + 1)).includes(left.lesson));
    await endDeletion(left.lesson);
    assert.equal(await lessonRecords.find(left.lesson), null);
  });

  it('is refused where they are of two teachers', async () => {
    const other = await record(first);
    const foreign = { ...other, id: 'l9', members: { ...other.members, lead: 'tashi' } };
    await assert.rejects(merger.merge(other, foreign), { code: 'merge_impossible' });
  });
});
