import { attempt } from './database.ts';
import { Lessons } from './models.ts';

/** From now on the lesson's replay is deleted, and something of it is still to be removed. */
export async function beginDeletion(lesson: string): Promise<void> {
  const deletion = { at: new Date(), left: true };
  await attempt(() => Lessons.updateOne({ _id: lesson }, { $set: { deletion } }));
}

/** Lessons of whose replays something is still to be removed, by now. */
export async function deletionsLeft(now = Date.now()): Promise<string[]> {
  const filter = { 'deletion.left': true, 'deletion.at': { $lte: new Date(now) } };
  const rows = await attempt(() => Lessons.find(filter, { _id: 1 }).lean());
  return rows.map(({ _id }) => _id);
}

/** Nothing is left. The timetable still says that the lesson was taught; one that was only brought here, or never finished, goes, too. */
export async function endDeletion(lesson: string): Promise<void> {
  const neverTaught = [{ brought: { $exists: true } }, { merging: true }];
  await attempt(() => Lessons.deleteOne({ _id: lesson, $or: neverTaught }));
  await attempt(() => Lessons.updateOne({ _id: lesson }, { $set: { 'deletion.left': false } }));
}
