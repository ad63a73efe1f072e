import assert from 'node:assert/strict';
import { NO_RULES } from '../../protocol/storage-rules.ts';
import { BelievedClock } from '../../server/replays/believed-clock.ts';
import { Retention } from '../../server/replays/retention.ts';
import { createAccount } from '../../server/store/accounts.ts';
import { connect, database, disconnect } from '../../server/store/database.ts';
import { createLesson, lessonRecords } from '../../server/store/lessons.ts';
import { setStorageRules } from '../../server/store/school-storage.ts';
import { createSchool } from '../../server/store/schools.ts';
import { writeSetting } from '../../server/store/settings.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { quietLog } from '../support/log.ts';
import { noRecordings } from '../support/recordings.ts';

const DAY_MS = 86_400_000;

describe('what a school does not keep for longer', () => {
  let lesson: string;

  before(async () => {
    await connect(await freshDatabaseUri(), quietLog);
    const school = await createSchool({
      name: { 'zh-CN': '中心校' },
      region: { 'zh-CN': '县' },
      kind: 'hub',
    });
    const lead = await createAccount({
      ...{ username: 'dolma', name: { 'zh-CN': '卓玛' }, role: 'teacher', school },
      ...{ password: 'never signed in with' },
    });
    const endsAt = new Date(Date.now() - 100 * DAY_MS);
    lesson = await createLesson({
      ...{ title: { 'zh-CN': '水' }, course: 'c1', lead, state: 'ended', classes: [], locals: [], rooms: [] },
      ...{ startsAt: new Date(endsAt.getTime() - 60_000), endsAt },
    });
    await setStorageRules(school, { ...NO_RULES, allDays: 90 });
  });
  after(() => disconnect());

  /** A server that is switched on, and off again once it has done what it does at its start. */
  async function aDay(): Promise<string[]> {
    const deleted: string[] = [];
    const retention = new Retention({
      clock: { now: async () => Date.now() },
      ...{ recordings: noRecordings, records: lessonRecords, log: quietLog },
      deletion: { delete: async ({ id }) => deleted.push(id) > 0 },
    });
    await retention.start(database());
    await retention.madeUp;
    await retention.close();
    return deleted;
  }

  it('is deleted at the next start where the server is off at night', async () => {
    assert.deepEqual(await aDay(), [lesson], 'no night is known');
    assert.deepEqual(await aDay(), [], 'that was today');
    await writeSetting('retention-ran-at', String(Date.now() - DAY_MS - 1000));
    assert.deepEqual(await aDay(), [lesson], 'a night was missed');
  });

  it('is not deleted by a clock that has leapt ahead, unless it goes on for a day', async () => {
    let [now, uptime] = [Date.now(), 0];
    const clock = new BelievedClock(
      () => now,
      () => uptime,
    );
    assert.equal(await clock.now(), now);
    now += 30 * DAY_MS;
    assert.equal(await clock.now(), now, 'a server that was off for a month');
    now += 4_000 * DAY_MS;
    assert.equal(await clock.now(), null);
    assert.match(clock.warnings().join(), /4000 days later/);
    [now, uptime] = [now + DAY_MS, DAY_MS];
    assert.equal(await clock.now(), now);
    assert.deepEqual(clock.warnings(), []);
    now -= 4_000 * DAY_MS;
    assert.equal(await clock.now(), now, 'it was wrong, and is set right');
  });
});
