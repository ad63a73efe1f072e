// `npm start`: makes the checkout ready, then runs the server. `--dev`: restarts the server and rebuilds the pages
// whenever a file changes. Other words are passed on to the server.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inPlace } from './lib/child.mjs';
import { report } from './lib/failure.mjs';
import { inModules, nodeBinary, root } from './lib/places.mjs';
import { environmentOf, setup } from './setup.mjs';

const words = process.argv.slice(2).filter((word) => word !== '--dev');
const dev = process.argv.includes('--dev');

/** Rebuilds the pages while the server runs. It ends with us. */
function watchPages(env) {
  const vite = inModules('vite', 'bin', 'vite.js');
  const watcher = spawn(nodeBinary(), [vite, 'build', '--watch'], { cwd: root, env, stdio: 'inherit' });
  process.once('exit', () => watcher.kill());
}

async function main() {
  // Before setup: a database named here is one that need not be prepared.
  if (existsSync(join(root, '.env'))) process.loadEnvFile(join(root, '.env'));
  // On a person's screen the log would bury the address; trouble is still said.
  if (process.stdout.isTTY) process.env.LOG_LEVEL ??= 'warn';
  const env = environmentOf(await setup('run', { client: !dev }));
  if (dev) watchPages(env);
  const server = [
    ...(dev ? ['--watch', '--watch-preserve-output'] : []),
    join(root, 'server', 'main.ts'),
    ...words,
  ];
  // exit, rather than an exit code: with --dev the watcher would keep this process alive.
  process.exit(await inPlace(nodeBinary(), server, { env }));
}

main().catch(report);
