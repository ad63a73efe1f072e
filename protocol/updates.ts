import { z } from 'zod';
import { Id, Localised, WallTime } from './common.ts';
import { Level } from './devices.ts';

/*
 * How a new build of the pages comes to the screens of rooms: wave by wave, and back where it fails. Each screen is
 * given one build by the server, which keeps the former ones; people always get the newest.
 */

/** A build is named by what is in it: the hash in the name of its first script. */
export const BuildId = z.string().regex(/^[\w-]{1,40}$/);

/** The build in what a device says of itself (`DeviceFacts.version`); null where it says none. */
export function buildIn(version: string | undefined): string | null {
  const found = BuildId.safeParse(version?.split(' ')[1]);
  return found.success ? found.data : null;
}

/**
 * `told`: it fetches the new build and opens it when no lesson runs; `back`: it runs it, and is being checked; `well`:
 * the check was no worse than the one before; `returning`: it has been given its former build again.
 */
export const UpdateStep = z.enum(['waiting', 'told', 'back', 'well', 'failed', 'returning', 'returned']);
export type UpdateStep = z.infer<typeof UpdateStep>;

export const UpdateFailure = z.enum(['not_back', 'no_check', 'check_red']);
export type UpdateFailure = z.infer<typeof UpdateFailure>;

export const UpdatingDevice = z.object({
  device: Id,
  room: Id,
  wave: z.number().int().min(0),
  /** The build it ran before; null where the server does not keep that. */
  former: BuildId.nullable(),
  step: UpdateStep,
  /** When it came to this step. */
  at: WallTime,
  /** Its last check before the change. */
  before: Level.nullable(),
  failure: UpdateFailure.nullable(),
});
export type UpdatingDevice = z.infer<typeof UpdatingDevice>;

export const Wave = z.object({
  startedAt: WallTime.nullable(),
  /** When the last of its screens that could be reached was through; then it soaks. */
  settledAt: WallTime.nullable(),
  doneAt: WallTime.nullable(),
});
export type Wave = z.infer<typeof Wave>;

/** `halted` by itself (`failures`) or by a person; `returned`: all screens are given their former build again. */
export const RolloutState = z.enum(['running', 'halted', 'returned', 'done']);
export type RolloutState = z.infer<typeof RolloutState>;

/** How careful a roll-out is. */
export const RolloutCare = z.object({
  /** How long a wave is watched before the next begins. */
  soakMinutes: z.number().int().min(0).max(10_080),
  /** More failed screens of a wave than this, percent, halt it. */
  failPercent: z.number().int().min(0).max(99),
});

export const Rollout = RolloutCare.extend({
  id: Id,
  /** Who started it. */
  by: Id,
  /** A later one has taken its place. */
  closed: z.boolean(),
  target: BuildId,
  schools: z.array(Id),
  state: RolloutState,
  haltedBy: z.enum(['failures', 'person']).nullable(),
  startedAt: WallTime,
  endedAt: WallTime.nullable(),
  waves: z.array(Wave),
  devices: z.array(UpdatingDevice),
});
export type Rollout = z.infer<typeof Rollout>;

/** These rooms; or so many percent of all rooms together with the waves before. What is left over joins the last wave. */
export const WavePlan = z.union([
  z.object({ rooms: z.array(Id).min(1).max(2_000) }),
  z.object({ percent: z.number().int().min(1).max(100) }),
]);
export type WavePlan = z.infer<typeof WavePlan>;

/** A roll-out as its technician sees it: only the rooms of schools they serve. */
export const RolloutView = Rollout.extend({
  /** False where it concerns schools that they do not serve: then others halt it. */
  own: z.boolean(),
  rooms: z.array(z.object({ id: Id, name: Localised, school: Localised })),
});
export type RolloutView = z.infer<typeof RolloutView>;
