import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 300;
const BEAT_MS = 3_000;
const STALE_MS = 20_000; // a holder that has not touched its lock for this long is gone

/** Where built and unpacked things live: outside the checkout, so that a second clone does not build again. */
export function cacheRoot(env = process.env) {
  const base = env.XDG_CACHE_HOME || join(homedir() || tmpdir(), '.cache');
  return join(base, 'tongke');
}

/** The log file of a step. One file a step, started anew at each run that does something. */
export function logFile(name) {
  const file = join(cacheRoot(), 'logs', `${name}.log`);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  return file;
}

/** `debian12`, `ubuntu24.04` or `linux`: part of a cache key, since what is built links to the system's libraries. */
export function systemRelease() {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    const field = (name) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
    return `${field('ID')}${field('VERSION_ID')}` || process.platform;
  } catch {
    return process.platform;
  }
}

/**
 * Fills the folder `target` once: `fill` gets an empty folder beside it, which takes its name when `fill` has
 * succeeded. So a folder that exists is complete, however a run ended. Of two processes, one fills and the other
 * waits for it (`onWait` is told); if a lock were ever taken twice, the renaming still leaves one whole result.
 * What is there already is kept unless `usable` says that it isn't.
 *
 * @param {string} target
 * @param {{ fill: (folder: string) => Promise<void>, usable?: () => boolean | Promise<boolean>,
 *   onWait?: () => void }} options
 */
export async function fillOnce(target, { fill, usable = () => true, onWait }) {
  const parent = dirname(target);
  const draftPrefix = `.${basename(target)}-`;
  mkdirSync(parent, { recursive: true });
  const unlock = await lock(`${target}.lock`, onWait);
  const draft = join(parent, `${draftPrefix}${randomBytes(4).toString('hex')}`);
  try {
    if (existsSync(target) && (await usable())) return;
    // A run that was killed has left its draft; nobody else is at work here while we have the lock.
    const left = readdirSync(parent).filter((name) => name.startsWith(draftPrefix));
    for (const name of left) rmSync(join(parent, name), { recursive: true, force: true });
    mkdirSync(draft);
    await fill(draft);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
    unlock();
  }
}

/** Takes a lock file and keeps it fresh. Age decides, not a process id: a home folder may be shared by hosts. */
async function lock(file, onWait) {
  for (let waited = false; !create(file); ) {
    if (isStale(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!waited) onWait?.();
    waited = true;
    await delay(POLL_MS);
  }
  const beat = setInterval(() => touch(file), BEAT_MS);
  const unlock = () => {
    clearInterval(beat);
    process.off('exit', unlock);
    rmSync(file, { force: true });
  };
  process.on('exit', unlock);
  return unlock;
}

function create(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Somebody has removed it: there is nothing to keep fresh, and the renaming keeps the result whole.
  }
}

function isStale(file) {
  try {
    return Date.now() - statSync(file).mtimeMs > STALE_MS;
  } catch {
    return false; // its holder has just let go
  }
}
