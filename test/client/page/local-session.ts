import { ConnectionLost } from '../../../client/lesson/answer.ts';
import { eventOf } from '../../../client/lesson/optimistic.ts';
import type { LessonMedia, LessonSession, LessonView } from '../../../client/lesson/types.ts';
import type { ErrorBody } from '../../../protocol/errors.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import type { LessonEvent, LogEntry } from '../../../protocol/events.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../../protocol/lesson.ts';

/** A lesson without a server: what is performed is in the log at once. */
export class LocalSession implements LessonSession {
  readonly log: LogEntry[] = [];
  /** What was requested, answered or not. */
  readonly asked: string[] = [];
  #state: LessonState = EMPTY_LESSON;
  readonly #listeners = new Set<() => void>();
  readonly #entryListeners = new Set<(entry: LogEntry) => void>();
  readonly #refusalListeners = new Set<(error: ErrorBody) => void>();
  #view: LessonView = {
    ...{ connection: 'joined', error: null, unsent: 0, levels: {}, links: {}, arriving: [] },
    you: { participant: 'teacher', part: 'lead' },
    state: EMPTY_LESSON,
    behind: null,
  };
  readonly media: LessonMedia = {
    view: () => ({ connection: 'off', received: {}, early: null, sending: {}, held: {} }),
    subscribe: () => () => {},
    send: async () => {},
    measured: () => null,
    hold: async () => {},
  };

  view = () => this.#view;

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onEntry(listener: (entry: LogEntry) => void): () => void {
    this.#entryListeners.add(listener);
    return () => this.#entryListeners.delete(listener);
  }

  onRefusal(listener: (error: ErrorBody) => void): () => void {
    this.#refusalListeners.add(listener);
    return () => this.#refusalListeners.delete(listener);
  }

  onLeftOut(): () => void {
    return () => undefined;
  }

  goLive(): void {}

  request: LessonSession['request'] = (name, input) => {
    this.asked.push(name);
    if (this.#view.connection !== 'joined') return Promise.reject(new ConnectionLost());
    if (name === 'laser.move' && 'data' in input) {
      this.happen([{ type: 'laser.moved', page: input.page, data: input.data }], 'teacher');
    }
    if (name === 'page.view' && 'view' in input) {
      this.happen([{ type: 'page.viewed', page: input.page, view: input.view }], 'teacher');
    }
    return Promise.reject(new TongkeError('not_in_lesson'));
  };

  perform: LessonSession['perform'] = (name, input) => {
    const event = eventOf(name, input);
    if (event) this.happen([event], 'teacher');
  };

  /** Anything at all, by anyone. */
  happen(events: readonly LessonEvent[], actor: string): void {
    const entries = events.map((event): LogEntry => {
      const entry = { seq: this.#state.seq + 1, t: this.now(), actor, event };
      this.#state = reduce(this.#state, entry);
      this.log.push(entry);
      return entry;
    });
    this.#view = { ...this.#view, state: this.#state };
    for (const listener of this.#listeners) listener();
    for (const entry of entries) for (const listener of this.#entryListeners) listener(entry);
  }

  /** Breaks the line, or brings it back. */
  join(isJoined: boolean): void {
    this.#view = { ...this.#view, connection: isJoined ? 'joined' : 'lost' };
    for (const listener of this.#listeners) listener();
  }

  /** What was performed last is taken back. */
  refuse(state: LessonState): void {
    this.#state = state;
    this.#view = { ...this.#view, state };
    for (const listener of this.#listeners) listener();
    for (const listener of this.#refusalListeners) listener({ code: 'forbidden', message: 'no' });
  }

  now(): number {
    return Math.round(performance.now());
  }

  close(): void {
    this.#listeners.clear();
  }
}
