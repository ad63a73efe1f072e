import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { fillOnce } from '../../scripts/lib/cache.mjs';
import { debianMirror } from '../../scripts/lib/debian.mjs';
import { SetupFailure } from '../../scripts/lib/failure.mjs';
import { step } from '../../scripts/lib/progress.mjs';
import { run, which } from '../../scripts/lib/run.mjs';

describe('setup', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tongke-setup-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  describe("the machine's Debian mirror", () => {
    function mirrorOf(files: Record<string, string>): string | undefined {
      mkdirSync(join(folder, 'sources.list.d'));
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      return debianMirror(folder);
    }

    it('is read from the older one-line format', () => {
      const text =
        '# deb http://old.example/debian stable main\ndeb http://security.example/debian-security x main\n' +
        'deb [arch=amd64 signed-by=/k.gpg] https://mirror.example/debian/ bookworm main contrib\n';
      assert.equal(mirrorOf({ 'sources.list': text }), 'https://mirror.example/debian/');
    });

    it('is read from the newer format, several addresses included', () => {
      const text =
        'Types: deb\n# URIs: http://no.example/debian\nURIs: http://security.example/debian-security http://mirror.example/debian\n' +
        'Suites: trixie\nComponents: main\n';
      assert.equal(mirrorOf({ 'sources.list.d/debian.sources': text }), 'http://mirror.example/debian');
    });

    it('is none where the sources name none, or are switched off', () => {
      const found = mirrorOf({
        'sources.list': '',
        'sources.list.d/other.list': 'deb http://mirror.example/ubuntu noble main',
        'sources.list.d/debian.list.disabled': 'deb http://mirror.example/debian bookworm main',
      });
      assert.equal(found, undefined);
    });
  });

  describe('the cache', () => {
    it('is filled once by two that come at the same time', async () => {
      const target = join(folder, 'thing');
      let fills = 0;
      const fill = async (draft: string) => {
        fills++;
        writeFileSync(join(draft, 'whole'), 'yes');
      };
      await Promise.all([fillOnce(target, { fill }), fillOnce(target, { fill })]);
      assert.equal(fills, 1);
      assert.equal(readFileSync(join(target, 'whole'), 'utf8'), 'yes');
      assert.deepEqual(readdirSync(folder), ['thing']);
    });

    it('keeps nothing of a fill that failed, and tries again', async () => {
      const target = join(folder, 'thing');
      const failing = fillOnce(target, {
        fill: async (draft: string) => {
          writeFileSync(join(draft, 'half'), '');
          throw new Error('no space');
        },
      });
      await assert.rejects(failing, /no space/);
      assert.deepEqual(readdirSync(folder), []);
      await fillOnce(target, { fill: async () => undefined });
      assert.ok(existsSync(target));
    });

    it('replaces what is not usable any more', async () => {
      const target = join(folder, 'thing');
      mkdirSync(target);
      const fill = async (draft: string) => writeFileSync(join(draft, 'new'), '');
      await fillOnce(target, { fill, usable: async () => false });
      assert.deepEqual(readdirSync(target), ['new']);
    });
  });

  describe('a command', () => {
    const failureOf = async (work: Promise<unknown>): Promise<SetupFailure> => {
      try {
        await work;
      } catch (error) {
        assert.ok(error instanceof SetupFailure);
        return error;
      }
      return assert.fail('it did not fail');
    };

    it('that fails becomes a sentence, the command and a log', async () => {
      const log = join(folder, 'logs', 'x.log');
      const failure = await failureOf(
        run('sh', ['-c', 'echo why >&2; exit 3'], { log, failure: 'It broke' }),
      );
      assert.equal(failure.message, 'It broke (exit code 3).');
      assert.equal(failure.log, log);
      assert.match(failure.command ?? '', /^sh -c/);
      assert.match(readFileSync(log, 'utf8'), /why/);
    });

    it('that is missing or too slow fails too', async () => {
      assert.match((await failureOf(run('no-such-program', []))).message, /no program "no-such-program"/);
      assert.match((await failureOf(run('sleep', ['60'], { timeoutMs: 20 }))).message, /SIGKILL/);
    });

    it('is found through PATH only where it may be run', () => {
      const tool = join(folder, 'tool');
      writeFileSync(tool, '#!/bin/sh\n');
      assert.equal(which('tool', folder), undefined);
      chmodSync(tool, 0o755);
      assert.equal(which('tool', folder), tool);
    });
  });

  it('says on screen what it does and how it ended', async () => {
    let shown = '';
    const stream = new Writable({
      write(chunk, _encoding, done) {
        shown += String(chunk);
        done();
      },
    });
    assert.equal(await step('Work', async () => 7, stream), 7);
    await assert.rejects(step('Trouble', () => Promise.reject(new Error('no')), stream));
    assert.match(shown, /^… Work\n✔ Work \([\d.]+ s\)\n… Trouble\n✘ Trouble \([\d.]+ s\)\n$/);
  });

  it('refuses a purpose that it does not know, without a stack', async () => {
    const script = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, '--for=nothing'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(said, /There is no set-up for "nothing"/);
    assert.doesNotMatch(said, /\n\s+at /);
  });
});
