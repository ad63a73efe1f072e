import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReplayState } from '../protocol/replay.ts';
import { stretchOf } from './cut.ts';
import { syncDirectory } from './durable.ts';
import { Faults, isFromOutside, MAX_FAILURES, NO_ROOM_RAREST_MS } from './faults.ts';
import { type Ffmpeg, FfmpegError, isNoSpace } from './ffmpeg.ts';
import { GrowingAac } from './growing-aac.ts';
import {
  isAacUnasked,
  type LessonFolder,
  RENDITION_KINDS,
  type RecordingFile,
  type RenditionKind,
  type RenditionRecord,
  syncFolder,
  WAITING,
} from './lesson-folder.ts';
import type { RecorderLog } from './log.ts';
import { makePicture } from './picture-rendition.ts';
import { dropSingle } from './single-file.ts';
import { dropSums, notedSums, writeSums } from './sums.ts';
import { VoicePackager } from './voice-packager.ts';
import {
  type MadeRendition,
  makeAac,
  makeVoice,
  offerAac,
  type RenditionContext,
  VoiceDamaged,
} from './voice-rendition.ts';

/** Shares of a replay’s work: most of it is the picture’s. */
const SHARE = { voice: 0.02, aac: 0.08, picture: 0.9 } as const;
/** The files that a kind owns, by the beginning of their names. */
const PREFIX = { voice: 'voice-opus', aac: 'voice-aac', picture: 'picture' } as const;

interface OfOneLesson {
  readonly packager: () => VoicePackager;
  readonly growing: () => GrowingAac;
}

type Maker = (context: RenditionContext, of: OfOneLesson) => Promise<MadeRendition | null>;

const MAKERS: Readonly<Record<RenditionKind, Maker>> = {
  voice: (context, { packager }) => makeVoice(context, packager()),
  aac: (context, { growing }) => makeAac(context, growing()),
  picture: makePicture,
};

export interface RenditionsOptions {
  readonly folder: (lesson: string) => LessonFolder;
  readonly ffmpeg: Ffmpeg;
  readonly log: RecorderLog;
  /** Between tries, ms. */
  readonly retryMs: number;
  /** Something about this lesson's replay has changed. */
  readonly onChange: (lesson: string) => void;
  readonly schedule: (lesson: string, kind: RenditionKind) => void;
  /** Whether the disk has no room: what then fails is not to blame. */
  readonly isDiskFull: () => Promise<boolean>;
  /** Resolves when a lesson's tracks are here. */
  readonly prepare: (lesson: string) => Promise<void>;
}

/** A rendition on its way. */
interface Making {
  readonly lesson: string;
  readonly kind: RenditionKind;
  share: number;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Makes a lesson's renditions and keeps its state file true about them. */
export class Renditions {
  readonly faults = new Faults();
  readonly #options: RenditionsOptions;
  readonly #current = new Set<Making>();
  /** How far pictures were that wait for a lesson, by theirs. */
  readonly #waiting = new Map<string, number>();
  /** Of lessons whose voice is being made: the tracks' places are known, and the last segment's. */
  readonly #packagers = new Map<string, VoicePackager>();
  /** Of lessons whose AAC is being made, or is waited for. */
  readonly #growing = new Map<string, GrowingAac>();

  constructor(options: RenditionsOptions) {
    this.#options = options;
  }

  state(file: RecordingFile): ReplayState {
    let progress = 0;
    for (const kind of RENDITION_KINDS) progress += SHARE[kind] * this.#done(file, kind);
    return { voice: file.voice.state, picture: file.picture.state, progress: Math.min(1, progress) };
  }

  /** One for each lesson, during it and after. */
  packager(lesson: string): VoicePackager {
    const { folder, ffmpeg } = this.#options;
    const packager = this.#packagers.get(lesson) ?? new VoicePackager({ folder: folder(lesson), ffmpeg });
    this.#packagers.set(lesson, packager);
    return packager;
  }

  /** What was made of a lesson's voice while it went on, for as long as it is the only one. */
  liveVoice(lesson: string): Pick<VoicePackager, 'liveBytes' | 'livePlaylist'> | undefined {
    return this.#packagers.get(lesson);
  }

  /** What there is of a lesson's AAC while it is being made. */
  growing(lesson: string): GrowingAac {
    const growing = this.#growing.get(lesson) ?? new GrowingAac();
    this.#growing.set(lesson, growing);
    return growing;
  }

