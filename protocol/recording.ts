import type { LogEntry } from './events.ts';
import type { LessonState } from './lesson.ts';
import type { Rendition, ReplayState } from './replay.ts';

/** A lesson as its recorder follows it: the log, and where its media is. The lesson never waits for the recorder. */
export interface LessonFeed {
  readonly lesson: string;
  state(): LessonState;
  /** The lesson's clock now, milliseconds. */
  now(): number;
  /** Called with every entry, in order, after it is journaled. Returns how to stop. */
  subscribe(listener: (entry: LogEntry) => void): () => void;
  /** Makes the state of the recording part of the lesson. */
  recordingChanged(recording: 'on' | 'off' | 'failed'): void;
}

/** What is known of one lesson's recording. Lesson times in milliseconds. */
export interface Recording {
  readonly state: ReplayState;
  readonly renditions: readonly Rendition[];
  /** What the renditions' second 0 stands for, and their end. */
  readonly from: number;
  readonly to: number;
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Of a lesson that still goes on, whose voice so far ends at `to`: its clock. */
  readonly live?: { readonly now: number };
}

/** A file of a replay to be served: on the disk, or made for who asks. */
export type ReplayFile = { readonly path: string } | { readonly text: string };

export interface RecordingsApi {
  /** Follows a lesson from now until it ends; safe to call again after a restart in mid-lesson. */
  follow(feed: LessonFeed): void;
  /** Of a lesson that was recorded, or is live and followed. */
  recording(lesson: string): Promise<Recording | null>;
  /**
   * A rendition's file, or null where there is none (or the name tries to leave its folder). `skip`: of a growing
   * playlist only what is new, and how much is left out.
   */
  file(lesson: string, name: string, options?: { readonly skip?: boolean }): Promise<ReplayFile | null>;
  /** What an operator should know before it becomes an error, in plain English; empty where all is well. */
  warnings(): string[];
  close(): Promise<void>;
}
