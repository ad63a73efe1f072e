import { z } from 'zod';
import { Id, Localised, WallTime } from './common.ts';
import { Pack, PackShare } from './pack.ts';
import { Nothing, route } from './route.ts';

/** What lessons need, fetched ahead. */
export const packRoutes = {
  'pack.show': route({
    method: 'get',
    path: '/lessons/:lesson/pack',
    may: 'lesson.attend',
    input: Nothing,
    output: Pack,
  }),
  /** What the asking device has of it. */
  'pack.report': route({
    method: 'post',
    path: '/lessons/:lesson/pack',
    may: 'lesson.attend',
    input: PackShare,
    output: Nothing,
  }),
  /** For the teacher: every room of the lesson, and what it has; null where it has not said. */
  'pack.rooms': route({
    method: 'get',
    path: '/lessons/:lesson/packs',
    may: 'lesson.lead',
    input: Nothing,
    output: z.object({
      rooms: z.array(z.object({ room: Id, name: Localised, share: PackShare.nullable() })),
    }),
  }),
  /** For the technician: lessons to come of one room. */
  'room.packs': route({
    method: 'get',
    path: '/rooms/:room/packs',
    may: 'room.manage',
    input: Nothing,
    output: z.object({
      lessons: z.array(
        z.object({ lesson: Id, title: Localised, startsAt: WallTime, share: PackShare.nullable() }),
      ),
    }),
  }),
} as const;
