import { type Sitting, sittings, type TimetableSeries } from '../../protocol/timetable.ts';
import type { Log } from '../log.ts';
import { createLesson, lessonRecords } from '../store/lessons.ts';
import { classesOfCourse } from '../store/schools.ts';
import { cancelLesson, followSeries, lessonsOfSeries, listSeries } from '../store/timetable.ts';

/** Devices live by what is there when their link is not: a fortnight outlasts any repair. */
const AHEAD_DAYS = 14;
const EVERY_MS = 10 * 60_000;
const MINUTE_MS = 60_000;

/** Keeps the lessons of the coming fortnight as the series say. */
export class TimetableGenerator {
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> = Promise.resolve();
  /** These rooms' lessons have changed. */
  onChange: (rooms: readonly string[]) => void = () => {};

  constructor(log: Log) {
    this.#log = log;
    this.#timer = setInterval(() => void this.#refresh(), EVERY_MS).unref();
  }

  async start(): Promise<void> {
    await this.#refresh();
  }

  /** Brings one series' lessons up to date; gives how many there are from now on. */
  async follow(series: TimetableSeries, now = Date.now()): Promise<number> {
    const coming = upcoming(series, now);
    const names = new Set(coming.map((sitting) => nameOf(series.id, sitting)));
    for (const id of await lessonsOfSeries(series.id, new Date(now)))
      if (!names.has(id)) await cancelLesson(id);
    const classes = await classesOfCourse(series.course);
    for (const sitting of coming) await bringAbout(series, sitting, classes);
    this.onChange(series.rooms);
    return coming.length;
  }

  /** Takes away what a series that is gone would have brought. */
  async forget(series: Pick<TimetableSeries, 'id' | 'rooms'>): Promise<void> {
    for (const id of await lessonsOfSeries(series.id, new Date())) await cancelLesson(id);
    this.onChange(series.rooms);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }

  #refresh(): Promise<void> {
    this.#working = this.#working.then(async () => {
      try {
        for (const series of await listSeries()) await this.follow(series);
      } catch (error) {
        this.#log.warn({ err: error }, 'the timetable could not be followed; trying again');
      }
    });
    return this.#working;
  }
}

function upcoming(series: TimetableSeries, now: number): readonly Sitting[] {
  const last = now + AHEAD_DAYS * 24 * 60 * MINUTE_MS;
  return sittings(series).filter((sitting) => {
    const startsAt = startOf(sitting).getTime();
    return startsAt + series.minutes * MINUTE_MS > now && startsAt < last;
  });
}

/** In the time zone the server runs in (`TZ`), as everywhere: a county has one. */
function startOf({ on, at }: Sitting): Date {
  const [year = 0, month = 1, day = 1] = on.split('-').map(Number);
  return new Date(year, month - 1, day, Math.floor(at / 60), at % 60);
}

function nameOf(series: string, { day }: Sitting): string {
  return `${series}-${day}`;
}

async function bringAbout(
  series: TimetableSeries,
  sitting: Sitting,
  classes: readonly string[],
): Promise<void> {
  const id = nameOf(series.id, sitting);
  const startsAt = startOf(sitting);
  const { title, course, lead, locals, rooms, minutes } = series;
  const endsAt = new Date(startsAt.getTime() + minutes * MINUTE_MS);
  const lesson = { title, course, lead, locals, rooms, classes: [...classes], startsAt, endsAt };
  if (await lessonRecords.find(id)) await followSeries(id, lesson);
  else await createLesson({ ...lesson, id });
}
