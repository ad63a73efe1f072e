import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { routes } from '../../../protocol/api.ts';
import { NO_EDIT } from '../../../protocol/replay-edit.ts';
import { NO_RULES } from '../../../protocol/storage-rules.ts';
import { fileKey } from '../../../server/courseware/keys.ts';
import { FINISHED_LESSON } from '../../../server/demo/demo.ts';
import { Deletion } from '../../../server/replays/deletion.ts';
import { OneByOne } from '../../../server/replays/one-by-one.ts';
import { Quotas } from '../../../server/replays/quotas.ts';
import { Retention } from '../../../server/replays/retention.ts';
import { damagedIn } from '../../../server/replays/space.ts';
import { openFolderStore } from '../../../server/storage/folder.ts';
import { readAudit } from '../../../server/store/audit.ts';
import { grantFiles } from '../../../server/store/courseware.ts';
import { database } from '../../../server/store/database.ts';
import { createLesson, lessonRecords } from '../../../server/store/lessons.ts';
import { attach } from '../../../server/store/replays.ts';
import { setStorageRules } from '../../../server/store/school-storage.ts';
import type { HttpServer } from '../http-server.ts';

const PATH = `/api/v1/lessons/${FINISHED_LESSON}`;
const VTT = 'WEBVTT\n\n00:02.000 --> 00:04.000\n同学们好';
/** Where a lesson may still be spoken of: that it was taught, and who did what. */
const REMAINS = ['lessons', 'audit'];

