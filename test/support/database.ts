import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../server/database/embedded.ts';

let shared: Promise<{ engine: EmbeddedDatabase; directory: string }> | null = null;
let count = 0;

/** A database of one's own on the engine that the whole test run shares; empty. */
export async function freshDatabaseUri(): Promise<string> {
  shared ??= start();
  const { engine } = await shared;
  count += 1;
  return engine.uri.replace('/tongke?', `/tongke_${process.pid}_${count}?`);
}

/** Kills the shared engine as a power cut would; it is started again by itself, at the same address. */
export async function killDatabase(): Promise<void> {
  const { engine } = (await shared) ?? {};
  if (!engine?.pid) throw new Error('no database to kill');
  const up = once(engine, 'up');
  process.kill(engine.pid, 'SIGKILL');
  await up;
}

async function start() {
  const directory = await mkdtemp(join(tmpdir(), 'tongke-test-db-'));
  return { engine: await startEmbeddedDatabase({ directory }), directory };
}

/** Ends the shared engine and forgets what was in it. Under mocha this happens by itself after the last test. */
export async function closeDatabase(): Promise<void> {
  if (!shared) return;
  const { engine, directory } = await shared;
  shared = null;
  await engine.close();
  await rm(directory, { recursive: true, force: true });
}

if ('after' in globalThis) after(closeDatabase);
