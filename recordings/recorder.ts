import { mkdir } from 'node:fs/promises';
import { Id } from '../protocol/common.ts';
import type {
  BroughtRecording,
  JoinedRecording,
  LessonFeed,
  Recording,
  RecordingCut,
  RecordingDamage,
  RecordingDisk,
  RecordingSpace,
  RecordingsApi,
  ReplayFile,
  VoiceFile,
} from '../protocol/recording.ts';
import { Archive } from './archive.ts';
import { AtOnce } from './at-once.ts';
import { CutOff } from './cut-off.ts';
import { DiskHeadroom } from './disk-headroom.ts';
import { Ffmpeg } from './ffmpeg.ts';
import { finaliseRecording } from './finalise.ts';
import type { ImportedRecording } from './import.ts';
import { type JobKind, RenditionJobs } from './jobs.ts';
import { Later } from './later.ts';
import { endLeftEncoders } from './left-encoders.ts';
import { LessonFolder } from './lesson-folder.ts';
import { type EndedLesson, LessonRecorder } from './lesson-recorder.ts';
import { LiveAac } from './live-aac.ts';
import type { RecorderLog } from './log.ts';
import {
  AGAIN_MS,
  DISK_CHECK_MS,
  IDLE_DISK_MS,
  LIVE_KEPT_MS,
  ORPHAN_MS,
  RENDITION_RETRY_MS,
  RESERVE_BYTES,
  RETRY_MS,
  type RecorderOptions,
  SCHEDULE_RETRY_MS,
} from './recorder-options.ts';
import { Renditions } from './renditions.ts';
import { Rework } from './rework.ts';
import { Scrub } from './scrub.ts';
import { Serving } from './serving.ts';
import { sweep } from './sweep.ts';
import { Work } from './work.ts';

export type { RecorderOptions } from './recorder-options.ts';

/** Resolves once what an earlier run left has been found and its unfinished work is queued again. */
export async function createRecorder(options: RecorderOptions): Promise<Recorder> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const recorder = new Recorder(options);
  await recorder.start();
  return recorder;
}

