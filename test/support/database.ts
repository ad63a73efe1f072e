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

async function start() {
  const directory = await mkdtemp(join(tmpdir(), 'tongke-test-db-'));
  return { engine: await startEmbeddedDatabase({ directory }), directory };
}

after(async () => {
  if (!shared) return;
  const { engine, directory } = await shared;
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});
