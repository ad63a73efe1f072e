import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { Id } from '../protocol/common.ts';
import { TongkeError } from '../protocol/errors.ts';
import type {
  Recording,
  RecordingSpace,
  ReplayFile,
  ReplayFileOptions,
  VoiceFile,
} from '../protocol/recording.ts';
import type { Archive } from './archive.ts';
import { gapsOf, stretchOf } from './cut.ts';
import { readIfThere } from './durable.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { AAC_PLAYLIST, comingPlaylist, withComingAac } from './growing-aac.ts';
import { isAacUnasked, type LessonFolder, type RecordingFile } from './lesson-folder.ts';
import type { LessonRecorder } from './lesson-recorder.ts';
import {
  isLiveAac,
  LIVE_AAC_PLAYLIST,
  type LiveAac,
  liveAacPlaylist,
  replayAacPlaylist,
} from './live-aac.ts';
import type { RecorderLog } from './log.ts';
import { spaceOf } from './removal.ts';
import type { Renditions } from './renditions.ts';
import { endedRenditions, isThere, isToCome, liveRecording, locate, originalRecording } from './served.ts';
import { dropSingles, SingleFiles } from './single-file.ts';
import { LIVE_PLAYLIST, OPUS_PLAYLIST, VOICE_PLAYLIST } from './voice-packager.ts';

/** How long files that were made for an archive are kept beside what lies in the store, ms. */
const SINGLES_KEPT_MS = 24 * 3_600_000;

export interface ServingOptions {
  readonly folder: (lesson: string) => LessonFolder;
  /** What can be watched of a lesson that goes on. */
  readonly live: (lesson: string) => LessonRecorder['live'] | undefined;
  readonly renditions: Renditions;
  readonly archive: Archive;
  readonly log: RecorderLog;
  readonly liveAac: LiveAac;
  readonly ffmpeg: Ffmpeg;
  readonly signal: AbortSignal;
  /** Has AAC made where nobody has asked for it before. Resolves when it has been. */
  readonly askAac: (lesson: string) => Promise<void>;
  /** Calls whenever a lesson's recording may have changed. Returns how to stop. */
  readonly onChange: (listener: (lesson: string) => void) => () => void;
  /** What was taken out of the store for this goes there again. */
  readonly storeIfDue: (lesson: string) => void;
  readonly later: (delayMs: number, task: () => Promise<void>) => void;
}

/** What there is of a lesson, and its files, wherever they lie. */
export class Serving {
  readonly #options: ServingOptions;
  readonly #singles: SingleFiles;
  /** When a lesson's voice was last taken away. */
  readonly #asked = new Map<string, number>();
  /** What was weighed, for as long as the state file is the same. */
  readonly #spaces = new Map<string, { file: RecordingFile | null; space: RecordingSpace | null }>();

  constructor(options: ServingOptions) {
    this.#options = options;
    this.#singles = new SingleFiles(options);
  }

  forget(lesson: string): void {
    this.#spaces.delete(lesson);
  }

  async recording(lesson: string): Promise<Recording | null> {
    if (!Id.safeParse(lesson).success) return null;
    const live = this.#options.live(lesson);
    if (live) return liveRecording(lesson, live);
    const file = await this.#options.folder(lesson).read();
    if (!file || file.to === null) return null;
    const revision = file.cut?.revision ?? 0;
    const { liveBytes = 0 } = this.#options.renditions.liveVoice(lesson) ?? {};
    const renditions = endedRenditions(file, liveBytes);
    const state = this.#options.renditions.state(file);
    const recorded = { from: file.from, to: file.to };
    return { state, renditions, ...stretchOf(file), gaps: gapsOf(file), recorded, revision };
  }

  async original(lesson: string): Promise<Recording | null> {
    const file = Id.safeParse(lesson).success ? await this.#options.folder(lesson).read() : null;
    return file && originalRecording(file);
  }

  async file(
    lesson: string,
    name: string,
    { skip = false, lying = false }: ReplayFileOptions = {},
  ): Promise<ReplayFile | null> {
    if (!Id.safeParse(lesson).success) return null;
    const folder = this.#options.folder(lesson);
    const file = await folder.read();
    const place = locate(name, file, folder);
    if (!file || !place) return null;
    if (name === LIVE_PLAYLIST) {
      const text = await this.#liveOpus(folder, skip);
      return text === null ? null : { text };
    }
    if (isLiveAac(name)) return await this.#liveAac(folder, name, skip);
    const find = async (base: string): Promise<ReplayFile | null> => {
      const path = join(folder.path, place.folder, base);
      return (await isThere(path)) ? { path } : await this.#options.archive.find(lesson, place.folder, base);
    };
    if (lying || !place.isComing) return await find(place.base);
    if (place.base === VOICE_PLAYLIST) return await withAac(await find(place.base));
    if (place.isOriginal) return await this.#original(folder, place.base, find);
    return await this.#coming(file, place.base, () => find(place.base));
  }

