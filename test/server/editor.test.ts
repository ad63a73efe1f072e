import assert from 'node:assert/strict';
import { TongkeError } from '../../protocol/errors.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { Recording, RecordingCut } from '../../protocol/recording.ts';
import { eraseAtOf, type Hidden, NO_EDIT } from '../../protocol/replay-edit.ts';
import { ReplayEditor } from '../../server/replays/editor.ts';
import { OneByOne } from '../../server/replays/one-by-one.ts';
import { ReplayReader } from '../../server/replays/reader.ts';
import { KEPT_MS } from '../../server/replays/shown-edit.ts';
import { connect, disconnect } from '../../server/store/database.ts';
import { beginMerged, createLesson, finishMerged, lessonRecords } from '../../server/store/lessons.ts';
import { logStore, readLog } from '../../server/store/log.ts';
import { addCaptions, captionsOf, findEdit } from '../../server/store/replays.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { quietLog } from '../support/log.ts';
import { noRecordings } from '../support/recordings.ts';

const DAY_MS = 86_400_000;

describe('what is hidden of a lesson', () => {
  const erased: string[] = [];
  /** What was erased last. */
  let passages: number[][] = [];
  /** What else happens while a recording is being erased. */
  let meanwhile = async (): Promise<void> => undefined;
  /** The disk has no room for a cut. */
  let isFull = false;
  /** What the recorder was told, in order. */
  const told: string[] = [];
  const recordings = {
    ...noRecordings,
    cut: async (_: string, { revision }: RecordingCut) => {
      if (isFull) throw new TongkeError('storage_full');
      told.push(`cut ${revision}`);
    },
    // As after a crash between the database's knowing of a cut and the recorder's.
    recording: async (): Promise<Recording> => ({
      ...{ from: 0, to: 60_000, renditions: [], gaps: [], revision: 0 },
      recorded: { from: 0, to: 60_000 },
      state: { voice: 'ready', picture: 'ready', progress: 1 },
    }),
    erase: async (lesson: string, hidden: RecordingCut['hidden']) => {
      passages = hidden.map(({ from, to }) => [from, to]);
      told.push('erase');
      erased.push(lesson);
      await meanwhile();
    },
  };
  const reader = new ReplayReader({ recordings, readLog });
  let editor: ReplayEditor;
  let lesson: string;

  const startsAt = new Date(1_800_000_000_000);
  async function taught(): Promise<string> {
    const id = await createLesson({
      ...{ title: { 'zh-CN': '水' }, course: 'c1', lead: 'dolma', state: 'ended' },
      ...{ classes: [], locals: [], rooms: [], startsAt, endsAt: new Date(startsAt.getTime() + 60_000) },
    });
    await logged(id);
    return id;
  }
  async function logged(id: string): Promise<void> {
    const said = (seq: number, t: number, text: string): LogEntry => ({
      ...{ seq, t, actor: 'dolma' },
      event: { type: 'chat.said', text },
    });
    await logStore.append(id, 'test', [
      { seq: 1, t: 0, actor: 'dolma', event: { type: 'lesson.started', at: startsAt.getTime() } },
      said(2, 10_000, '电话'),
      said(3, 30_000, '作业'),
      { seq: 4, t: 60_000, actor: 'dolma', event: { type: 'lesson.ended', reason: 'teacher' } },
    ]);
  }

  before(async () => {
    await connect(await freshDatabaseUri(), quietLog);
    lesson = await taught();
    const cue = (from: number, text: string) => ({ from, to: from + 1000, text });
    await addCaptions({
      lesson,
      language: 'zh-CN',
      label: '字幕',
      cues: [cue(10_000, '电话'), cue(30_000, '作业')],
    });
    editor = new ReplayEditor({
      ...{ recordings, log: quietLog },
      reader,
      lessons: { letGo: async () => undefined },
      courier: { forgetPackages: async () => undefined },
      courseware: { forgetFiles: async () => undefined },
      clock: { now: async () => Date.now() },
      work: new OneByOne(),
    });
  });
  after(async () => {
    await editor?.close();
    await disconnect();
  });

  const eraseAtNow = async () => eraseAtOf((await findEdit(lesson)).edit);

  it('is there for thirty days, and then nowhere', async () => {
    const record = await lessonRecords.find(lesson);
    assert.ok(record);
    const hidden = [{ id: 'h1', from: 5_000, to: 20_000, writing: true }];
    const { eraseAt } = await editor.save(record, 0, { ...NO_EDIT, hidden });
    assert.ok(eraseAt !== null && Math.abs(eraseAt - Date.now() - KEPT_MS) < 60_000);
    told.length = 0;
    await editor.sweep(eraseAt - 60_000);
    assert.deepEqual([erased, (await readLog(lesson)).length], [[], 4], 'not a minute before');
    await editor.sweep(eraseAt + 1);
    await editor.sweep(eraseAt + DAY_MS);
    assert.deepEqual(erased, [lesson], 'once');
    const last = told.indexOf('erase');
    assert.equal(told[last - 1], 'cut 1', 'what it has not heard of it would not erase');
    assert.deepEqual(
      (await readLog(lesson)).map(({ seq }) => seq),
      [1, 3, 4],
    );
    assert.deepEqual(
      (await captionsOf(lesson))[0]?.cues.map(({ text }) => text),
      ['作业'],
    );
    const { erased: isErased, eraseAt: next } = await editor.show(record);
    assert.deepEqual([isErased, next], [true, null]);
  });

  it('is erased in its own time, too, where it was hidden while something else was being erased', async () => {
    const record = await lessonRecords.find(lesson);
    assert.ok(record);
    const hidden = [{ id: 'h2', from: 25_000, to: 26_000, writing: true }];
    const { eraseAt, revision } = await editor.save(record, 1, { ...NO_EDIT, hidden });
    const more = [...hidden, { id: 'h3', from: 29_000, to: 31_000, writing: true }];
    meanwhile = async () => {
      meanwhile = async () => undefined;
      await editor.save(record, revision, { ...NO_EDIT, hidden: more });
    };
    await editor.sweep((eraseAt ?? 0) + 1);
    const second = await eraseAtNow();
    assert.ok(second !== null, 'what was hidden meanwhile has its time to come');
    assert.equal((await readLog(lesson)).length, 3);
    await editor.sweep(second + 1);
    assert.equal((await readLog(lesson)).length, 2);
    assert.equal(await eraseAtNow(), null);
  });

  it('is erased passage by passage, each thirty days after it was hidden, whatever is saved meanwhile', async () => {
    const record = await lessonRecords.find(lesson);
    assert.ok(record);
    const hide = async (hidden: Hidden[]) =>
      await editor.save(record, (await findEdit(lesson)).revision, { ...NO_EDIT, hidden });
    const first = { id: 'h4', from: 40_000, to: 41_000, writing: true };
    const { eraseAt } = await hide([first]);
    const later = { id: 'h5', from: 50_000, to: 51_000, writing: true };
    await nextMillisecond();
    const both = await hide([{ ...first, eraseAt: 1 }, later]);
    assert.deepEqual([both.eraseAt, both.erased], [eraseAt, false]);
    erased.length = 0;
    await editor.sweep(eraseAt ?? 0);
    const [gone, kept] = (await findEdit(lesson)).edit.hidden;
    assert.deepEqual([gone?.eraseAt, typeof kept?.eraseAt], [null, 'number']);
    assert.deepEqual(passages, [[40_000, 41_000]], 'and the other is still there');
  });

  it('is erased in the merged lesson with its part, and what is hidden there besides in its own time', async () => {
    const [part, other, whole] = [await taught(), await taught(), 'merged'];
    await logged(whole);
    await beginMerged(whole, part, other);
    await finishMerged(whole, { shift: 60_001, at: 60_001 });
    const save = async (id: string, from: number, to: number) => {
      const record = (await lessonRecords.find(id)) ?? assert.fail();
      return await editor.save(record, 0, { ...NO_EDIT, hidden: [{ id: 'h', from, to, writing: true }] });
    };
    const { eraseAt } = await save(part, 5_000, 12_000);
    await nextMillisecond();
    const own = await save(whole, 25_000, 35_000);
    assert.deepEqual([own.inherits, own.eraseAt !== null && own.eraseAt > (eraseAt ?? 0)], [true, true]);
    const seqs = async () => (await readLog(whole)).map(({ seq }) => seq);
    erased.length = 0;
    await editor.sweep(eraseAt ?? 0);
    assert.deepEqual([erased.filter((id) => id !== lesson), passages], [[part, whole], [[5_000, 12_000]]]);
    assert.deepEqual(await seqs(), [1, 3, 4]);
    await editor.sweep(own.eraseAt ?? 0);
    assert.deepEqual(await seqs(), [1, 4]);
  });

  it('leaves a second at least of what was merged of it, too', async () => {
    const [part, other, whole] = [await taught(), await taught(), 'merged-and-trimmed'];
    await logged(whole);
    await beginMerged(whole, part, other);
    await finishMerged(whole, { shift: 60_001, at: 60_001 });
    const trim = async (id: string, from: number | null, to: number | null) => {
      const record = (await lessonRecords.find(id)) ?? assert.fail();
      await editor.save(record, (await findEdit(id)).revision, { ...NO_EDIT, from, to });
    };
    await trim(whole, null, 2_000);
    await assert.rejects(trim(part, 3_000, null), { code: 'bad_request' });
    await trim(part, 500, null);
    await assert.rejects(trim(whole, null, 1_400), { code: 'bad_request' });
    await trim(whole, null, 1_600);
  });

  it('is hidden where the disk is full, too, the replay being made for who asks, and erased only once there is room', async () => {
    const id = await taught();
    const record = (await lessonRecords.find(id)) ?? assert.fail();
    isFull = true;
    const hidden = [{ id: 'h', from: 5_000, to: 12_000, writing: true }];
    await editor.save(record, 0, { ...NO_EDIT, from: 1_000, hidden });
    const { state, from, renditions, gaps } = await reader.manifest(record, 'student', false);
    assert.deepEqual(
      [state.voice, from, renditions, gaps],
      ['waiting', 1_000, [], [{ from: 5_000, to: 12_000, hidden: true }]],
    );
    erased.length = 0;
    await assert.rejects(editor.erase(id), { code: 'storage_full' });
    assert.deepEqual(erased, []);
    isFull = false;
    await editor.sweep(Date.now());
    assert.deepEqual(erased, [id]);
  });

  it('is erased by the next sweep where a crash broke off what the administrator asked for', async () => {
    const id = await taught();
    const record = (await lessonRecords.find(id)) ?? assert.fail();
    const hidden = [{ id: 'h', from: 5_000, to: 12_000, writing: true }];
    await editor.save(record, 0, { ...NO_EDIT, hidden });
    meanwhile = async () => {
      meanwhile = async () => undefined;
      throw new Error('killed');
    };
    await assert.rejects(editor.erase(id), /killed/);
    erased.length = 0;
    await editor.sweep(Date.now());
    assert.deepEqual(erased, [id]);
  });
});

function nextMillisecond(): Promise<void> {
  const now = Date.now();
  return eventually(() => Date.now() > now, 'a later time');
}
