import type { Account, RouteOutput } from '../../../protocol/api.ts';
import { remember, remembered } from '../../ui/remember.ts';

const KEY = 'room-agenda';

/** What a room shows while its server is away: who it is, and what its timetable said last. */
export interface Kept {
  readonly name: Account['name'];
  readonly list: RouteOutput<'lesson.list'>;
}

export function keepAgenda(kept: Kept): void {
  remember(KEY, JSON.stringify(kept));
}

/** Null where nothing was kept. Only this page writes it: what it reads has the shape it was written in. */
export function keptAgenda(): Kept | null {
  const text = remembered(KEY);
  if (text === null) return null;
  try {
    const kept: Kept = JSON.parse(text);
    const now = Date.now();
    // A lesson that is over by now is none to wait for, whatever it was when the server said so.
    const lessons = kept.list.lessons.filter(({ endsAt }) => endsAt > now);
    return { ...kept, list: { lessons, now } };
  } catch {
    return null;
  }
}
