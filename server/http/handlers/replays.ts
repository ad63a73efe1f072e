import { TongkeError } from '../../../protocol/errors.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import type { Recording, RecordingsApi } from '../../../protocol/recording.ts';
import type { Replay, ReplayState } from '../../../protocol/replay.ts';
import { partIn } from '../../../protocol/roles.ts';
import { subjectOf } from '../../auth/auth.ts';
import type { LessonRecord } from '../../lessons/record.ts';
import type { RouteHandlers } from '../api.ts';
import { accountOf, lessonOf } from './lessons.ts';

export interface ReplayOptions {
  readonly recordings: RecordingsApi;
  /** Every entry of a lesson's log, in order. */
  readLog(lesson: string): Promise<readonly LogEntry[]>;
}

/** A whole class opens the replay when the lesson is over: that many logs are kept at hand. */
const LOGS_AT_HAND = 8;
/** A lesson without any recording this long after its end has none. */
const RECORDING_APPEARS_MS = 60_000;
const NOT_RECORDED: ReplayState = { voice: 'failed', picture: 'failed', progress: 0 };

export function replayRoutes({
  recordings,
  readLog,
}: ReplayOptions): Pick<RouteHandlers, 'replay.show' | 'replay.log'> {
  const finishedLog = keepRecent(LOGS_AT_HAND, async (lesson) => [...(await readLog(lesson))]);

  async function logOf(record: LessonRecord): Promise<LogEntry[]> {
    const entries = record.state === 'ended' ? await finishedLog(record.id) : [];
    if (entries.length === 0) throw new TongkeError('replay_not_ready');
    return entries;
  }

  return {
    'replay.show': async (context) => {
      const record = lessonOf(context);
      const part = partIn(record.members, subjectOf(accountOf(context)));
      if (!part) throw new TongkeError('not_found');
      const recording = await recordings.recording(record.id);
      const times = timesOf(await logOf(record), recording);
      if (!recording && Date.now() < times.endedAt + RECORDING_APPEARS_MS)
        throw new TongkeError('replay_not_ready');
      return {
        lesson: record.id,
        title: record.title,
        teacher: record.teacher,
        startedAt: times.startedAt,
        from: times.from,
        to: times.to,
        state: recording?.state ?? NOT_RECORDED,
        renditions: [...(recording?.renditions ?? [])],
        gaps: [...(recording?.gaps ?? [])],
        log: `/api/v1/lessons/${record.id}/log`,
        part,
      };
    },

    'replay.log': async (context) => ({ entries: await logOf(lessonOf(context)) }),
  };
}

/**
 * When the replay begins and ends (lesson time), and the same on the wall. Renditions share the clock of their
 * recording, so that clock is the replay's too; the log alone goes from the start to the end of teaching.
 */
function timesOf(
  entries: readonly LogEntry[],
  recording: Recording | null,
): Pick<Replay, 'from' | 'to' | 'startedAt'> & { endedAt: number } {
  const started = entries.find((entry) => entry.event.type === 'lesson.started');
  const last = entries.findLast((entry) => entry.event.type === 'lesson.ended') ?? entries.at(-1);
  if (started?.event.type !== 'lesson.started' || !last) throw new TongkeError('replay_not_ready');
  const from = recording?.from ?? started.t;
  const to = Math.max(recording?.to ?? 0, last.t, from);
  const zero = started.event.at - started.t;
  return { from, to, startedAt: Math.max(0, zero + from), endedAt: zero + last.t };
}

/** Remembers the last `limit` results by key. A failure is not remembered, nor is an empty list. */
function keepRecent<T>(limit: number, load: (key: string) => Promise<T[]>): (key: string) => Promise<T[]> {
  const kept = new Map<string, T[]>();
  return async (key) => {
    const found = kept.get(key) ?? (await load(key));
    kept.delete(key);
    if (found.length > 0) kept.set(key, found);
    const [oldest] = kept.keys();
    if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
    return found;
  };
}
