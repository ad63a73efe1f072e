import type { LogEntry } from '../../protocol/events.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';

/**
 * Entries between two kept states. A seek folds at most this many: about 2 ms on a desktop computer, where a
 * lesson of an hour has some 20,000 entries. States share what did not change, so that keeping them costs little.
 */
const KEYFRAME_EVERY = 200;

/**
 * A lesson's state at any time of it: the fold of its log up to there, found from the nearest kept state.
 * `entries` are in the log's order; their `t` (lesson time, milliseconds) never decreases.
 */
export class Timeline {
  #entries: readonly LogEntry[];
  /** `keyframes[k]` is the fold of the first `k * KEYFRAME_EVERY` entries. */
  readonly #keyframes: LessonState[] = [EMPTY_LESSON];
  /** The last answer: playing on from it folds only what is new. */
  #last = { count: 0, state: EMPTY_LESSON };

  constructor(entries: readonly LogEntry[]) {
    this.#entries = entries;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Takes in what a lesson that goes on has grown by: what was folded stays. False where `entries` is another log. */
  grow(entries: readonly LogEntry[]): boolean {
    const before = this.#entries;
    if (before.length === 0 || before.some((entry, i) => entry !== entries[i])) return false;
    this.#entries = entries;
    return true;
  }

  /** The fold of every entry with `entry.t <= t`; the same object for as long as there is no further entry. */
  at(t: number): LessonState {
    return this.#fold(this.countUntil(t));
  }

  /** How many entries have `entry.t <= t`. */
  countUntil(t: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle]?.t ?? Number.POSITIVE_INFINITY) <= t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The entries with `after < entry.t <= until`. */
  between(after: number, until: number): readonly LogEntry[] {
    return this.entries.slice(this.countUntil(after), this.countUntil(until));
  }

  /**
   * Folds ahead until `timeIsUp` says so, so that a later seek finds its keyframe. True once there is nothing left
   * to do: call it again while it is false.
   */
  prepare(timeIsUp: () => boolean): boolean {
    const all = Math.floor(this.entries.length / KEYFRAME_EVERY);
    while (this.#keyframes.length <= all) {
      this.#keyframe(this.#keyframes.length);
      if (timeIsUp()) break;
    }
    return this.#keyframes.length > all;
  }

  #fold(count: number): LessonState {
    const keyframe = Math.floor(count / KEYFRAME_EVERY);
    let at = keyframe * KEYFRAME_EVERY;
    let state: LessonState;
    if (this.#last.count >= at && this.#last.count <= count) ({ count: at, state } = this.#last);
    else state = this.#keyframe(keyframe);
    state = this.#apply(state, at, count);
    this.#last = { count, state };
    return state;
  }

  #keyframe(index: number): LessonState {
    let known = Math.min(index, this.#keyframes.length - 1);
    let state = this.#keyframes[known] ?? EMPTY_LESSON;
    while (known < index) {
      state = this.#apply(state, known * KEYFRAME_EVERY, (known + 1) * KEYFRAME_EVERY);
      known += 1;
      this.#keyframes[known] = state;
    }
    return state;
  }

  #apply(state: LessonState, from: number, to: number): LessonState {
    let next = state;
    for (let i = from; i < to; i++) {
      const entry = this.entries[i];
      if (entry) next = reduce(next, entry);
    }
    return next;
  }
}
