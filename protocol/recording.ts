import { z } from 'zod';
import { Id, LessonTime, WallTime } from './common.ts';
import type { LogEntry, RecordingMark } from './events.ts';
import type { LessonState } from './lesson.ts';
import type { Gap, Rendition, ReplayState } from './replay.ts';

/** A lesson as its recorder follows it: the log, and where its media is. The lesson never waits for the recorder. */
export interface LessonFeed {
  readonly lesson: string;
  state(): LessonState;
  /** The lesson's clock now, milliseconds. */
  now(): number;
  /** Called with every entry, in order, after it is journaled. Returns how to stop. */
  subscribe(listener: (entry: LogEntry) => void): () => void;
  /** Makes the state of the recording part of the lesson. */
  recordingChanged(recording: RecordingMark): void;
}

/** What of a recording is shown; the rest stays in its tracks until it is erased. Lesson times in milliseconds. */
export const RecordingCut = z.object({
  /** In renditions' names: one that was made by an earlier cut is never mistaken for this one's. */
  revision: z.number().int().min(1),
  /** The renditions begin and end here; null: as recorded. */
  from: LessonTime.nullable(),
  to: LessonTime.nullable(),
  /** Silence and darkness, of one participant or of all. */
  hidden: z.array(z.object({ from: LessonTime, to: LessonTime, participant: Id.optional() })),
});
export type RecordingCut = z.infer<typeof RecordingCut>;

/** What is known of one lesson's recording. Lesson times in milliseconds. */
export interface Recording {
  readonly state: ReplayState;
  readonly renditions: readonly Rendition[];
  /** What the renditions' second 0 stands for, and their end. */
  readonly from: number;
  readonly to: number;
  readonly gaps: readonly Gap[];
  /** From when to when it was recorded, whatever of that is shown. */
  readonly recorded: { readonly from: number; readonly to: number };
  /** Of the cut that it shows; 0: all of it. */
  readonly revision: number;
  /** Of a lesson that still goes on, whose voice so far ends at `to`: its clock. */
  readonly live?: { readonly now: number };
}

/** A file of a replay to be served: on the disk, made for who asks, or in the store. */
export type ReplayFile =
  | { readonly path: string }
  | { readonly text: string }
  | {
      readonly bytes: number;
      /** Another for other bytes under the same name: of one that was mended the length may be the same. */
      readonly tag: string;
      /** All of it, or the bytes from `from` to `to`, both included. */
      read(range?: { readonly from?: number; readonly to?: number }): Promise<AsyncIterable<Uint8Array>>;
    };

export interface ReplayFileOptions {
  readonly skip?: boolean;
  readonly lying?: boolean;
}

/** What a recording takes, bytes, wherever it lies. */
export interface RecordingSpace {
  /** What is played, in Opus and AAC. */
  readonly voice: number;
  readonly picture: number;
  /** As it came in: what everything else can be made of again. */
  readonly tracks: number;
}

/** The disk that recordings go to, and the store behind it. */
export interface RecordingDisk {
  readonly freeBytes: number;
  /** For how long all that is being recorded, or a usual lesson, can go on before it is full. */
  readonly minutes: number;
  /** Somebody has to make room. */
  readonly low: boolean;
  /** What lies in the store cannot be had: it does not answer, or is configured no longer. */
  readonly away: boolean;
}

/** Of a recording, what a disk or a store did not give back as it was put there, or what could not be made of it. */
export const RecordingDamage = z.object({
  lesson: Id,
  /** `tracks`: as it came in; the others were made of them. */
  what: z.enum(['voice', 'aac', 'picture', 'tracks']),
  /**
   * `mended`: it was made again, and nothing is missing. `failed`: it could not be made, and is tried again once a day, with
   * the next start and when somebody says so; `trying`: it is now.
   */
  outcome: z.enum(['mended', 'lost', 'failed', 'trying']),
  /** When it was found. */
  at: WallTime,
});
export type RecordingDamage = z.infer<typeof RecordingDamage>;

/** A recording that was made and checked elsewhere. Lesson times in milliseconds. */
export interface BroughtRecording {
  readonly lesson: string;
  /** As a cut's: in renditions' names. Another one each time. */
  readonly revision: number;
  readonly from: number;
  readonly to: number;
  readonly gaps: readonly Gap[];
  /** `url` is the playlist's name. */
  readonly renditions: readonly Rendition[];
  /** Where all their files lie, and nothing else. They are moved. */
  readonly directory: string;
}

