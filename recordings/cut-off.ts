import { surveyTracks } from './finalise.ts';
import { type LessonFolder, WAITING } from './lesson-folder.ts';
import type { EndedLesson } from './lesson-recorder.ts';
import type { RecorderLog } from './log.ts';

export interface CutOffOptions {
  readonly folder: (lesson: string) => LessonFolder;
  /** Whether it is being recorded now. */
  readonly isFollowed: (lesson: string) => boolean;
  /** Never rejects. */
  readonly finish: (lesson: string, ended: EndedLesson) => Promise<void>;
  readonly log: RecorderLog;
  readonly signal: AbortSignal;
}

/** Lessons that an earlier run was recording when it was cut off, until somebody comes back to them or they are finished. */
export class CutOff {
  readonly #options: CutOffOptions;
  readonly #lessons = new Set<string>();
  #adopting: Promise<void> = Promise.resolve();

  constructor(options: CutOffOptions) {
    this.#options = options;
  }

  add(lessons: readonly string[]): void {
    for (const lesson of lessons) this.#lessons.add(lesson);
  }

  has(lesson: string): boolean {
    return this.#lessons.has(lesson);
  }

  forget(lesson: string): void {
    this.#lessons.delete(lesson);
  }

  /** Finishes those that are over. A folder without its state file is half an import or half a deletion, which whoever began it goes on with. */
  adoptAllBut(live: readonly string[]): Promise<void> {
    return this.#adopt(async (lesson) => !live.includes(lesson) && (await this.#state(lesson)) !== null);
  }

  /** Finishes all that nobody came back to. */
  adopt(): Promise<void> {
    return this.#adopt(async () => true);
  }

  #state(lesson: string) {
    return this.#options.folder(lesson).read();
  }

  #adopt(isOver: (lesson: string) => Promise<boolean>): Promise<void> {
    this.#adopting = this.#adopting.then(() => this.#adoptNow(isOver));
    return this.#adopting;
  }

  async #adoptNow(isOver: (lesson: string) => Promise<boolean>): Promise<void> {
    const { signal, log } = this.#options;
    for (const lesson of this.#lessons) {
      if (signal.aborted) return;
      try {
        if (!(await isOver(lesson))) continue;
        await this.#finish(lesson);
        this.#lessons.delete(lesson);
      } catch (error) {
        log.error({ err: error, lesson }, 'a recording that was cut off could not be finished');
      }
    }
  }

  /** All that is known of its end is what the tracks hold. */
  async #finish(lesson: string): Promise<void> {
    const { folder, isFollowed, finish, log } = this.#options;
    const file = await this.#state(lesson);
    if (isFollowed(lesson) || (file && file.to !== null)) return;
    const tracks = await surveyTracks(folder(lesson), log);
    if (tracks.length === 0) return;
    const from = file?.from ?? Math.min(...tracks.map((track) => track.from));
    const to = Math.max(...tracks.map((track) => track.to));
    log.info({ lesson }, 'finishing a recording that was cut off');
    // Where nothing says when a recorder was there: while there are tracks.
    if (!file)
      await folder(lesson).change(() => ({
        ...{ version: 1, lesson, from, to: null, sessions: [{ from, to }], moves: [], gaps: [], tracks: [] },
        ...{ voice: WAITING, aac: WAITING, picture: WAITING },
      }));
    await finish(lesson, { from, to });
  }
}
