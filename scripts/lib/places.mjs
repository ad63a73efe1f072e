import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A path inside the checkout's `node_modules`. */
export function inModules(...parts) {
  return join(root, 'node_modules', ...parts);
}

/** What setup found, for whatever starts later (see `setup.mjs`). It goes away with `node_modules`, as it should. */
export const resultFile = inModules('.tongke.json');

/** The Node 24 that npm installed beside the packages; where there is none for this system, the running one. */
export function nodeBinary() {
  const own = inModules('.bin', 'node');
  return existsSync(own) ? own : process.execPath;
}

/** A JSON file's content, or `undefined` where it is missing or broken. */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