  /** Of a lesson without a picture nobody has asked for AAC yet, until now: it is to be made. False where it is being made. */
  async askAac(lesson: string): Promise<boolean> {
    let isNew = false;
    await this.#options.folder(lesson).change((file) => {
      if (!file) throw new Error('The recording’s state file is gone');
      isNew = isAacUnasked(file);
      return isNew ? { ...file, aac: { ...WAITING, asked: true } } : file;
    });
    return isNew;
  }

  get isBusy(): boolean {
    return this.#current.size > 0;
  }

  /** How many of a kind are being made now. */
  making(kind: RenditionKind): number {
    return [...this.#current].filter((current) => current.kind === kind).length;
  }

  /** Resolves when nothing is being made any more; whoever wants that ends it first. */
  async settled(): Promise<void> {
    await Promise.all([...this.#current].map(({ ended }) => ended));
  }

  /** Segments for those who were late in a lesson that is over. */
  async discardLive(lesson: string): Promise<void> {
    await this.packager(lesson).discardLive();
    this.#packagers.delete(lesson);
  }

  /** What was made so far of a lesson is of no use any more. */
  async forget(lesson: string): Promise<void> {
    this.#packagers.delete(lesson);
    await rm(this.#options.folder(lesson).renditions, { recursive: true, force: true });
  }

  /** Stops what is being made of a lesson, and forgets how far it was. */
  async stop(lesson: string): Promise<void> {
    const making = [...this.#current].filter((current) => current.lesson === lesson);
    for (const { abort } of making) abort.abort(new Error('The lesson is cut differently'));
    await Promise.all(making.map(({ ended }) => ended));
    this.faults.forget(lesson);
    this.#packagers.delete(lesson);
    this.#waiting.delete(lesson);
  }

  #done(file: RecordingFile, kind: RenditionKind): number {
    const { state } = file[kind];
    if (state === 'ready' || state === 'failed') return 1;
    for (const current of this.#current) {
      if (current.lesson === file.lesson && current.kind === kind) return current.share;
    }
    return kind === 'picture' ? (this.#waiting.get(file.lesson) ?? 0) : 0;
  }

  /** Whether there is anything that a picture could be made of. */
  async hasPicture(lesson: string): Promise<boolean> {
    const file = await this.#options.folder(lesson).read();
    return file?.tracks.some(({ source }) => source !== 'mic') ?? false;
  }

  /** A job. Resolves with milliseconds after which to try again, or null. */
  async make(lesson: string, kind: RenditionKind, signal: AbortSignal): Promise<number | null> {
    const folder = this.#options.folder(lesson);
    const file = await folder.read();
    if (!file || file.to === null || file[kind].state === 'ready' || file[kind].state === 'failed')
      return null;
    const before = RENDITION_KINDS[RENDITION_KINDS.indexOf(kind) - 1];
    if (before && file[before].state !== 'ready') return null; // it is made of that one, which asks for it
    // By the queue, too: the one that is at it does it.
    if ([...this.#current].some((current) => current.lesson === lesson && current.kind === kind)) return null;
    if (file[kind].asked) this.growing(lesson).ask();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const abort = new AbortController();
    const share = (kind === 'picture' && this.#waiting.get(lesson)) || 0;
    const current: Making = { lesson, kind, share, abort, ended };
    this.#current.add(current);
    const stopped = AbortSignal.any([signal, abort.signal]);
    try {
      await this.#note(folder, kind, { ...file[kind], state: 'working' });
      await dropSums(folder, kind);
      await this.#options.prepare(lesson);
      const context = this.#context(folder, file, stopped, (share) => {
        current.share = share;
        this.#options.onChange(lesson);
      });
      const made = await this.#attempt(context, kind);
      return await this.#finish(context, file, kind, made);
    } catch (error) {
      // Of a voice that was brought here there is nothing to make it of again: what is left of it stays.
      const isRemade = file.tracks.length > 0 && file[kind].failures < MAX_FAILURES;
      if (error instanceof VoiceDamaged && isRemade) return await this.#makeVoiceAgain(folder, kind, error);
      return await this.#failed(folder, kind, error, stopped).catch((unnoted: unknown) => {
        // A full disk takes not even that: what is not noted is unfinished.
        this.#options.log.error({ lesson, kind, err: unnoted }, 'a rendition’s failure could not be noted');
        return this.faults.brokenOff(lesson, kind, this.#options.retryMs, NO_ROOM_RAREST_MS);
      });
    } finally {
      this.#current.delete(current);
      if (kind === 'picture' && stopped.aborted) this.#waiting.set(lesson, current.share);
      else this.#waiting.delete(lesson);
      if (kind === 'aac') this.#endGrowing(lesson);
      end();
      this.#options.onChange(lesson);
    }
  }

  #endGrowing(lesson: string): void {
    this.#growing.get(lesson)?.end();
    this.#growing.delete(lesson);
  }

  #context(
    folder: LessonFolder,
    file: RecordingFile,
    signal: AbortSignal,
    onProgress: (share: number) => void,
  ): RenditionContext {
    const { tracks, cut } = file;
    const stretch = stretchOf(file);
    return { folder, tracks, cut, stretch, ffmpeg: this.#options.ffmpeg, signal, onProgress };
  }

  async #attempt(context: RenditionContext, kind: RenditionKind): Promise<MadeRendition | null> {
    const { lesson } = context.folder;
    const started = performance.now();
    const made = await MAKERS[kind](context, {
      packager: () => this.packager(lesson),
      growing: () => this.growing(lesson),
    });
    if (made?.directory) await syncFolder(made.directory);
    const ms = Math.round(performance.now() - started);
    this.#options.log.info({ lesson, kind, ms, bytes: made?.bytes ?? 0 }, 'rendition made');
    return made;
  }

  async #finish(
    context: RenditionContext,
    file: RecordingFile,
    kind: RenditionKind,
    made: MadeRendition | null,
  ): Promise<number | null> {
    const { folder } = context;
    const latest = await folder.read();
    // The lesson went on meanwhile after all, and has ended again or will: this rendition is of too little.
    const isSame = latest?.from === file.from && latest.to === file.to && latest.cut === file.cut;
    if (!isSame) return 0;
    if (made?.directory) await install(made.directory, folder.renditions, PREFIX[kind]);
    if (kind === 'aac' && made) await offerAac(context);
    if (kind === 'voice') this.#packagers.delete(folder.lesson);
    await dropSingle(folder, kind);
    const { playlist, bytes } = made ?? { playlist: undefined, bytes: 0 };
    // Only the lists of the voice change once it was made, to name AAC.
    if (kind === 'aac') {
      const written = (await notedSums(folder, 'voice')) ?? [];
      const segments = written.filter(({ name }) => !name.endsWith('.m3u8'));
      await writeSums(folder, file, 'voice', segments);
    }
    if (kind !== 'voice') await writeSums(folder, file, kind);
    await this.#note(folder, kind, { state: 'ready', failures: file[kind].failures, playlist, bytes });
    this.faults.made(folder.lesson, kind);
    const next = RENDITION_KINDS[RENDITION_KINDS.indexOf(kind) + 1];
    if (next) this.#options.schedule(folder.lesson, next);
    return null;
  }

  /** A disk that does not give back what it was given: from the tracks, which have checksums, all of it can be made again. */
  async #makeVoiceAgain(folder: LessonFolder, kind: RenditionKind, error: VoiceDamaged): Promise<null> {
    const { log, schedule } = this.#options;
    const { lesson } = folder;
    log.error({ lesson, err: error.cause }, 'a voice was damaged on the disk, making it again');
    await this.packager(lesson).discard();
    this.#packagers.delete(lesson);
    const { failures, asked } = await this.#failures(folder, kind);
    await this.#note(folder, kind, { ...WAITING, failures, asked });
    await this.#note(folder, 'voice', WAITING);
    schedule(lesson, 'voice');
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
    // Stopped, not failed: it begins again with the next start, or after the lesson that it gave way to.
    if (signal.aborted) return null;
    const { failures, asked } = await this.#failures(folder, kind);
    const hasNoRoom = isNoSpace(error) || (await this.#options.isDiskFull());
    if (hasNoRoom || isFromOutside(error))
      return await this.#brokenOff(folder, kind, error, { failures, asked, hasNoRoom });
    const final = failures >= MAX_FAILURES;
    const stderr = error instanceof FfmpegError ? error.stderr : undefined;
    log.error(
      { lesson, kind, failures, err: error, stderr },
      final ? 'a rendition failed for good' : 'a rendition failed',
    );
    const reason = error instanceof Error ? error.message : String(error);
    // What a killed encoder had made is gone on with once; after that it may be what is wrong.
    if (failures > 1) await rm(folder.work(kind), { recursive: true, force: true });
    await this.#note(folder, kind, {
      state: final ? 'failed' : 'waiting',
      failures,
      reason,
      bytes: 0,
      asked,
    });
    // What comes after it is made of it.
    for (const later of final ? RENDITION_KINDS.slice(RENDITION_KINDS.indexOf(kind) + 1) : []) {
      await this.#note(folder, later, {
        state: 'failed',
        failures: 0,
        reason: `there is no ${kind}`,
        bytes: 0,
      });
    }
    if (final) this.faults.note(lesson, kind);
    return final ? null : this.#options.retryMs;
  }

  /** What an encoder had made when it was killed is gone on with; where there is no room, it is given back. */
  async #brokenOff(
    folder: LessonFolder,
    kind: RenditionKind,
    error: unknown,
    { failures, asked, hasNoRoom }: Pick<RenditionRecord, 'failures' | 'asked'> & { hasNoRoom: boolean },
  ): Promise<number> {
    const { log, retryMs } = this.#options;
    const { lesson } = folder;
    const again = this.faults.brokenOff(lesson, kind, retryMs, hasNoRoom ? NO_ROOM_RAREST_MS : undefined);
    log.error({ lesson, kind, again, err: error }, 'a rendition was broken off from outside, trying again');
    if (hasNoRoom) await rm(folder.work(kind), { recursive: true, force: true });
    await this.#note(folder, kind, { ...WAITING, failures: failures - 1, asked });
    return again;
  }

  /** With this one. Who asked for it waits on. */
  async #failures(
    folder: LessonFolder,
    kind: RenditionKind,
  ): Promise<Pick<RenditionRecord, 'failures' | 'asked'>> {
    const record = (await folder.read())?.[kind];
    return { failures: (record?.failures ?? 0) + 1, asked: record?.asked };
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
async function install(made: string, place: string, prefix: string): Promise<void> {
  await mkdir(place, { recursive: true, mode: 0o700 });
  for (const old of await readdir(place)) {
    if (old.startsWith(prefix)) await rm(join(place, old));
  }
  for (const name of await readdir(made)) await rename(join(made, name), join(place, name));
  await syncDirectory(place);
  await rm(made, { recursive: true });
}
