import { z } from 'zod';
import { Id, Localised } from './common.ts';

/** A day of the school's calendar, `2026-11-23`; no time zone: it is the school's own. */
export const Day = z.iso.date();
export type Day = z.infer<typeof Day>;

/** Minutes after midnight, local time. */
const Minute = z.number().int().min(0).max(1439);

/** A lesson that comes again: enough for rooms and devices to live by. */
export const TimetableSeries = z.object({
  id: Id,
  title: Localised,
  course: Id,
  lead: Id,
  locals: z.array(Id).max(50).default([]),
  rooms: z.array(Id).max(500),
  /** 1 is Monday. */
  weekday: z.number().int().min(1).max(7),
  at: Minute,
  minutes: z.number().int().min(5).max(300).default(40),
  /** First and last day of the term. */
  from: Day,
  until: Day,
  /** 1: every week; 2: every other, counted from the week of `from`. */
  everyWeeks: z.number().int().min(1).max(8).default(1),
  /** Days on which it does not take place. */
  holidays: z.array(Day).max(200).default([]),
  /** Sittings that take place at another time, by the day they would have had. */
  moves: z
    .array(z.object({ day: Day, to: Day, at: Minute }))
    .max(200)
    .default([]),
});
export type TimetableSeries = z.infer<typeof TimetableSeries>;

/** One sitting; `day` is the day it had in the series, whatever it was moved to, and with that its name. */
export interface Sitting {
  readonly day: Day;
  readonly on: Day;
  /** Minutes after midnight of `on`. */
  readonly at: number;
}

const DAY_MS = 86_400_000;

/** All sittings of a series, in the order of their days. Pure calendar arithmetic: UTC stands for "no time zone". */
export function sittings(series: TimetableSeries): Sitting[] {
  const first = Date.parse(series.from);
  const last = Date.parse(series.until);
  // getUTCDay: Sunday is 0; Monday of the week of `from` counts the weeks.
  const monday = first - ((new Date(first).getUTCDay() + 6) % 7) * DAY_MS;
  const found: Sitting[] = [];
  const step = series.everyWeeks * 7 * DAY_MS;
  for (let time = monday + (series.weekday - 1) * DAY_MS; time <= last; time += step) {
    const day = new Date(time).toISOString().slice(0, 10);
    if (time < first || series.holidays.includes(day)) continue;
    const move = series.moves.find((one) => one.day === day);
    found.push({ day, on: move?.to ?? day, at: move?.at ?? series.at });
  }
  return found;
}
