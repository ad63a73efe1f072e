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
  /** A lesson's entries after a `seq`, in order. */
  readLog(lesson: string, after: number): Promise<readonly LogEntry[]>;
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
  const logs = new RecentLogs(readLog);

  async function logOf(record: LessonRecord): Promise<readonly LogEntry[]> {
    const entries = record.state === 'ready' ? [] : await logs.of(record.id);
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
      if (!recording && (record.state === 'live' || Date.now() < times.endedAt + RECORDING_APPEARS_MS))
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
        live: recording?.live,
      };
    },

    'replay.log': async (context, { after }) => {
      const entries = await logOf(lessonOf(context));
      const first = after === 0 ? 0 : entries.findIndex(({ seq }) => seq > after);
      return { entries: first < 0 ? [] : entries.slice(first) };
    },
  };
}

/**
 * When the replay begins and ends (lesson time), and the same on the wall. Renditions share the clock of their
 * recording, so that clock is the replay's too; the log alone goes from the start to the end of teaching. In a lesson
 * that goes on, it ends where its voice does.
 */
function timesOf(
  entries: readonly LogEntry[],
  recording: Recording | null,
): Pick<Replay, 'from' | 'to' | 'startedAt'> & { endedAt: number } {
  const started = entries.find((entry) => entry.event.type === 'lesson.started');
  const last = entries.findLast((entry) => entry.event.type === 'lesson.ended') ?? entries.at(-1);
  if (started?.event.type !== 'lesson.started' || !last) throw new TongkeError('replay_not_ready');
  const from = recording?.from ?? started.t;
  const to = recording?.live ? recording.to : Math.max(recording?.to ?? 0, last.t, from);
  const zero = started.event.at - started.t;
  return { from, to, startedAt: Math.max(0, zero + from), endedAt: zero + last.t };
}

/** The logs that were asked for last. Of one that grows only what is new is read. */
class RecentLogs {
  readonly #read: ReplayOptions['readLog'];
  readonly #kept = new Map<string, LogEntry[]>();

  constructor(read: ReplayOptions['readLog']) {
    this.#read = read;
  }

  /** A failure is not remembered, nor is an empty log. */
  async of(lesson: string): Promise<readonly LogEntry[]> {
    const known = this.#kept.get(lesson) ?? [];
    const last = known.at(-1);
    const fresh = last?.event.type === 'lesson.ended' ? [] : await this.#read(lesson, last?.seq ?? 0);
    // Others may have read on meanwhile: each answers with what it has read itself.
    const entries = fresh.length > 0 ? [...known, ...fresh] : known;
    this.#kept.delete(lesson);
    if (entries.length > 0) this.#kept.set(lesson, entries);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > LOGS_AT_HAND && oldest !== undefined) this.#kept.delete(oldest);
    return entries;
  }
}
