import assert from 'node:assert/strict';
import { Account } from '../../protocol/api.ts';
import { Language } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { verifyPassword } from '../../server/auth/password.ts';
import { demoId, PEOPLE } from '../../server/demo/people.ts';
import { DEMO_PASSWORD, demoRuns, FINISHED_LESSON, refreshDemo, seedDemo } from '../../server/demo/school.ts';
import {
  anyAccount,
  createAccount,
  demoLogins,
  findAccount,
  findCredentials,
} from '../../server/store/accounts.ts';
import { connect, database, disconnect } from '../../server/store/database.ts';
import { lessonRecords, lessonsAround } from '../../server/store/lessons.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { quietLog } from '../support/log.ts';

const TEACHER = { id: demoId('dolma'), role: 'teacher', school: demoId('hub') } as const;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A Wednesday. */
const NOW = new Date(2026, 10, 25, 9, 12).getTime();

describe('the demo school', () => {
  beforeEach(async () => {
    await connect(await freshDatabaseUri(), quietLog);
  });

  afterEach(disconnect);

  it('is made once, also when it was interrupted', async () => {
    await seedDemo();
    await refreshDemo(NOW);
    const first = await dump();
    await seedDemo();
    await refreshDemo(NOW);
    assert.deepEqual(await dump(), first);
    await database().collection<{ _id: string }>('settings').deleteOne({ _id: 'demo.seeded' });
    await database()
      .collection<{ _id: string }>('accounts')
      .deleteOne({ _id: demoId('student3') });
    await seedDemo();
    const counts = (rows: Record<string, unknown[]>) =>
      Object.entries(rows).map(([name, all]) => [name, all.length]);
    assert.deepEqual(counts(await dump()), counts(first));
  });

  it('has people whose names are in three languages and whose password is the demo’s', async () => {
    await seedDemo();
    assert.deepEqual(
      (await demoLogins()).map((login) => login.username),
      PEOPLE.map((person) => person.username),
    );
    for (const { username } of PEOPLE) {
      const account = Account.parse(await findAccount(demoId(username), { demo: true }));
      for (const language of Language.options) {
        assert.ok(account.name[language], `${username} in ${language}`);
        assert.ok(account.school.name[language], `${username}'s school in ${language}`);
      }
      assert.equal(await findAccount(demoId(username), { demo: false }), null);
    }
    assert.equal(await verifyPassword(DEMO_PASSWORD, (await findCredentials('dolma'))?.password), true);
  });

  it('has a lesson to teach today, whenever that is', async () => {
    await seedDemo();
    for (const now of [NOW, NOW + 5 * MINUTE, NOW + 3 * 60 * MINUTE, NOW + DAY, NOW + 30 * DAY]) {
      await refreshDemo(now);
      const ready = (await week(now)).filter(
        ({ state, startsAt, endsAt }) => state === 'ready' && startsAt <= now && now < endsAt,
      );
      assert.deepEqual(
        ready.map(({ id }) => id),
        ['demo-today-1'],
        new Date(now).toString(),
      );
    }
  });

  it('leaves a live lesson alone and makes the next when it has ended', async () => {
    await seedDemo();
    await refreshDemo(NOW);
    await lessonRecords.setState('demo-today-1', 'live');
    const before = await lessonRecords.find('demo-today-1');
    await refreshDemo(NOW + DAY);
    assert.deepEqual(await lessonRecords.find('demo-today-1'), before);
    assert.equal(await lessonRecords.find('demo-today-2'), null);
    await lessonRecords.setState('demo-today-1', 'ended');
    await refreshDemo(NOW + DAY);
    assert.equal((await lessonRecords.find('demo-today-2'))?.state, 'ready');
  });

  it('has a finished lesson and lessons around in every week, and none ready in the past', async () => {
    await seedDemo();
    for (let day = 0; day < 9; day++) {
      const now = NOW + day * DAY;
      await refreshDemo(now);
      const lessons = await week(now);
      assert.equal(lessons.find(({ id }) => id === FINISHED_LESSON)?.state, 'ended', `day ${day}`);
      assert.ok(lessons.length >= 5, `day ${day}`);
      assert.deepEqual(
        lessons.filter(({ state, endsAt }) => state === 'ready' && endsAt < now),
        [],
      );
    }
  });

  it('runs in a new installation only, unless it is asked for', async () => {
    assert.equal(await demoRuns('auto', false), true);
    assert.equal(await demoRuns('auto', true), false);
    assert.equal(await demoRuns('on', true), true);
    await seedDemo();
    assert.equal(await demoRuns('auto', false), true, 'and goes on');
    assert.equal(await demoRuns('off', false), false);
    assert.equal(await anyAccount({ demo: false }), false);
  });

  it('does not come to a school that has people', async () => {
    const account = {
      username: 'deki',
      password: 'x',
      role: 'administrator',
      name: { 'zh-CN': '德吉' },
      school: 's1',
    } as const;
    await createAccount(account);
    assert.equal(await demoRuns('auto', false), false);
    await assert.rejects(
      createAccount({ ...account, username: ' DEKI' }),
      new TongkeError('bad_request', 'This user name is taken.'),
    );
  });
});

function week(now: number) {
  const monday = new Date(now);
  monday.setHours(0, 0, 0, 0);
  monday.setDate(monday.getDate() - ((monday.getDay() + 6) % 7));
  return lessonsAround(TEACHER, monday, new Date(monday.getTime() + 7 * DAY));
}

async function dump(): Promise<Record<string, unknown[]>> {
  const names = ['schools', 'accounts', 'courses', 'classes', 'lessons', 'settings'];
  const rows = names.map(async (name) => [name, await database().collection(name).find().toArray()] as const);
  return Object.fromEntries(await Promise.all(rows));
}
