import { spawnSync } from 'node:child_process';
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
import { SetupFailure } from './failure.mjs';
import { run } from './run.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const UNATTENDED = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
const PATIENCE = [
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'Acquire::https::Timeout=20',
  '-o',
  'Acquire::Retries=2',
];

/** Whether this is Debian itself (not a derivative: its packages are what the build was verified with). */
export function isDebian() {
  return (
    existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get') && /^ID=debian$/m.test(osRelease())
  );
}

/** `bookworm`, `trixie`… */
export function codename() {
  return /^VERSION_CODENAME=(\S+)$/m.exec(osRelease())?.[1] ?? '';
}

function osRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

export function isRoot() {
  return process.getuid?.() === 0;
}

/** Those of `names` that are not installed. A few milliseconds: it only asks dpkg's own database. */
export function missingPackages(names) {
  const answer = spawnSync('dpkg-query', ['-W', '-f', `\${Package} \${db:Status-Status}\n`, ...names], {
    encoding: 'utf8',
  });
  const installed = new Set((answer.stdout ?? '').split('\n').filter((line) => line.endsWith(' installed')));
  return names.filter((name) => !installed.has(`${name} installed`));
}

/** The command that installs packages, for a person to run. */
export function installCommand(names) {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

/** Installs what is missing of `names`; `why` ends the sentence that a person sees where that can't be done. */
export async function installPackages(names, { why, log }) {
  const missing = missingPackages(names);
  if (missing.length === 0) return;
  const command = installCommand(missing);
  if (!isRoot()) {
    throw new SetupFailure(`${why} needs Debian packages that only an administrator can install.`, {
      command,
    });
  }
  const options = {
    env: UNATTENDED,
    log,
    command,
    failure: `Debian's packages for ${why} could not be installed`,
  };
  // Another installation may be at work (unattended upgrades, a second clone of this project): wait for it.
  const locked = ['-o', 'DPkg::Lock::Timeout=300'];
  await run('apt-get', [...PATIENCE, ...locked, 'update', '-qq'], options);
  await run(
    'apt-get',
    [...PATIENCE, ...locked, 'install', '-y', '-qq', '--no-install-recommends', ...missing],
    options,
  );
}

/** The Debian mirror that this machine uses, from its own apt sources in either format; `undefined` if none. */
export function debianMirror(folder = '/etc/apt') {
  for (const text of sourceFiles(folder)) {
    for (const line of text.split('\n')) {
      const entry = /^\s*(?:deb(?:-src)?\s+(?:\[[^\]]*\]\s*)?|URIs:\s*)(.*)$/i.exec(line)?.[1] ?? '';
      const found = entry.split(/\s+/).find((word) => /^https?:\/\/\S+\/debian\/?$/.test(word));
      if (found) return found;
    }
  }
  return undefined;
}

function sourceFiles(folder) {
  const parts = join(folder, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).filter((name) => /\.(list|sources)$/.test(name)) : [];
  return [join(folder, 'sources.list'), ...names.sort().map((name) => join(parts, name))]
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
}

/**
 * Package lists of our own in a temporary folder, so that another suite can be read without the machine's own lists
 * being touched, and without root. Signatures are checked with Debian's own keyring. `use` gets
 * `fetch(verb, names)`, which downloads into the folder that it returns.
 *
 * @param {string[]} entries such as `deb trixie main` or `deb-src bookworm main`
 */
export async function withOwnLists(entries, { log, why }, use) {
  const mirror = debianMirror();
  const command = 'cat /etc/apt/sources.list /etc/apt/sources.list.d/*';
  if (!mirror)
    throw new SetupFailure(`${why}: no Debian mirror was found in this machine's apt sources.`, { command });
  const folder = mkdtempSync(join(tmpdir(), 'tongke-apt-'));
  chmodSync(folder, 0o755); // apt drops its rights to a user of its own while it downloads
  try {
    for (const name of ['lists/partial', 'archives/partial', 'files'])
      mkdirSync(join(folder, name), { recursive: true });
    const sources = entries.map((entry) => {
      const [kind, suite, ...components] = entry.split(' ');
      return `${kind} [signed-by=${KEYRING}] ${mirror} ${suite} ${components.join(' ')}\n`;
    });
    writeFileSync(join(folder, 'sources.list'), sources.join(''));
    const own = ownLists(folder);
    const options = { env: UNATTENDED, log, cwd: join(folder, 'files') };
    const failure = `${why}: Debian's package lists could not be read and verified`;
    await run('apt-get', [...PATIENCE, ...own, 'update', '-qq', '--error-on=any'], { ...options, failure });
    const fetch = async (verb, names) => {
      const download = verb === 'source' ? ['source', '--download-only'] : [verb];
      await run('apt-get', [...PATIENCE, ...own, '-qq', ...download, ...names], {
        ...options,
        failure: `${why}: ${names.join(', ')} could not be downloaded from Debian`,
      });
      return join(folder, 'files');
    };
    return await use(fetch);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ownLists(folder) {
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::Cache': folder,
    'Dir::Cache::archives': join(folder, 'archives'),
    'Acquire::Languages': 'none',
    // The machine's own preferences say nothing about a suite that it does not use.
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
