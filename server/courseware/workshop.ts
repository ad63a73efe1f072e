import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PageFile } from '../../protocol/board-events.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { ObjectStore } from '../../protocol/storage.ts';
import type { Log } from '../log.ts';
import {
  type CoursewareRow,
  claimCourseware,
  grantFiles,
  isSourceNeeded,
  noteCourseware,
  pagesMadeOf,
} from '../store/courseware.ts';
import { keepWords } from '../store/page-words.ts';
import { fileKey, sourceKey } from './keys.ts';
import { makePages } from './make-pages.ts';
import type { CoursewareTools, MadePage } from './making.ts';
import { FileRefused, mayPass } from './refused.ts';
import { isFull } from './uploads.ts';

/** How long a job is left alone before another process takes it for abandoned; renewed three times as often. */
const CLAIM_MS = 60_000;
/** How often it is looked whether another process has left a job. */
const LOOK_MS = 30_000;

export interface WorkshopOptions {
  readonly objects: ObjectStore;
  readonly tools: CoursewareTools;
  /** For temporary files. */
  readonly folder: string;
  /** Puts pages on the board of their lesson. */
  readonly lay: (row: CoursewareRow, pages: readonly PageFile[]) => Promise<void>;
  readonly log: Log;
}

/** Makes pages of what was brought, one file at a time: a live lesson on the same machine needs the rest of it. */
export class Workshop {
  readonly #options: WorkshopOptions;
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> | null = null;
  /** Asked while at work: there may be more. */
  #again = false;
  /** Given up by its teacher while it is made. */
  #current: { readonly id: string; readonly stop: AbortController } | null = null;

  constructor(options: WorkshopOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.wake(), LOOK_MS);
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#working) {
      this.#again = true;
      return;
    }
    this.#working = this.#work().finally(() => {
      this.#working = null;
      if (!this.#again) return;
      this.#again = false;
      this.wake();
    });
  }

  /** Nobody wants these pages any more. */
  giveUp(id: string): void {
    if (this.#current?.id === id) this.#current.stop.abort();
  }

  /** Ends what is under way; another start takes it up again. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort(new TongkeError('shutting_down'));
    this.#current?.stop.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopping.signal.aborted) {
        const row = await claimCourseware(new Date(), claimEnd());
        if (!row) return;
        await this.#make(row);
      }
    } catch (error) {
      // The database is away: the job keeps its row and is found again.
      this.#options.log.warn({ err: error }, 'courseware waits');
    }
  }

  async #make(row: CoursewareRow): Promise<void> {
    const stop = new AbortController();
    this.#current = { id: row._id, stop };
    const renewing = setInterval(() => {
      noteCourseware(row._id, { claimedUntil: claimEnd() }).catch((error: unknown) =>
        this.#options.log.warn({ err: error, courseware: row._id }, 'a claim was not renewed'),
      );
    }, CLAIM_MS / 3);
    try {
      const pages = await this.#pagesOf(row, stop.signal);
      await grantFiles(row.lesson, pages);
      await this.#options.lay(row, pages);
      await noteCourseware(row._id, { state: 'ready', problem: null, pages: [...pages], of: pages.length });
      await this.#tidy(row);
    } catch (error) {
      await this.#onFailure(row, error, stop.signal);
    } finally {
      clearInterval(renewing);
      this.#current = null;
    }
  }

  async #pagesOf(row: CoursewareRow, signal: AbortSignal): Promise<readonly PageFile[]> {
    const sha256 = row.sha256 ?? '';
    const known = await pagesMadeOf(sha256);
    if (known) return known;
    const { objects, tools } = this.#options;
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(this.#options.folder, 'pages-'));
    try {
      const path = join(folder, 'source');
      const source = await objects.read(sourceKey(sha256));
      if (!source) throw new FileRefused('file_damaged', 'what was brought is not here');
      await pipeline(source, createWriteStream(path));
      const made = await makePages(path, { tools, folder, signal });
      await noteCourseware(row._id, { of: made.count });
      const pages: PageFile[] = [];
      for await (const page of made.pages) {
        pages.push(await this.#keep(page));
        if (!(await noteCourseware(row._id, { pages })))
          throw new TongkeError('not_found', 'it was given up');
      }
      return pages;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #keep({ data, words, ...page }: MadePage): Promise<PageFile> {
    const sha256 = createHash('sha256').update(data).digest('hex');
    const key = fileKey(sha256);
    if (!(await this.#options.objects.info(key))) await this.#options.objects.put(key, once(data));
    if (words) await keepWords(sha256, words);
    return { sha256, bytes: data.length, ...page };
  }

  async #onFailure(row: CoursewareRow, error: unknown, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    if (this.#stopping.signal.aborted) {
      await noteCourseware(row._id, { state: 'waiting' });
      return;
    }
    if (signal.aborted) return; // given up: its row is gone
    const problem = problemOf(error);
    log.info(
      { err: error, courseware: row._id, lesson: row.lesson, problem },
      'courseware did not become pages',
    );
    const again = mayPass(problem);
    await noteCourseware(row._id, { state: again ? 'failed' : 'refused', problem, pages: [], of: null });
    if (!again) await this.#tidy(row);
  }

  /** What was brought is needed no more once its pages are made, or cannot be. */
  async #tidy({ sha256 }: CoursewareRow): Promise<void> {
    if (sha256 === null || (await isSourceNeeded(sha256))) return;
    await this.#options.objects.remove(sourceKey(sha256));
  }
}

function problemOf(error: unknown) {
  if (error instanceof FileRefused) return error.problem;
  if (error instanceof TongkeError && error.code === 'lesson_ended') return error.code;
  return isFull(error) ? 'storage_full' : 'conversion_failed';
}

function claimEnd(): Date {
  return new Date(Date.now() + CLAIM_MS);
}

async function* once(data: Uint8Array): AsyncIterable<Uint8Array> {
  yield data;
}
