import { z } from 'zod';
import { Ceiling } from './ceilings.ts';
import { Id, Localised } from './common.ts';
import { LinkChoice, Rung } from './link.ts';
import { Nothing, route } from './route.ts';

/** What a room receives of a lesson just now. */
const Receiving = z.object({ lesson: Localised, rung: Rung, choice: LinkChoice });

/** What links carry, and what they may be asked to carry. */
export const linkRoutes = {
  'room.link': route({
    method: 'get',
    path: '/rooms/:room/link',
    may: 'room.manage',
    input: Nothing,
    output: z.object({
      /** Null where the room is in no lesson. */
      receiving: Receiving.nullable(),
      /** Shared by all of the school who receive at once. */
      school: Ceiling.nullable(),
      /** What holds for the room at this moment, of its own ceiling and its share of the school's, kbit/s. */
      nowKbps: z.number().int().nullable(),
    }),
  }),
  /** The schools one serves. */
  'school.ceilings': route({
    method: 'get',
    path: '/ceilings',
    may: 'room.list',
    input: Nothing,
    output: z.object({
      schools: z.array(z.object({ id: Id, name: Localised, ceiling: Ceiling.nullable() })),
    }),
  }),
  'school.limit': route({
    method: 'post',
    path: '/schools/:school/ceiling',
    may: 'room.manage',
    input: z.object({ ceiling: Ceiling.nullable() }),
    output: Nothing,
  }),
} as const;
