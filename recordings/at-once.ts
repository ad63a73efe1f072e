import { basename } from 'node:path';
import type { Archive } from './archive.ts';
import type { JobKind } from './jobs.ts';
import { isAacUnasked, type LessonFolder } from './lesson-folder.ts';
import type { RecorderLog } from './log.ts';
import { AACS_AT_ONCE, RETRY_MS } from './recorder-options.ts';
import type { Renditions } from './renditions.ts';

export interface AtOnceOptions {
  readonly folder: (lesson: string) => LessonFolder;
  readonly archive: Archive;
  readonly renditions: Renditions;
  readonly log: RecorderLog;
  /** Ends what is being made. */
  readonly signal: AbortSignal;
  readonly schedule: (lesson: string, kind: JobKind) => Promise<void>;
  readonly later: (delayMs: number, task: () => Promise<void>) => void;
  /** A picture that is being made can wait. */
  readonly giveWay: () => void;
}

/** Makes voices past the queue, because a class is waiting. What does not come off at once is left to the queue. */
export class AtOnce {
  readonly #options: AtOnceOptions;

  constructor(options: AtOnceOptions) {
    this.#options = options;
  }

  async make(lesson: string, kind: 'voice' | 'aac'): Promise<void> {
    const { renditions, signal, schedule, later } = this.#options;
    const again = await renditions.make(lesson, kind, signal);
    if (again !== null) later(again, () => schedule(lesson, kind));
  }

  /**
   * Somebody without Opus asks for a lesson's voice, whose AAC was not needed so far: resolves when it has been made, or is
   * queued. What is in the store comes back for it.
   */
  async ask(lesson: string): Promise<void> {
    const { renditions, archive, folder } = this.#options;
    const file = await folder(lesson).read();
    if (!file || !isAacUnasked(file)) return;
    await archive.bringBack(lesson, basename(folder(lesson).renditions));
    if (await renditions.askAac(lesson)) await this.next(lesson, 'aac');
  }

  /** Of what a lesson's next rendition is made is there now. Not every device plays Opus: AAC does not wait either. Never rejects. */
  async next(lesson: string, kind: JobKind): Promise<void> {
    const { renditions, log, schedule, later, giveWay } = this.#options;
    if (kind !== 'aac' || renditions.making('aac') >= AACS_AT_ONCE) {
      await schedule(lesson, kind);
      return;
    }
    giveWay();
    await this.make(lesson, kind).catch((error: unknown) => {
      log.error({ err: error, lesson }, 'a voice could not be made in AAC, trying again');
      later(RETRY_MS, () => schedule(lesson, kind));
    });
  }
}
