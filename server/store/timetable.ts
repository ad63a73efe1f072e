import type { TimetableSeries } from '../../protocol/timetable.ts';
import { attempt } from './database.ts';
import { Timetable, type TimetableRow } from './device-models.ts';
import { Lessons, newId } from './models.ts';

export async function listSeries(school?: string): Promise<(TimetableSeries & { school: string })[]> {
  const rows = await attempt(() => Timetable.find(school === undefined ? {} : { school }).lean());
  return rows.map(({ _id, ...row }: TimetableRow) => ({ ...row, id: _id }));
}

/** Makes or replaces; null where that id is another school's. */
export async function putSeries(
  school: string,
  { id = newId('t'), ...series }: Omit<TimetableSeries, 'id'> & { id?: string },
): Promise<string | null> {
  const other = await attempt(() => Timetable.exists({ _id: id, school: { $ne: school } }));
  if (other) return null;
  await attempt(() => Timetable.replaceOne({ _id: id }, { ...series, school }, { upsert: true }));
  return id;
}

export async function deleteSeries(school: string, id: string): Promise<boolean> {
  const { deletedCount } = await attempt(() => Timetable.deleteOne({ _id: id, school }));
  return deletedCount > 0;
}

/** The lessons that were made of a series and have not begun, from `from` on; wherever they moved to. */
export async function lessonsOfSeries(series: string, from: Date): Promise<string[]> {
  const prefix = `${series}-`;
  const rows = await attempt(() =>
    Lessons.find(
      { _id: { $gte: prefix, $lt: `${prefix}\uffff` }, state: 'ready', startsAt: { $gte: from } },
      { _id: 1 },
    ).lean(),
  );
  return rows.map(({ _id }) => _id);
}

/** Takes a lesson that has not begun off the timetable. */
export async function cancelLesson(id: string): Promise<void> {
  await attempt(() => Lessons.deleteOne({ _id: id, state: 'ready' }));
}

/** Brings a lesson that has not begun to what its series says now. */
export async function followSeries(
  id: string,
  lesson: Pick<TimetableSeries, 'title' | 'course' | 'lead' | 'locals' | 'rooms'> & {
    readonly classes: readonly string[];
    readonly startsAt: Date;
    readonly endsAt: Date;
  },
): Promise<void> {
  await attempt(() => Lessons.updateOne({ _id: id, state: 'ready' }, { $set: lesson }));
}
