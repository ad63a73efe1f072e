import { z } from 'zod';
import { Id, Localised, WallTime } from './common.ts';
import { COURSEWARE_MOST_BYTES, Courseware } from './courseware.ts';
import { Nothing, route } from './route.ts';

const Pages = z.object({ pages: z.number().int() });

/**
 * Preparing a lesson. A file's bytes go to `PATCH /courseware/:lesson/uploads/:courseware?from=N`, which answers as these
 * routes do with how many bytes are there; pages' files are read at `/courseware/:lesson/:sha256`.
 */
export const coursewareRoutes = {
  'courseware.list': route({
    method: 'get',
    path: '/lessons/:lesson/courseware',
    may: 'lesson.lead',
    input: Nothing,
    output: z.object({
      courseware: z.array(Courseware),
      /** Whether slides can be turned into pages here: it takes LibreOffice. */
      slides: z.boolean(),
    }),
  }),
  /** Announces a file. Its pages come to stand behind `after`, or at the end. */
  'courseware.add': route({
    method: 'post',
    path: '/lessons/:lesson/courseware',
    may: 'lesson.lead',
    input: z.object({
      name: z.string().trim().min(1).max(255),
      bytes: z.number().int().min(1).max(COURSEWARE_MOST_BYTES),
      after: Id.optional(),
    }),
    output: z.object({ id: Id }),
  }),
  /** For what failed: it is tried once more. */
  'courseware.retry': route({
    method: 'post',
    path: '/lessons/:lesson/courseware/:courseware/retry',
    may: 'lesson.lead',
    input: Nothing,
    output: Nothing,
  }),
  /** Gives a file up, or takes it off the list; pages that it became stay on the board. */
  'courseware.delete': route({
    method: 'delete',
    path: '/lessons/:lesson/courseware/:courseware',
    may: 'lesson.lead',
    input: Nothing,
    output: Nothing,
  }),
  /** Lessons of the same course whose boards can be gone on with, latest first. */
  'board.earlier': route({
    method: 'get',
    path: '/lessons/:lesson/earlier',
    may: 'lesson.lead',
    input: Nothing,
    output: z.object({
      lessons: z.array(z.object({ id: Id, title: Localised, startsAt: WallTime, pages: z.number().int() })),
    }),
  }),
  /** Brings the pages of an earlier lesson, with all that is on them, behind `after` or to the end. */
  'board.bring': route({
    method: 'post',
    path: '/lessons/:lesson/earlier',
    may: 'lesson.lead',
    input: z.object({ from: Id, after: Id.optional() }),
    output: Pages,
  }),
} as const;
