import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { Id } from '../protocol/common.ts';
import type { MediaApi } from '../protocol/media.ts';
import type {
  BroughtRecording,
  LessonFeed,
  Recording,
  RecordingCut,
  RecordingsApi,
  ReplayFile,
  VoiceFile,
} from '../protocol/recording.ts';
import { bring } from './bring.ts';
import { cutFile, eraseFromTracks, gapsOf, offered, stretchOf } from './cut.ts';
import { DiskHeadroom } from './disk-headroom.ts';
import { isMissing } from './durable.ts';
import { Ffmpeg } from './ffmpeg.ts';
import { finaliseRecording, surveyTracks } from './finalise.ts';
import { type ImportedRecording, importTracks } from './import.ts';
import { RenditionJobs } from './jobs.ts';
import { LessonFolder, RENDITION_KINDS, type RecordingFile, type RenditionKind } from './lesson-folder.ts';
import { type EndedLesson, LessonRecorder } from './lesson-recorder.ts';
import type { RecorderLog } from './log.ts';
import { Renditions } from './renditions.ts';
import { voiceFiles } from './single-file.ts';
import { LIVE_NAME, LIVE_PLAYLIST } from './voice-packager.ts';

export interface RecorderOptions {
  /** Where the lessons' folders go; made where it is missing. One recorder at a time has it. */
  readonly directory: string;
  readonly media: MediaApi;
  /** Of the job queue; everything else is in files. */
  readonly database: Db;
  readonly ffmpegBin: string;
  readonly ffprobeBin: string;
  readonly log: RecorderLog;
  /** Bytes of disk that recording leaves to others. */
  readonly reserveBytes?: number;
  /** Bytes left on the disk; asks the system where it is not given. */
  readonly freeBytes?: () => Promise<number>;
  /** How often the disk is looked at, ms. */
  readonly diskCheckMs?: number;
  /** How long a failed recording waits before it is tried again, ms. */
  readonly retryMs?: number;
  /** How long a failed rendition waits before it is tried again, ms. */
  readonly renditionRetryMs?: number;
  /** How long after the start a lesson that was cut off may take to be followed again, ms. */
  readonly orphanMs?: number;
}

const RESERVE_BYTES = 256 * 1024 * 1024;
const RETRY_MS = 30_000;
const DISK_CHECK_MS = 10_000;
const RENDITION_RETRY_MS = 15_000;
const ORPHAN_MS = 120_000;
const SCHEDULE_RETRY_MS = 15_000;
/** After its end a lesson can be watched on, as it was being watched while it was live, for so long. */
const LIVE_KEPT_MS = 60 * 60_000;

/** Names of renditions' files, as their makers choose them. No name can lead out of its folder. */
const FILE_NAME = /^(voice|picture)(-[a-z0-9]+)*\.(m3u8|mp4|m4s)$/;

/** Resolves once what an earlier run left has been found and its unfinished work is queued again. */
export async function createRecorder(options: RecorderOptions): Promise<Recorder> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const recorder = new Recorder(options);
  await recorder.start();
  return recorder;
}

