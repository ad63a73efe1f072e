import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedDatabase } from '../../server/database/embedded.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { startHttpServer } from './http-server.ts';

describe('HTTP without a database', () => {
  it('says so, in a code of its own, and is not ready', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tongke-test-db-'));
    const engine = await startEmbeddedDatabase({ directory });
    const server = await startHttpServer({ MONGODB_URI: engine.uri });
    try {
      const cookie = await server.as('dolma');
      await engine.close();
      const [ready, list, signIn, page] = await Promise.all([
        server.send('/readyz'),
        server.send('/api/v1/lessons', { cookie }),
        server.send('/api/v1/session', {
          method: 'POST',
          body: { username: 'dolma', password: DEMO_PASSWORD },
        }),
        server.send('/trust'),
      ]);
      assert.deepEqual(JSON.parse(ready.text), {
        ok: false,
        reasons: ['database_unavailable'],
        warnings: [],
      });
      assert.equal(ready.status, 503);
      assert.deepEqual([list.status, list.code], [503, 'database_unavailable']);
      assert.deepEqual([signIn.status, signIn.code], [503, 'database_unavailable']);
      assert.equal(page.status, 200, 'what needs no database goes on');
    } finally {
      await server.close();
      await engine.close();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
