import { z } from 'zod';

const MINUTES_A_DAY = 1_440;

const MinuteOfDay = z
  .number()
  .int()
  .min(0)
  .max(MINUTES_A_DAY - 1);

/** Minutes after midnight where the server is; over midnight where `until` is not after `from`. */
export const Hours = z.object({ from: MinuteOfDay, until: MinuteOfDay });
export type Hours = z.infer<typeof Hours>;

/** From the thinnest link on which a lesson can be followed. */
export const CeilingKbps = z.number().int().min(16).max(100_000);

/** The most that a line may be asked to carry to those who receive over it; `hours` null: at all times. */
export const Ceiling = z.object({ kbps: CeilingKbps, hours: Hours.nullable() });
export type Ceiling = z.infer<typeof Ceiling>;

/** Whether a ceiling holds at a minute of the day. */
export function holdsAt({ hours }: Ceiling, minute: number): boolean {
  if (!hours) return true;
  const { from, until } = hours;
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}
