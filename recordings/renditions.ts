import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReplayState } from '../protocol/replay.ts';
import { syncDirectory } from './durable.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import {
  type LessonFolder,
  type RecordingFile,
  type RenditionKind,
  type RenditionRecord,
  syncFolder,
} from './lesson-folder.ts';
import type { RecorderLog } from './log.ts';
import { makePicture } from './picture-rendition.ts';
import { type MadeRendition, makeVoice, type RenditionContext } from './voice-rendition.ts';

/** Tries of one rendition; what fails thrice by itself needs an operator. */
const MAX_FAILURES = 3;
/** Shares of a replay's work: a picture takes about this many times as long as a voice. */
const SHARE = { voice: 0.15, picture: 0.85 } as const;

export interface RenditionsOptions {
  readonly folder: (lesson: string) => LessonFolder;
  readonly ffmpeg: Ffmpeg;
  readonly log: RecorderLog;
  /** Between tries, ms. */
  readonly retryMs: number;
  /** Something about this lesson's replay has changed. */
  readonly onChange: (lesson: string) => void;
  readonly schedule: (lesson: string, kind: RenditionKind) => void;
}

/** Makes a lesson's renditions and keeps its state file true about them. */
export class Renditions {
  readonly #options: RenditionsOptions;
  #current: { readonly lesson: string; readonly kind: RenditionKind; share: number } | undefined;

  constructor(options: RenditionsOptions) {
    this.#options = options;
  }

  state({ lesson, voice, picture }: RecordingFile): ReplayState {
    const done = (kind: RenditionKind, { state }: RenditionRecord): number => {
      if (state === 'ready' || state === 'failed') return 1;
      return this.#current?.lesson === lesson && this.#current.kind === kind ? this.#current.share : 0;
    };
    const progress = SHARE.voice * done('voice', voice) + SHARE.picture * done('picture', picture);
    return { voice: voice.state, picture: picture.state, progress: Math.min(1, progress) };
  }

  /** A job. Resolves with milliseconds after which to try again, or null. */
  async make(lesson: string, kind: RenditionKind, signal: AbortSignal): Promise<number | null> {
    const folder = this.#options.folder(lesson);
    const file = await folder.read();
    if (!file || file.to === null || file[kind].state === 'ready' || file[kind].state === 'failed')
      return null;
    const current = { lesson, kind, share: 0 };
    this.#current = current;
    try {
      await this.#note(folder, kind, { ...file[kind], state: 'working' });
      const made = await this.#attempt(folder, file, { kind, signal, current });
      return await this.#finish(folder, file, kind, made);
    } catch (error) {
      return await this.#failed(folder, kind, error, signal);
    } finally {
      this.#current = undefined;
      this.#options.onChange(lesson);
    }
  }

  async #attempt(
    folder: LessonFolder,
    file: RecordingFile,
    { kind, signal, current }: { kind: RenditionKind; signal: AbortSignal; current: { share: number } },
  ): Promise<MadeRendition | null> {
    const { ffmpeg, log, onChange } = this.#options;
    const started = performance.now();
    const context: RenditionContext = {
      folder,
      tracks: file.tracks,
      stretch: { from: file.from, to: file.to ?? file.from },
      ffmpeg,
      signal,
      onProgress: (share) => {
        current.share = share;
        onChange(folder.lesson);
      },
    };
    const made = await (kind === 'voice' ? makeVoice(context) : makePicture(context));
    if (made) await syncFolder(made.directory);
    const ms = Math.round(performance.now() - started);
    log.info({ lesson: folder.lesson, kind, ms, bytes: made?.bytes ?? 0 }, 'rendition made');
    return made;
  }

  async #finish(
    folder: LessonFolder,
    file: RecordingFile,
    kind: RenditionKind,
    made: MadeRendition | null,
  ): Promise<number | null> {
    const latest = await folder.read();
    // The lesson went on meanwhile after all, and has ended again or will: this rendition is of too little.
    if (latest?.from !== file.from || latest.to !== file.to) return 0;
    if (made) await install(made.directory, folder.renditions, kind);
    const { playlist, bytes } = made ?? { playlist: undefined, bytes: 0 };
    await this.#note(folder, kind, { state: 'ready', failures: file[kind].failures, playlist, bytes });
    if (kind === 'voice') this.#options.schedule(folder.lesson, 'picture');
    return null;
  }

  async #failed(
    folder: LessonFolder,
    kind: RenditionKind,
    error: unknown,
    signal: AbortSignal,
  ): Promise<number | null> {
    const { log } = this.#options;
    const { lesson } = folder;
    // Stopped, not failed: it begins again with the next start.
    if (signal.aborted) return null;
    const failures = ((await folder.read())?.[kind].failures ?? 0) + 1;
    const final = failures >= MAX_FAILURES;
    const stderr = error instanceof Error && 'stderr' in error ? error.stderr : undefined;
    log.error(
      { lesson, kind, failures, err: error, stderr },
      final ? 'a rendition failed for good' : 'a rendition failed',
    );
    const reason = error instanceof Error ? error.message : String(error);
    await rm(folder.work(kind), { recursive: true, force: true });
    await this.#note(folder, kind, { state: final ? 'failed' : 'waiting', failures, reason, bytes: 0 });
    // The picture's sound is the voice's.
    if (final && kind === 'voice') {
      await this.#note(folder, 'picture', {
        state: 'failed',
        failures: 0,
        reason: 'there is no voice',
        bytes: 0,
      });
    }
    return final ? null : this.#options.retryMs;
  }

  async #note(folder: LessonFolder, kind: RenditionKind, record: RenditionRecord): Promise<void> {
    await folder.change((file) => {
      if (!file) throw new Error('The recording’s state file is gone');
      return { ...file, [kind]: record };
    });
    this.#options.onChange(folder.lesson);
  }
}

/** Puts finished files in their place, durably, instead of any that are there of an earlier rendition. */
async function install(made: string, place: string, kind: RenditionKind): Promise<void> {
  await mkdir(place, { recursive: true, mode: 0o700 });
  for (const old of await readdir(place)) {
    if (old.startsWith(kind)) await rm(join(place, old));
  }
  for (const name of await readdir(made)) await rename(join(made, name), join(place, name));
  await syncDirectory(place);
  await rm(made, { recursive: true });
}
