import assert from 'node:assert/strict';
import { ReplayReader } from '../../server/replays/reader.ts';
import { connect, disconnect } from '../../server/store/database.ts';
import { createLesson, lessonRecords } from '../../server/store/lessons.ts';
import { logStore, readLog } from '../../server/store/log.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { quietLog } from '../support/log.ts';
import { noRecordings } from '../support/recordings.ts';

describe('the replay of a lesson whose recording is not there', () => {
  let lesson: string;

  before(async () => {
    await connect(await freshDatabaseUri(), quietLog);
    // Longer ago than it takes a recording to appear.
    const startsAt = new Date(Date.now() - 600_000);
    lesson = await createLesson({
      ...{ title: { 'zh-CN': '水' }, course: 'c1', lead: 'dolma', state: 'ended' },
      ...{ classes: [], locals: [], rooms: [], startsAt, endsAt: new Date() },
    });
    await logStore.append(lesson, 'test', [
      { seq: 1, t: 0, actor: 'dolma', event: { type: 'lesson.started', at: startsAt.getTime() } },
      { seq: 2, t: 60_000, actor: 'dolma', event: { type: 'lesson.ended', reason: 'teacher' } },
    ]);
  });
  after(() => disconnect());

  for (const [what, isUnfinished, voice] of [
    ['is not called failed while it is still to be finished', true, 'waiting'],
    ['says that there is none where there is none', false, 'failed'],
  ] as const)
    it(what, async () => {
      const record = await lessonRecords.find(lesson);
      assert.ok(record);
      const recordings = { ...noRecordings, isUnfinished: () => isUnfinished };
      const { state } = await new ReplayReader({ recordings, readLog }).manifest(record, 'student', false);
      assert.equal(state.voice, voice);
      assert.equal(state.picture, voice);
    });
});
