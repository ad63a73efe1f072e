import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

describe('the server as a program', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tongke-main-'));
  });

  after(() => rm(directory, { recursive: true, force: true }));

  function run(environment: Record<string, string>): ChildProcessWithoutNullStreams {
    const env = {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: '0',
      HTTPS_PORT: '0',
      MEDIA_PORT: '0',
      DATA_DIR: directory,
      LOG_LEVEL: 'silent',
      DEMO: 'off',
      ...environment,
    };
    // Elsewhere than in the checkout, whose .env is its owner's.
    return spawn(process.execPath, [MAIN], { env, cwd: directory });
  }

  async function failure(environment: Record<string, string>): Promise<string> {
    const child = run(environment);
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    assert.equal(code, 1);
    return said;
  }

  it('starts on its own database, says where it is, and stops cleanly when it is asked to', async () => {
    const child = run({});
    let url = '';
    for await (const line of createInterface({ input: child.stdout })) {
      url ||= /On this computer\s+(\S+)/.exec(line)?.[1] ?? '';
      if (line.includes('enter this code')) break;
    }
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    assert.deepEqual((await readdir(directory)).sort(), [
      'builds',
      'courier',
      'database',
      'keys',
      'recordings',
      'tls',
    ]);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    await assert.rejects(fetch(url));
  });

  it('ends with one sentence where a setting does not fit', async () => {
    assert.equal(
      await failure({ MEDIA_PORT: 'many' }),
      'MEDIA_PORT is "many", but must be a port, 0 to 65535.\n',
    );
  });

  it('ends with one sentence where its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    assert.equal(
      await failure({ PORT: String(port) }),
      `Port ${port} is in use by another program; choose another one with PORT.\n`,
    );
    other.close();
  });
});
