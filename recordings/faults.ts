import { TongkeError } from '../protocol/errors.ts';
import type { RecordingDamage } from '../protocol/recording.ts';
import { FfmpegError } from './ffmpeg.ts';
import { RENDITION_KINDS, type RenditionKind } from './lesson-folder.ts';

/** Tries of one rendition; what fails thrice by itself needs an operator, or another day. */
export const MAX_FAILURES = 3;
/** What is broken off from outside again and again is tried ever more rarely, and at last so often, ms. */
const RAREST_MS = 15 * 60_000;
/** The same of what found no room: that may be made at any moment. */
export const NO_ROOM_RAREST_MS = 60_000;

/** Whether something else than the rendition is to blame: it may come off the next time, however often it did not. */
export function isFromOutside(error: unknown): boolean {
  if (error instanceof TongkeError) return error.code === 'storage_unavailable';
  return error instanceof FfmpegError && error.killed;
}

/** What kept renditions from being made since the start: for how long to wait, and what to tell an operator. */
export class Faults {
  readonly #brokenOff = new Map<string, number>();
  readonly #failed = new Map<string, RecordingDamage>();

  /** Of those that failed for good, the newest first. */
  get failed(): readonly RecordingDamage[] {
    return [...this.#failed.values()].reverse();
  }

  /** In plain English, for an operator. */
  warnings(): string[] {
    const count = this.#failed.size;
    return count > 0 ? [`recording: ${count} could not be made, see Rooms and devices > Space`] : [];
  }

  /** One was broken off from outside. Returns in how many milliseconds to try again; `retryMs`: the first time. */
  brokenOff(lesson: string, kind: RenditionKind, retryMs: number, rarestMs = RAREST_MS): number {
    const key = `${lesson} ${kind}`;
    const times = this.#brokenOff.get(key) ?? 0;
    this.#brokenOff.set(key, times + 1);
    return Math.min(retryMs * 2 ** times, Math.max(retryMs, rarestMs));
  }

  /** One failed for good, and with it what would be made of it. */
  note(lesson: string, kind: RenditionKind): void {
    this.#failed.delete(lesson);
    this.#failed.set(lesson, { lesson, what: kind, outcome: 'failed', at: Date.now() });
  }

  /** It is made once more, and is missing until then. */
  trying(lesson: string): void {
    const known = this.#failed.get(lesson);
    if (known) this.#failed.set(lesson, { ...known, outcome: 'trying' });
  }

  made(lesson: string, kind: RenditionKind): void {
    this.#brokenOff.delete(`${lesson} ${kind}`);
    if (this.#failed.get(lesson)?.what === kind) this.#failed.delete(lesson);
  }

  /** It is made differently from now on, or not at all. */
  forget(lesson: string): void {
    this.#failed.delete(lesson);
    for (const kind of RENDITION_KINDS) this.#brokenOff.delete(`${lesson} ${kind}`);
  }
}
