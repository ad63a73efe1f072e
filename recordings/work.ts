import { availableParallelism } from 'node:os';
import type { Archive } from './archive.ts';
import type { JobKind } from './jobs.ts';
import type { RecorderLog } from './log.ts';
import { CORES_FOR_BOTH, PICTURE_WAIT_MS, STORE_RETRY_MS } from './recorder-options.ts';
import type { Renditions } from './renditions.ts';

export interface WorkOptions {
  readonly renditions: Renditions;
  readonly archive: Archive;
  readonly log: RecorderLog;
  readonly isLive: () => boolean;
  /** A picture is the largest there is: what a disk keeps back is for the others. */
  readonly isDiskFull: () => Promise<boolean>;
  /** Whether pictures wait while a lesson is live; by default where the machine has few cores. */
  readonly picturesWait: boolean | undefined;
}

/** What the queue's jobs do, and when they had better not. */
export class Work {
  readonly #options: WorkOptions;
  /** Ends the making of a picture, which goes on later with the segment that it has reached. */
  #picture = new AbortController();

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  /** A lesson has begun, perhaps in the midst of a picture. */
  giveWay(): void {
    if (this.#picturesWait()) this.#picture.abort(new Error('A lesson is live'));
  }

  /** A voice is to be made, in seconds: it does not wait for minutes of a picture. */
  giveWayToVoice(): void {
    this.#picture.abort(new Error('A voice is to be made'));
  }

  /** The database, which lessons cannot do without, lives on the same disk. */
  giveWayToDisk(): void {
    this.#picture.abort(new Error('The disk is full'));
  }

  /** A job. Resolves with milliseconds after which to try again, or null. */
  async run(lesson: string, kind: JobKind, signal: AbortSignal): Promise<number | null> {
    if (kind === 'store') return await this.#move(lesson, signal);
    if (kind === 'picture') return await this.#makePicture(lesson, signal);
    return await this.#options.renditions.make(lesson, kind, signal);
  }

  /** Leaves the queue while it waits: others' voices are not to wait with it. */
  async #makePicture(lesson: string, signal: AbortSignal): Promise<number | null> {
    const { renditions, isDiskFull } = this.#options;
    const isUntimely = this.#picturesWait() || (await isDiskFull());
    // Where nobody sent one there is nothing to be made, and others wait for that to be said.
    if (isUntimely && (await renditions.hasPicture(lesson))) return PICTURE_WAIT_MS;
    this.#picture = new AbortController();
    const waiting = this.#picture.signal;
    const again = await renditions.make(lesson, 'picture', AbortSignal.any([signal, waiting]));
    return waiting.aborted ? PICTURE_WAIT_MS : again;
  }

  async #move(lesson: string, signal: AbortSignal): Promise<number | null> {
    const { archive, log } = this.#options;
    try {
      await archive.move(lesson, signal);
      return null;
    } catch (error) {
      if (signal.aborted) return null;
      log.warn({ err: error, lesson }, 'a recording could not be moved into the store, trying again');
      return STORE_RETRY_MS;
    }
  }

  #picturesWait(): boolean {
    const { picturesWait = availableParallelism() < CORES_FOR_BOTH, isLive } = this.#options;
    return picturesWait && isLive();
  }
}
