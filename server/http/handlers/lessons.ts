import type { LessonSummary } from '../../../protocol/api.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import type { RecordingsApi } from '../../../protocol/recording.ts';
import { partIn } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { LessonRecord } from '../../lessons/record.ts';
import { lessonsAround } from '../../store/lessons.ts';
import type { RouteContext, RouteHandlers } from '../api.ts';

export function lessonRoutes(recordings: RecordingsApi): Pick<RouteHandlers, 'lesson.list' | 'lesson.show'> {
  return {
    'lesson.list': async (context) => {
      const now = Date.now();
      const { from, to } = weekAround(now);
      const records = await lessonsAround(subjectOf(accountOf(context)), from, to);
      const summaries = await Promise.all(records.map((record) => summarise(record, context, recordings)));
      return { now, lessons: summaries.filter((summary) => summary !== null) };
    },

    'lesson.show': async (context) => {
      const summary = await summarise(lessonOf(context), context, recordings);
      if (!summary) throw new TongkeError('not_found');
      return summary;
    },
  };
}

/** The account of a route that only those signed in reach. */
export function accountOf({ account }: RouteContext) {
  if (!account) throw new TongkeError('not_signed_in');
  return account;
}

/** The lesson of a route with `:lesson`. */
export function lessonOf({ lesson }: RouteContext): LessonRecord {
  if (!lesson) throw new TongkeError('not_found');
  return lesson;
}

/** A lesson as its reader sees it, or null where it is none of theirs. */
async function summarise(
  record: LessonRecord,
  context: RouteContext,
  recordings: RecordingsApi,
): Promise<LessonSummary | null> {
  const { members, replayDeleted: _deleted, ...shown } = record;
  const part = partIn(members, subjectOf(accountOf(context)));
  if (!part) return null;
  const recording = record.state === 'ended' ? await recordings.recording(record.id) : null;
  return {
    ...shown,
    rooms: [...record.rooms],
    before: [...record.before],
    part,
    replay: recording?.state ?? null,
  };
}

/** Monday 00:00 to the next, in the time zone the server runs in (`TZ`). */
function weekAround(now: number): { from: Date; to: Date } {
  const from = new Date(now);
  from.setHours(0, 0, 0, 0);
  from.setDate(from.getDate() - ((from.getDay() + 6) % 7));
  const to = new Date(from);
  to.setDate(to.getDate() + 7);
  return { from, to };
}
