import assert from 'node:assert/strict';
import type { LogEntry } from '../../protocol/events.ts';
import type { Recording, RecordingCut } from '../../protocol/recording.ts';
import { type Hidden, NO_EDIT } from '../../protocol/replay-edit.ts';
import { KEPT_DAYS, ReplayEditor } from '../../server/replays/editor.ts';
import { hiddenByBoth } from '../../server/replays/in-whole.ts';
import { ReplayReader } from '../../server/replays/reader.ts';
import { connect, disconnect } from '../../server/store/database.ts';
import { createLesson, createMerged, lessonRecords } from '../../server/store/lessons.ts';
import { logStore, readLog } from '../../server/store/log.ts';
import { addCaptions, captionsOf, findEdit } from '../../server/store/replays.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { quietLog } from '../support/log.ts';
import { noRecordings } from '../support/recordings.ts';

const DAY_MS = 86_400_000;

describe('what is hidden of a lesson', () => {
  const erased: string[] = [];
  /** From when to when. */
  const gone: number[][] = [];
  /** What else happens while a recording is being erased. */
  let meanwhile = async (): Promise<void> => undefined;
  /** What the recorder was told, in order. */
  const told: string[] = [];
  const recordings = {
    ...noRecordings,
    cut: async (_: string, { revision }: RecordingCut) => void told.push(`cut ${revision}`),
    // As after a crash between the database's knowing of a cut and the recorder's.
    recording: async (): Promise<Recording> => ({
      ...{ from: 0, to: 60_000, renditions: [], gaps: [], revision: 0 },
      recorded: { from: 0, to: 60_000 },
      state: { voice: 'ready', picture: 'ready', progress: 1 },
    }),
    erase: async (lesson: string, hidden: RecordingCut['hidden']) => {
      told.push('erase');
      erased.push(lesson);
      gone.push(...hidden.map(({ from, to }) => [from, to]));
      await meanwhile();
    },
  };
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
      reader: new ReplayReader({ recordings, readLog }),
      lessons: { letGo: async () => undefined },
      courier: { forgetPackages: async () => undefined },
    });
  });
  after(async () => {
    await editor?.close();
    await disconnect();
  });

  it('is there for thirty days, and then nowhere', async () => {
    const record = await lessonRecords.find(lesson);
    assert.ok(record);
    const hidden = [{ id: 'h1', from: 5_000, to: 20_000, writing: true }];
    const { eraseAt } = await editor.save(record, 0, { ...NO_EDIT, hidden });
    assert.ok(eraseAt !== null && Math.abs(eraseAt - Date.now() - KEPT_DAYS * DAY_MS) < 60_000);
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
    const saved = await findEdit(lesson);
    assert.deepEqual([saved.erased, saved.eraseAt], [true, null]);
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
    const saved = await findEdit(lesson);
    assert.ok(saved.eraseAt !== null, 'what was hidden meanwhile has its time to come');
    assert.equal((await readLog(lesson)).length, 3);
    await editor.sweep(saved.eraseAt + 1);
    assert.equal((await readLog(lesson)).length, 2);
    assert.equal((await findEdit(lesson)).eraseAt, null);
  });

  it('is erased in the merged lesson with its part, and what is hidden there besides in its own time', async () => {
    const [part, other, whole] = [await taught(), await taught(), 'merged'];
    await logged(whole);
    await createMerged(whole, part, other, 60_001);
    const recordOf = async (id: string) => (await lessonRecords.find(id)) ?? assert.fail();
    const hide = (from: number, to: number) => ({ id: `h${from}`, from, to, writing: true });
    const hidden = [hide(5_000, 12_000)];
    const { eraseAt } = await editor.save(await recordOf(part), 0, { ...NO_EDIT, hidden });
    const { revision, edit } = await findEdit(whole);
    const more = [...edit.hidden, hide(11_000, 35_000)];
    const own = await editor.save(await recordOf(whole), revision, { ...NO_EDIT, hidden: more });
    assert.ok(eraseAt !== null && own.eraseAt !== null && own.eraseAt > eraseAt);
    const seqs = async () => (await readLog(whole)).map(({ seq }) => seq);
    for (const list of [erased, gone]) list.length = 0;
    await editor.sweep(eraseAt);
    assert.deepEqual(erased, [part, whole]);
    const due = [5_000, 12_000];
    assert.deepEqual(gone, [due, due, [11_000, 12_000]], 'what both hide');
    assert.deepEqual([await seqs(), (await findEdit(whole)).eraseAt], [[1, 3, 4], own.eraseAt]);
    await editor.sweep(own.eraseAt);
    assert.deepEqual([await seqs(), (await findEdit(whole)).eraseAt], [[1, 4], null]);
  });

  it('is of one and the same in both, or of everybody', () => {
    const hide = (participant?: string, writing = true) => ({
      id: 'h',
      from: 1,
      to: 9,
      participant,
      writing,
    });
    const both = (one: Hidden, other: Hidden) =>
      hiddenByBoth([one], [other]).map(({ participant, writing }) => [participant, writing]);
    assert.deepEqual(both(hide(), hide('pema')), [['pema', true]]);
    assert.deepEqual(both(hide('pema'), hide(undefined, false)), [['pema', false]]);
    assert.deepEqual(both(hide('pema'), hide('tashi')), []);
    assert.deepEqual(hiddenByBoth([hide()], [{ ...hide(), from: 9, to: 12 }]), []);
  });
});
