import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BuildId } from '../../protocol/updates.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Log } from '../log.ts';

/** Kept although no screen is given them any more: whoever is called to help may want to go back further. */
const KEPT = 3;
const MANIFEST = 'build.json';
const Manifest = z.object({ protocol: z.number(), keptAt: z.number() });
/** As vite writes it into index.html. */
const FIRST_SCRIPT = /<script type="module"[^>]* src="\/assets\/[^"]*?-([\w-]+)\.js"/;

interface Kept {
  readonly directory: string;
  readonly keptAt: number;
}

/**
 * The builds of the pages that this server can give out: the newest, and copies of those before it, by content, since
 * `vite build` empties the folder it writes to. One that speaks another protocol is of no use, and is let go.
 */
export class Builds {
  /** Null where there are no pages, as while developing. */
  readonly newest: string | null;
  readonly #folder: string;
  readonly #kept: Map<string, Kept>;

  private constructor(newest: string | null, folder: string, kept: Map<string, Kept>) {
    this.newest = newest;
    this.#folder = folder;
    this.#kept = kept;
  }

  /** `pages`: where `vite build` puts the client; `folder`: where copies are kept. */
  static async open(pages: string, folder: string, log: Log): Promise<Builds> {
    await mkdir(folder, { recursive: true });
    const builds = new Builds(await buildAt(pages), folder, await readKept(folder, log));
    if (builds.newest !== null) await builds.keep(pages);
    return builds;
  }

  has(build: string): boolean {
    return this.#kept.has(build);
  }

  /** Where a build's files lie; null where it is not kept. */
  directoryOf(build: string): string | null {
    return this.#kept.get(build)?.directory ?? null;
  }

  /** Of all builds but the newest, the youngest first. */
  formerDirectories(): string[] {
    return this.#former().map(([, { directory }]) => directory);
  }

  /** Copies a build, without the maps of its sources. Twice is once. */
  async keep(pages: string): Promise<void> {
    const build = await buildAt(pages);
    if (build === null || this.#kept.has(build)) return;
    const directory = join(this.#folder, build);
    const half = `${directory}.half`;
    await rm(half, { recursive: true, force: true });
    await cp(pages, half, { recursive: true, filter: (path) => !path.endsWith('.map') });
    const keptAt = Date.now();
    await writeFile(join(half, MANIFEST), JSON.stringify({ protocol: PROTOCOL_VERSION, keptAt }));
    await rename(half, directory);
    this.#kept.set(build, { directory, keptAt });
  }

  /** Lets go of what no screen is given, but for the last few. */
  async forgetBut(given: ReadonlySet<string>): Promise<void> {
    const old = this.#former().slice(KEPT);
    for (const [build, { directory }] of old) {
      if (given.has(build)) continue;
      this.#kept.delete(build);
      await rm(directory, { recursive: true, force: true });
    }
  }

  #former(): [string, Kept][] {
    const others = [...this.#kept].filter(([build]) => build !== this.newest);
    return others.sort(([, a], [, b]) => b.keptAt - a.keptAt);
  }
}

async function readKept(folder: string, log: Log): Promise<Map<string, Kept>> {
  const kept = new Map<string, Kept>();
  for (const name of await readdir(folder)) {
    const directory = join(folder, name);
    const manifest = await readManifest(directory);
    if (manifest?.protocol === PROTOCOL_VERSION && BuildId.safeParse(name).success) {
      kept.set(name, { directory, keptAt: manifest.keptAt });
    } else {
      log.info({ build: name }, 'a build that this server cannot give out any more is let go');
      await rm(directory, { recursive: true, force: true });
    }
  }
  return kept;
}

/** Null for a copy that was broken off. */
async function readManifest(directory: string): Promise<z.infer<typeof Manifest> | null> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(directory, MANIFEST), 'utf8')));
  } catch {
    return null;
  }
}

async function buildAt(pages: string): Promise<string | null> {
  const page = await readFile(join(pages, 'index.html'), 'utf8').catch(() => '');
  return FIRST_SCRIPT.exec(page)?.[1] ?? null;
}
