import { rm } from 'node:fs/promises';
import { TongkeError } from '../protocol/errors.ts';
import type { BroughtRecording, JoinedRecording, RecordingCut } from '../protocol/recording.ts';
import type { Archive } from './archive.ts';
import type { AtOnce } from './at-once.ts';
import { bring, verifyBrought } from './bring.ts';
import { cutFile, eraseFromTracks } from './cut.ts';
import { isNoSpace } from './ffmpeg.ts';
import { type ImportedRecording, importTracks } from './import.ts';
import { joinTracks } from './join.ts';
import type { LessonFolder, RecordingFile, RenditionKind } from './lesson-folder.ts';
import type { EndedLesson } from './lesson-recorder.ts';
import type { RecorderLog } from './log.ts';
import { removePicture } from './removal.ts';
import type { Renditions } from './renditions.ts';
import { dueKind, tryAgain } from './try-again.ts';

export interface ReworkOptions {
  readonly folder: (lesson: string) => LessonFolder;
  /** Whether it is being recorded now. */
  readonly isFollowed: (lesson: string) => boolean;
  readonly renditions: Renditions;
  readonly archive: Archive;
  readonly log: RecorderLog;
  readonly atOnce: AtOnce;
  readonly changed: (lesson: string) => void;
  readonly schedule: (lesson: string, kind: RenditionKind) => Promise<void>;
  /** Of a lesson whose tracks are all there: makes a replay of it. */
  readonly finalise: (lesson: string, ended: EndedLesson) => Promise<void>;
  /** Nothing is to be made, or known, of it any more. */
  readonly forget: (lesson: string) => Promise<void>;
}

/** What becomes of recordings after their lessons: cut, erased, joined, brought, deleted. */
export class Rework {
  readonly #options: ReworkOptions;
  /** Of lessons that are being cut. */
  readonly #cutting = new Map<string, Promise<void>>();

  constructor(options: ReworkOptions) {
    this.#options = options;
  }

