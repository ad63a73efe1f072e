import type { LessonEvent } from '../../protocol/events.ts';
import type { Lesson } from './lesson.ts';

type Resynced = Extract<LessonEvent, { type: 'participant.resynced' }>;

/** A client that is broken, or hostile, must not fill the log with it. */
const NOT_AGAIN_MS = 10_000;

/** Says in the log that someone's client has begun anew, and why. */
export class Resyncs {
  readonly #lesson: Lesson;
  /** By reason and participant. */
  readonly #toldAt = new Map<string, number>();

  constructor(lesson: Lesson) {
    this.#lesson = lesson;
  }

  async tell(resynced: Omit<Resynced, 'type'>): Promise<void> {
    const { participant, reason } = resynced;
    const now = performance.now();
    const key = `${reason} ${participant}`;
    if (now - (this.#toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < NOT_AGAIN_MS) return;
    this.#toldAt.set(key, now);
    await this.#lesson.publish({ type: 'participant.resynced', ...resynced }, { actor: participant });
  }
}
