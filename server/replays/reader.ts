import { TongkeError } from '../../protocol/errors.ts';
import type { LogEntry, Part } from '../../protocol/events.ts';
import type {
  Recording,
  RecordingCut,
  RecordingsApi,
  ReplayFile,
  ReplayFileOptions,
} from '../../protocol/recording.ts';
import { redact } from '../../protocol/redact.ts';
import type { Gap, Replay, ReplayState } from '../../protocol/replay.ts';
import {
  type CaptionTrack,
  type ChapterTitle,
  type Cue,
  eraseAtOf,
  NO_EDIT,
  partsOf,
  type ReplayEdit,
  type ReplayPart,
} from '../../protocol/replay-edit.ts';
import type { LessonRecord } from '../lessons/record.ts';
import { type CaptionRow, captionsOf, type SavedEdit } from '../store/replays.ts';
import { filesNamed } from './page-files.ts';
import { shownEdit } from './shown-edit.ts';

export interface ReplayReaderOptions {
  readonly recordings: RecordingsApi;
  /** A lesson's entries after a `seq`, in order. */
  readonly readLog: (lesson: string, after: number) => Promise<readonly LogEntry[]>;
}

/** A whole class opens the replay when the lesson is over: that many logs are kept at hand. */
const LOGS_AT_HAND = 8;
/** A lesson without any recording this long after its end has none. */
const RECORDING_APPEARS_MS = 60_000;
const UNFINISHED: ReplayState = { voice: 'waiting', picture: 'waiting', progress: 0 };
const NOT_RECORDED: ReplayState = { voice: 'failed', picture: 'failed', progress: 0 };

/** A lesson that is over as those get it who watch: manifest, log and captions, with the teacher's edit applied. */
export class ReplayReader {
  readonly #recordings: RecordingsApi;
  readonly #whole: RecentLogs;
  /** Of finished lessons, by lesson and revision: an edit that was saved is in force with the next question. */
  readonly #shown = new Map<string, readonly LogEntry[]>();

  constructor({ recordings, readLog }: ReplayReaderOptions) {
    this.#recordings = recordings;
    this.#whole = new RecentLogs(readLog);
  }

