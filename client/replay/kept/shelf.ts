import { z } from 'zod';
import { KeptFile } from '../../../protocol/api-watching.ts';
import { Id, Localised, WallTime } from '../../../protocol/common.ts';

/** What of a lesson is kept on this device: the ink alone, with the voice, or with the picture of so many lines. */
export const Keeping = z.object({
  watching: z.enum(['ink', 'voice', 'picture']),
  height: z.number().nullable(),
});
export type Keeping = z.infer<typeof Keeping>;

/** One replay on the shelf. */
export const KeptRecord = z.object({
  lesson: Id,
  title: Localised,
  teacher: Localised,
  startedAt: WallTime,
  keeping: Keeping,
  /** What the manifest said of it: another says that the teacher has changed the lesson since. */
  version: z.string(),
  /** Of renditions; manifest and log come besides. */
  files: z.array(KeptFile),
  /** Of all that is kept of it. */
  bytes: z.number(),
  state: z.enum(['keeping', 'paused', 'kept', 'damaged', 'full', 'refused', 'changed']),
  at: WallTime,
});
export type KeptRecord = z.infer<typeof KeptRecord>;

const PREFIX = 'tongke-kept';
const RECORD = '/kept/record';

/**
 * Where kept replays lie: a cache of the browser's for each person and lesson, under the addresses that their files have on
 * the server. Only secure pages have caches.
 */
export class Shelf {
  readonly #account: string;

  constructor(account: string) {
    this.#account = account;
  }

  static get isPossible(): boolean {
    return 'caches' in globalThis && isSecureContext;
  }

  async records(): Promise<KeptRecord[]> {
    const names = (await caches.keys()).filter((name) => name.startsWith(this.#name('')));
    const found = await Promise.all(
      names.map(async (name) => recordIn(await (await caches.open(name)).match(RECORD))),
    );
    return found.filter((record) => record !== null).sort((a, b) => b.startedAt - a.startedAt);
  }

  async record(lesson: string): Promise<KeptRecord | null> {
    if (!(await caches.has(this.#name(lesson)))) return null;
    return recordIn(await (await this.open(lesson)).match(RECORD));
  }

  async write(record: KeptRecord): Promise<void> {
    await (await this.open(record.lesson)).put(RECORD, new Response(JSON.stringify(record)));
  }

  open(lesson: string): Promise<Cache> {
    return caches.open(this.#name(lesson));
  }

  /** A file of a kept replay, if it is there. */
  async read(lesson: string, url: string): Promise<Response | null> {
    if (!(await caches.has(this.#name(lesson)))) return null;
    return (await (await this.open(lesson)).match(url)) ?? null;
  }

  async remove(lesson: string): Promise<void> {
    await caches.delete(this.#name(lesson));
  }

  #name(lesson: string): string {
    return `${PREFIX} ${this.#account} ${lesson}`;
  }
}

async function recordIn(response: Response | undefined): Promise<KeptRecord | null> {
  const value: unknown = await response?.json().catch(() => null);
  return KeptRecord.safeParse(value).data ?? null;
}