export class Recorder implements RecordingsApi {
  readonly #options: RecorderOptions;
  readonly #log: RecorderLog;
  readonly #folders = new Map<string, LessonFolder>();
  readonly #following = new Map<string, LessonRecorder>();
  readonly #listeners = new Set<(lesson: string) => void>();
  readonly #later: Later;
  readonly #disk: DiskHeadroom;
  readonly #renditions: Renditions;
  readonly #archive: Archive;
  readonly #work: Work;
  readonly #jobs: RenditionJobs;
  readonly #atOnce: AtOnce;
  readonly #rework: Rework;
  readonly #liveAac: LiveAac;
  readonly #serving: Serving;
  readonly #scrub: Scrub;
  readonly #cutOff: CutOff;
  /** Lessons that are over, whose recordings are not finished yet. */
  readonly #unfinished = new Set<string>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  /** For `createRecorder`. */
  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#later = new Later(options.log);
    this.#disk = new DiskHeadroom({ ...options, reserveBytes: options.reserveBytes ?? RESERVE_BYTES });
    const ffmpeg = new Ffmpeg(options);
    const folder = (lesson: string): LessonFolder => this.#folder(lesson);
    this.#archive = new Archive({ store: options.store ?? null, folder, log: options.log });
    this.#renditions = new Renditions({
      ...{ folder, ffmpeg, log: options.log },
      retryMs: options.renditionRetryMs ?? RENDITION_RETRY_MS,
      onChange: (lesson) => this.#changed(lesson),
      schedule: (lesson, kind) => void this.#atOnce.next(lesson, kind),
      prepare: (lesson) => this.#archive.bringBack(lesson),
      isDiskFull: () => this.#disk.isFull(),
    });
    this.#work = new Work({
      ...{ renditions: this.#renditions, archive: this.#archive, log: options.log },
      isLive: () => this.#following.size > 0,
      isDiskFull: () => this.#disk.isFull(),
      picturesWait: options.picturesWait,
    });
    this.#jobs = new RenditionJobs({
      database: options.database,
      log: options.log,
      run: (lesson, kind, signal) => this.#work.run(lesson, kind, signal),
    });
    const parts = { folder, renditions: this.#renditions, archive: this.#archive, log: options.log };
    const { signal } = this.#closing;
    const schedule = (lesson: string, kind: JobKind): Promise<void> => this.#schedule(lesson, kind);
    this.#liveAac = new LiveAac({ ffmpeg, signal });
    this.#serving = new Serving({
      ...{ ...parts, signal, ffmpeg, liveAac: this.#liveAac },
      live: (lesson) => this.#following.get(lesson)?.live,
      askAac: (lesson) => this.#atOnce.ask(lesson),
      onChange: (listener) => this.onChange(listener),
      storeIfDue: (lesson) => this.#storeIfDue(lesson),
      later: this.#later.after,
    });
    this.#atOnce = new AtOnce({
      ...{ ...parts, signal, schedule },
      later: this.#later.after,
      giveWay: () => this.#work.giveWayToVoice(),
    });
    this.#rework = new Rework({
      ...{ ...parts, schedule, atOnce: this.#atOnce },
      isFollowed: (lesson) => this.#following.has(lesson),
      changed: (lesson) => this.#changed(lesson),
      finalise: (lesson, ended) => this.#finalise(lesson, ended),
      forget: (lesson) => this.#forget(lesson),
    });
    this.#cutOff = new CutOff({
      ...{ folder, log: options.log, signal },
      isFollowed: (lesson) => this.#following.has(lesson),
      finish: (lesson, ended) => this.#finish(lesson, ended),
    });
    this.#scrub = new Scrub({
      ...{ ...parts, directory: options.directory, signal, now: options.scrubClock },
      isBusy: () => this.#following.size > 0 || this.#renditions.isBusy,
      again: (lesson, kind) =>
        kind === 'picture' ? schedule(lesson, kind) : this.#atOnce.make(lesson, kind),
      changed: (lesson) => this.#changed(lesson),
    });
  }

  async start(): Promise<void> {
    await this.#watchDisk();
    this.#later.every(IDLE_DISK_MS, () => this.#watchDisk());
    const { directory, orphanMs = ORPHAN_MS, againMs = AGAIN_MS } = this.#options;
    await endLeftEncoders(directory, this.#options);
    await this.#scrub.load();
    const { jobs, cutOff, live, stored } = await sweep({
      directory,
      open: (lesson) => this.#open(lesson),
      isDue: (file) => this.#archive.isDue(file),
      log: this.#log,
    });
    await this.#jobs.start(jobs.map(({ lesson }) => lesson));
    void this.#archive.look(stored);
    this.#later.every(IDLE_DISK_MS, () => this.#archive.look());
    this.#later.every(againMs, () => this.#rework.tryAllAgain());
    for (const lesson of live) await this.#discardLive(lesson);
    for (const { lesson, kind } of jobs) await this.#schedule(lesson, kind);
    this.#cutOff.add(cutOff);
    this.#later.after(orphanMs, () => this.#cutOff.adopt());
    this.#scrub.start();
  }

  /** Lessons that are being recorded now. */
  count(): number {
    return this.#following.size;
  }

  follow(feed: LessonFeed, hasSpace: () => boolean = () => true): void {
    if (this.#closed) return;
    const known = this.#following.get(feed.lesson);
    if (known?.feed === feed) return;
    const { media, retryMs = RETRY_MS, diskCheckMs = DISK_CHECK_MS } = this.#options;
    const recorder = new LessonRecorder(
      {
        ...{ feed, hasSpace },
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
    this.#work.giveWay();
  }

  resumed(live: readonly string[]): void {
    this.#later.after(0, () => this.#cutOff.adoptAllBut(live));
  }

  async recording(lesson: string): Promise<Recording | null> {
    return this.#serving.recording(lesson);
  }

  isUnfinished(lesson: string): boolean {
    return this.#unfinished.has(lesson) || this.#cutOff.has(lesson);
  }

  async original(lesson: string): Promise<Recording | null> {
    return this.#serving.original(lesson);
  }

  async file(lesson: string, name: string, options?: { skip?: boolean }): Promise<ReplayFile | null> {
    return this.#serving.file(lesson, name, options);
  }

  async space(lesson: string): Promise<RecordingSpace | null> {
    return this.#serving.space(lesson);
  }

  async voiceFiles(lesson: string): Promise<readonly VoiceFile[]> {
    return this.#serving.voiceFiles(lesson);
  }

  async cut(lesson: string, cut: RecordingCut): Promise<void> {
    await this.#rework.cut(lesson, cut);
  }

  async erase(lesson: string, hidden: RecordingCut['hidden']): Promise<void> {
    await this.#rework.erase(lesson, hidden);
  }

  async remove(lesson: string, what: 'picture' | 'everything'): Promise<void> {
    if (Id.safeParse(lesson).success) await this.#rework.remove(lesson, what);
  }

  async bring(recording: BroughtRecording): Promise<void> {
    await this.#rework.bring(recording);
  }

  async join(recording: JoinedRecording): Promise<void> {
    await this.#rework.join(recording);
  }

  /** Takes in a lesson that was recorded elsewhere, as though it had been followed here. Replaces what is there. */
  async import(recording: ImportedRecording): Promise<void> {
    await this.#rework.import(recording);
  }

  async disk(): Promise<RecordingDisk> {
    return { ...(await this.#disk.look()), away: this.#archive.isAway };
  }

  async isIntact(lesson: string): Promise<boolean> {
    return await this.#scrub.isIntact(lesson);
  }

  damage(): readonly RecordingDamage[] {
    return [...this.#renditions.faults.failed, ...this.#scrub.found];
  }

  async tryAgain(lesson: string): Promise<boolean> {
    return await this.#rework.tryAgain(lesson);
  }

  warnings(): string[] {
    return [this.#disk, this.#archive, this.#renditions.faults, this.#scrub].flatMap((part) =>
      part.warnings(),
    );
  }

  /** Reads recordings over, as it is done by itself whenever nothing else is to be done; whether all is read. */
  scrub(): Promise<boolean> {
    return this.#scrub.look();
  }

  /** Called with a lesson's id whenever its `recording()` may have changed. Returns how to stop. */
  onChange(listener: (lesson: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new Error('The recorder is closing'));
    this.#later.close();
    await Promise.all([...this.#following.values()].map((recorder) => recorder.stop()));
    this.#following.clear();
    await this.#jobs.close();
    await this.#scrub.close();
    await this.#renditions.settled();
    await this.#liveAac.settled();
  }

  async #forget(lesson: string): Promise<void> {
    await this.#jobs.forget(lesson);
    this.#unfinished.delete(lesson);
    this.#cutOff.forget(lesson);
    this.#folders.delete(lesson);
    this.#serving.forget(lesson);
    await this.#scrub.forget(lesson);
  }

  #folder(lesson: string): LessonFolder {
    const known = this.#folders.get(lesson);
    if (known) return known;
    const folder = this.#open(lesson);
    this.#folders.set(lesson, folder);
    return folder;
  }

  #open(lesson: string): LessonFolder {
    return new LessonFolder(this.#options.directory, lesson, (...damage) => this.#damaged(...damage));
  }

  /** Of a lesson whose state file had to be put aside a recording is made again of its tracks, as where it was cut off. */
  #damaged(lesson: string, error: unknown): void {
    this.#log.error({ err: error, lesson }, 'a recording’s state was damaged');
    this.#later.after(0, async () => {
      const hasTracks = (await this.#folder(lesson).listTracks()).length > 0;
      if (hasTracks) this.#cutOff.add([lesson]);
      await this.#scrub.tell({ lesson, what: 'voice', outcome: hasTracks ? 'mended' : 'lost' });
      if (hasTracks) this.#later.after(this.#options.orphanMs ?? ORPHAN_MS, () => this.#cutOff.adopt());
    });
  }

  /** A disk that is full when the lesson ends is tried again; the tracks are safe until then. */
  async #finish(lesson: string, ended: EndedLesson): Promise<void> {
    if (this.#following.has(lesson)) return; // it goes on after all
    this.#unfinished.add(lesson);
    try {
      await this.#finalise(lesson, ended);
      this.#unfinished.delete(lesson);
    } catch (error) {
      this.#log.error({ err: error, lesson }, 'a recording could not be finished, trying again');
      this.#later.after(this.#options.retryMs ?? RETRY_MS, () => this.#finish(lesson, ended));
    }
  }

  /** The voice is made at once, past the queue: most of it is there, and a class is waiting. */
  async #finalise(lesson: string, { from, to, tracks }: EndedLesson): Promise<void> {
    await finaliseRecording(this.#folder(lesson), { from, to }, this.#log, tracks);
    this.#changed(lesson);
    await this.#atOnce.make(lesson, 'voice');
    this.#later.after(LIVE_KEPT_MS, () => this.#discardLive(lesson));
  }

  async #discardLive(lesson: string): Promise<void> {
    if (!this.#following.has(lesson)) await this.#renditions.discardLive(lesson);
  }

  /** A database that is away is asked again; whatever happens, the next start finds what is unfinished. */
  async #schedule(lesson: string, kind: JobKind): Promise<void> {
    try {
      await this.#jobs.schedule(lesson, kind);
      if (kind === 'voice' || kind === 'aac') this.#work.giveWayToVoice();
    } catch (error) {
      this.#log.warn({ err: error, lesson, kind }, 'a rendition could not be queued, trying again');
      this.#later.after(SCHEDULE_RETRY_MS, () => this.#schedule(lesson, kind));
    }
  }

  #storeIfDue(lesson: string): void {
    if (!this.#options.store || this.#closed) return;
    const folder = this.#folder(lesson);
    folder.read().then(
      (file) => (this.#archive.isDue(file) ? this.#schedule(lesson, 'store') : undefined),
      (error: unknown) => this.#log.error({ err: error, lesson }, 'a recording’s state cannot be read'),
    );
  }

  async #watchDisk(): Promise<void> {
    if (await this.#disk.isFull()) this.#work.giveWayToDisk();
  }

  #changed(lesson: string): void {
    this.#storeIfDue(lesson);
    for (const listener of this.#listeners) listener(lesson);
  }
}
