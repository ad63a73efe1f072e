import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { logFile } from './cache.mjs';
import { inModules, nodeBinary, root } from './places.mjs';
import { step } from './progress.mjs';
import { run } from './run.mjs';

const SOURCES = ['client', 'protocol', 'vite.config.ts', 'vite.archive.config.ts', 'package-lock.json'];
const BUILT = join(root, 'dist', 'client');
const marker = join(BUILT, '.sources-hash');

/** Builds the client where it is missing or its sources have changed since. Content counts, not dates: git sets those. */
export async function ensureClient() {
  if (!existsSync(join(root, 'vite.config.ts'))) return;
  const hash = hashOf(SOURCES.map((name) => join(root, name)));
  if (existsSync(marker) && readFileSync(marker, 'utf8') === hash) return;
  const log = logFile('client');
  const build = (...more) =>
    run(nodeBinary(), [inModules('vite', 'bin', 'vite.js'), 'build', ...more], {
      cwd: root,
      log,
      failure: 'The pages could not be built',
      command: 'npm run build',
    });
  await step('Building the pages', async () => {
    await build();
    // The player that goes into archives of replays.
    await build('--config', 'vite.archive.config.ts');
  });
  if (existsSync(BUILT)) writeFileSync(marker, hash);
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesUnder))
    hash.update(`${relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  const entries = readEntries(path);
  if (!entries) return [path];
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = join(path, entry.name);
      return entry.isDirectory() ? filesUnder(file) : entry.isFile() ? [file] : [];
    });
}

function readEntries(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return undefined; // a file
  }
}