  /** Of a lesson that goes on, or has just ended. */
  async #liveAac(folder: LessonFolder, name: string, skip: boolean): Promise<ReplayFile | null> {
    const opus = await this.#liveOpus(folder, skip && name === LIVE_AAC_PLAYLIST);
    if (opus === null) return null;
    if (name === LIVE_AAC_PLAYLIST) return { text: liveAacPlaylist(opus) };
    const path = await this.#options.liveAac.file(folder, name, opus, !this.#options.live(folder.lesson));
    return path === null ? null : { path };
  }

  async #liveOpus(folder: LessonFolder, skip: boolean): Promise<string | null> {
    // The one in the folder says nothing of what has come since the bell.
    const growing = this.#options.renditions.liveVoice(folder.lesson)?.livePlaylist(skip);
    return growing ?? (await readIfThere(join(folder.renditions, LIVE_PLAYLIST)))?.toString() ?? null;
  }

  /** Of a voice of which there is only Opus so far, or which has had AAC from the first. */
  async #coming(
    file: RecordingFile,
    base: string,
    here: () => Promise<ReplayFile | null>,
  ): Promise<ReplayFile | null> {
    const { from, to } = stretchOf(file);
    const list = comingPlaylist(to - from);
    const found = await here();
    if (found && isAacUnasked(file)) return found;
    if (base === AAC_PLAYLIST) return { text: list };
    if (!list.includes(base)) return null; // nobody waits for what will never be there
    const { renditions, askAac, folder } = this.#options;
    let latest: RecordingFile | null = file;
    for (let tries = 0; tries < 2; tries++) {
      const growing = renditions.growing(file.lesson).file(base);
      const failing = isAacUnasked(latest) && failureOf(askAac(file.lesson));
      const data = await (failing ? Promise.race([growing, failing]) : growing);
      if (data) return held(data);
      // It was only just found that nobody had asked.
      latest = await folder(file.lesson).read();
      if (!latest || !isAacUnasked(latest)) break;
    }
    const made = await here();
    latest = await folder(file.lesson).read();
    if (!made && latest && isToCome(latest)) throw new TongkeError('replay_part_coming');
    return made;
  }

  /** Of what is not shown any more, and rarely heard, AAC is made segment by segment for who hears it, and not kept. */
  async #original(
    folder: LessonFolder,
    base: string,
    find: (base: string) => Promise<ReplayFile | null>,
  ): Promise<ReplayFile | null> {
    const found = await find(base);
    const opus = found ?? (await find(OPUS_PLAYLIST));
    if (found || !opus) return found;
    const text = await textOf(opus);
    if (base === AAC_PLAYLIST) return { text: replayAacPlaylist(text) };
    const data = await this.#options.liveAac.piece(folder, base, text, async (name) => {
      const segment = await find(name);
      if (!segment) throw new Error(`${name} is gone`);
      return await dataOf(segment);
    });
    return data && held(data);
  }

  async space(lesson: string): Promise<RecordingSpace | null> {
    if (!Id.safeParse(lesson).success) return null;
    const { folder, log } = this.#options;
    try {
      const file = await folder(lesson).read();
      const known = this.#spaces.get(lesson);
      if (known && known.file === file) return known.space;
      const space = await spaceOf(folder(lesson));
      this.#spaces.set(lesson, { file, space });
      return space;
    } catch (error) {
      // All the others are weighed, and quotas hold, whatever has become of one.
      log.error({ err: error, lesson }, 'a recording cannot be weighed');
      return null;
    }
  }

  async voiceFiles(lesson: string): Promise<readonly VoiceFile[]> {
    if (!Id.safeParse(lesson).success) return [];
    const files = await this.#singles.of(lesson);
    this.#options.storeIfDue(lesson);
    if (files.length > 0) {
      this.#asked.set(lesson, performance.now());
      this.#options.later(SINGLES_KEPT_MS, () => this.#forgetSingles(lesson));
    }
    return files;
  }

  /** Of a lesson in the store nothing stays here for ever; whoever takes one away may be at it for hours. */
  async #forgetSingles(lesson: string): Promise<void> {
    if (performance.now() - (this.#asked.get(lesson) ?? 0) < SINGLES_KEPT_MS) return; // others came since
    this.#asked.delete(lesson);
    const folder = this.#options.folder(lesson);
    if ((await folder.read())?.stored?.some((pack) => !pack.here)) await dropSingles(folder);
  }
}

/** Rejects as the work does, and never resolves. */
function failureOf(work: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    work.catch(reject);
  });
}

/** What lists the variants of a voice, with AAC among them. */
async function withAac(found: ReplayFile | null): Promise<ReplayFile | null> {
  const master = found && (await textOf(found));
  return master === null || master.includes(AAC_PLAYLIST) ? found : { text: withComingAac(master) };
}

async function textOf(file: ReplayFile): Promise<string> {
  return (await dataOf(file)).toString('utf8');
}

async function dataOf(file: ReplayFile): Promise<Buffer> {
  if ('text' in file) return Buffer.from(file.text);
  return 'path' in file ? await readFile(file.path) : await buffer(await file.read());
}

/** In memory: its place on the disk may be another one before it has been sent. */
function held(data: Buffer): ReplayFile {
  return {
    bytes: data.length,
    tag: `${crc32(data).toString(16)}-${data.length.toString(16)}`,
    read: async ({ from = 0, to = data.length - 1 } = {}) => Readable.from([data.subarray(from, to + 1)]),
  };
}
