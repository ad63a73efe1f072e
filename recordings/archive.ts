import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TongkeError } from '../protocol/errors.ts';
import type { ReplayFile } from '../protocol/recording.ts';
import type { ObjectStore } from '../protocol/storage.ts';
import { syncDirectory } from './durable.ts';
import type { LessonFolder, RecordingFile, RenditionKind, StoredPack } from './lesson-folder.ts';
import { RENDITION_KINDS } from './lesson-folder.ts';
import type { RecorderLog } from './log.ts';
import { contentOf, type Pack, packsOf, removeFiles, unpack } from './pack.ts';
import type { Pace } from './sums.ts';

export interface ArchiveOptions {
  /** Null: everything stays where it was made. */
  readonly store: ObjectStore | null;
  readonly folder: (lesson: string) => LessonFolder;
  readonly log: RecorderLog;
}

/** Asked for to see whether the store answers: there is no such object. */
const NOTHING = 'recordings/none';

/**
 * Moves what is finished into the store, some few objects a lesson, and serves it from there. `recording.json` stays: it
 * says where each file is. Nothing is deleted here before the store's checksum has been compared.
 */
export class Archive {
  readonly #options: ArchiveOptions;
  /** One thing at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  /** How many lessons lie in the store, as the start found it. */
  #stored = 0;

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  /** Whether there is anything of a lesson to be moved now: nothing is, of one that is still worked on. */
  isDue(file: RecordingFile | null): file is RecordingFile {
    if (!this.#options.store || !file || file.to === null) return false;
    return RENDITION_KINDS.every((kind) => file[kind].state === 'ready' || file[kind].state === 'failed');
  }

  /** Asks whether the store answers. `stored`: how many lessons lie there. Never rejects. */
  async look(stored = this.#stored): Promise<void> {
    const { store, log } = this.#options;
    this.#stored = stored;
    await store
      ?.info(NOTHING)
      .catch((error: unknown) => log.warn({ err: error }, 'the store does not answer'));
  }

  /** Whether what lies in the store cannot be had. */
  get isAway(): boolean {
    const { store } = this.#options;
    return store ? (store.trouble?.() ?? null) !== null : this.#stored > 0;
  }

  /** In plain English, for an operator. */
  warnings(): string[] {
    const { store } = this.#options;
    if (!this.isAway) return [];
    return [
      store
        ? `recording: the store does not answer (${store.trouble?.()}), what lies there cannot be watched`
        : `recording: ${this.#stored} lie in a store that is configured no longer, and cannot be watched`,
    ];
  }

  /** Safe to repeat: goes on where it stopped. */
  move(lesson: string, signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#move(lesson, signal));
  }

  /** A file that is in the store; null where it is not. Rejects with `storage_unavailable` where none is configured. */
  async find(lesson: string, folder: string, name: string): Promise<ReplayFile | null> {
    const { store } = this.#options;
    const file = await this.#options.folder(lesson).read();
    for (const pack of file?.stored ?? []) {
      const found = pack.folder === folder && pack.files.find((one) => one.name === name);
      if (!found || (!store && pack.here)) continue;
      if (!store) throw unconfigured();
      return {
        bytes: found.bytes,
        tag: `${pack.sha256.slice(0, 16)}-${found.at.toString(16)}`,
        read: async ({ from = 0, to = found.bytes - 1 } = {}) => {
          const content = await store.read(pack.key, { from: found.at + from, to: found.at + to });
          if (!content) throw new TongkeError('not_found', 'It is not in the store any more');
          return content;
        },
      };
    }
    return null;
  }

  /** What of a lesson the store does not have any more as it was put there. Reads all of it. */
  async lost({ stored = [] }: RecordingFile, pace: Pace): Promise<StoredPack[]> {
    const { store } = this.#options;
    const lost: StoredPack[] = [];
    for (const pack of stored) {
      if (!store || pack.here) continue;
      const hash = createHash('sha256');
      for await (const chunk of (await store.read(pack.key)) ?? []) {
        hash.update(chunk);
        await pace(chunk.length);
      }
      if (hash.digest('hex') !== pack.sha256) lost.push(pack);
    }
    return lost;
  }

  /** Gives up objects that are of no use, for what they held to be made again. */
  giveUp(lesson: string, packs: readonly StoredPack[]): Promise<void> {
    const keys = new Set(packs.map(({ key }) => key));
    return this.#inTurn(() => this.#drop(this.#options.folder(lesson), ({ key }) => keys.has(key)));
  }

  /** Takes a folder back, tracks above all, for whoever makes something of them. */
  bringBack(lesson: string, folder = 'tracks'): Promise<void> {
    return this.#inTurn(() => this.#bringBack(lesson, folder));
  }

  /** Removes a lesson's objects: of one kind or folder, or all. */
  remove(lesson: string, kind?: RenditionKind, folder?: string): Promise<void> {
    const isGone = (pack: StoredPack): boolean =>
      pack.kind === (kind ?? pack.kind) && pack.folder === (folder ?? pack.folder);
    return this.#inTurn(async () => {
      const folder = this.#options.folder(lesson);
      await this.#drop(folder, isGone);
      await this.#clean(folder);
    });
  }

  /** `replace` puts another recording in the place of a lesson's: what the store has of that one goes after it. */
  replaced(lesson: string, replace: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      await replace();
      await this.#clean(this.#options.folder(lesson)).catch((error: unknown) => {
        // The new one's own way into the store ends with the same.
        this.#options.log.warn({ err: error, lesson }, 'what was replaced was not removed from the store');
      });
    });
  }

  async #move(lesson: string, signal: AbortSignal): Promise<void> {
    const { store, log } = this.#options;
    const folder = this.#options.folder(lesson);
    const file = await folder.read();
    if (!store || !this.isDue(file)) return;
    // A crash came between: what is left of them here is no pack of its own.
    for (const pack of file.stored ?? []) if (pack.here) await this.#clear(folder, pack);
    let bytes = 0;
    for (const name of folder.lasting) {
      for (const pack of await packsOf(join(folder.path, name), name, file.tracks)) {
        signal.throwIfAborted();
        await this.#movePack(store, folder, pack);
        bytes += pack.bytes;
      }
    }
    // What an earlier cut showed is of use to nobody.
    await this.#drop(folder, (pack) => !folder.lasting.includes(pack.folder));
    await this.#clean(folder);
    if (bytes > 0) log.info({ lesson, bytes }, 'a recording was moved into the store');
  }

  async #movePack(store: ObjectStore, folder: LessonFolder, pack: Pack): Promise<void> {
    const path = join(folder.path, pack.folder);
    const key = `${keyOf(folder.lesson)}/${pack.folder}-${pack.kind}-${pack.sha256.slice(0, 16)}`;
    const there = await store.info(key);
    const info = there?.sha256 === pack.sha256 ? there : await store.put(key, contentOf(path, pack));
    if (info.sha256 !== pack.sha256 || info.bytes !== pack.bytes) {
      throw new Error(`${key} is not in the store as it is here`);
    }
    const old = (await folder.read())?.stored?.filter((one) => isSamePlace(one, pack) && one.key !== key);
    await changeStored(folder, (stored) => [
      ...stored.filter((one) => !isSamePlace(one, pack)),
      { ...pack, key, here: true },
    ]);
    await this.#clear(folder, pack);
    for (const one of old ?? []) await store.remove(one.key);
  }

  async #clear(folder: LessonFolder, pack: Pack): Promise<void> {
    const path = join(folder.path, pack.folder);
    await removeFiles(path, pack);
    await syncDirectory(path);
    await changeStored(folder, (stored) =>
      stored.map((one) => (isSamePlace(one, pack) ? { ...one, here: false } : one)),
    );
  }

  async #bringBack(lesson: string, name: string): Promise<void> {
    const { store } = this.#options;
    const folder = this.#options.folder(lesson);
    const packs = (await folder.read())?.stored?.filter((pack) => pack.folder === name) ?? [];
    for (const pack of packs) {
      if (!store) throw unconfigured();
      const content = await store.read(pack.key);
      if (!content) throw new Error(`${pack.key} is not in the store`);
      const path = join(folder.path, name);
      await mkdir(path, { recursive: true, mode: 0o700 });
      await unpack(path, pack, content);
    }
    // The objects go: what is hidden or erased here must not live on there. They are put anew afterwards.
    await this.#drop(folder, (pack) => pack.folder === name);
  }

  async #drop(folder: LessonFolder, isGone: (pack: StoredPack) => boolean): Promise<void> {
    const gone = (await folder.read())?.stored?.filter(isGone) ?? [];
    if (gone.length === 0) return;
    const { store } = this.#options;
    if (!store) throw unconfigured();
    for (const { key } of gone) await store.remove(key);
    await changeStored(folder, (stored) => stored.filter((pack) => !isGone(pack)));
  }

  /** Removes what the state file does not name: a crash, or a line that broke off, came before it could. */
  async #clean(folder: LessonFolder): Promise<void> {
    const { store } = this.#options;
    if (!store) return;
    const named = new Set((await folder.read())?.stored?.map(({ key }) => key));
    const strays: string[] = [];
    for await (const key of store.keys(`${keyOf(folder.lesson)}/`)) if (!named.has(key)) strays.push(key);
    for (const key of strays) await store.remove(key);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined); // told to whoever asked
    return result;
  }
}

function unconfigured(): TongkeError {
  return new TongkeError(
    'storage_unavailable',
    'A part of this recording is in a store that is configured no longer',
  );
}

/** Keys are lower-case, ids are not; and a bucket's listing should tell nothing. */
function keyOf(lesson: string): string {
  return `recordings/${createHash('sha256').update(lesson).digest('hex').slice(0, 40)}`;
}

function isSamePlace(a: Pick<Pack, 'folder' | 'kind'>, b: Pick<Pack, 'folder' | 'kind'>): boolean {
  return a.folder === b.folder && a.kind === b.kind;
}

async function changeStored(
  folder: LessonFolder,
  make: (stored: readonly StoredPack[]) => StoredPack[],
): Promise<void> {
  await folder.change((file) => {
    if (!file) throw new Error('The recording’s state file is gone');
    return { ...file, stored: make(file.stored ?? []) };
  });
}
