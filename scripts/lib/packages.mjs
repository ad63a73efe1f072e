import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logFile } from './cache.mjs';
import { SetupFailure } from './failure.mjs';
import { inModules, nodeBinary, readJson, root } from './places.mjs';
import { step } from './progress.mjs';
import { run } from './run.mjs';

const NEEDED_MAJOR = 24;
const marker = inModules('.tongke-lock-hash');

/** Installs the npm packages where they are missing or the lock file has changed since the last installation. */
export async function ensurePackages() {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === hash) return;
  if (matchesLock()) {
    writeFileSync(marker, hash);
    return;
  }
  const log = logFile('npm');
  await step('Installing npm packages', () =>
    run('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: root,
      // Setup may itself be run in production mode, but building the client needs the development packages.
      env: { ...process.env, NODE_ENV: 'development' },
      log,
      failure: 'The npm packages could not be installed',
      command: `cd ${root} && npm ci`,
    }),
  );
  writeFileSync(marker, hash);
}

/** Whether somebody has run `npm install` already: npm records what it installed, last, in a lock file of its own. */
function matchesLock() {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(inModules('.package-lock.json'))?.packages;
  if (!installed) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const there = installed[path];
    return path === '' || (there ? there.version === version : optional);
  });
}

/** Checks that there is a Node new enough to run the server: TypeScript runs on it directly. */
export function ensureNode() {
  const version = versionOf(nodeBinary());
  if (Number.parseInt(version.slice(1), 10) >= NEEDED_MAJOR) return;
  throw new SetupFailure(
    `Tongke needs Node.js ${NEEDED_MAJOR} or newer and found ${version || 'none that starts'}; ` +
      'npm did not install the one that belongs to this project (it exists for Linux on x64 and arm64).',
    { command: `npm ci --include=optional   (or install Node.js ${NEEDED_MAJOR} on this computer)` },
  );
}

function versionOf(node) {
  if (node === process.execPath) return process.version;
  try {
    return execFileSync(node, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