  /** One after the other: who watches may find before its teacher has said so that a lesson is to be cut. */
  async cut(lesson: string, cut: RecordingCut): Promise<void> {
    const before = this.#cutting.get(lesson) ?? Promise.resolve();
    const mine = before.then(() => this.#cut(lesson, cut));
    const settled = mine.catch(() => undefined); // told to whoever asked
    this.#cutting.set(lesson, settled);
    try {
      await mine;
    } finally {
      if (this.#cutting.get(lesson) === settled) this.#cutting.delete(lesson);
    }
  }

  async #cut(lesson: string, cut: RecordingCut): Promise<void> {
    const { renditions, changed } = this.#options;
    const folder = this.#options.folder(lesson);
    const before = await folder.read();
    if (!before || before.to === null) return;
    // In force already; or nothing was cut when who asks looked, and since then something was.
    if (before.cut?.revision === cut.revision || cut.revision === 0) return;
    await renditions.stop(lesson);
    // They show too much, and the replay that is made anew has none.
    if (!before.cut) await renditions.discardLive(lesson);
    const { made } = folder;
    await folder
      .change((file) => cutFile(file, cut))
      .catch((error: unknown) => {
        if (!isNoSpace(error)) throw error;
        throw new TongkeError('storage_full', 'No room to note what is cut', { cause: error });
      });
    changed(lesson);
    for (const path of made) await rm(path, { recursive: true, force: true });
    void this.#makeAgain(lesson, await folder.read());
  }

  async erase(lesson: string, hidden: RecordingCut['hidden']): Promise<void> {
    const { renditions, archive } = this.#options;
    const folder = this.#options.folder(lesson);
    const file = await folder.read();
    if (!file?.cut || !file.place) return;
    await renditions.stop(lesson);
    await archive.remove(lesson, undefined, 'renditions');
    await archive.bringBack(lesson);
    await eraseFromTracks(folder, { ...file, cut: { ...file.cut, hidden } });
    await folder.change((latest) => {
      if (!latest) throw new Error('The recording’s state file is gone');
      const { whole: _whole, ...rest } = latest;
      return rest;
    });
    await rm(folder.original, { recursive: true, force: true });
    this.#options.changed(lesson); // where there is nothing to be made, the tracks go back into the store now
    void this.#makeAgain(lesson, await folder.read());
  }

  async remove(lesson: string, what: 'picture' | 'everything'): Promise<void> {
    const { isFollowed, renditions, archive, log, changed, forget } = this.#options;
    if (isFollowed(lesson)) throw new TongkeError('replay_not_ready');
    const folder = this.#options.folder(lesson);
    // A folder without its state file is what a crash left of a deletion.
    if (what === 'picture' && !(await folder.read())) return;
    await renditions.stop(lesson);
    if (what === 'picture') await removePicture(folder, archive);
    else {
      await archive.remove(lesson);
      await rm(folder.path, { recursive: true, force: true });
      await forget(lesson);
    }
    log.info({ lesson, what }, 'a recording was deleted');
    changed(lesson);
  }

  /** Has what failed for good made once more, by the queue. False where what it is made of is gone. */
  async tryAgain(lesson: string): Promise<boolean> {
    const { renditions, changed, schedule } = this.#options;
    const folder = this.#options.folder(lesson);
    const found = await folder.read();
    if (!found || found.to === null) return false;
    const kind = dueKind(await tryAgain(folder, found));
    if (!kind) return false;
    renditions.faults.trying(lesson);
    changed(lesson);
    await schedule(lesson, kind);
    return true;
  }

  /** The same of all that failed since the start, which tried again what had failed before. */
  async tryAllAgain(): Promise<void> {
    for (const { lesson, outcome } of this.#options.renditions.faults.failed)
      if (outcome === 'failed') await this.tryAgain(lesson);
  }

  async bring(recording: BroughtRecording): Promise<void> {
    const { lesson } = recording;
    const { renditions, archive, changed } = this.#options;
    const folder = this.#options.folder(lesson);
    await verifyBrought(recording);
    // AAC of what was brought before must not come to lie beside what is brought now.
    await renditions.stop(lesson);
    const isKnown = await folder.read();
    if (isKnown) await archive.replaced(lesson, () => bring(folder, recording));
    else await bring(folder, recording);
    changed(lesson);
  }

  async import(recording: ImportedRecording): Promise<void> {
    const { lesson, from, to } = recording;
    await importTracks(await this.#emptied(lesson), recording);
    await this.#options.finalise(lesson, { from, to });
  }

  async join({ lesson, parts }: JoinedRecording): Promise<void> {
    const { archive } = this.#options;
    for (const part of parts) await archive.bringBack(part.lesson);
    const sources = parts.map((part) => ({ ...part, folder: this.#options.folder(part.lesson) }));
    const stretch = await joinTracks(await this.#emptied(lesson), sources);
    for (const part of parts) this.#options.changed(part.lesson); // to be moved into the store again
    await this.#options.finalise(lesson, stretch);
  }

  /** A lesson's folder, with nothing of an earlier recording. */
  async #emptied(lesson: string): Promise<LessonFolder> {
    const { archive, renditions } = this.#options;
    const folder = this.#options.folder(lesson);
    await folder.create();
    if (await folder.read()) await archive.remove(lesson);
    await renditions.forget(lesson);
    for (const old of await folder.listTracks()) await rm(`${folder.tracks}/${old}`);
    return folder;
  }

  /** Never rejects. The voice at once, past the queue; and whatever of the whole lesson had not been made yet. */
  async #makeAgain(lesson: string, file: RecordingFile | null): Promise<void> {
    const { atOnce, schedule, log } = this.#options;
    const kind = dueKind(file);
    if (kind !== 'voice') {
      if (kind) await schedule(lesson, kind);
      return;
    }
    try {
      await atOnce.make(lesson, kind);
    } catch (error) {
      log.error({ err: error, lesson }, 'a cut lesson was not made again');
    }
  }
}
