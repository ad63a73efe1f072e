import { own } from '../protocol/common.ts';
import type { LogEntry, Stream } from '../protocol/events.ts';
import type { MediaApi } from '../protocol/media.ts';
import type { LessonFeed } from '../protocol/recording.ts';
import type { DiskHeadroom } from './disk-headroom.ts';
import { type LessonFolder, type TrackSummary, WAITING } from './lesson-folder.ts';
import { LiveVoice } from './live-voice.ts';
import type { RecorderLog } from './log.ts';
import { StreamRecorder } from './stream-recorder.ts';
import type { VoicePackager } from './voice-packager.ts';

export interface LessonRecorderOptions {
  readonly feed: LessonFeed;
  readonly folder: LessonFolder;
  readonly media: MediaApi;
  readonly log: RecorderLog;
  readonly disk: DiskHeadroom;
  /** Whether there is space for pictures. */
  readonly hasSpace: () => boolean;
  /** How often the disk is looked at, ms. */
  readonly diskCheckMs: number;
  /** After a failure it is tried again this often, ms: somebody may have made room. */
  readonly retryMs: number;
  /** Makes the lesson’s voice. */
  readonly packager: VoicePackager;
  /** The lesson is over and every track closed. */
  readonly onEnded: (ended: EndedLesson) => Promise<void>;
}

export interface EndedLesson {
  /** Lesson times, ms. */
  readonly from: number;
  readonly to: number;
  /** Tracks, by file, that need not be read to be known. */
  readonly tracks?: ReadonlyMap<string, TrackSummary>;
}

/** Follows one lesson through its log, like any participant, and records its streams while it is live. */
export class LessonRecorder {
  readonly #options: LessonRecorderOptions;
  readonly #streams = new Map<string, StreamRecorder>();
  readonly #tracks = new Map<string, TrackSummary>();
  readonly #log: RecorderLog;
  #voice: LiveVoice | undefined;
  #warned = false;
  #pictures = true;
  /** Everything happens in the order in which the lesson said it. */
  #turn: Promise<void>;
  #unsubscribe: () => void = () => undefined;
  #state: 'idle' | 'recording' | 'failed' | 'stopped' = 'idle';
  #timer: NodeJS.Timeout | undefined;

  /** Starts once `after` has settled. */
  constructor(options: LessonRecorderOptions, after: Promise<void> = Promise.resolve()) {
    this.#options = options;
    this.#log = options.log;
    this.#turn = after;
    this.#unsubscribe = options.feed.subscribe((entry) => this.#onEntry(entry));
    const { phase } = options.feed.state();
    if (phase === 'live' || phase === 'paused') this.#enqueue(() => this.#begin());
    if (phase === 'ended') this.#enqueue(() => this.#end());
  }

  get feed(): LessonFeed {
    return this.#options.feed;
  }

  /** What can be watched while the lesson is live, or null where it is not. Lesson times, ms. */
  get live(): { from: number; to: number; now: number; bytes: number } | null {
    const { feed, packager } = this.#options;
    const { startedAt, phase } = feed.state();
    if (startedAt === null || phase === 'ended') return null;
    const to = startedAt + packager.packagedMs;
    return { from: startedAt, to, now: feed.now(), bytes: packager.liveBytes };
  }

