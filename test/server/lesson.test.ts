import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { LessonEvent, LogEntry } from '../../protocol/events.ts';
import { digest } from '../../protocol/lesson.ts';
import { Lesson } from '../../server/lessons/lesson.ts';
import { connect, disconnect } from '../../server/store/database.ts';
import { LogTaken, logStore } from '../../server/store/log.ts';
import { freshDatabaseUri, killDatabase } from '../support/database.ts';
import { quietLog } from '../support/log.ts';

const say = (text: string): LessonEvent => ({ type: 'chat.said', text });
const newId = () => `l${randomUUID().slice(0, 8)}`;
const open = (id: string) => Lesson.open(id, logStore, quietLog);

describe('lesson log', () => {
  before(async () => connect(await freshDatabaseUri(), quietLog));
  after(disconnect);

  it('gives every entry a place without gaps and tells subscribers in that order (invariant 1)', async () => {
    const lesson = await open(newId());
    const heard: LogEntry[] = [];
    lesson.subscribe((entry) => heard.push(entry));
    const seqs = await Promise.all(Array.from({ length: 300 }, (_, i) => lesson.publish(say(`line ${i}`))));
    assert.deepEqual(
      seqs,
      Array.from({ length: 300 }, (_, i) => i + 1),
    );
    assert.deepEqual(
      heard.map((entry) => entry.seq),
      seqs,
    );
    assert.ok(heard.every((entry, i) => entry.t >= (heard[i - 1]?.t ?? 0)));
    await lesson.close();
  });

  it('tells nobody what is not yet in the journal (invariant 3)', async () => {
    const id = newId();
    const lesson = await open(id);
    const journaled: boolean[] = [];
    const checks: Promise<void>[] = [];
    lesson.subscribe((entry) => {
      const check = logStore.read(id).then(({ entries }) => {
        journaled.push(entries.some(({ seq }) => seq === entry.seq));
      });
      checks.push(check);
    });
    for (let i = 0; i < 5; i++) await lesson.publish(say('x'));
    await Promise.all(checks);
    assert.deepEqual(journaled, [true, true, true, true, true]);
    await lesson.close();
  });

  it('takes an operation once, however often and whenever it is sent (invariant 4)', async () => {
    const id = newId();
    const lesson = await open(id);
    const op = { client: 'c1', n: 1 };
    const seqs = await Promise.all([1, 2, 3].map(() => lesson.publish(say('once'), { op })));
    assert.deepEqual(seqs, [1, 0, 0]);
    assert.equal(await lesson.publish(say('once'), { op }), 0);
    await lesson.close();
    const again = await open(id);
    assert.equal(await again.publish(say('once'), { op }), 0);
    assert.equal(again.state().chat.length, 1);
    await again.close();
  });

  it('is the same after it was opened anew, from the log alone and from a snapshot', async () => {
    const id = newId();
    const lesson = await open(id);
    for (let i = 0; i < 20; i++) await lesson.publish(say(`line ${i}`), { op: { client: 'c1', n: i + 1 } });
    const other = await open(id); // reads what was written, no snapshot yet
    assert.equal(digest(other.state()), digest(lesson.state()));
    await lesson.close(); // saves a snapshot
    assert.equal((await logStore.loadSnapshot(id))?.seq, 20);
    const again = await open(id);
    assert.equal(digest(again.state()), digest(lesson.state()));
    assert.ok(again.now() >= lesson.state().t);
  });

  it('gives those who come back what they missed, and a whole state to who knows nothing', async () => {
    const lesson = await open(newId());
    for (let i = 0; i < 10; i++) await lesson.publish(say(`line ${i}`));
    assert.deepEqual(
      lesson.catchUp(7).entries.map(({ seq }) => seq),
      [8, 9, 10],
    );
    assert.deepEqual(lesson.catchUp(10), { entries: [] });
    assert.equal(lesson.catchUp(undefined).snapshot?.seq, 10);
    assert.equal(lesson.catchUp(99).snapshot?.seq, 10, 'from a lesson that never was');
    await lesson.close();
  });

  it('stops a writer whose lesson another has taken over (invariant 1)', async () => {
    const id = newId();
    const first = await open(id);
    const second = await open(id);
    await second.publish(say('mine now'));
    await assert.rejects(first.publish(say('late')), { code: 'database_unavailable' });
    assert.deepEqual(
      (await logStore.read(id)).entries.map((entry) => entry.event),
      [say('mine now')],
    );
    await assert.rejects(logStore.append(id, 'third', [{ seq: 1, t: 0, event: say('again') }]), LogTaken);
  });

  it('loses nothing and doubles nothing when the database is killed while it writes (invariants 3, 4)', async () => {
    const id = newId();
    const lesson = await open(id);
    const published: Promise<number>[] = [];
    for (let i = 0; i < 60; i++) {
      published.push(lesson.publish(say(`line ${i}`)));
      if (i === 30) {
        await published[0];
        await killDatabase();
      }
    }
    const seqs = await Promise.all(published);
    assert.deepEqual(
      seqs,
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
    const { entries } = await logStore.read(id);
    assert.deepEqual(
      entries.map(({ event }) => event),
      Array.from({ length: 60 }, (_, i) => say(`line ${i}`)),
    );
    await lesson.close();
  });
});
