// Who may import whom (docs/ARCHITECTURE.md), checked: `node scripts/check-imports.mjs`.
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findImports } from './lib/imports.mjs';
import { root as ownRoot } from './lib/places.mjs';

/** For each folder: the folders it may import besides itself; which packages, if not any; whether Node's modules. */
const FOLDERS = {
  protocol: { folders: [], packages: ['zod'], node: false },
  client: { folders: ['protocol'], node: false },
  media: { folders: ['protocol'], node: true },
  recordings: { folders: ['protocol'], node: true },
  server: { folders: ['protocol'], node: true },
  scripts: { folders: [], node: true },
  // Tests may reach for anything.
};

/** The only places where the media node and the recorder are wired into the server's process. */
const WIRING = [{ in: ['server/main.ts', 'server/demo/'], folders: ['media', 'recordings'] }];

/** Libraries that stay behind a seam of ours, so that what is stored and sent never takes their shape. */
const SEAMS = {
  fabric: { in: ['client/board/'], files: 1 },
  mongoose: { in: ['server/store/', 'server/database/'] },
  mediasoup: { in: ['media/'] },
  'mediasoup-client': { in: ['client/'] },
};

const SOURCE = /\.[cm]?[jt]sx?$/;
const SKIPPED = new Set(['node_modules', 'dist', 'coverage']);
const NODE_MODULES = new Set(builtinModules);

/**
 * Every import under `root` that goes where it may not.
 *
 * @param {string} [root] the checkout
 * @returns {{ file: string, line: number, message: string }[]}
 */
export function checkImports(root = ownRoot) {
  const violations = [];
  const seamFiles = new Map(Object.keys(SEAMS).map((name) => [name, new Map()]));
  for (const [folder, rule] of Object.entries(FOLDERS)) {
    for (const file of sourcesUnder(root, folder)) {
      for (const { specifier, line } of findImports(readFileSync(join(root, file), 'utf8'))) {
        const message = refusal({ root, folder, rule, file, specifier });
        if (message) violations.push({ file, line, message });
        const seam = specifier && seamFiles.get(packageOf(specifier));
        if (seam && !seam.has(file)) seam.set(file, line);
      }
    }
  }
  return [...violations, ...tooManyFiles(seamFiles)];
}

function refusal({ root, folder, rule, file, specifier }) {
  if (specifier === undefined)
    return 'imports something that is only known when it runs; name the module in a string';
  if (specifier.startsWith('.')) return refusedFolder({ root, folder, rule, file, specifier });
  if (specifier.startsWith('node:') || NODE_MODULES.has(specifier)) {
    return rule.node ? undefined : `imports ${specifier}: ${folder}/ also runs where there is no Node`;
  }
  const name = packageOf(specifier);
  if (rule.packages && !rule.packages.includes(name)) {
    return `imports ${name}: ${folder}/ may import only ${rule.packages.join(', ')}`;
  }
  const seam = SEAMS[name];
  if (seam && !isIn(file, seam.in)) return `imports ${name}: it belongs in ${seam.in.join(' or ')} only`;
  return undefined;
}

function refusedFolder({ root, folder, rule, file, specifier }) {
  const target = relative(root, resolve(root, dirname(file), specifier)).split(sep)[0];
  const known = target in FOLDERS || target === 'test';
  if (!known || target === folder || rule.folders.includes(target)) return undefined;
  if (WIRING.some((place) => isIn(file, place.in) && place.folders.includes(target))) return undefined;
  const allowed = [folder, ...rule.folders].map((name) => `${name}/`).join(' and ');
  return `imports ${specifier}: ${folder}/ may import only ${allowed}`;
}

function tooManyFiles(seamFiles) {
  return [...seamFiles].flatMap(([name, files]) => {
    const most = SEAMS[name].files ?? Number.POSITIVE_INFINITY;
    if (files.size <= most) return [];
    const list = [...files.keys()].join(', ');
    return [...files].map(([file, line]) => ({
      file,
      line,
      message: `imports ${name}: only ${most} file may, and these do: ${list}`,
    }));
  });
}

function isIn(file, places) {
  return places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
}

/** `@scope/name/part` → `@scope/name`; `name/part` → `name`. */
function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Source files under a folder, as paths from `root` with `/`. */
function sourcesUnder(root, folder) {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return []; // this checkout does not have it (yet)
  }
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesUnder(root, path);
    return SOURCE.test(entry.name) ? [path] : [];
  });
}

function main() {
  const violations = checkImports();
  for (const { file, line, message } of violations) console.error(`${file}:${line}  ${message}`);
  if (violations.length > 0) process.exitCode = 1;
  console.log(
    violations.length === 0 ? '✔ Imports keep to their folders' : `✘ ${violations.length} imports do not`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
