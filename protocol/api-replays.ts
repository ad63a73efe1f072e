import { z } from 'zod';
import { Id, Language, Localised, WallTime } from './common.ts';
import { Replay, ReplayLog, WrittenPages } from './replay.ts';
import { Audience, CaptionCues, CaptionTrack, EditedReplay, ReplayEdit } from './replay-edit.ts';
import { Nothing, route } from './route.ts';

/** A link that opens a replay without an account. The token itself is told once, when it is made. */
export const Share = z.object({
  id: Id,
  label: z.string(),
  madeAt: WallTime,
  by: Localised,
  /** It opens nothing from then on. */
  until: WallTime,
  revoked: z.boolean(),
  /** How often it was opened, and last. */
  opened: z.number().int().min(0),
  lastOpenedAt: WallTime.nullable(),
});
export type Share = z.infer<typeof Share>;

/** 256 random bits, base64url. */
export const ShareToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** Bytes of an uploaded WebVTT file. An hour of speech has some 100 kB. */
export const CAPTION_BYTES = 1_000_000;
/** Of one lesson: each of its languages several times over. */
export const CAPTION_TRACKS = 20;

/** What can be done with a replay after the lesson. */
export const replayRoutes = {
  'replay.show': route({
    method: 'get',
    path: '/lessons/:lesson/replay',
    may: 'replay.watch',
    input: Nothing,
    output: Replay,
  }),
  /** Without what its teacher has hidden. */
  'replay.log': route({
    method: 'get',
    path: '/lessons/:lesson/log',
    may: 'replay.watch',
    /** Entries after this `seq`: for those who have the ones before. */
    input: z.object({ after: z.coerce.number().int().min(0).default(0) }),
    output: ReplayLog,
  }),
  /** What is written on the pages of courseware that its log shows, for who searches it. */
  'replay.words': route({
    method: 'get',
    path: '/lessons/:lesson/words',
    may: 'replay.watch',
    input: Nothing,
    output: WrittenPages,
  }),
  /** Everything, hidden or not, until it is erased. */
  'replay.original': route({
    method: 'get',
    path: '/lessons/:lesson/original',
    may: 'replay.original',
    input: Nothing,
    output: Replay,
  }),
  'replay.originalLog': route({
    method: 'get',
    path: '/lessons/:lesson/original/log',
    may: 'replay.original',
    input: Nothing,
    output: ReplayLog,
  }),
  /** Erases at once what is hidden. */
  'replay.erase': route({
    method: 'delete',
    path: '/lessons/:lesson/original',
    may: 'replay.original',
    input: Nothing,
    output: Nothing,
  }),

  'edit.show': route({
    method: 'get',
    path: '/lessons/:lesson/edit',
    may: 'replay.edit',
    input: Nothing,
    output: EditedReplay,
  }),
  /** Nothing that it hides is given to anybody once this is answered. `edit_outdated` where somebody else has saved meanwhile. */
  'edit.save': route({
    method: 'post',
    path: '/lessons/:lesson/edit',
    may: 'replay.edit',
    input: z.object({ revision: z.number().int().min(0), edit: ReplayEdit }),
    output: EditedReplay,
  }),
  'edit.publish': route({
    method: 'post',
    path: '/lessons/:lesson/audience',
    may: 'replay.edit',
    input: z.object({ audience: Audience }),
    output: Nothing,
  }),
  /** Shows it with the next lesson of the same course, or, with `attached` false, no longer. */
  'edit.attach': route({
    method: 'post',
    path: '/lessons/:lesson/attachment',
    may: 'replay.edit',
    input: z.object({ attached: z.boolean() }),
    output: z.object({ to: z.object({ lesson: Id, title: Localised, startsAt: WallTime }).nullable() }),
  }),
  'edit.attachment': route({
    method: 'get',
    path: '/lessons/:lesson/attachment',
    may: 'replay.edit',
    input: Nothing,
    output: z.object({ to: z.object({ lesson: Id, title: Localised, startsAt: WallTime }).nullable() }),
  }),

  /** Lessons that could be merged with it: its teacher's, of the same course, within a day. */
  'edit.neighbours': route({
    method: 'get',
    path: '/lessons/:lesson/neighbours',
    may: 'replay.edit',
    input: Nothing,
    output: z.object({ lessons: z.array(z.object({ lesson: Id, title: Localised, startsAt: WallTime })) }),
  }),
  /** Makes one lesson of two, of which both stay: its teacher's alone until it is published. `merge_impossible`, `replay_not_ready`. */
  'edit.merge': route({
    method: 'post',
    path: '/lessons/:lesson/merge',
    may: 'replay.edit',
    input: z.object({ with: Id }),
    output: z.object({ lesson: Id }),
  }),

  /** Times in the file count from the replay's second 0, as it is when the file is sent. `captions_too_many` where there are `CAPTION_TRACKS`. */
  'captions.add': route({
    method: 'post',
    path: '/lessons/:lesson/captions',
    may: 'replay.edit',
    input: z.object({
      language: Language,
      label: z.string().trim().min(1).max(60),
      /** A WebVTT file. */
      vtt: z.string().max(CAPTION_BYTES),
    }),
    output: CaptionTrack,
    limit: 4 * CAPTION_BYTES, // as JSON, where every sign may be escaped
  }),
  'captions.show': route({
    method: 'get',
    path: '/lessons/:lesson/captions/:track',
    may: 'replay.watch',
    input: Nothing,
    output: CaptionCues,
  }),
  'captions.remove': route({
    method: 'delete',
    path: '/lessons/:lesson/captions/:track',
    may: 'replay.edit',
    input: Nothing,
    output: Nothing,
  }),

  /** What `/replays/:lesson/archive.zip` will weigh; null while there is no voice to put in. */
  'archive.show': route({
    method: 'get',
    path: '/lessons/:lesson/archive',
    may: 'replay.keep',
    input: Nothing,
    output: z.object({
      bytes: z.number().int().min(0).nullable(),
      /** False: about so many. A part of the voice is made while it is sent. */
      exact: z.boolean(),
    }),
  }),

  'share.list': route({
    method: 'get',
    path: '/lessons/:lesson/shares',
    may: 'replay.edit',
    input: Nothing,
    output: z.object({ shares: z.array(Share) }),
  }),
  'share.make': route({
    method: 'post',
    path: '/lessons/:lesson/shares',
    may: 'replay.edit',
    input: z.object({ label: z.string().trim().max(60), until: WallTime }),
    output: z.object({ share: Share, token: ShareToken }),
  }),
  'share.revoke': route({
    method: 'delete',
    path: '/lessons/:lesson/shares/:share',
    may: 'replay.edit',
    input: Nothing,
    output: Nothing,
  }),
  /** Whoever has the token: from then on this browser may watch that replay, until the share ends. */
  'share.open': route({
    method: 'post',
    path: '/shares',
    may: 'anyone',
    input: z.object({ token: ShareToken }),
    output: z.object({ lesson: Id }),
  }),
} as const;
