import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { codename, installPackages, withOwnLists } from '../lib/debian.mjs';
import { run } from '../lib/run.mjs';
import { writeSubprojects } from './subprojects.mjs';

/** Debian's own Python: another one first in PATH may not read PYTHONPATH, or lack modules that meson needs. */
const PYTHON = '/usr/bin/python3';

const PACKAGES = [
  'g++',
  'ninja-build',
  'pkg-config',
  'python3',
  'libuv1-dev',
  'libssl-dev',
  'libabsl-dev',
  'libflatbuffers-dev',
  'flatbuffers-compiler',
];

/** The worker asks for meson >= 1.1; Debian 12 itself has 1.0 and its backports 1.7. */
const MESON_SUITE = { bookworm: 'bookworm-backports' };

const WHY = 'Building the media worker';

/**
 * Builds mediasoup's worker from the source in its npm package with Debian's libraries alone: no other download.
 * About five minutes on two cores.
 *
 * @param {{ source: string, folder: string, log: string, update: (detail: string) => void }} options
 *   `source` is the npm package's `worker` folder; the result is `mediasoup-worker` in `folder`
 */
export async function buildWorker({ source, folder, log, update }) {
  update('installing build tools');
  await installPackages(PACKAGES, { why: WHY, log });
  const work = join(folder, 'build');
  mkdirSync(work);
  update('downloading sources');
  const srtp = await download(work, log);
  // ninja calls meson again by itself, without our arguments: so it has to find it through the environment.
  const env = {
    ...process.env,
    PYTHONPATH: join(work, 'meson/usr/lib/python3/dist-packages'),
    PKG_CONFIG_PATH: join(work, 'srtp/lib/pkgconfig'),
  };
  const tools = {
    meson: (args) =>
      run(PYTHON, [join(work, 'meson/usr/bin/meson'), ...args], { env, log, failure: failed('prepared') }),
    ninja: (args, onLine) => run('ninja', args, { env, log, onLine, failure: failed('compiled') }),
  };
  update('compiling libsrtp');
  await buildSrtp(tools, srtp, work);
  await compileWorker(tools, { source, work, update });
  await run('strip', ['-o', join(folder, 'mediasoup-worker'), join(work, 'out/mediasoup-worker')], { log });
}

const failed = (what) => `The media worker could not be ${what} on this computer`;

/** meson and libsrtp's source, from Debian, into `work`. Gives libsrtp's source folder. */
function download(work, log) {
  const suite = codename();
  const mesonSuite = MESON_SUITE[suite] ?? suite;
  const entries = [...new Set([`deb ${mesonSuite} main`, `deb-src ${suite} main`])];
  return withOwnLists(entries, { log, why: WHY }, async (fetch) => {
    const files = await fetch('download', [`meson/${mesonSuite}`]);
    await fetch('source', ['libsrtp2']);
    const found = (pattern) =>
      join(
        files,
        readdirSync(files).find((name) => pattern.test(name)),
      );
    await run('dpkg', ['-x', found(/^meson_.*\.deb$/), join(work, 'meson')], { log });
    const source = join(work, 'libsrtp');
    mkdirSync(source);
    await run('tar', ['-xf', found(/^libsrtp2_.*\.orig\.tar\.\w+$/), '-C', source, '--strip-components=1'], {
      log,
    });
    return source;
  });
}

/**
 * libsrtp with OpenSSL's ciphers. Debian's own package uses NSS, with which a forwarded packet costs more than twice
 * as much (17.1 against 7.1 µs for 1,100 bytes of AES-CM), and forwarding is most of what the worker does.
 */
async function buildSrtp({ meson, ninja }, source, work) {
  const out = join(source, 'out');
  const options = [
    '-Dcrypto-library=openssl',
    '-Dtests=disabled',
    '--default-library=static',
    '--buildtype=release',
  ];
  await meson(['setup', out, source, ...options, `--prefix=${join(work, 'srtp')}`, '--libdir=lib']);
  await ninja(['-C', out, 'install']);
}

async function compileWorker({ meson, ninja }, { source, work, update }) {
  const worker = join(work, 'worker');
  cpSync(source, worker, { recursive: true });
  writeSubprojects(worker);
  patchSource(worker);
  const out = join(work, 'out');
  update('preparing');
  // nodownload: a library that we forgot must be an error here, not a download that fails on a closed network.
  await meson(['setup', out, worker, '--buildtype=release', '-Db_ndebug=true', '--wrap-mode=nodownload']);
  const jobs = Math.max(1, cpus().length);
  await ninja(['-C', out, '-j', String(jobs), 'mediasoup-worker'], (line) => {
    const [, done, all] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
    if (done) update(`compiling ${Math.floor((100 * Number(done)) / Number(all))}%`);
  });
}

function patchSource(worker) {
  // Debian's OpenSSL has kernel TLS. The worker's BIO callback answers 1 to every control call on its way out, where
  // the type is BIO_CB_RETURN *and* the operation's own bit; so OpenSSL believes that kernel TLS is on, allocates no
  // write buffer, and the first handshake crashes. Testing the bit gives OpenSSL its own answer back.
  replace(
    join(worker, 'src/RTC/DtlsTransport.cpp'),
    '(operationType == BIO_CB_RETURN)',
    '((operationType & BIO_CB_RETURN) != 0)',
  );
  // flatc is Debian's program, not one that the subproject provides.
  replace(join(worker, 'subprojects/flatbuffers.wrap'), /^program_names.*\n/m, '');
}

function replace(file, from, to) {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(from, to);
  if (after === before && existsSync(file)) throw new Error(`${file} has changed: look at this step again`);
  writeFileSync(file, after);
}
