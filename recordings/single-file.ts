import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MadeVoiceFile, VoiceFile } from '../protocol/recording.ts';
import type { Archive } from './archive.ts';
import { stretchOf } from './cut.ts';
import { isMissing } from './durable.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { AAC_BITRATE, AAC_PLAYLIST } from './growing-aac.ts';
import { isAacUnasked, type LessonFolder, type RecordingFile, type RenditionKind } from './lesson-folder.ts';
import type { Renditions } from './renditions.ts';
import { isToCome } from './served.ts';
import { OPUS_PLAYLIST } from './voice-packager.ts';

interface Single {
  readonly kind: 'voice' | 'aac';
  readonly playlist: string;
  /** In the folder of renditions: it goes with what it was made of. No address leads to it. */
  readonly name: string;
  readonly type: string;
}

const OPUS: Single = {
  ...{ kind: 'voice', playlist: OPUS_PLAYLIST },
  ...{ name: 'single-opus.mp4', type: 'audio/mp4; codecs="opus"' },
};
const AAC: Single = {
  ...{ kind: 'aac', playlist: AAC_PLAYLIST },
  ...{ name: 'single-aac.m4a', type: 'audio/mp4; codecs="mp4a.40.2"' },
};
/** An hour of AAC takes a quarter of a minute, and on a busy machine one or two: what takes longer than this is stuck. */
const COMES_MS = 10 * 60_000;

export interface SingleFilesOptions {
  readonly folder: (lesson: string) => LessonFolder;
  readonly archive: Archive;
  readonly renditions: Renditions;
  readonly ffmpeg: Ffmpeg;
  readonly signal: AbortSignal;
  /** Has AAC made where nobody has asked for it before. Resolves when it has been, or is queued. */
  readonly askAac: (lesson: string) => Promise<void>;
  /** Calls whenever a lesson's recording may have changed. Returns how to stop. */
  readonly onChange: (listener: (lesson: string) => void) => () => void;
}

/**
 * The voice as files that play where nothing serves segments, made when first asked for: the same packets, copied; an hour
 * takes less than a second.
 */
export class SingleFiles {
  readonly #options: SingleFilesOptions;

  constructor(options: SingleFilesOptions) {
    this.#options = options;
  }

  /** Nobody knows on what they will be played: in Opus and in AAC. Those that are not ready to be copied yet come later. */
  async of(lesson: string): Promise<VoiceFile[]> {
    const file = await this.#options.folder(lesson).read();
    if (!file || file.to === null) return [];
    const opus = await this.#copied(file, OPUS);
    const aac = await this.#copied(file, AAC);
    const files: VoiceFile[] = [opus, aac].filter((one) => one !== null);
    if (opus && !aac && isToCome(file)) {
      const { from, to } = stretchOf(file);
      const bytes = Math.round((((to - from) / 1000) * AAC_BITRATE) / 8);
      files.push({ type: AAC.type, bytes, make: () => this.#makeAac(file) });
    }
    return files;
  }

  async #makeAac({ lesson, cut }: RecordingFile): Promise<MadeVoiceFile | null> {
    const { folder, renditions, askAac, onChange, signal } = this.#options;
    const stuck = AbortSignal.any([signal, AbortSignal.timeout(COMES_MS)]);
    let wake = (): void => undefined;
    const unsubscribe = onChange((changed) => {
      if (changed === lesson) wake();
    });
    stuck.addEventListener('abort', () => wake());
    try {
      for (;;) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve;
        });
        stuck.throwIfAborted();
        const file = await folder(lesson).read();
        if (file?.cut?.revision !== cut?.revision) throw new Error('The lesson is cut differently');
        if (!file || !isToCome(file)) return file && (await this.#copied(file, AAC));
        // Though it may only be read over now: who is at it makes it then.
        renditions.growing(lesson).ask();
        if (isAacUnasked(file)) await askAac(lesson);
        else await changed;
      }
    } finally {
      unsubscribe();
    }
  }

  /** Null where there is nothing to copy. */
  async #copied(file: RecordingFile, { kind, playlist, name, type }: Single): Promise<MadeVoiceFile | null> {
    if (file[kind].state !== 'ready') return null;
    const folder = this.#options.folder(file.lesson);
    const path = join(folder.renditions, name);
    const source = join(folder.renditions, playlist);
    let bytes = await sizeOf(path);
    if (bytes === null) {
      const { archive } = this.#options;
      const place = basename(folder.renditions);
      if (await archive.find(file.lesson, place, playlist)) await archive.bringBack(file.lesson, place);
      if ((await sizeOf(source)) === null) return null; // a lesson of no length has no voice
      await this.#copy(source, path, folder.work(kind));
      bytes = await sizeOf(path);
    }
    return bytes === null ? null : { path, bytes, type };
  }

  async #copy(source: string, path: string, work: string): Promise<void> {
    const { ffmpeg, signal } = this.#options;
    await mkdir(work, { recursive: true, mode: 0o700 });
    const fresh = join(work, `${randomUUID()}.mp4`);
    const args = ['-i', source, '-map', '0:a:0', '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', fresh];
    try {
      await ffmpeg.run(args, { signal });
      await rename(fresh, path);
    } finally {
      await rm(fresh, { force: true });
    }
  }
}

/** What they were copied of is another one now. */
export async function dropSingle(folder: LessonFolder, kind: RenditionKind): Promise<void> {
  for (const one of [OPUS, AAC])
    if (one.kind === kind) await rm(join(folder.renditions, one.name), { force: true });
}

/** All of them: they can be copied again of what is in the store. */
export async function dropSingles(folder: LessonFolder): Promise<void> {
  for (const path of new Set([folder.original, folder.renditions]))
    for (const { name } of [OPUS, AAC]) await rm(join(path, name), { force: true });
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
