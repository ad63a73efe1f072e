import { z } from 'zod';
import { Id, LessonTime, Localised, WallTime } from './common.ts';
import { LogEntry, Part } from './events.ts';
import { CaptionTrack, ChapterTitle, ReplayPart } from './replay-edit.ts';

/** `waiting` and `working` come before `ready`; `failed` says that an operator must look. */
export const RenditionState = z.enum(['waiting', 'working', 'ready', 'failed']);
export type RenditionState = z.infer<typeof RenditionState>;

export const ReplayState = z.object({
  voice: RenditionState,
  picture: RenditionState,
  /** 0..1 over all that is still being made. */
  progress: z.number().min(0).max(1),
});
export type ReplayState = z.infer<typeof ReplayState>;

/** Something one can play. All renditions share the replay's clock: second 0 is `Replay.from`. */
export const Rendition = z.object({
  kind: z.enum(['voice', 'picture']),
  /** HLS playlist, relative to the site's root; authorised like the replay itself. */
  url: z.string(),
  bytes: z.number().int().min(0),
});
export type Rendition = z.infer<typeof Rendition>;

/** A stretch (lesson time) of which nothing is heard: it was not recorded, or is hidden. */
export const Gap = z.object({ from: LessonTime, to: LessonTime, hidden: z.boolean().optional() });
export type Gap = z.infer<typeof Gap>;

/** A lesson as it can be watched, finished or still going on: log, voices and renditions on one clock. */
export const Replay = z.object({
  lesson: Id,
  title: Localised,
  teacher: Localised,
  startedAt: WallTime,
  /** Lesson times of start and end: the replay plays `to - from` milliseconds. */
  from: LessonTime,
  to: LessonTime,
  state: ReplayState,
  renditions: z.array(Rendition),
  /** Changes whenever something of the lesson is hidden, cut off or shown again: what was kept of another is not to be played. */
  cut: z.number().int().min(0).optional(),
  gaps: z.array(Gap),
  /** Path of the log, a `ReplayLog`; and of the same as `EntriesEncoder` writes it, which is half as long. */
  log: z.string(),
  lines: z.string(),
  part: Part,
  /** Names that the teacher gave to places. */
  chapters: z.array(ChapterTitle).optional(),
  /** Where the lesson is divided; absent where it is one. */
  parts: z.array(ReplayPart).optional(),
  captions: z.array(CaptionTrack).optional(),
  /** Whether its reader may edit it. */
  editable: z.boolean().optional(),
  /** When what is hidden is erased: for those who may see it until then. */
  original: z.object({ eraseAt: WallTime }).optional(),
  /** Whether its reader may delete it. */
  deletable: z.boolean().optional(),
  /** Lessons that were merged of it, for who may delete it: they keep what is of it. */
  merged: z.array(z.object({ lesson: Id, title: Localised })).optional(),
  /**
   * Absent once the lesson is over. Before that `now` is its clock, `to` how far it can be watched, and the voice's
   * playlist grows by a segment every 3 s; the log is asked for again with `after`. After the end the growing playlist
   * is finished and stays for an hour; it is the voice that is offered until the lesson's own is `ready`.
   */
  live: z.object({ now: LessonTime }).optional(),
});
export type Replay = z.infer<typeof Replay>;

/** What is written on a lesson's pages that were brought, by the hash of their file. */
export const WrittenPages = z.object({
  pages: z.array(z.object({ sha256: z.string().max(64), text: z.string().max(1_000_000) })).max(10_000),
});
export type WrittenPages = z.infer<typeof WrittenPages>;

export const ReplayLog = z.object({ entries: z.array(LogEntry) });
export type ReplayLog = z.infer<typeof ReplayLog>;