  /** Leaves the lesson where it is: it can be followed again. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#enqueue(() => this.#leave());
    await this.#turn;
  }

  #onEntry({ event, t }: LogEntry): void {
    switch (event.type) {
      case 'lesson.started':
        this.#enqueue(() => this.#begin());
        break;
      case 'lesson.ended':
        this.#unsubscribe();
        this.#enqueue(() => this.#end());
        break;
      case 'stream.opened':
        this.#enqueue(() => this.#open(event.stream));
        break;
      case 'stream.closed':
        this.#enqueue(() => this.#close(event.stream));
        break;
      case 'media.moved':
        this.#enqueue(() => this.#moved(t));
        break;
    }
  }

  #enqueue(task: () => Promise<void>): void {
    this.#turn = this.#turn.then(task).catch((error: unknown) => this.#fail(error));
  }

  async #begin(): Promise<void> {
    if (this.#state === 'recording' || this.#state === 'stopped') return;
    const { feed, folder } = this.#options;
    const now = feed.now();
    await folder.create();
    await this.#checkDisk();
    const { from } = await folder.change((file) => ({
      version: 1,
      lesson: feed.lesson,
      from: file?.from ?? feed.state().startedAt ?? now,
      to: null, // also where a sweep took a lesson for ended that now goes on
      sessions: [...(file?.sessions ?? []), { from: now, to: null }],
      moves: file?.moves ?? [],
      gaps: [],
      tracks: [],
      voice: WAITING,
      aac: WAITING,
      picture: WAITING,
    }));
    this.#state = 'recording';
    this.#pictures = this.#options.hasSpace();
    for (const stream of Object.values(feed.state().streams)) await this.#open(stream);
    this.#watchDisk();
    this.#packageVoice(from);
    feed.recordingChanged(this.#pictures ? 'on' : 'voice');
    this.#log.info({ lesson: feed.lesson, pictures: this.#pictures }, 'recording');
  }

  #packageVoice(from: number): void {
    const { feed, packager, log } = this.#options;
    this.#voice = new LiveVoice({
      lesson: feed.lesson,
      packager,
      from,
      now: () => feed.now(),
      written: async () => {
        await Promise.all([...this.#streams.values()].map((recorder) => recorder.written()));
      },
      log,
    });
  }

  async #open(stream: Stream): Promise<void> {
    if (this.#state !== 'recording' || this.#streams.has(stream.id)) return;
    if (stream.thin) return; // the same voice is recorded in full
    if (stream.source !== 'mic' && !this.#pictures) return;
    const { feed, folder, media } = this.#options;
    const state = feed.state();
    if (!own(state.streams, stream.id)) return; // closed again meanwhile
    const recorder = await StreamRecorder.open({
      media,
      stream,
      lesson: feed.lesson,
      part: own(state.people, stream.participant)?.part ?? 'student',
      directory: folder.tracks,
      now: () => feed.now(),
      log: this.#log,
      onError: (error) => this.#fail(error),
    });
    if (recorder) this.#streams.set(stream.id, recorder);
  }

  async #close(id: string): Promise<void> {
    const recorder = this.#streams.get(id);
    if (!recorder) return;
    this.#streams.delete(id);
    await this.#closeStream(recorder);
    if (recorder.stream.source !== 'screen') return;
    // The camera is seen again from here: a key frame saves the rendition from decoding all that went before.
    for (const other of this.#streams.values()) {
      if (other.stream.participant === recorder.stream.participant) other.refresh();
    }
  }

  async #moved(t: number): Promise<void> {
    if (this.#state !== 'recording') return;
    await this.#closeAll();
    await this.#options.folder.change((file) => {
      if (!file) throw new Error('The recording’s state file is gone');
      return { ...file, moves: [...file.moves, t] };
    });
  }

  async #end(): Promise<void> {
    try {
      await this.#leave();
    } catch (error) {
      // A disk that is full at the bell: what is on it has to become a replay all the same, once there is room.
      this.#log.error(
        { lesson: this.#options.feed.lesson, err: error },
        'a recording could not note when it ended',
      );
    }
    const { startedAt, endedAt } = this.#options.feed.state();
    if (startedAt === null || endedAt === null) return;
    await this.#options.onEnded({ from: startedAt, to: endedAt, tracks: this.#tracks });
  }

  async #leave(): Promise<void> {
    const recorded = this.#state === 'recording';
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    await this.#closeSession(recorded);
  }

  async #closeSession(recorded: boolean): Promise<void> {
    const to = this.#options.feed.now();
    this.#options.disk.forget(this.#options.feed.lesson);
    await this.#voice?.stop();
    this.#voice = undefined;
    await this.#closeAll();
    if (!recorded) return;
    await this.#options.folder.change((file) => {
      if (!file) throw new Error('The recording’s state file is gone');
      const from = file.sessions.at(-1)?.from ?? to;
      return { ...file, sessions: [...file.sessions.slice(0, -1), { from, to }] };
    });
  }

  async #closeAll(): Promise<void> {
    const recorders = [...this.#streams.values()];
    this.#streams.clear();
    await Promise.all(recorders.map((recorder) => this.#closeStream(recorder)));
  }

  async #closeStream(recorder: StreamRecorder): Promise<void> {
    await recorder.close();
    const { summary } = recorder;
    if (summary) this.#tracks.set(summary.file, summary);
  }

  #watchDisk(): void {
    this.#timer = setTimeout(() => {
      this.#enqueue(async () => {
        if (this.#state !== 'recording') return;
        await this.#checkDisk();
        this.#watchDisk();
      });
    }, this.#options.diskCheckMs);
  }

  /** Rejects where the disk is to be left to others. Warns once each time that it is soon to be. */
  async #checkDisk(): Promise<void> {
    const { disk, feed } = this.#options;
    const closed = [...this.#tracks.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const open = [...this.#streams.values()].reduce((sum, recorder) => sum + recorder.bytes, 0);
    await disk.check(feed.lesson, closed + open, performance.now());
    if (disk.low && !this.#warned) {
      const minutes = Math.floor(disk.minutes);
      this.#log.warn({ lesson: feed.lesson, minutes }, 'the disk will soon be full, and recording will stop');
    }
    this.#warned = disk.low;
  }

  /** The lesson goes on without a recording, says so, and is recorded again when that is possible. */
  #fail(error: unknown): void {
    const { feed, retryMs } = this.#options;
    if (this.#state === 'stopped') {
      this.#log.error({ lesson: feed.lesson, err: error }, 'a recording could not be finished');
      return;
    }
    const before = this.#state;
    this.#state = 'failed';
    // Many streams fail at once where one disk does, and every retry until there is room: told once.
    if (before !== 'failed') this.#log.error({ lesson: feed.lesson, err: error }, 'a recording failed');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#enqueue(() => this.#begin()), retryMs);
    if (before === 'failed') return;
    // Whoever is told of it finds in the warnings whether it is the disk.
    void this.#options.disk.look().catch((reason: unknown) => {
      this.#log.warn({ err: reason }, 'the disk’s space cannot be told');
    });
    feed.recordingChanged('failed');
    this.#turn = this.#turn
      .then(() => this.#closeSession(before === 'recording'))
      .catch((closing: unknown) => {
        this.#log.warn(
          { lesson: feed.lesson, err: closing },
          'a failed recording could not note when it failed',
        );
      });
  }
}
