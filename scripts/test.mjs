// `npm test`: makes the checkout ready, checks style, types and imports, then runs the tests.
// `--only-mocha` leaves the checks out; every other word goes to mocha: `npm test -- --only-mocha --grep ink`.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inPlace } from './lib/child.mjs';
import { ensureClient } from './lib/client.mjs';
import { report } from './lib/failure.mjs';
import { makeMemoryFolder } from './lib/memory-folder.mjs';
import { inModules, nodeBinary, root } from './lib/places.mjs';
import { elapsed } from './lib/progress.mjs';
import { environmentOf, setup } from './setup.mjs';

const REPORTER = fileURLToPath(new URL('lib/reporter.mjs', import.meta.url));
const ALL_TESTS = 'test/**/*.test.ts';
/** How long mocha may take to end after its last test. Longer means that a test left a server or timer behind. */
const LINGER_MS = 60_000;

const node = nodeBinary;
const CHECKS = [
  [
    'Style',
    () => [node(), [inModules('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.']],
  ],
  ['Types', () => [node(), [inModules('typescript', 'bin', 'tsc'), '--noEmit']]],
  ['Imports', () => [node(), [fileURLToPath(new URL('check-imports.mjs', import.meta.url))]]],
];

function heading(text) {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(3, 72 - text.length))}`);
}

/** Runs the checks to the last, so that one run shows everything there is to mend. Gives the names of those failed. */
async function runChecks(env) {
  const failed = [];
  for (const [name, command] of CHECKS) {
    heading(name);
    const [program, args] = command();
    const started = Date.now();
    const code = await inPlace(program, args, { cwd: root, env });
    console.log(`${code === 0 ? '✔' : '✘'} ${name} (${elapsed(Date.now() - started)})`);
    if (code !== 0) failed.push(name);
  }
  return failed;
}

/** Runs mocha and gives its exit code and counts; counts are missing where it ended before its last test. */
async function runMocha(words, env) {
  heading('Tests');
  let summary;
  let mocha;
  let timer;
  const onMessage = (message) => {
    summary = message;
    timer = setTimeout(() => {
      console.error(
        `Something that a test left open keeps mocha alive ${LINGER_MS / 1000} s after the last test.`,
      );
      mocha.kill('SIGKILL');
    }, LINGER_MS);
  };
  const args = [inModules('mocha', 'bin', 'mocha.js'), '--reporter', REPORTER, ...words];
  const code = await inPlace(node(), args, {
    cwd: root,
    env,
    onMessage,
    onStart: (child) => (mocha = child),
  });
  clearTimeout(timer);
  return { code, summary };
}

/** The pages that the tests in a browser open. Other tests can run without them, so this does not end the run. */
async function buildPages() {
  try {
    await ensureClient();
    return true;
  } catch (error) {
    report(error);
    return false;
  }
}

/** `work` with an environment whose temporary folder is in memory where there is room; what stays between runs does not. */
async function inMemory(env, work) {
  const folder = makeMemoryFolder();
  if (!folder) return await work(env);
  try {
    return await work({ ...env, TMPDIR: folder, TONGKE_TEST_CLIPS: join(tmpdir(), 'tongke-test-clips') });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Mocha's own words, with every test file where none is named. */
function mochaWords(words) {
  const files = words.some((word) => /\.[cm]?[jt]s$/.test(word));
  return files ? words : [...words, ALL_TESTS];
}

async function main() {
  const words = process.argv.slice(2).filter((word) => word !== '--only-mocha');
  const onlyMocha = process.argv.includes('--only-mocha');
  const env = { ...environmentOf(await setup('test', { client: false })), NODE_ENV: 'test' };
  const failedChecks = onlyMocha ? [] : await runChecks(env);
  if (!(await buildPages())) failedChecks.push('Pages');
  const { code, summary } = await inMemory(env, (own) => runMocha(mochaWords(words), own));
  process.exitCode = conclude({ failedChecks, code, summary }) ? 0 : 1;
}

/** Prints the closing lines, the last of them in the plain form that tools read; true if all went well. */
function conclude({ failedChecks, code, summary }) {
  heading('Result');
  const { passes = 0, failures = 0, pending = 0 } = summary ?? {};
  if (failedChecks.length > 0) console.log(`Failed besides the tests: ${failedChecks.join(', ')}.`);
  if (!summary) console.log(`The tests broke off (exit code ${code}).`);
  else if (passes + failures === 0) console.log('No test ran.');
  // A run that broke off, left something open or ran nothing has failed, whatever it counted.
  const broken = failures === 0 && (code !== 0 || passes === 0) ? 1 : 0;
  const failed = failures + failedChecks.length + broken;
  console.log(`${passes} passed, ${failed} failed${pending > 0 ? `, ${pending} skipped` : ''}`);
  return failed === 0;
}

main().catch(report);
