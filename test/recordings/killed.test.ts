import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bring } from '../../recordings/bring.ts';
import { LessonFolder } from '../../recordings/lesson-folder.ts';
import { comparedWithSums } from '../../recordings/sums.ts';
import { sweep } from '../../recordings/sweep.ts';
import { readFrames, repairTrack } from '../../recordings/track-reader.ts';
import { quietLog } from '../support/log.ts';

const WRITER = fileURLToPath(new URL('write-track.ts', import.meta.url));
const BRINGER = fileURLToPath(new URL('bring-lesson.ts', import.meta.url));
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

  for (const earlier of [undefined, 1000]) {
    const left = earlier ? 'the old one or the new one' : 'all of it or nothing';
    it(`leaves of a lesson that it ${earlier ? 'takes in again' : 'takes in'} ${left}`, async function () {
      this.timeout(120_000);
      const [recordings, source] = ['recordings', 'source'].map((name) =>
        join(directory, `${earlier}-${name}`),
      );
      assert.ok(recordings && source);
      /** The stretch says which one it is, and so does each of its files. */
      const lay = async (to: number): Promise<void> => {
        await rm(source, { recursive: true, force: true });
        await mkdir(source);
        for (const name of ['voice.m3u8', 'voice-00000.m4s']) await writeFile(join(source, name), `${to}`);
      };
      const open = () => new LessonFolder(recordings, 'brought');
      const found = new Set<number | undefined>();
      for (let kill = 1, done = false; !done; kill++) {
        await rm(recordings, { recursive: true, force: true });
        await mkdir(recordings);
        if (earlier) {
          await lay(earlier);
          const more = { lesson: 'brought', revision: 1, from: 0, gaps: [], renditions: [] };
          await bring(open(), { ...more, to: earlier, directory: source });
        }
        await lay(2000);
        const args = [BRINGER, recordings, source, '2000', `${kill}`];
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
        const [code, signal] = await once(child, 'exit');
        assert.ok(code === 0 || signal === 'SIGKILL');
        done = code === 0;
        await sweep({ directory: recordings, open, isDue: () => false, log: quietLog });
        const folder = open();
        const to = (await folder.read())?.to ?? undefined;
        found.add(to);
        const names: string[] = await readdir(recordings);
        assert.deepEqual(names, to ? ['brought'] : [], `killed at ${kill}`);
        if (!to) continue;
        assert.deepEqual(await comparedWithSums(folder, 'voice'), [], `killed at ${kill}`);
        const files = (await readdir(folder.renditions)).map((name) => join(folder.renditions, name));
        const contents = await Promise.all(files.map((path) => readFile(path, 'utf8')));
        assert.deepEqual(contents, [`${to}`, `${to}`], `killed at ${kill}`);
      }
      assert.deepEqual([...found], [earlier, 2000]);
    });
  }
});
