import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routes } from '../../protocol/api.ts';
import { beginTaking } from '../../server/store/courier.ts';
import { database } from '../../server/store/database.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { courierWork, openFarSchool } from './replay/courier-desk.ts';

const LESSON = 'demo-today-1';
const [FIRST, SECOND] = ['before the newer package', 'after it'];

describe('a package that is taken in when the server stops', function () {
  this.timeout(60_000);
  let directory: string;
  let server: HttpServer | undefined;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tongke-resumed-'));
  });
  after(async () => {
    await server?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('is gone on with by the next start: the lesson is what the newer package says', async () => {
    const environment = { DATA_DIR: directory, MONGODB_URI: await freshDatabaseUri() };
    server = await startHttpServer(environment);
    const desk = await openFarSchool(server);
    const work = courierWork(server, desk);
    await work.teach(LESSON, 'hello');
    await work.trust();
    const { from: t } = await work.replayOf(LESSON, desk.teacher);
    await work.edit(LESSON, { chapters: [{ t, title: FIRST }] });
    const taken = await work.take(await work.pack(LESSON));
    const { lesson } = routes['courier.import'].output.parse(taken.data);
    await work.edit(LESSON, { chapters: [{ t, title: SECOND }] });
    const newer = await work.pack(LESSON);
    const rows = ['lessons', 'replay_edits', 'courier_taken'].map((name) =>
      database().collection<{ _id: string }>(name),
    );
    const before = await Promise.all(rows.map((collection) => collection.findOne({ _id: lesson })));
    assert.equal((await work.take(newer)).code, undefined);
    const upload = await work.upload(newer);
    // As a stop leaves it where the log and the recording are the new ones, and the rest is not yet.
    for (const [i, collection] of rows.entries())
      await collection.replaceOne({ _id: lesson }, before[i] ?? {});
    const [account] = await database().collection('accounts').find({ username: 'faradmin' }).toArray();
    await beginTaking(lesson, { upload: `${account?._id}.${upload}`, school: account?.school });
    const titleOf = async (url: HttpServer) =>
      (await courierWork(url, desk).replayOf(lesson, desk.pupil)).chapters?.[0]?.title;
    assert.equal(await titleOf(server), FIRST);
    await server.close();

    const next = await startHttpServer(environment);
    server = next;
    await eventually(async () => (await titleOf(next)) === SECOND, 'it is the newer one');
    const again = routes['courier.import'].output.parse((await courierWork(next, desk).takeIn(upload)).data);
    assert.deepEqual(again, { ...again, lesson, known: true });
  });
});
