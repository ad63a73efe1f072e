import { z } from 'zod';
import { Id, Language, LessonTime, Localised, WallTime } from './common.ts';

/**
 * What a teacher makes of a lesson after it: an edit list. It changes nothing that was recorded; it is applied
 * whenever renditions are made and whenever the log is served. Lesson times in milliseconds, and they stay what they were:
 * a hidden passage is a gap that playback steps over.
 */

/** More passages nobody hides in one lesson. */
export const HIDDEN_MOST = 200;
/** What a lesson hides that was merged of many: it keeps their passages when they are deleted. */
const HIDDEN_MERGED_MOST = 10_000;
/** More a replay's edit does not hold. */
export const CHAPTERS_MOST = 200;
export const SPLITS_MOST = 20;
/** Shorter than this a replay is not trimmed, ms: a rendition of a few samples is none. */
export const LEAST_LEFT_MS = 1_000;

const Title = z.string().trim().min(1).max(80);

/** What of the lesson nobody gets any more. */
export const Hidden = z
  .object({
    id: Id,
    from: LessonTime,
    /** Not included. */
    to: LessonTime,
    /** Whose voice, picture and words; absent: everybody's. */
    participant: Id.optional(),
    /** What was written on the board meanwhile is hidden too. */
    writing: z.boolean(),
    /** When it is erased, as the server says; null: it has been. What a client says of it is not heeded. */
    eraseAt: WallTime.nullable().optional(),
  })
  .refine(({ from, to }) => from < to);
export type Hidden = z.infer<typeof Hidden>;

/** The same for passages that hide the same. */
export function placeOf({ from, to, participant, writing }: Hidden): string {
  return JSON.stringify([from, to, participant ?? null, writing]);
}

/** A name for a place in the lesson: of the chapter that begins there, or of a chapter of its own. */
export const ChapterTitle = z.object({ t: LessonTime, title: Title });
export type ChapterTitle = z.infer<typeof ChapterTitle>;

export const ReplayEdit = z
  .object({
    /** The lesson begins and ends here; null: as recorded. */
    from: LessonTime.nullable(),
    to: LessonTime.nullable(),
    hidden: z.array(Hidden).max(HIDDEN_MERGED_MOST),
    chapters: z.array(ChapterTitle).max(CHAPTERS_MOST),
    /** Where the lesson is divided into parts that are watched by themselves. Taking one away merges two parts again. */
    splits: z.array(LessonTime).max(SPLITS_MOST),
    /** Names of the parts, in order, where they have some. */
    partTitles: z.array(Title.nullable()).max(SPLITS_MOST + 1),
  })
  .refine(({ from, to }) => from === null || to === null || from < to);
export type ReplayEdit = z.infer<typeof ReplayEdit>;

/** When the first of what it hides is erased; null where nothing is to be. */
export function eraseAtOf({ hidden }: ReplayEdit): number | null {
  const times = hidden.flatMap(({ eraseAt }) => eraseAt ?? []);
  return times.length > 0 ? Math.min(...times) : null;
}

export const NO_EDIT: ReplayEdit = {
  from: null,
  to: null,
  hidden: [],
  chapters: [],
  splits: [],
  partTitles: [],
};

/** A part that is watched by itself. */
export const ReplayPart = z.object({ from: LessonTime, to: LessonTime, title: Title.nullable() });
export type ReplayPart = z.infer<typeof ReplayPart>;

/** The parts of a lesson that lasts from `from` to `to`; none where it is not divided. */
export function partsOf({ splits, partTitles }: ReplayEdit, from: number, to: number): ReplayPart[] {
  const inside = [...new Set(splits)].filter((t) => t > from && t < to).sort((a, b) => a - b);
  if (inside.length === 0) return [];
  const edges = [from, ...inside, to];
  return inside.concat(to).map((end, i) => ({
    from: edges[i] ?? from,
    to: end,
    title: partTitles[i] ?? null,
  }));
}

/** Who may watch: the lead and the school's administrator alone, the class, its schools, or everybody here. */
export const Audience = z.enum(['lead', 'class', 'school', 'library']);
export type Audience = z.infer<typeof Audience>;

/** A text spoken at a time of the lesson. Plain: nothing in it means anything but itself. */
export const Cue = z.object({ from: LessonTime, to: LessonTime, text: z.string().min(1).max(1_000) });
export type Cue = z.infer<typeof Cue>;

/** Captions, or a transcript: which of the two is only how they are shown. */
export const CaptionTrack = z.object({
  id: Id,
  language: Language,
  label: z.string().trim().min(1).max(60),
  /** A WebVTT file whose time 0 is the replay's second 0: for `<track>`. */
  url: z.string(),
  /** A `CaptionCues`, in lesson time: for showing and searching. Path from the site's root. */
  cues: z.string(),
  count: z.number().int().min(0),
});
export type CaptionTrack = z.infer<typeof CaptionTrack>;

export const CaptionCues = z.object({ cues: z.array(Cue) });

/** As its teacher sees it after the lesson. */
export const EditedReplay = z.object({
  /** Counts the saves; the next save names the one it was made from. 0: as recorded. */
  revision: z.number().int().min(0),
  edit: ReplayEdit,
  /** The edit before, to go back to; null where there is none. */
  previous: ReplayEdit.nullable(),
  audience: Audience,
  /** As recorded, lesson time. */
  recorded: z.object({ from: LessonTime, to: LessonTime }),
  /** When the first of what is hidden is erased for good; null where nothing is, or all of it has been. */
  eraseAt: WallTime.nullable(),
  /** Some of it has been. */
  erased: z.boolean(),
  /** The lessons that it was merged of hide something, or have it cut off: that is hidden here, too. */
  inherits: z.boolean(),
  /** Lessons to which its board was brought: what is hidden here afterwards is still on theirs. */
  boards: z.array(z.object({ title: Localised, startsAt: WallTime })),
});
export type EditedReplay = z.infer<typeof EditedReplay>;