/** One lesson of several that are over, one behind the other. */
export interface JoinedRecording {
  readonly lesson: string;
  /** `shift` is added to a lesson's times, ms: where it lies in the whole. */
  readonly parts: readonly { readonly lesson: string; readonly shift: number }[];
}

/** All of a lesson's voice in one file. */
export interface MadeVoiceFile {
  readonly path: string;
  readonly bytes: number;
  /** For a `<source>`'s type. */
  readonly type: string;
}

/** One that is there, or one that is still to be made and will have about so many `bytes`. */
export type VoiceFile =
  | MadeVoiceFile
  | (Pick<MadeVoiceFile, 'bytes' | 'type'> & {
      /** Has it made. Resolves when it is there, with null where it could not be made; rejects where it does not come. */
      make(): Promise<MadeVoiceFile | null>;
    });

export interface RecordingsApi {
  /**
   * Follows a lesson from now until it ends; safe to call again after a restart in mid-lesson. `hasSpace`: asked whenever recording
   * begins; where it says no, voice and ink are recorded and pictures are not.
   */
  follow(feed: LessonFeed, hasSpace?: () => boolean): void;
  /** Said once after a start: only these lessons go on, and the others that a stop cut off are finished at once, not when nobody has come back for a while. */
  resumed(live: readonly string[]): void;
  /** Of a lesson that was recorded, or is live and followed. */
  recording(lesson: string): Promise<Recording | null>;
  /** Whether a lesson that is over has a recording that is still to be finished: a full disk, or a restart, keeps it from that. */
  isUnfinished(lesson: string): boolean;
  /** All of it, as far as it had been made when it was first cut; null where it is not cut or has been erased. */
  original(lesson: string): Promise<Recording | null>;
  /**
   * Shows less, or more again, of a lesson that is over. When it resolves, nothing that was made before is served any more;
   * renditions are made anew. Without effect on a lesson that has no recording. Rejects with `storage_full` where the disk has no
   * room for noting it: then nothing has changed.
   */
  cut(lesson: string, cut: RecordingCut): Promise<void>;
  /** Erases `hidden`, of what the cut hides, from the tracks, and all that was made of it before. Cannot be taken back. */
  erase(lesson: string, hidden: RecordingCut['hidden']): Promise<void>;
  /**
   * A rendition's file, or null where there is none (or the name tries to leave its folder). `skip`: of a growing
   * playlist only what is new, and how much is left out. `lying`: nothing is made, or promised, that is not there already.
   */
  file(lesson: string, name: string, options?: ReplayFileOptions): Promise<ReplayFile | null>;
  /** Null where there is no recording, or none that can be weighed. */
  space(lesson: string): Promise<RecordingSpace | null>;
  /** Deletes for good, here and in the store: the picture with its tracks, or everything. Rejects with `replay_not_ready` while it is recorded. */
  remove(lesson: string, what: 'picture' | 'everything'): Promise<void>;
  disk(): Promise<RecordingDisk>;
  /** Takes in finished renditions instead of whatever there is of that lesson. Rejects with `package_hostile` where one of them could not be played. */
  bring(recording: BroughtRecording): Promise<void>;
  /** Makes a recording of others' tracks, which stay; instead of whatever there is of that lesson. Rejects where one has none. */
  join(recording: JoinedRecording): Promise<void>;
  /** The voice as it is shown, for where nothing serves segments; empty while it is being made. */
  voiceFiles(lesson: string): Promise<readonly VoiceFile[]>;
  /**
   * Reads what is played of a lesson, before it is given away for good: whether all of it that lies here is as it was made. Where it
   * is not, that is mended as `damage()` tells, and is to be asked for again.
   */
  isIntact(lesson: string): Promise<boolean>;
  /** Found lately, the newest first. */
  damage(): readonly RecordingDamage[];
  /** Makes once more what failed for good; done when that is queued. False where there is nothing of it to be made of. */
  tryAgain(lesson: string): Promise<boolean>;
  /** What an operator should know before it becomes an error, in plain English; empty where all is well. */
  warnings(): string[];
  close(): Promise<void>;
}
