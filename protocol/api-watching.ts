import { z } from 'zod';
import { Id, LessonTime } from './common.ts';
import { Nothing, route } from './route.ts';
import { Note, Question, QuestionText, Report, Viewer, Watching } from './watching.ts';

/** A file of a rendition, as one keeps it: whole, and as its hash says. */
export const KeptFile = z.object({
  /** Path from the site's root. */
  url: z.string(),
  bytes: z.number().int().min(0),
  /** Lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type KeptFile = z.infer<typeof KeptFile>;

/** What belongs to one who watches a replay. Everything is asked of the lesson first, and of its owner within it. */
export const watchingRoutes = {
  'watching.show': route({
    method: 'get',
    path: '/lessons/:lesson/watching',
    may: 'replay.watch',
    input: Nothing,
    output: Watching,
  }),
  /** Where one is, and what was played since the last report. Small and seldom: every 15 s of watching. */
  'watching.report': route({
    method: 'post',
    path: '/lessons/:lesson/watching',
    may: 'replay.watch',
    input: Report,
    output: Nothing,
  }),
  /** The lesson's students and what each of them has watched. */
  'watching.viewers': route({
    method: 'get',
    path: '/lessons/:lesson/viewers',
    may: 'replay.answer',
    input: Nothing,
    output: z.object({ viewers: z.array(Viewer) }),
  }),
  /** Ids are the writer's own, so that what is sent twice is there once. An id that is there is changed. */
  'note.put': route({
    method: 'post',
    path: '/lessons/:lesson/notes',
    may: 'replay.watch',
    input: Note.omit({ at: true }),
    output: Note,
  }),
  'note.delete': route({
    method: 'delete',
    path: '/lessons/:lesson/notes/:note',
    may: 'replay.watch',
    input: Nothing,
    output: Nothing,
  }),
  'question.ask': route({
    method: 'post',
    path: '/lessons/:lesson/questions',
    may: 'replay.ask',
    input: z.object({ id: Id, t: LessonTime, text: QuestionText }),
    output: Question,
  }),
  'question.answer': route({
    method: 'post',
    path: '/lessons/:lesson/questions/:question/answer',
    may: 'replay.answer',
    input: z.object({ text: QuestionText }),
    output: Question,
  }),
  /** One's own. */
  'question.delete': route({
    method: 'delete',
    path: '/lessons/:lesson/questions/:question',
    may: 'replay.ask',
    input: Nothing,
    output: Nothing,
  }),
  /** All that a player needs of one playlist of a rendition, each with its hash. Named as in the rendition's address. */
  'replay.files': route({
    method: 'get',
    path: '/lessons/:lesson/replay/files',
    may: 'replay.watch',
    input: z.object({ playlist: z.string().regex(/^(e\d{1,15}\/)?[a-z0-9-]{1,64}\.m3u8$/) }),
    output: z.object({ files: z.array(KeptFile) }),
  }),
} as const;
