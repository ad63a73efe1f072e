import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readFrames, repairTrack } from '../../recordings/track-reader.ts';

const WRITER = fileURLToPath(new URL('write-track.ts', import.meta.url));
const FRAME_MS = 20;
const KILLS = 4;

describe('a recorder killed with kill -9', function () {
  this.timeout(30_000);
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tongke-killed-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('costs at most a second of voice, and what is left is whole', async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const path = join(directory, `${kill}.track`);
      const child = spawn(process.execPath, [WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      let last = -1;
      const wanted = 40 + kill * 13;
      const lines = createInterface({ input: child.stdout });
      for await (const line of lines) {
        last = Number(line);
        if (last < wanted) continue;
        child.kill('SIGKILL');
        break;
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      const found = await repairTrack(path);
      assert.ok(found, 'no track');
      const lost = (last + 1 - found.frames) * FRAME_MS;
      assert.ok(lost <= 1000, `${lost} ms lost`);
      let index = 0;
      for await (const { payload, time } of readFrames(path)) {
        assert.equal(time, index * FRAME_MS);
        assert.ok(payload.equals(Buffer.alloc(40 + (index % 100), index)));
        index++;
      }
      assert.equal(index, found.frames);
    }
  });
});
