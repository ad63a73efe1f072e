import { attempt } from './database.ts';
import { Accounts, Lessons } from './models.ts';

/** Lessons that are over and whose replays a school keeps, those it teaches and those it took in; oldest first. */
export async function keptLessons(school: string): Promise<string[]> {
  const accounts = await attempt(() => Accounts.find({ school }, { _id: 1 }).lean());
  const filter = {
    state: 'ended' as const,
    deletion: { $exists: false },
    $or: [{ lead: { $in: accounts.map(({ _id }) => _id) } }, { 'brought.into': school }],
  } satisfies object;
  const rows = await attempt(() => Lessons.find(filter, { _id: 1 }).sort({ endsAt: 1 }).lean());
  return rows.map(({ _id }) => _id);
}
