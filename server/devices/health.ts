import { type Check, type DeviceReport, Level, type RoomReason } from '../../protocol/devices.ts';

/** What is known of a room's best device, and of its next lesson. Wall times in ms. */
export interface RoomFacts {
  readonly hasDevice: boolean;
  readonly online: boolean;
  readonly report: DeviceReport | null;
  readonly check: Pick<Check, 'at' | 'level'> | null;
  readonly next: { readonly startsAt: number; readonly live: boolean } | null;
  /** How often it lost power within a day. */
  readonly cutsToday: number;
  /** How often its link broke off within a day. */
  readonly linkCutsToday: number;
  /** Its microphone was open on the stage again and again in a week, and brought no voice. */
  readonly quietAllWeek: boolean;
  /** A new build failed on a screen of it, and nobody has seen to that. */
  readonly updateFailed: boolean;
}

/** Time enough to drive to the nearest village, or to reach someone there by telephone. */
const SOON_MS = 60 * 60_000;
/** Until when a room that is away is worth a look today. */
const TODAY_MS = 14 * 60 * 60_000;
/** What a check found is old news after a day. */
const CHECK_HOLDS_MS = 24 * 60 * 60_000;
/** Above these, sentences go missing: the same bounds as a teacher's "poor link". */
const POOR_ROUND_TRIP_MS = 1_500;
const POOR_LOSS = 0.05;

/** How bad it is, and the one reason to say: the first that applies, worst first. */
export function healthOf(facts: RoomFacts, now: number): { level: Level; reason: RoomReason } {
  const { online, report, check, next } = facts;
  const soon = next !== null && (next.live || next.startsAt - now < SOON_MS);
  const found = check && now - check.at < CHECK_HOLDS_MS ? check.level : null;
  if (!facts.hasDevice) return { level: soon ? 'red' : 'grey', reason: 'no_device' };
  if (!online && soon) return { level: 'red', reason: 'offline_lesson' };
  if (!online) {
    const today = next !== null && next.startsAt - now < TODAY_MS;
    return { level: today ? 'amber' : 'grey', reason: 'offline' };
  }
  if (found === 'red') return { level: 'red', reason: 'check_red' };
  if (hasInputTrouble(report)) return { level: soon ? 'red' : 'amber', reason: 'input_trouble' };
  if (isPoor(report)) return { level: 'amber', reason: 'link_poor' };
  if (found === 'amber') return { level: 'amber', reason: 'check_amber' };
  return { level: 'green', reason: next?.live ? 'in_lesson' : next ? 'fine' : 'resting' };
}

function hasInputTrouble(report: DeviceReport | null): boolean {
  return [report?.camera, report?.microphone].some(
    (state) => state !== undefined && state !== 'ok' && state !== 'unknown',
  );
}

function isPoor(report: DeviceReport | null): boolean {
  return (report?.roundTripMs ?? 0) > POOR_ROUND_TRIP_MS || (report?.loss ?? 0) > POOR_LOSS;
}

interface Ordered {
  readonly level: Level;
  readonly next: { readonly startsAt: number } | null;
}

/** Worst first, then by who has a lesson sooner. */
export function byUrgency(a: Ordered, b: Ordered): number {
  const order = Level.options;
  return order.indexOf(a.level) - order.indexOf(b.level) || bySoonest(a, b);
}

/** By who has a lesson sooner. */
export function bySoonest(a: Ordered, b: Ordered): number {
  const soon = ({ next }: Ordered) => next?.startsAt ?? Number.MAX_SAFE_INTEGER;
  return soon(a) - soon(b);
}
