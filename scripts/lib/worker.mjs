import { appendFileSync, chmodSync, createWriteStream, existsSync, rmSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buildWorker } from '../worker/build.mjs';
import { cacheRoot, fillOnce, logFile, systemRelease } from './cache.mjs';
import { isDebian } from './debian.mjs';
import { SetupFailure } from './failure.mjs';
import { inModules, nodeBinary, readJson } from './places.mjs';
import { note, step } from './progress.mjs';
import { exitCode, isExecutable, run } from './run.mjs';

const CONNECT_MS = 20_000;
const DOWNLOAD_MS = 120_000;
/** With which the worker ends when it is not started by mediasoup: proof that it loads on this system. */
const NOT_STARTED_BY_MEDIASOUP = 41;
/** Raise it when the way of building changes, so that an older build in the cache is not taken for this one. */
const RECIPE = 1;

/**
 * The path of a mediasoup worker that runs here, in this order: the one that MEDIASOUP_WORKER_BIN names, the one in
 * the cache, mediasoup's own prebuilt download, one compiled here.
 */
export async function ensureWorker(env = process.env) {
  if (env.MEDIASOUP_WORKER_BIN) return checkedGiven(env.MEDIASOUP_WORKER_BIN);
  const { version, repository } = readJson(inModules('mediasoup', 'package.json'));
  const target = join(cacheRoot(), `worker-${version}-r${RECIPE}-${systemRelease()}-${process.arch}`);
  const worker = join(target, 'mediasoup-worker');
  if (await loads(worker)) return worker;
  const base = env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL || releasesOf(repository.url);
  await fillOnce(target, {
    fill: (folder) => provide({ folder, version, base }),
    usable: () => loads(worker), // it does not where libraries that it was made for have gone since
    onWait: () => note('another checkout is making the media worker; waiting for it'),
  });
  return worker;
}

async function checkedGiven(path) {
  if (isExecutable(path) && (await loads(path))) return path;
  throw new SetupFailure(
    `MEDIASOUP_WORKER_BIN names "${path}", which is not a media worker that runs here.`,
    {
      command: 'unset MEDIASOUP_WORKER_BIN   (Tongke then downloads or builds one)',
    },
  );
}

async function loads(worker) {
  return existsSync(worker) && (await exitCode(worker, [], { env: {} })) === NOT_STARTED_BY_MEDIASOUP;
}

async function provide({ folder, version, base }) {
  const log = logFile('worker');
  const found = await step('Looking for a prebuilt media worker', () =>
    download({ folder, version, base, log }),
  );
  if (!found) {
    if (!isDebian()) throw noBuild(log);
    note('none to be had from here: compiling it (about five minutes on two cores, once on this computer)');
    const source = inModules('mediasoup', 'worker');
    await step('Compiling the media worker', (update) => buildWorker({ source, folder, log, update }));
    rmSync(join(folder, 'build'), { recursive: true, force: true });
  }
  await startsFor(join(folder, 'mediasoup-worker'), log);
}

function noBuild(log) {
  return new SetupFailure(
    "The media worker could not be downloaded, and it can be compiled by this script on Debian only; give mediasoup's " +
      'worker by its path, or a mirror of its releases in MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL.',
    { command: 'MEDIASOUP_WORKER_BIN=/path/to/mediasoup-worker npm start', log },
  );
}

/** mediasoup's release page for workers, as its own installation script derives it. */
function releasesOf(repository) {
  return `${repository.replace(/^git\+/, '').replace(/\.git$/, '')}/releases/download`;
}

/** Downloads mediasoup's prebuilt worker; false where that is not possible from here or it doesn't run here. */
async function download({ folder, version, base, log }) {
  const kernel = platform() === 'linux' ? `-kernel${Number(release().split('.')[0])}` : '';
  const name = `mediasoup-worker-${version}-${platform()}-${arch()}${kernel}.tgz`;
  const archive = join(folder, name);
  const url = `${base}/${version}/${name}`;
  try {
    const response = await connect(url);
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
    await run('tar', ['-xzf', archive, '-C', folder], { log });
    const worker = join(folder, 'mediasoup-worker');
    chmodSync(worker, 0o755);
    if (await loads(worker)) return true;
    rmSync(worker);
    throw new Error('it does not start on this system');
  } catch (error) {
    // No network, a proxy's error page, a broken archive: whichever, the answer is to compile.
    appendFileSync(log, `${url}: ${error.message} ${error.cause?.message ?? ''}\n`);
    return false;
  } finally {
    rmSync(archive, { force: true });
  }
}

async function connect(url) {
  const whole = AbortSignal.timeout(DOWNLOAD_MS);
  const first = new AbortController();
  const timer = setTimeout(() => first.abort(), CONNECT_MS);
  try {
    return await fetch(url, { signal: AbortSignal.any([whole, first.signal]) });
  } finally {
    clearTimeout(timer);
  }
}

/** Has mediasoup itself start the worker and talk to it, which a program that merely loads might not survive. */
async function startsFor(worker, log) {
  const script = `
    const mediasoup = await import('mediasoup');
    const worker = await mediasoup.createWorker({ workerBin: process.argv[1], logLevel: 'error' });
    await worker.createRouter();
    worker.close();`;
  await run(nodeBinary(), ['--input-type=module', '-e', script, worker], {
    cwd: inModules(),
    log,
    timeoutMs: 30_000,
    failure: 'The media worker was made but does not start',
    command: `ldd ${worker}   (shows libraries that are missing)`,
  });
}