  async manifest(record: LessonRecord, part: Part, editable: boolean): Promise<Replay> {
    const saved = await shownEdit(record.id);
    const { cut, edit } = saved;
    const recording = await this.recording(record.id, saved);
    const entries = await this.log(record);
    const times = timesOf(entries, recording, edit);
    if (!recording && (record.state === 'live' || Date.now() < times.endedAt + RECORDING_APPEARS_MS))
      throw new TongkeError('replay_not_ready');
    const { from, to, startedAt } = times;
    const parts = partsOf(edit, from, to);
    return {
      ...describe(record),
      ...{ startedAt, from, to, cut, part, editable },
      state: recording?.state ?? (this.#recordings.isUnfinished(record.id) ? UNFINISHED : NOT_RECORDED),
      renditions: [...(recording?.renditions ?? [])],
      gaps: [...(recording?.gaps ?? everybodys(edit))],
      ...{ log: `/api/v1/lessons/${record.id}/log`, lines: `/replays/${record.id}/log` },
      chapters: namesIn(edit, parts).filter(({ t }) => t >= from && t < to),
      ...(parts.length > 0 && { parts }),
      captions: (await captionsOf(record.id)).map((row) => presentCaptions(row, edit)),
      live: recording?.live,
    };
  }

  /** Everything, hidden or not, for as long as it is there. */
  async original(record: LessonRecord, part: Part): Promise<Replay> {
    const { edit } = await shownEdit(record.id);
    const recording = (await this.#recordings.original(record.id)) ?? (await this.recording(record.id));
    const entries = await this.originalLog(record);
    if (edit.hidden.some(({ eraseAt }) => eraseAt === null) && !recording) throw new TongkeError('not_found');
    const { from, to, startedAt } = timesOf(entries, recording, NO_EDIT);
    return {
      ...describe(record),
      ...{ startedAt, from, to, part, original: await this.hidden(record) },
      state: recording?.state ?? NOT_RECORDED,
      renditions: [...(recording?.renditions ?? [])],
      gaps: [...(recording?.gaps ?? [])],
      log: `/api/v1/lessons/${record.id}/original/log`,
      lines: `/replays/${record.id}/original/log`,
    };
  }

  /** Until when there is more of it than is shown. */
  async hidden({ id }: LessonRecord): Promise<Replay['original']> {
    const eraseAt = eraseAtOf((await shownEdit(id)).edit);
    return eraseAt === null ? undefined : { eraseAt };
  }

  /** Rejects with `replay_not_ready` before the lesson has begun. */
  async log(record: LessonRecord): Promise<readonly LogEntry[]> {
    const { revision, edit } = await shownEdit(record.id);
    const whole = await this.originalLog(record);
    if (revision === 0) return whole;
    const key = `${record.id} ${revision}`;
    const shown = this.#shown.get(key) ?? redact(whole, edit);
    keepRecent(this.#shown, key, shown);
    return shown;
  }

  async originalLog(record: LessonRecord): Promise<readonly LogEntry[]> {
    const entries = record.state === 'ready' ? [] : await this.#whole.of(record.id);
    if (entries.length === 0) throw new TongkeError('replay_not_ready');
    return entries;
  }

  /** The recording as the edit shows it, and no other. Where the disk has no room for cutting it, that is still to come. */
  async recording(lesson: string, saved?: SavedEdit): Promise<Recording | null> {
    const shown = saved ?? (await shownEdit(lesson));
    try {
      return await this.cut(lesson, shown);
    } catch (error) {
      if (!(error instanceof TongkeError && error.code === 'storage_full')) throw error;
      const found = await this.#recordings.recording(lesson);
      return found && uncut(found, shown);
    }
  }

  /** The same; but rejects with `storage_full` there. What a crash kept the recorder from being told, it is told now. */
  async cut(lesson: string, { cut, edit }: SavedEdit): Promise<Recording | null> {
    const found = await this.#recordings.recording(lesson);
    if (!found || found.revision === cut) return found;
    await this.#recordings.cut(lesson, cutOf(cut, edit));
    return this.#recordings.recording(lesson);
  }

  /** A rendition's file as it is shown now; null for one of another cut, whoever still has its address. */
  async file(lesson: string, name: string, options?: ReplayFileOptions): Promise<ReplayFile | null> {
    const { cut } = await shownEdit(lesson);
    const [, revision = '0'] = /^e(\d+)\//.exec(name) ?? [];
    if (!name.startsWith('original/') && Number(revision) !== cut) return null;
    return this.#recordings.file(lesson, name, options);
  }

  /** Whether what lies beneath a page's ink is hidden, with all that was written there. */
  async isPageHidden(record: LessonRecord, sha256: string): Promise<boolean> {
    if (record.state !== 'ended' || (await shownEdit(record.id)).revision === 0) return false;
    const names = (log: readonly LogEntry[]) => filesNamed(log).has(sha256);
    return names(await this.originalLog(record)) && !names(await this.log(record));
  }

  /** A track's cues as they are shown, in lesson time. Rejects with `not_found`. */
  async cues(lesson: string, track: string): Promise<{ row: CaptionRow; cues: Cue[] }> {
    const row = (await captionsOf(lesson)).find(({ _id }) => _id === track);
    if (!row) throw new TongkeError('not_found');
    return { row, cues: shownCues(row.cues, (await shownEdit(lesson)).edit) };
  }

  /** When the replay begins, as it is shown. */
  async beginning(record: LessonRecord): Promise<number> {
    const saved = await shownEdit(record.id);
    const recording = await this.recording(record.id, saved);
    return timesOf(await this.log(record), recording, saved.edit).from;
  }

  /** As recorded, lesson times. */
  async recorded(record: LessonRecord): Promise<{ from: number; to: number }> {
    const recording = await this.#recordings.recording(record.id);
    const whole = recording && { ...recording, ...recording.recorded };
    const { from, to } = timesOf(await this.originalLog(record), whole, NO_EDIT);
    return { from, to };
  }

  /** The log has been changed on disk. */
  forget(): void {
    this.#whole.clear();
    this.#shown.clear();
  }
}

/** A part that has a name is a place with a name, unless that place has one of its own. */
function namesIn({ chapters }: ReplayEdit, parts: readonly ReplayPart[]): ChapterTitle[] {
  const named = parts.flatMap(({ from, title }) => (title === null ? [] : [{ t: from, title }]));
  const others = named.filter(({ t }) => chapters.every((chapter) => chapter.t !== t));
  return [...chapters, ...others].sort((a, b) => a.t - b.t);
}

/** Of a recording that could not be cut yet nothing can be played: whatever there is of it shows too much. */
function uncut(found: Recording, { cut, edit }: SavedEdit): Recording {
  const { recorded } = found;
  const from = Math.min(Math.max(recorded.from, edit.from ?? recorded.from), recorded.to);
  const to = Math.max(from, Math.min(recorded.to, edit.to ?? recorded.to));
  return {
    ...found,
    ...{ state: UNFINISHED, renditions: [], gaps: everybodys(edit), from, to, revision: cut },
  };
}

function cutOf(revision: number, edit: ReplayEdit): RecordingCut {
  const { from, to } = edit;
  return { revision, from, to, hidden: passagesOf(edit) };
}

export function passagesOf({ hidden }: Pick<ReplayEdit, 'hidden'>): RecordingCut['hidden'] {
  return hidden.map(({ from, to, participant }) => ({ from, to, participant }));
}

function describe({ id, title, teacher }: LessonRecord): Pick<Replay, 'lesson' | 'title' | 'teacher'> {
  return { lesson: id, title, teacher };
}

export function presentCaptions(
  { _id, lesson, language, label, cues }: CaptionRow,
  edit: ReplayEdit,
): CaptionTrack {
  return {
    ...{ id: _id, language, label, count: shownCues(cues, edit).length },
    url: `/replays/${lesson}/captions/${_id}.vtt`,
    cues: `/api/v1/lessons/${lesson}/captions/${_id}`,
  };
}

/** What is said in a hidden passage is not read there either, whoever of those who spoke is hidden. */
export function shownCues(cues: readonly Cue[], { from, to, hidden }: ReplayEdit): Cue[] {
  return cues.filter(
    (cue) =>
      cue.to > (from ?? 0) &&
      cue.from < (to ?? Number.POSITIVE_INFINITY) &&
      !hidden.some((passage) => cue.from < passage.to && cue.to > passage.from),
  );
}

function everybodys({ hidden }: ReplayEdit): Gap[] {
  const all = hidden.filter(({ participant }) => participant === undefined);
  return all.map(({ from, to }) => ({ from, to, hidden: true }));
}

/**
 * When the replay begins and ends (lesson time), and the same on the wall. Renditions share the clock of their
 * recording, so that clock is the replay's too; the log alone goes from the start to the end of teaching. In a lesson
 * that goes on, it ends where its voice does.
 */
function timesOf(
  entries: readonly LogEntry[],
  recording: Recording | null,
  edit: ReplayEdit,
): Pick<Replay, 'from' | 'to' | 'startedAt'> & { endedAt: number } {
  const started = entries.find((entry) => entry.event.type === 'lesson.started');
  const last = entries.findLast((entry) => entry.event.type === 'lesson.ended') ?? entries.at(-1);
  if (started?.event.type !== 'lesson.started' || !last) throw new TongkeError('replay_not_ready');
  const from = recording?.from ?? Math.max(started.t, edit.from ?? 0);
  const whole = recording?.live ? recording.to : Math.max(recording?.to ?? 0, last.t, from);
  const to = Math.max(from, Math.min(whole, edit.to ?? whole));
  const zero = started.event.at - started.t;
  return { from, to, startedAt: Math.max(0, zero + from), endedAt: zero + last.t };
}

/** The entries after one that somebody has. */
export function entriesAfter(entries: readonly LogEntry[], after: number): LogEntry[] {
  const first = after === 0 ? 0 : entries.findIndex(({ seq }) => seq > after);
  return first < 0 ? [] : entries.slice(first);
}

/** The logs that were asked for last. Of one that grows only what is new is read. */
class RecentLogs {
  readonly #read: ReplayReaderOptions['readLog'];
  readonly #kept = new Map<string, readonly LogEntry[]>();

  constructor(read: ReplayReaderOptions['readLog']) {
    this.#read = read;
  }

  /** A failure is not remembered, nor is an empty log. */
  async of(lesson: string): Promise<readonly LogEntry[]> {
    const known = this.#kept.get(lesson) ?? [];
    const last = known.at(-1);
    const fresh = last?.event.type === 'lesson.ended' ? [] : await this.#read(lesson, last?.seq ?? 0);
    // Others may have read on meanwhile: each answers with what it has read itself.
    const entries = fresh.length > 0 ? [...known, ...fresh] : known;
    keepRecent(this.#kept, lesson, entries);
    return entries;
  }

  clear(): void {
    this.#kept.clear();
  }
}

function keepRecent(kept: Map<string, readonly LogEntry[]>, key: string, entries: readonly LogEntry[]): void {
  kept.delete(key);
  if (entries.length > 0) kept.set(key, entries);
  const [oldest] = kept.keys();
  if (kept.size > LOGS_AT_HAND && oldest !== undefined) kept.delete(oldest);
}
