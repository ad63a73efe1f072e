import type { KeptFile } from '../../../protocol/api-watching.ts';
import { Replay } from '../../../protocol/replay.ts';
import { Listeners } from '../../listeners.ts';
import { isFull } from '../../packs/pack-store.ts';
import { DamagedError, fetchFile, RefusedError, sha256 } from './fetch-file.ts';
import { type Keeping, type KeptRecord, Shelf } from './shelf.ts';

export const MANIFEST = '/kept/manifest';
export const LOG = '/kept/log';
/** What is written on the pages that were brought. */
export const WORDS = '/kept/words';
export const cuesOf = (track: string): string => `/kept/captions/${track}`;

/** What to keep, weighed before anything is fetched. */
export interface Plan {
  readonly keeping: Keeping;
  /** The main playlist as it is kept, if anything but ink is; path from the site's root. */
  readonly master: { readonly url: string; readonly text: string } | null;
  /** Exact, of renditions. */
  readonly files: readonly KeptFile[];
  readonly replay: Replay;
  /** The log's entries as JSON, in gzip. */
  readonly log: Blob;
  /** Captions as JSON, by their track. */
  readonly captions: ReadonlyMap<string, string>;
  /** What is written on pages, as JSON. */
  readonly words: string;
  readonly bytes: number;
}

export interface KeptView {
  readonly record: KeptRecord;
  /** Bytes that are here. */
  readonly done: number;
  /** The link is lost: it goes on by itself. */
  readonly waiting: boolean;
}

/** Files at once: a link of 600 ms would be idle most of the time with one. */
const AT_ONCE = 3;
const RETRY_FIRST_MS = 2_000;
const RETRY_LONGEST_MS = 30_000;

/** Keeps replays of one person on this device. Framework-free; one per page. */
export class Keeper {
  readonly shelf: Shelf;
  readonly #listeners = new Listeners();
  readonly #running = new Map<string, AbortController>();
  #views: readonly KeptView[] = [];

  constructor(account: string) {
    this.shelf = new Shelf(account);
  }

  readonly views = (): readonly KeptView[] => this.#views;

  readonly subscribe = this.#listeners.add;

  /** Reads what is here, and goes on with what was being kept. */
  async open(): Promise<void> {
    if (!Shelf.isPossible) return;
    const records = await this.shelf.records();
    this.#set(await Promise.all(records.map((record) => this.#look(record))));
    for (const { lesson, state } of records) if (state === 'keeping') this.#run(lesson);
  }

  /** Begins to keep what was planned, instead of anything that is kept of this lesson. */
  async keep({ keeping, master, files, replay, log, captions, words, bytes }: Plan): Promise<void> {
    const { lesson, title, teacher, startedAt } = replay;
    await this.#stop(lesson);
    await this.#clear(lesson, new Set(files.map(({ url }) => url)));
    const record: KeptRecord = {
      ...{ lesson, title, teacher, startedAt, keeping, bytes, files: [...files] },
      ...{ version: versionOf(replay), state: 'keeping', at: Date.now() },
    };
    try {
      const cache = await this.shelf.open(lesson);
      await cache.put(MANIFEST, new Response(JSON.stringify(replay)));
      await cache.put(LOG, new Response(log));
      for (const [track, json] of captions) await cache.put(cuesOf(track), new Response(json));
      await cache.put(WORDS, new Response(words));
      if (master) await cache.put(master.url, new Response(master.text));
      await this.shelf.write(record);
    } catch (error) {
      // Without its record nothing would ever find, or remove, the rest.
      await this.remove(lesson);
      throw error;
    }
    await this.#renew(lesson);
    this.#run(lesson);
  }

  async pause(lesson: string): Promise<void> {
    await this.#stop(lesson);
    await this.#change(lesson, 'paused');
  }

