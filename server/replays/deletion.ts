import { TongkeError } from '../../protocol/errors.ts';
import type { Recording, RecordingsApi } from '../../protocol/recording.ts';
import type { LessonRecord } from '../lessons/record.ts';
import type { Log } from '../log.ts';
import { beginDeletion, deletionsLeft, endDeletion } from '../store/deletions.ts';
import { deleteLog } from '../store/log.ts';
import { forgetPacks } from '../store/packs.ts';
import { forgetReplay } from '../store/replays.ts';
import { forgetWatching } from '../store/watching.ts';
import type { OneByOne } from './one-by-one.ts';
import { leaveHidden } from './shown-edit.ts';

/** What could not be removed is tried again so often, ms. */
const SWEEP_MS = 3_600_000;

export interface DeletionOptions {
  readonly recordings: Pick<RecordingsApi, 'recording' | 'remove'>;
  readonly reader: { forget(): void };
  readonly lessons: { letGo(lesson: string): Promise<void> };
  readonly courseware: { forget(lesson: string): Promise<void> };
  readonly courier: { forgetPackages(lesson: string): Promise<void> };
  readonly log: Log;
  readonly work: OneByOne;
}

/**
 * Deletes replays for good. That a replay is deleted is written down first, and nobody is given any of it from then on
 * (`authoriseLesson`); whatever then stops the removing, it is begun again until nothing is left.
 */
export class Deletion {
  readonly #options: DeletionOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: DeletionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS);
    void this.sweep();
  }

  /** Whether nothing is left now. Rejects with `replay_not_ready` while the lesson is recorded or its voice is made. */
  async delete({ id, state }: LessonRecord): Promise<boolean> {
    const recording = await this.#options.recordings.recording(id);
    if (state !== 'ended' || isBeingMade(recording)) throw new TongkeError('replay_not_ready');
    await beginDeletion(id);
    return this.#options.work.do(() => this.#remove(id));
  }

  /** Goes on with what is left. Never rejects. */
  async sweep(): Promise<void> {
    try {
      for (const lesson of await deletionsLeft()) await this.#options.work.do(() => this.#remove(lesson));
    } catch (error) {
      this.#options.log.error({ err: error }, 'deleted replays could not be looked for');
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#options.work.done();
  }

  async #remove(lesson: string): Promise<boolean> {
    const { recordings, reader, lessons, courseware, courier, log } = this.#options;
    try {
      await lessons.letGo(lesson);
      await recordings.remove(lesson, 'everything');
      await courier.forgetPackages(lesson);
      await courseware.forget(lesson);
      await deleteLog(lesson);
      await leaveHidden(lesson);
      await forgetReplay(lesson);
      await forgetWatching(lesson);
      await forgetPacks(lesson);
      reader.forget();
      await endDeletion(lesson);
      log.info({ lesson }, 'a replay was deleted');
      return true;
    } catch (error) {
      log.error({ err: error, lesson }, 'something is left of a deleted replay, trying again');
      return false;
    }
  }
}

function isBeingMade(recording: Recording | null): boolean {
  return recording?.live !== undefined || ['waiting', 'working'].includes(recording?.state.voice ?? 'ready');
}
