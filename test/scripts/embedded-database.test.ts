import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import {
  DatabaseStartError,
  type EmbeddedDatabase,
  startEmbeddedDatabase,
} from '../../server/database/embedded.ts';
import { isOutage } from '../../server/database/outage.ts';

const WRITERS = 20;
const JOURNALED = { writeConcern: { w: 1, j: true } } as const;

describe('embedded database', () => {
  let directory: string;
  let database: EmbeddedDatabase;
  let client: MongoClient;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tongke-data-'));
    database = await startEmbeddedDatabase({ directory });
    client = new MongoClient(database.uri);
  });

  afterEach(async () => {
    await client.close();
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('loses no journaled write when it is killed, and serves again at the same address', async () => {
    const writes = client.db().collection<{ _id: string }>('writes');
    const acknowledged = new Set<string>();
    let killed = false;
    /** Writes until the engine dies under it; a write that was still waiting its turn then may also succeed later. */
    const writeUntilKilled = async (writer: number) => {
      try {
        for (let i = 0; !killed; i++) {
          const _id = `${writer}-${i}`;
          await writes.insertOne({ _id }, JOURNALED);
          acknowledged.add(_id);
          if (acknowledged.size !== WRITERS * 10) continue;
          killed = true;
          database.kill();
        }
      } catch (error) {
        assert.ok(isOutage(error), String(error));
      }
    };
    const { uri } = database;
    const up = once(database, 'up');
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeUntilKilled(writer)));
    const [downForMs] = await up;

    const kept = new Set((await writes.find().toArray()).map(({ _id }) => _id));
    assert.deepEqual(
      [...acknowledged].filter((id) => !kept.has(id)),
      [],
    );
    assert.ok(acknowledged.size >= WRITERS * 10);
    assert.equal(database.uri, uri);
    assert.ok(Number(downForMs) < 10_000, `it was down for ${downForMs} ms`);
  });

  it('lets the same client write again after every one of several kills', async () => {
    const writes = client.db().collection<{ _id: number }>('writes');
    for (let i = 0; i < 3; i++) {
      await writes.insertOne({ _id: i }, JOURNALED);
      const up = once(database, 'up');
      database.kill();
      await up;
      // What was in the pool is broken and says so once; the driver then connects anew by itself.
      await writes.countDocuments().catch((error: unknown) => assert.ok(isOutage(error), String(error)));
    }
    assert.equal(await writes.countDocuments(), 3);
  });

  it('keeps what was written when it is closed and opened again', async () => {
    await client.db().collection<{ _id: string }>('kept').insertOne({ _id: 'here' });
    await client.close();
    await database.close();
    database = await startEmbeddedDatabase({ directory });
    client = new MongoClient(database.uri);
    assert.deepEqual(await client.db().collection('kept').find().toArray(), [{ _id: 'here' }]);
  });

  it('refuses a data folder that another server has, and says who', async () => {
    await assert.rejects(startEmbeddedDatabase({ directory, inUsePatienceMs: 0 }), (error: unknown) => {
      assert.ok(error instanceof DatabaseStartError);
      assert.equal(error.code, 'in-use');
      assert.match(error.message, new RegExp(`process ${database.pid}`));
      return true;
    });
    await client.db().command({ ping: 1 }); // the first one is not disturbed
  });

  it('waits for a data folder that is being let go', async () => {
    const second = startEmbeddedDatabase({ directory });
    await client.close();
    await database.close();
    database = await second;
    client = new MongoClient(database.uri);
    await client.db().command({ ping: 1 });
  });

  it('says so where the engine cannot be started at all', async () => {
    const command = [join(directory, 'no-such-node')];
    await assert.rejects(
      startEmbeddedDatabase({ directory: join(directory, 'x'), command }),
      /did not start/,
    );
  });

  it('leaves no engine and no socket behind when its server is killed', async () => {
    const folder = join(directory, 'other');
    const server = spawn(
      process.execPath,
      [fileURLToPath(new URL('hold-database.ts', import.meta.url)), folder],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    );
    const [uri]: string[] = await once(server, 'message');
    const socket = decodeURIComponent(/^mongodb:\/\/([^/]*)/.exec(uri ?? '')?.[1] ?? '');
    assert.ok(existsSync(socket));
    server.kill('SIGKILL');
    await once(server, 'exit');
    // It has the folder as soon as the orphaned engine has closed it.
    const successor = await startEmbeddedDatabase({ directory: folder });
    assert.equal(existsSync(dirname(socket)), false);
    await successor.close();
  });
});
