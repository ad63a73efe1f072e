import { TongkeError } from '../../protocol/errors.ts';
import type { LessonEvent, LogEntry, Part, RecordingMark } from '../../protocol/events.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';
import type { MediaApi } from '../../protocol/media.ts';
import type { LessonFeed } from '../../protocol/recording.ts';

function startClock(): () => number {
  const origin = performance.now();
  return () => performance.now() - origin;
}

/** A lesson that a test tells what happens in it; its clock is real. */
export class TestFeed implements LessonFeed {
  readonly lesson: string;
  readonly changes: string[] = [];
  readonly entries: LogEntry[] = [];
  #state: LessonState = EMPTY_LESSON;
  readonly #clock: () => number;
  readonly #listeners = new Set<(entry: LogEntry) => void>();

  /** `clock`: the lesson's time, ms. */
  constructor(lesson: string, before: readonly LogEntry[] = [], clock = startClock()) {
    this.lesson = lesson;
    this.#clock = clock;
    for (const entry of before) this.#take(entry);
  }

  /** The same lesson as a restarted server would open it. */
  reopened(): TestFeed {
    return new TestFeed(this.lesson, this.entries, this.#clock);
  }

  state(): LessonState {
    return this.#state;
  }

  now(): number {
    return Math.round(this.#clock());
  }

  subscribe(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  recordingChanged(recording: RecordingMark): void {
    this.changes.push(recording);
    this.publish({ type: 'recording.changed', recording });
  }

  publish(event: LessonEvent, actor?: string): LogEntry {
    const entry: LogEntry = { seq: this.#state.seq + 1, t: this.now(), actor, event };
    this.#take(entry);
    for (const listener of [...this.#listeners]) listener(entry);
    return entry;
  }

  join(id: string, part: Part): void {
    this.publish({ type: 'participant.joined', participant: { id, part, name: { 'zh-CN': id } } });
  }

  /** Resolves when the recorder has said this of the recording. */
  async untilRecording(wanted: RecordingMark): Promise<void> {
    const signal = AbortSignal.timeout(8000);
    while (this.changes.at(-1) !== wanted) {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const stop = this.subscribe(() => {
          stop();
          resolve();
        });
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    }
  }

  #take(entry: LogEntry): void {
    this.entries.push(entry);
    this.#state = reduce(this.#state, entry);
  }
}

const refuse = (): Promise<never> => Promise.reject(new TongkeError('media_unavailable'));

/** For recorders that nothing is sent to. */
export const noMedia: MediaApi = {
  createRouter: refuse,
  closeRouter: refuse,
  createTransport: refuse,
  connectTransport: refuse,
  openFeed: refuse,
  sendFeed: refuse,
  restartIce: refuse,
  closeTransport: refuse,
  setMaxOutgoingBitrate: refuse,
  transportStats: refuse,
  produce: refuse,
  pauseProducer: refuse,
  resumeProducer: refuse,
  closeProducer: refuse,
  consume: refuse,
  resumeConsumer: refuse,
  pauseConsumer: refuse,
  setPreferredLayers: refuse,
  closeConsumer: refuse,
  listen: () => () => undefined,
  tap: refuse,
  resumeTap: refuse,
  requestKeyFrame: refuse,
  closeTap: refuse,
  on: () => () => undefined,
  close: () => Promise.resolve(),
};