export function deletionTests(lent: () => HttpServer): void {
  let server: HttpServer;
  const cookies: Record<string, string> = {};
  const own = Buffer.from('only here');
  const shared = Buffer.from('elsewhere, too');

  before(async () => {
    server = lent();
    for (const who of ['dolma', 'student1', 'admin', 'tech']) cookies[who] = await server.as(who);
  });

  const send = (who: string, path: string, method = 'GET', body?: unknown) =>
    server.send(PATH + path, { cookie: cookies[who], method, body });
  const objects = () => openFolderStore(join(server.directory, 'objects'));
  const packages = () => join(server.directory, 'courier', 'out');
  const recordings = () => readdir(join(server.directory, 'recordings'));

  async function spaceOfHub() {
    const { data } = await server.send('/api/v1/storage', { cookie: cookies.admin });
    const { schools } = routes['storage.show'].output.parse(data);
    return schools.find(({ id }) => id === 'demo-hub');
  }

  /** Names of the collections in which something speaks of the lesson. */
  async function traces(): Promise<string[]> {
    const found: string[] = [];
    for (const { name } of await database().listCollections().toArray()) {
      const rows = await database().collection(name).find({}).toArray();
      if (JSON.stringify(rows).includes(FINISHED_LESSON)) found.push(name);
    }
    return found.sort();
  }

  async function makeTraces(): Promise<void> {
    const until = Date.now() + 86_400_000;
    const edit = { ...NO_EDIT, chapters: [{ t: 5_000, title: '分数' }] };
    // It counts whatever changed the replay, as a package that was taken in does.
    const { revision } = routes['edit.show'].output.parse((await send('dolma', '/edit')).data);
    const made = [
      await send('dolma', '/edit', 'POST', { revision, edit }),
      await send('dolma', '/captions', 'POST', { language: 'zh-CN', label: '字幕', vtt: VTT }),
      await send('dolma', '/shares', 'POST', { label: '家长会', until }),
      await send('dolma', '/audience', 'POST', { audience: 'library' }),
    ];
    assert.deepEqual(
      made.map(({ code }) => code),
      made.map(() => undefined),
    );
    const next = await createLesson({
      ...{ title: { 'zh-CN': '下一课' }, course: 'demo-maths', lead: 'demo-dolma' },
      ...{ locals: [], classes: [], rooms: [], startsAt: new Date(until), endsAt: new Date(until + 60_000) },
    });
    await attach(FINISHED_LESSON, next);
    const rows = { lesson: FINISHED_LESSON, account: 'demo-student1', t: 1, text: '问', at: new Date() };
    for (const name of ['notes', 'questions', 'packs', 'watching'])
      await database()
        .collection<{ _id: string }>(name)
        .insertOne({ ...rows, _id: `${FINISHED_LESSON}:demo-student1` });
    await writeFile(join(packages(), `${FINISHED_LESSON}.1.tongke`), 'a package');
    for (const data of [own, shared]) await objects().put(fileKey(sha256(data)), once(data));
    const page = (data: Buffer) => ({
      ...{ sha256: sha256(data), bytes: data.length, form: 'webp' as const, width: 1, height: 1 },
    });
    await grantFiles(FINISHED_LESSON, [page(own), page(shared)]);
    await grantFiles(next, [page(shared)]);
  }

  it('is for the administrator of its school', async () => {
    assert.equal((await send('student1', '/replay', 'DELETE')).code, 'forbidden');
    assert.equal((await send('dolma', '/replay', 'DELETE')).code, 'forbidden');
    assert.equal((await send('tech', '/replay', 'DELETE')).code, 'not_found');
    assert.equal((await server.send(`${PATH}/replay`, { method: 'DELETE' })).code, 'not_signed_in');
    for (const [who, expected] of [
      ['admin', true],
      ['dolma', false],
    ] as const) {
      const { data } = await send(who, '/replay');
      assert.equal(routes['replay.show'].output.parse(data).deletable, expected, who);
    }
  });

  it('makes the room that the report says it takes', async () => {
    const hub = await spaceOfHub();
    assert.ok(hub && hub.lessons === 1 && hub.voice > 0 && hub.tracks > 0);
    assert.equal((await server.send('/api/v1/storage', { cookie: cookies.dolma })).code, 'forbidden');
    const { data } = await server.send('/api/v1/storage/disk', { cookie: cookies.tech });
    const disk = routes['storage.disk'].output.parse(data);
    assert.ok(disk.freeBytes > 0 && disk.minutes > 0 && !disk.lost);
    // The packages' and archives' own tests have had a disk damage it.
    assert.ok(hub.damaged.every(({ outcome }) => outcome === 'mended'));
    const found = { what: 'voice', outcome: 'lost', at: 5 } as const;
    const theirs = await damagedIn(
      'demo-hub',
      [FINISHED_LESSON, 'unknown'].map((lesson) => ({ lesson, ...found })),
    );
    assert.deepEqual(
      theirs.map(({ title: { en }, what }) => [en, what]),
      [['Meeting fractions', 'voice']],
      'a school is told of its own',
    );
  });

  it('is not what a technician can do, who may have what failed made again', async () => {
    const again = (who: string) => send(who, '/replay/again', 'POST', {});
    assert.equal((await again('student1')).code, 'forbidden');
    assert.equal((await again('dolma')).code, 'forbidden');
    assert.equal((await server.send(`${PATH}/replay/again`, { method: 'POST' })).code, 'not_signed_in');
    assert.deepEqual((await again('tech')).data, { trying: false }, 'nothing failed');
    const [entry] = await readAudit({ action: 'replay.again', target: FINISHED_LESSON }, 1);
    assert.deepEqual([entry?.actor, entry?.outcome], ['demo-tech', 'nothing_left']);
    const accounts = database().collection<{ _id: string }>('accounts');
    const tech = await accounts.findOneAndUpdate(
      { _id: 'demo-tech' },
      { $set: { school: 'demo-lotus', serves: [] } },
    );
    assert.ok(tech);
    assert.equal((await again('tech')).code, 'not_found', 'a technician of a school that only receives it');
    await accounts.replaceOne({ _id: 'demo-tech' }, tech);
  });

  it('is for its lead, too, where their school says so', async () => {
    const rules = { ...NO_RULES, pictureDays: 30, leadDeletes: true };
    const rule = (who: string, input: object) =>
      server.send('/api/v1/schools/demo-hub/storage', { cookie: cookies[who], method: 'POST', body: input });
    assert.equal((await rule('dolma', rules)).code, 'forbidden');
    assert.equal((await rule('tech', rules)).code, 'forbidden');
    assert.equal((await rule('admin', { ...rules, allDays: 1 })).code, 'bad_request');
    assert.deepEqual((await rule('admin', rules)).data, {});
    assert.equal(routes['replay.show'].output.parse((await send('dolma', '/replay')).data).deletable, true);
    assert.deepEqual((await spaceOfHub())?.rules, rules);
    assert.equal((await readAudit({ action: 'storage.rule' }, 2)).length, 1);
  });

  it('happens by itself when a school’s days are over, and not a day before', async () => {
    const record = await lessonRecords.find(FINISHED_LESSON);
    assert.ok(record);
    const done: string[] = [];
    const retention = new Retention({
      clock: { now: async () => Date.now() },
      recordings: {
        space: async (lesson) => ({
          voice: 1,
          picture: done.includes(`${lesson} picture`) ? 0 : 5,
          tracks: 1,
        }),
        remove: async (lesson, what) => void done.push(`${lesson} ${what}`),
      },
      records: lessonRecords,
      deletion: { delete: async ({ id }) => done.push(`${id} all`) > 0 },
      log: pino({ level: 'silent' }),
    });
    const daysLater = (days: number) => record.endsAt + days * 86_400_000;
    const ofIt = () => done.filter((one) => one.startsWith(FINISHED_LESSON));
    await retention.run(daysLater(29));
    assert.deepEqual(ofIt(), []);
    await retention.run(daysLater(31));
    await retention.run(daysLater(32));
    assert.deepEqual(ofIt(), [`${FINISHED_LESSON} picture`], 'once');
    assert.equal((await readAudit({ action: 'picture.expire', target: FINISHED_LESSON }, 2)).length, 1);
    await setStorageRules('demo-hub', { ...NO_RULES, allDays: 90 });
    await retention.run(daysLater(91));
    assert.deepEqual(ofIt().at(-1), `${FINISHED_LESSON} all`);
    await setStorageRules('demo-hub', NO_RULES);
  });

  it('is asked for when a school has used nearly all of its space; lessons are then recorded without pictures', async () => {
    await setStorageRules('demo-hub', { ...NO_RULES, quotaGb: 2 });
    const space = { voice: 100_000_000, picture: 1_300_000_000, tracks: 500_000_000 };
    const quotas = new Quotas({
      recordings: { space: async (lesson) => (lesson === FINISHED_LESSON ? space : null) },
      log: pino({ level: 'silent' }),
    });
    await quotas.weigh();
    assert.equal(quotas.shareOf('demo-hub'), 0.95);
    assert.equal(quotas.shareOf('demo-village'), null);
    assert.deepEqual([quotas.fits('demo-hub'), quotas.fits('demo-hub', 200_000_000)], [true, false]);
    space.tracks *= 2;
    await quotas.weigh();
    assert.equal(quotas.fits('demo-hub'), false);
    await quotas.close();
    await setStorageRules('demo-hub', NO_RULES);
  });

  it('gives nobody anything from then on, also while something cannot be removed, and goes on with that', async () => {
    await makeTraces();
    const record = await lessonRecords.find(FINISHED_LESSON);
    assert.ok(record);
    let tries = 0;
    const nothing = { forget: async () => {}, forgetPackages: async () => {}, letGo: async () => {} };
    const stopped = new Deletion({
      recordings: {
        recording: async () => null,
        remove: async () => {
          tries += 1;
          throw new Error('the store is away');
        },
      },
      ...{ reader: { forget() {} }, lessons: nothing, courseware: nothing, courier: nothing },
      log: pino({ level: 'silent' }),
      work: new OneByOne(),
    });
    assert.equal(await stopped.delete(record), false);
    const before = tries; // once or, where its sweep at the start has found it already, twice
    await stopped.sweep();
    await stopped.close();
    assert.ok(before > 0 && tries > before);
    for (const path of ['/replay', '/log', '/edit', '/archive', '/viewers'])
      assert.equal((await send('dolma', path)).code, 'replay_deleted', path);
    // Written without a network before, and sent now.
    const question = { id: 'late', t: 1_000, text: 'Why?' };
    assert.equal((await send('student1', '/questions', 'POST', question)).code, 'replay_deleted');
    const file = await server.send(`/replays/${FINISHED_LESSON}/voice-opus.m3u8`, { cookie: cookies.dolma });
    assert.equal(file.code, 'replay_deleted');
    assert.ok((await recordings()).includes(FINISHED_LESSON));
    assert.ok((await traces()).length > 8, 'what is to be removed is there');
  });

  it('leaves nothing in folder, store and database, and is written down', async () => {
    const answer = await send('admin', '/replay', 'DELETE');
    assert.deepEqual(answer.data, { complete: true });
    assert.ok(!(await recordings()).includes(FINISHED_LESSON));
    assert.deepEqual(await readdir(packages()), []);
    assert.equal(await objects().info(fileKey(sha256(own))), null);
    assert.ok(await objects().info(fileKey(sha256(shared))), 'what another lesson shows stays');
    assert.deepEqual(await traces(), [...REMAINS].sort());
    const [entry] = await readAudit({ action: 'replay.delete', target: FINISHED_LESSON }, 1);
    assert.deepEqual([entry?.actor, entry?.outcome], ['demo-admin', 'ok']);
    const lesson = routes['lesson.show'].output.parse((await send('dolma', '')).data);
    assert.deepEqual([lesson.state, lesson.replay], ['ended', null]);
    assert.equal((await send('dolma', '/replay')).code, 'replay_deleted');
    const { lessons, voice, picture, tracks } = (await spaceOfHub()) ?? {};
    assert.deepEqual([lessons, voice, picture, tracks], [0, 0, 0, 0]);
    await server.makeDemoReplay();
    assert.ok(!(await recordings()).includes(FINISHED_LESSON), 'it does not come back');
  });
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

async function* once(data: Uint8Array): AsyncIterable<Uint8Array> {
  yield data;
}
