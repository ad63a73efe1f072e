import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Map<string, Promise<string>>();

/** A folder that `make` fills when the run first asks for it, for all who only read it; it goes after the last test. */
export function onceInRun(name: string, make: (folder: string) => Promise<unknown>): Promise<string> {
  let folder = made.get(name);
  if (!folder) {
    folder = fill(name, make);
    made.set(name, folder);
  }
  return folder;
}

async function fill(name: string, make: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `tongke-${name}-`));
  await make(folder);
  return folder;
}

if ('after' in globalThis)
  after(async () => {
    for (const folder of await Promise.allSettled(made.values()))
      if (folder.status === 'fulfilled') await rm(folder.value, { recursive: true, force: true });
  });
