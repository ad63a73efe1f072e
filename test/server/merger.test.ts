import assert from 'node:assert/strict';
import type { LogEntry } from '../../protocol/events.ts';
import type { JoinedRecording, RecordingCut } from '../../protocol/recording.ts';
import { NO_EDIT } from '../../protocol/replay-edit.ts';
import { Merger } from '../../server/replays/merger.ts';
import { connect, disconnect } from '../../server/store/database.ts';
import { createLesson, lessonRecords, neighboursOf } from '../../server/store/lessons.ts';
import { logStore, readLog } from '../../server/store/log.ts';
import { addCaptions, captionsOf, findEdit, saveEdit, UNEDITED } from '../../server/store/replays.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { quietLog } from '../support/log.ts';

const HOUR_MS = 3_600_000;

describe('merging two lessons', () => {
  let first: string;
  let second: string;
  const joins: JoinedRecording[] = [];
  const cuts: RecordingCut[] = [];
  let duringJoin = async (): Promise<void> => undefined;
  const merger = new Merger({
    recordings: {
      join: async (recording) => {
        joins.push(recording);
        await duringJoin();
      },
      cut: async (_, cut) => void cuts.push(cut),
      recording: async (lesson) => ({
        ...{
          renditions: [],
          gaps: [],
          revision: 0,
          recorded: lesson === first ? { from: 1000, to: 61_000 } : { from: 500, to: 30_500 },
          state: { voice: 'ready', picture: 'ready', progress: 1 },
        },
        ...(lesson === first ? { from: 1000, to: 61_000 } : { from: 500, to: 30_500 }),
      }),
    },
    reader: {
      originalLog: ({ id }) => readLog(id),
      recorded: async ({ id }) => (id === first ? { from: 1000, to: 61_000 } : { from: 500, to: 30_500 }),
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
    await saveEdit(first, {
      ...UNEDITED,
      revision: 1,
      edit: { ...NO_EDIT, chapters: [{ t: 5000, title: '冰' }] },
    });
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

  it('hides what either hides, and what was cut off where they meet', async () => {
    const hide = (from: number, to: number) => [{ id: 'h1', from, to, writing: true }];
    const due = Date.now() + HOUR_MS;
    const third = await lessonAt(2 * HOUR_MS, ['k1']);
    const edit = { ...NO_EDIT, from: 2_000, to: 60_000, hidden: hide(1_500, 600_000) };
    await saveEdit(third, { ...UNEDITED, revision: 1, cut: 1, edit, eraseAt: due });
    await saveEdit(first, { ...UNEDITED, revision: 2, cut: 2, edit: { ...edit, hidden: hide(0, 90_000) } });
    assert.equal(cuts.length, 0, 'where nothing is hidden all is played');
    const made = await merger.merge(await record(first), await record(third));
    const saved = await findEdit(made);
    const expected = [
      [0, 61_001],
      [60_000, 61_001],
      [62_001, 660_501],
      [61_001, 62_501],
    ];
    assert.deepEqual(
      saved.edit.hidden.map(({ from, to }) => [from, to]),
      expected,
    );
    assert.deepEqual([saved.edit.from, saved.edit.to], [2_000, 120_501]);
    assert.equal(saved.cut, saved.revision);
    assert.ok((saved.eraseAt ?? 0) > due, 'what was cut off is hidden as of now');
    assert.deepEqual(
      cuts.map(({ hidden }) => hidden.map(({ from, to }) => [from, to])),
      [expected],
    );
  });

  it('hides what is hidden of one while they are merged', async () => {
    const fourth = await lessonAt(3 * HOUR_MS, ['k1']);
    const hidden = [{ id: 'h1', from: 2_000, to: 3_000, writing: true }];
    const due = Date.now() + HOUR_MS;
    duringJoin = async () => {
      duringJoin = async () => undefined;
      await saveEdit(fourth, {
        ...UNEDITED,
        revision: 1,
        cut: 1,
        edit: { ...NO_EDIT, hidden },
        eraseAt: due,
      });
    };
    const made = await merger.merge(await record(second), await record(fourth));
    const { edit, eraseAt } = await findEdit(made);
    assert.deepEqual(
      edit.hidden.map(({ from, to }) => [from, to]),
      [[32_001, 33_001]],
    );
    assert.equal(eraseAt, due);
  });

  it('is refused where they are of two teachers', async () => {
    const other = await record(first);
    const foreign = { ...other, id: 'l9', members: { ...other.members, lead: 'tashi' } };
    await assert.rejects(merger.merge(other, foreign), { code: 'merge_impossible' });
  });
});
