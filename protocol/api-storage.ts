import { z } from 'zod';
import { Nothing, route } from './route.ts';

/** What recordings take, and taking it back. */
export const storageRoutes = {
  /**
   * Deletes a replay for good: recording, log, captions, links, notes and questions of everyone, courseware. From the answer on
   * nobody is given any of it. `replay_not_ready` while it is recorded or its voice is made.
   */
  'replay.delete': route({
    method: 'delete',
    path: '/lessons/:lesson/replay',
    may: 'replay.delete',
    input: Nothing,
    output: z.object({
      /** False: something could not be removed just now; that goes on by itself until it is. */
      complete: z.boolean(),
    }),
  }),
} as const;
