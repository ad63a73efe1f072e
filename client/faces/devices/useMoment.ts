import { useTranslation } from 'react-i18next';
import { daysFrom, timeOfDay, useDayNames } from '../../ui/time.ts';

/** A moment near `now` in words: today's by the time alone, others by their day. `dayOnly` leaves the time out. */
export function useMoment(now: number): (at: number, dayOnly?: boolean) => string {
  const { t } = useTranslation();
  const { weekday, day } = useDayNames();
  return (at, dayOnly = false) => {
    const distance = daysFrom(now, at);
    const time = dayOnly ? '' : ` ${timeOfDay(at)}`;
    const near = { '-1': t('today.yesterday'), '0': t('today.today'), '1': t('today.tomorrow') }[
      String(distance)
    ];
    if (near) return `${near}${time}`;
    return distance > 1 && distance < 7 ? `${weekday(at)}${time}` : `${day(at)}${time}`;
  };
}
