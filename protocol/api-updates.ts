import { z } from 'zod';
import { Id, Localised, WallTime } from './common.ts';
import { Nothing, route } from './route.ts';
import { BuildId, RolloutCare, RolloutView, WavePlan } from './updates.ts';

/** The build that screens run, wave by wave. */
export const updateRoutes = {
  'update.list': route({
    method: 'get',
    path: '/updates',
    may: 'room.list',
    input: Nothing,
    output: z.object({
      now: WallTime,
      /** Null where the server has no pages that were built. */
      newest: BuildId.nullable(),
      /** Rooms with a screen that runs another build. */
      behind: z.array(z.object({ id: Id, name: Localised, school: Localised })),
      /** Newest first. */
      rollouts: z.array(RolloutView),
    }),
  }),
  /** Takes the screens of all schools that one serves to the newest build. */
  'update.start': route({
    method: 'post',
    path: '/updates',
    may: 'room.list',
    input: RolloutCare.extend({ waves: z.array(WavePlan).min(1).max(20) }),
    output: z.object({ id: Id }),
  }),
  /** No further screen changes; those that did stay as they are. */
  'update.halt': route({
    method: 'post',
    path: '/updates/:update/halt',
    may: 'room.list',
    input: Nothing,
    output: Nothing,
  }),
  /** Every screen goes back to the build it had. */
  'update.return': route({
    method: 'post',
    path: '/updates/:update/return',
    may: 'room.list',
    input: Nothing,
    output: Nothing,
  }),
} as const;