function kindOf(name: string): RenditionKind {
  if (name.startsWith('voice-aac')) return 'aac';
  return name.startsWith('voice') ? 'voice' : 'picture';
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Only the voice: a picture is not made while a lesson needs the processor. */
function liveRecording(lesson: string, live: NonNullable<LessonRecorder['live']>): Recording {
  const { from, to, now, bytes } = live;
  const url = `/replays/${lesson}/${LIVE_PLAYLIST}`;
  return {
    state: { voice: 'working', picture: 'waiting', progress: 0 },
    renditions: bytes > 0 ? [{ kind: 'voice', url, bytes }] : [],
    ...{ from, to, gaps: [], revision: 0, live: { now } },
  };
}

export class Recorder implements RecordingsApi {
  readonly #options: RecorderOptions;
  readonly #log: RecorderLog;
  readonly #folders = new Map<string, LessonFolder>();
  readonly #following = new Map<string, LessonRecorder>();
  readonly #listeners = new Set<(lesson: string) => void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #disk: DiskHeadroom;
  readonly #renditions: Renditions;
  readonly #jobs: RenditionJobs;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  /** For `createRecorder`. */
  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#disk = new DiskHeadroom({ ...options, reserveBytes: options.reserveBytes ?? RESERVE_BYTES });
    this.#renditions = new Renditions({
      folder: (lesson) => this.#folder(lesson),
      ffmpeg: new Ffmpeg(options),
      retryMs: options.renditionRetryMs ?? RENDITION_RETRY_MS,
      log: options.log,
      onChange: (lesson) => this.#changed(lesson),
      schedule: (lesson, kind) => void this.#schedule(lesson, kind),
    });
    this.#jobs = new RenditionJobs({
      database: options.database,
      log: options.log,
      run: (lesson, kind, signal) => this.#renditions.make(lesson, kind, signal),
    });
  }

  async start(): Promise<void> {
    const { unfinished, cutOff } = await this.#sweep();
    await this.#jobs.start(unfinished.map(({ lesson }) => lesson));
    for (const { lesson, kind } of unfinished) await this.#schedule(lesson, kind);
    const { orphanMs = ORPHAN_MS } = this.#options;
    if (cutOff.length > 0) this.#later(orphanMs, () => this.#adopt(cutOff));
  }

  /** Lessons that are being recorded now. */
  count(): number {
    return this.#following.size;
  }

  follow(feed: LessonFeed): void {
    if (this.#closed) return;
    const known = this.#following.get(feed.lesson);
    if (known?.feed === feed) return;
    const { media, retryMs = RETRY_MS, diskCheckMs = DISK_CHECK_MS } = this.#options;
    const recorder = new LessonRecorder(
      {
        feed,
        folder: this.#folder(feed.lesson),
        media,
        log: this.#log,
        disk: this.#disk,
        diskCheckMs,
        retryMs,
        packager: this.#renditions.packager(feed.lesson),
        onEnded: async (ended) => {
          if (this.#following.get(feed.lesson) === recorder) this.#following.delete(feed.lesson);
          await this.#finish(feed.lesson, ended);
        },
      },
      known?.stop(),
    );
    this.#following.set(feed.lesson, recorder);
  }

  async recording(lesson: string): Promise<Recording | null> {
    if (!Id.safeParse(lesson).success) return null;
    const live = this.#following.get(lesson)?.live;
    if (live) return liveRecording(lesson, live);
    const file = await this.#folder(lesson).read();
    if (!file || file.to === null) return null;
    const revision = file.cut?.revision ?? 0;
    const renditions = offered(
      file,
      revision === 0 ? `/replays/${lesson}` : `/replays/${lesson}/e${revision}`,
    );
    const state = this.#renditions.state(file);
    return { state, renditions, ...stretchOf(file), gaps: gapsOf(file), revision };
  }

  async original(lesson: string): Promise<Recording | null> {
    const file = Id.safeParse(lesson).success ? await this.#folder(lesson).read() : null;
    if (!file?.whole || file.to === null) return null;
    const { from, to, gaps, whole } = file;
    const state = { voice: whole.voice.state, picture: whole.picture.state, progress: 1 };
    return { state, renditions: offered(whole, `/replays/${lesson}/original`), from, to, gaps, revision: 0 };
  }

  async cut(lesson: string, cut: RecordingCut): Promise<void> {
    const folder = this.#folder(lesson);
    const before = await folder.read();
    if (!before || before.to === null) return;
    await this.#renditions.stop(lesson);
    const { made } = folder;
    await folder.change((file) => cutFile(file, cut));
    this.#changed(lesson);
    for (const path of made) await rm(path, { recursive: true, force: true });
    void this.#makeAgain(lesson, await folder.read());
  }

  /** Never rejects. The voice at once, past the queue; and whatever of the whole lesson had not been made yet. */
  async #makeAgain(lesson: string, file: RecordingFile | null): Promise<void> {
    const kind = RENDITION_KINDS.find(
      (one) => file?.[one].state === 'waiting' || file?.[one].state === 'working',
    );
    if (kind !== 'voice') {
      if (kind) await this.#schedule(lesson, kind);
      return;
    }
    try {
      const again = await this.#renditions.make(lesson, kind, this.#closing.signal);
      if (again !== null) this.#later(again, () => this.#schedule(lesson, kind));
    } catch (error) {
      this.#log.error({ err: error, lesson }, 'a cut lesson was not made again');
    }
  }

  async erase(lesson: string): Promise<void> {
    const folder = this.#folder(lesson);
    const file = await folder.read();
    if (!file?.cut || !file.place) return;
    await this.#renditions.stop(lesson);
    await eraseFromTracks(folder, file);
    await folder.change((latest) => {
      if (!latest) throw new Error('The recording’s state file is gone');
      const { whole: _whole, ...rest } = latest;
      return rest;
    });
    await rm(folder.original, { recursive: true, force: true });
    void this.#makeAgain(lesson, await folder.read());
  }

  async file(lesson: string, name: string, { skip = false } = {}): Promise<ReplayFile | null> {
    const [, prefix, base = ''] = /^(?:(original|e\d+)\/)?([^/]+)$/.exec(name) ?? [];
    if (!Id.safeParse(lesson).success || !FILE_NAME.test(base)) return null;
    if (name === LIVE_PLAYLIST && this.#following.get(lesson)?.live) {
      const text = this.#renditions.packager(lesson).livePlaylist(skip);
      return text === null ? null : { text };
    }
    const folder = this.#folder(lesson);
    const file = await folder.read();
    const current = file?.cut ? `e${file.cut.revision}` : undefined;
    const records = prefix === 'original' ? file?.whole : prefix === current ? file : undefined;
    // Each of those that are made in mid-lesson is good by itself; of a lesson that is cut they show too much.
    const isLive = base.startsWith(LIVE_NAME) && !file?.cut;
    const isReady = records && file?.to !== null && records[kindOf(base)].state === 'ready';
    if (!isLive && !isReady) return null;
    const path = join(prefix === 'original' ? folder.original : folder.renditions, base);
    return (await isThere(path)) ? { path } : null;
  }

  async bring(recording: BroughtRecording): Promise<void> {
    await bring(this.#folder(recording.lesson), recording);
    this.#changed(recording.lesson);
  }

  async voiceFiles(lesson: string): Promise<readonly VoiceFile[]> {
    const folder = this.#folder(lesson);
    const file = await folder.read();
    if (!file || file.to === null) return [];
    return voiceFiles(folder, file, { ffmpeg: new Ffmpeg(this.#options), signal: this.#closing.signal });
  }

  warnings(): string[] {
    const { low, minutes } = this.#disk;
    return low ? [`recording: the disk has room for ${Math.floor(minutes)} more minutes`] : [];
  }

  /** Called with a lesson's id whenever its `recording()` may have changed. Returns how to stop. */
  onChange(listener: (lesson: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in a lesson that was recorded elsewhere, as though it had been followed here. Replaces what is there. */
  async import(recording: ImportedRecording): Promise<void> {
    const folder = this.#folder(recording.lesson);
    await folder.create();
    await this.#renditions.forget(recording.lesson);
    await importTracks(folder, recording);
    const { from, to } = recording;
    await this.#finalise(recording.lesson, { from, to });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new Error('The recorder is closing'));
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#following.values()].map((recorder) => recorder.stop()));
    this.#following.clear();
    await this.#jobs.close();
  }

  #folder(lesson: string): LessonFolder {
    const known = this.#folders.get(lesson);
    if (known) return known;
    const folder = new LessonFolder(this.#options.directory, lesson);
    this.#folders.set(lesson, folder);
    return folder;
  }

  /** A disk that is full when the lesson ends is tried again; the tracks are safe until then. */
  async #finish(lesson: string, ended: EndedLesson): Promise<void> {
    if (this.#following.has(lesson)) return; // it goes on after all
    try {
      await this.#finalise(lesson, ended);
    } catch (error) {
      this.#log.error({ err: error, lesson }, 'a recording could not be finished, trying again');
      this.#later(this.#options.retryMs ?? RETRY_MS, () => this.#finish(lesson, ended));
    }
  }

  /** The voice is made at once, past the queue: most of it is there, and a class is waiting. */
  async #finalise(lesson: string, { from, to, tracks }: EndedLesson): Promise<void> {
    await finaliseRecording(this.#folder(lesson), { from, to }, this.#log, tracks);
    this.#changed(lesson);
    const again = await this.#renditions.make(lesson, 'voice', this.#closing.signal);
    if (again !== null) this.#later(again, () => this.#schedule(lesson, 'voice'));
    this.#later(LIVE_KEPT_MS, () => this.#discardLive(lesson));
  }

  async #discardLive(lesson: string): Promise<void> {
    if (!this.#following.has(lesson)) await this.#renditions.discardLive(lesson);
  }

  /** A database that is away is asked again; whatever happens, the next start finds what is unfinished. */
  async #schedule(lesson: string, kind: RenditionKind): Promise<void> {
    try {
      await this.#jobs.schedule(lesson, kind);
    } catch (error) {
      this.#log.warn({ err: error, lesson, kind }, 'a rendition could not be queued, trying again');
      this.#later(SCHEDULE_RETRY_MS, () => this.#schedule(lesson, kind));
    }
  }

  /** What an earlier run left: renditions to make, and lessons that it was recording when it was cut off. */
  async #sweep(): Promise<{ unfinished: { lesson: string; kind: RenditionKind }[]; cutOff: string[] }> {
    const unfinished: { lesson: string; kind: RenditionKind }[] = [];
    const cutOff: string[] = [];
    for (const entry of await readdir(this.#options.directory, { withFileTypes: true })) {
      const lesson = entry.name;
      if (!entry.isDirectory() || !Id.safeParse(lesson).success) continue;
      try {
        const file = await this.#folder(lesson).read();
        if (!file || file.to === null) {
          cutOff.push(lesson);
          continue;
        }
        const kind = RENDITION_KINDS.find((k) => file[k].state === 'waiting' || file[k].state === 'working');
        if (kind) unfinished.push({ lesson, kind });
        else if (await isThere(join(this.#folder(lesson).renditions, LIVE_PLAYLIST)))
          await this.#discardLive(lesson);
        if (!kind) this.#folders.delete(lesson); // years of finished lessons need no memory
      } catch (error) {
        this.#log.error({ err: error, lesson }, 'a recording’s state cannot be read');
      }
    }
    return { unfinished, cutOff };
  }

  /** Finishes lessons that nobody came back to: all that is known of their end is what the tracks hold. */
  async #adopt(lessons: readonly string[]): Promise<void> {
    for (const lesson of lessons) {
      if (this.#closed || this.#following.has(lesson)) continue;
      const folder = this.#folder(lesson);
      const tracks = await surveyTracks(folder, this.#log);
      const file = await folder.read();
      if (tracks.length === 0 || (file && file.to !== null)) continue;
      const from = file?.from ?? Math.min(...tracks.map((track) => track.from));
      this.#log.info({ lesson }, 'finishing a recording that was cut off');
      await this.#finalise(lesson, { from, to: Math.max(...tracks.map((track) => track.to)) });
    }
  }

  #later(delayMs: number, task: () => Promise<void>): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task().catch((error: unknown) => this.#log.error({ err: error }, 'the recorder’s housekeeping failed'));
    }, delayMs);
    this.#timers.add(timer);
  }

  #changed(lesson: string): void {
    for (const listener of this.#listeners) listener(lesson);
  }
}
