import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

const pad = (n: number): string => String(n).padStart(2, '0');

/** `9:05`: a time of day as schools write it, in the device's time zone. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return `${date.getHours()}:${pad(date.getMinutes())}`;
}

/** `4:07`, or `1:04:07` past an hour. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest.replace(/^0/, '');
}

/** Whole days from `now` to `at` in the device's time zone: 0 today, 1 tomorrow. */
export function daysFrom(now: number, at: number): number {
  return Math.round((midnight(at) - midnight(now)) / 86_400_000);
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** Own names, since browsers have no Tibetan ones. */
export function useDayNames() {
  const { t } = useTranslation();
  const weekday = (at: number): string => t(`date.weekday.${weekdayOf(at)}`);
  const day = (at: number): string =>
    t('date.day', { month: t(`date.month.${monthOf(at)}`), day: new Date(at).getDate() });
  const full = (at: number): string => t('date.full', { day: day(at), weekday: weekday(at) });
  return { weekday, day, full };
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const MONTHS = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11', 'm12'] as const;

function weekdayOf(at: number): (typeof WEEKDAYS)[number] {
  return WEEKDAYS[new Date(at).getDay()] ?? 'sunday';
}

function monthOf(at: number): (typeof MONTHS)[number] {
  return MONTHS[new Date(at).getMonth()] ?? 'm1';
}

/** Now, again every `every` milliseconds. */
export function useNow(every: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
