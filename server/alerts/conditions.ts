import { AlertKind } from '../../protocol/alerts.ts';
import type { Level } from '../../protocol/devices.ts';
import { healthOf, type RoomFacts } from '../devices/health.ts';

export interface Rule {
  readonly level: Level;
  /** So long it must be so before anyone is told, ms. */
  readonly afterMs: number;
  /** So long it must be well before it is over, ms. */
  readonly clearMs: number;
  /** `open`: it has been told, and is over only where things are clearly better. */
  readonly holds: (facts: RoomFacts, open: boolean, now: number) => boolean;
}

const MINUTE = 60_000;
/** A link that is poor above 1,500 ms or 5% (`health.ts`) is well again below these. */
const WELL_ROUND_TRIP_MS = 1_000;
const WELL_LOSS = 0.03;
/** As in the check: `client/devices/check/judge.ts`; well again with a hundred more. */
const SPACE_LOW_MB = 200;
const SPACE_WELL_MB = 300;
const CUTS = 3;
const LINK_CUTS = 5;

const reasonIs =
  (reason: string): Rule['holds'] =>
  (facts, _open, now) =>
    healthOf(facts, now).reason === reason;

/**
 * A screen that reloads, a link that is renewed, a server that restarts are over within two minutes: nobody wants to
 * be called for those.
 */
export const RULES: Readonly<Record<AlertKind, Rule>> = {
  offline_lesson: {
    ...{ level: 'red', afterMs: 3 * MINUTE, clearMs: 2 * MINUTE },
    holds: reasonIs('offline_lesson'),
  },
  offline: {
    ...{ level: 'amber', afterMs: 30 * MINUTE, clearMs: 5 * MINUTE },
    // Nearer to the lesson it has become the other one, which is told by itself.
    holds: (facts, _open, now) => {
      const { level, reason } = healthOf(facts, now);
      return reason === 'offline' && level === 'amber';
    },
  },
  // A check is an answer already: neither is waited for.
  check_red: { level: 'red', afterMs: 0, clearMs: 0, holds: reasonIs('check_red') },
  input_trouble: {
    ...{ level: 'amber', afterMs: 3 * MINUTE, clearMs: MINUTE },
    holds: reasonIs('input_trouble'),
  },
  link_poor: {
    ...{ level: 'amber', afterMs: 10 * MINUTE, clearMs: 10 * MINUTE },
    holds: (facts, open, now) => {
      if (!open || !facts.online) return healthOf(facts, now).reason === 'link_poor';
      const { roundTripMs = 0, loss = 0 } = facts.report ?? {};
      return roundTripMs > WELL_ROUND_TRIP_MS || loss > WELL_LOSS;
    },
  },
  power_cuts: {
    ...{ level: 'amber', afterMs: 0, clearMs: 0 },
    holds: ({ cutsToday }) => cutsToday >= CUTS,
  },
  link_cuts: {
    ...{ level: 'amber', afterMs: 0, clearMs: 0 },
    holds: ({ linkCutsToday }) => linkCutsToday >= LINK_CUTS,
  },
  // A week has been waited already.
  microphone_quiet: { level: 'amber', afterMs: 0, clearMs: 0, holds: ({ quietAllWeek }) => quietAllWeek },
  update_failed: {
    ...{ level: 'amber', afterMs: 0, clearMs: 0 },
    holds: ({ updateFailed }) => updateFailed,
  },
  space_low: {
    ...{ level: 'amber', afterMs: 10 * MINUTE, clearMs: 10 * MINUTE },
    holds: ({ report }, open) => {
      const free = report?.freeMb;
      return free !== undefined && free < (open ? SPACE_WELL_MB : SPACE_LOW_MB);
    },
  },
};

export const KINDS: readonly AlertKind[] = AlertKind.options;