  async resume(lesson: string): Promise<void> {
    if (await this.#change(lesson, 'keeping')) this.#run(lesson);
  }

  async remove(lesson: string): Promise<void> {
    await this.#stop(lesson);
    await this.shelf.remove(lesson);
    await this.#renew(lesson);
  }

  /** What the teacher has changed since may hold what is hidden now: none of it stays, and only that it was here is known. */
  async drop(lesson: string): Promise<void> {
    const record = await this.shelf.record(lesson);
    if (!record) return;
    await this.#stop(lesson);
    await this.#clear(lesson, new Set());
    await this.shelf.write({ ...record, files: [], bytes: 0, state: 'changed' });
    await this.#renew(lesson);
  }

  async removeAll(): Promise<void> {
    for (const { lesson } of await this.shelf.records()) await this.remove(lesson);
  }

  /** A file of a lesson that is kept, as its hash says; null where it is not here (any more). */
  async read(lesson: string, url: string): Promise<ArrayBuffer | null> {
    const response = await this.shelf.read(lesson, url);
    if (!response) return null;
    const data = await response.arrayBuffer();
    const known = this.#views.find(({ record }) => record.lesson === lesson)?.record.files;
    const file = known?.find((one) => one.url === url);
    return file && (await sha256(data)) !== file.sha256 ? null : data;
  }

  /** As it was kept; null where it is not. */
  async manifest(lesson: string): Promise<Replay | null> {
    return Replay.safeParse(await this.json(lesson, MANIFEST)).data ?? null;
  }

  /** What is kept under a name of our own; null where it is not. */
  async json(lesson: string, name: string): Promise<unknown> {
    return (await this.shelf.read(lesson, name))?.json() ?? null;
  }

  #run(lesson: string): void {
    if (this.#running.has(lesson)) return;
    const abort = new AbortController();
    this.#running.set(lesson, abort);
    const work = () => this.#bring(lesson, abort.signal);
    // Another tab may be at it already.
    navigator.locks
      .request(`tongke-kept ${lesson}`, { signal: abort.signal }, work)
      .catch((error: unknown) => {
        if (!abort.signal.aborted) console.error('A replay could not be kept', error);
      })
      .finally(() => {
        if (this.#running.get(lesson) === abort) this.#running.delete(lesson);
      });
  }

  async #stop(lesson: string): Promise<void> {
    this.#running.get(lesson)?.abort(new DOMException('stopped', 'AbortError'));
    this.#running.delete(lesson);
  }

  /** Until all of it is here, or there is a reason that does not pass. */
  async #bring(lesson: string, signal: AbortSignal): Promise<void> {
    for (let delay = RETRY_FIRST_MS; ; delay = Math.min(delay * 2, RETRY_LONGEST_MS)) {
      const record = await this.shelf.record(lesson);
      if (record?.state !== 'keeping') return;
      try {
        await this.#bringMissing(record, signal);
        await this.#change(lesson, 'kept');
        return;
      } catch (error) {
        if (signal.aborted) return;
        const state = stateAfter(error);
        if (state) {
          await this.#change(lesson, state);
          return;
        }
        this.#patch(lesson, { waiting: true });
        await untilOnline(delay, signal);
        this.#patch(lesson, { waiting: false });
      }
    }
  }

  /** Rejects with the first failure, when nothing is under way any more. */
  async #bringMissing({ lesson, files }: KeptRecord, signal: AbortSignal): Promise<void> {
    const cache = await this.shelf.open(lesson);
    const here = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
    const missing = files.filter(({ url }) => !here.has(url));
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    const onBytes = (bytes: number) => this.#patch(lesson, { more: bytes });
    const worker = async () => {
      for (let file = missing.shift(); file; file = missing.shift()) {
        await fetchFile(cache, file, { signal: stop, onBytes });
      }
    };
    const results = await Promise.allSettled(
      Array.from({ length: AT_ONCE }, () =>
        worker().catch((error: unknown) => {
          failed.abort(error);
          throw error;
        }),
      ),
    );
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failed.signal.reason ?? failure.reason;
  }

  /** False where the device has no room even to note it: it is shown as full then, and found out again by the next page. */
  async #change(lesson: string, state: KeptRecord['state']): Promise<boolean> {
    const record = await this.shelf.record(lesson);
    if (!record) return false;
    try {
      await this.shelf.write({ ...record, state });
    } catch (error) {
      if (!isFull(error)) throw error;
      await this.#show(lesson, { ...record, state: 'full' });
      return false;
    }
    await this.#renew(lesson);
    return true;
  }

  /** Removes what an earlier keeping left and this one does not want. */
  async #clear(lesson: string, wanted: ReadonlySet<string>): Promise<void> {
    const cache = await this.shelf.open(lesson);
    for (const request of await cache.keys()) {
      if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
    }
  }

  async #renew(lesson: string): Promise<void> {
    await this.#show(lesson, await this.shelf.record(lesson));
  }

  async #show(lesson: string, record: KeptRecord | null): Promise<void> {
    const others = this.#views.filter((view) => view.record.lesson !== lesson);
    const mine = record ? [await this.#look(record)] : [];
    this.#set([...others, ...mine].sort((a, b) => b.record.startedAt - a.record.startedAt));
  }

  async #look(record: KeptRecord): Promise<KeptView> {
    const cache = await this.shelf.open(record.lesson);
    const here = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
    const missing = record.files.filter(({ url }) => !here.has(url));
    return { record, done: record.bytes - sum(missing), waiting: false };
  }

  #patch(lesson: string, { waiting, more = 0 }: { waiting?: boolean; more?: number }): void {
    this.#set(
      this.#views.map((view) =>
        view.record.lesson === lesson
          ? { ...view, done: view.done + more, waiting: waiting ?? view.waiting }
          : view,
      ),
    );
  }

  #set(views: readonly KeptView[]): void {
    this.#views = views;
    this.#listeners.tell();
  }
}

/** Changes when the teacher changes the lesson, and not when a further rendition of it is ready. */
export function versionOf({ from, to, cut = 0, gaps }: Replay): string {
  return JSON.stringify([from, to, cut, gaps]);
}

export function sum(files: readonly KeptFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

/** What there is to say of a failure that does not pass by itself; null for a lost link. */
function stateAfter(error: unknown): KeptRecord['state'] | null {
  if (error instanceof DamagedError) return 'damaged';
  if (error instanceof RefusedError) return 'refused';
  if (isFull(error)) return 'full';
  return null;
}

function untilOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
