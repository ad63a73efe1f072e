import { createReadStream } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { PageFile } from '../../protocol/board-events.ts';
import type { Courseware } from '../../protocol/courseware.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { ObjectStore } from '../../protocol/storage.ts';
import type { Log } from '../log.ts';
import {
  addCourseware,
  bytesUsed,
  type CoursewareRow,
  coursewareArrived,
  coursewareLeft,
  coursewareOf,
  findCourseware,
  isFileElsewhere,
  isSourceNeeded,
  lessonFiles,
  type NewCourseware,
  noteCourseware,
  removeCourseware,
  revokeFile,
} from '../store/courseware.ts';
import { forgetWords } from '../store/page-words.ts';
import { hashFile } from './hash.ts';
import { fileKey, sourceKey } from './keys.ts';
import type { CoursewareTools } from './making.ts';
import { Uploads } from './uploads.ts';
import { Workshop } from './workshop.ts';

/** Of the disk, kept free for what matters more: lessons being recorded, their logs. Bytes. */
const HEADROOM = 1024 ** 3;
/** An upload that nobody has gone on with for so long is given up. */
const FORGOTTEN_MS = 3 * 24 * 3_600_000;
const TIDY_MS = 3_600_000;
/** A list of one lesson stays one page to read. */
const FILES_A_LESSON = 100;

export interface CoursewareOptions {
  readonly objects: ObjectStore;
  readonly tools: CoursewareTools;
  /** For uploads and temporary files. */
  readonly folder: string;
  /** A school's share, bytes. */
  readonly quotaBytes: number;
  readonly lay: (row: CoursewareRow, pages: readonly PageFile[]) => Promise<void>;
  readonly log: Log;
}

/** What teachers bring to their lessons, from the first byte to pages on the board. */
export class CoursewareService {
  readonly #options: CoursewareOptions;
  readonly #uploads: Uploads;
  readonly #workshop: Workshop;
  readonly #tidying: NodeJS.Timeout;

  constructor(options: CoursewareOptions) {
    const { folder } = options;
    this.#options = options;
    this.#uploads = new Uploads(join(folder, 'uploads'));
    this.#workshop = new Workshop({ ...options, folder: join(folder, 'workshop') });
    this.#tidying = setInterval(() => void this.#tidy(), TIDY_MS);
    void this.#tidy();
    this.#workshop.wake();
  }

  /** Whether slides can be made pages of here. */
  get slides(): boolean {
    return this.#options.tools.soffice !== null;
  }

  async list(lesson: string): Promise<Courseware[]> {
    const rows = await coursewareOf(lesson);
    return Promise.all(rows.map((row) => this.#present(row)));
  }

  /** Rejects with `storage_full` where the school's share, or the disk, has no room for it. */
  async add(file: NewCourseware): Promise<string> {
    const [used, rows, free] = await Promise.all([
      bytesUsed(file.school),
      coursewareOf(file.lesson),
      this.#free(),
    ]);
    if (rows.length >= FILES_A_LESSON) throw new TongkeError('storage_full', 'too many files in this lesson');
    if (used + file.bytes > this.#options.quotaBytes)
      throw new TongkeError('storage_full', 'the share is used');
    // It is here twice while it arrives, and its pages weigh as much again.
    if (free < HEADROOM + 3 * file.bytes) throw new TongkeError('storage_full', 'the disk is nearly full');
    return addCourseware(file);
  }

  /** Takes bytes of a file from `from` on; gives how many are here. With the last of them, it is made pages of. */
  async receive(lesson: string, id: string, from: number, content: Readable): Promise<number> {
    const row = await this.#find(lesson, id);
    if (row.state !== 'arriving') return row.bytes;
    const received = await this.#uploads.receive(id, from, row.bytes, content);
    if (received < row.bytes) return received;
    const path = this.#uploads.path(id);
    const sha256 = await hashFile(path);
    const kept = await this.#options.objects.put(sourceKey(sha256), createReadStream(path));
    if (kept.sha256 !== sha256) throw new TongkeError('internal', 'a file changed while it was kept');
    await coursewareArrived(id, sha256);
    await this.#uploads.drop(id);
    this.#workshop.wake();
    return received;
  }

  async retry(lesson: string, id: string): Promise<void> {
    const row = await this.#find(lesson, id);
    if (row.state !== 'failed') return;
    await noteCourseware(id, { state: 'waiting', problem: null });
    this.#workshop.wake();
  }

  async remove(lesson: string, id: string): Promise<void> {
    await this.#find(lesson, id);
    await removeCourseware(id);
    this.#workshop.giveUp(id);
    await this.#uploads.drop(id);
  }

  /** Deletes all that was brought to a lesson and its pages' files, unless another lesson has them, too. Safe to repeat. */
  async forget(lesson: string): Promise<void> {
    const { objects } = this.#options;
    const rows = await coursewareOf(lesson);
    const files = [...rows.flatMap(({ pages }) => pages), ...(await lessonFiles(lesson))];
    await this.forgetFiles(
      lesson,
      files.map((file) => file.sha256),
    );
    for (const { _id, sha256 } of rows) {
      await this.remove(lesson, _id);
      if (sha256 !== null && !(await isSourceNeeded(sha256))) await objects.remove(sourceKey(sha256));
    }
  }

  /** Deletes these files of a lesson's pages, unless another lesson has them, too. Safe to repeat. */
  async forgetFiles(lesson: string, files: Iterable<string>): Promise<void> {
    for (const sha256 of new Set(files)) {
      if (!(await isFileElsewhere(lesson, sha256))) {
        await this.#options.objects.remove(fileKey(sha256));
        await forgetWords(sha256);
      }
      await revokeFile(lesson, sha256);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#tidying);
    await this.#workshop.close();
  }

  async #find(lesson: string, id: string): Promise<CoursewareRow> {
    const row = await findCourseware(lesson, id);
    if (!row) throw new TongkeError('not_found');
    return row;
  }

  async #present(row: CoursewareRow): Promise<Courseware> {
    const { _id: id, name, bytes, state, problem, pages, of, addedAt } = row;
    const received = state === 'arriving' ? await this.#uploads.received(id) : bytes;
    return { id, name, bytes, received, state, problem, pages: pages.length, of, addedAt: addedAt.getTime() };
  }

  async #free(): Promise<number> {
    await mkdir(this.#options.folder, { recursive: true });
    const { bavail, bsize } = await statfs(this.#options.folder);
    return bavail * bsize;
  }

  async #tidy(): Promise<void> {
    try {
      for (const row of await coursewareLeft(new Date(Date.now() - FORGOTTEN_MS))) {
        await this.remove(row.lesson, row._id);
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, 'old uploads are still there');
    }
  }
}
