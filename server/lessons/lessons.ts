import { type Localised, own } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { LogEntry, Participant } from '../../protocol/events.ts';
import type { LinkChoice, Rung } from '../../protocol/link.ts';
import type { Mark } from '../../protocol/mark.ts';
import type { IceServer, MediaApi } from '../../protocol/media.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import type { Subject } from '../../protocol/roles.ts';
import type { Log } from '../log.ts';
import type { LogStore } from '../store/log.ts';
import { Attendance } from './attendance.ts';
import type { Ceilings } from './ceilings.ts';
import { Downloads } from './downloads.ts';
import { HeldBoards } from './held-boards.ts';
import { Lesson } from './lesson.ts';
import { LessonMedia } from './lesson-media.ts';
import type { MediaNotice } from './media-notice.ts';
import type { LessonRecord, LessonRecords } from './record.ts';
import { Resyncs } from './resyncs.ts';
import { type TurnOptions, turnServer } from './turn.ts';

/** A lesson without a teacher ends by itself: a power cut at the hub must not record an empty room all night. */
const EMPTY_LESSON_ENDS_MS = 30 * 60_000;

export interface LessonsOptions {
  readonly records: LessonRecords;
  readonly store: LogStore;
  readonly media: MediaApi;
  readonly recordings: RecordingsApi;
  readonly ceilings: Ceilings;
  /** Whether a school has space for pictures of its lessons. */
  readonly quotas: { fits(school: string): boolean };
  readonly turn?: TurnOptions;
  readonly log: Log;
}

/** A lesson in memory, with all that belongs to it while it is open. */
export interface OpenLesson {
  readonly record: LessonRecord;
  readonly lesson: Lesson;
  readonly media: LessonMedia;
  readonly attendance: Attendance;
  /** What newcomers are being sent. */
  readonly boards: HeldBoards;
  readonly resyncs: Resyncs;
}

export interface Receiving {
  readonly lesson: Localised;
  readonly rung: Rung;
  readonly choice: LinkChoice;
}

/** The open lessons of this process. */
export class Lessons {
  readonly #options: LessonsOptions;
  readonly #open = new Map<string, Promise<OpenLesson>>();
  /** Where entries and media notices go: the connections set these. */
  onNotice: (lesson: string, notice: MediaNotice) => void = () => {};
  onEntries: (lesson: string, entries: readonly LogEntry[]) => void = () => {};
  /** After entries with a number at which all compare their states. */
  onMark: (lesson: string, mark: Mark) => void = () => {};
  /** A lesson has begun or ended: its rooms have something to do. */
  onStateChange: (record: LessonRecord) => void = () => {};
  #closed = false;
  /** What files may take beside the lessons. */
  readonly downloads: Downloads;

  constructor(options: LessonsOptions) {
    this.#options = options;
    this.downloads = new Downloads(options.ceilings);
  }

  /** The lesson's record, or `not_found`. */
  async record(id: string): Promise<LessonRecord> {
    const record = await this.#options.records.find(id);
    if (!record) throw new TongkeError('not_found');
    return record;
  }

  /** How this person or room appears to the others. */
  describe(subject: Subject): Promise<Pick<Participant, 'name' | 'school'>> {
    return this.#options.records.describe(subject);
  }

  /** Relays that this participant may use, where there are any. */
  iceServers(participant: string): IceServer[] | undefined {
    const { turn } = this.#options;
    return turn && [turnServer(turn, participant)];
  }

  /** To a client that is gone meanwhile it is sent in vain, as any datagram may be. */
  sendFeed(feed: string, datagram: Uint8Array): void {
    this.#options.media.sendFeed(feed, datagram).catch((err: unknown) => {
      this.#options.log.warn({ err, feed }, 'a datagram was not sent');
    });
  }

  get ceilings(): Ceilings {
    return this.#options.ceilings;
  }

  /** What a participant is given of the lesson they are in, or null where they are in none. */
  async receiving(participant: string): Promise<Receiving | null> {
    for (const opened of await Promise.allSettled(this.#open.values())) {
      if (opened.status === 'rejected') continue;
      const { lesson, record } = opened.value;
      const person = own(lesson.state().people, participant);
      if (person?.online && person.rung)
        return { lesson: record.title, rung: person.rung, choice: person.choice ?? 'all' };
    }
    return null;
  }

  /** The media of a session that is over, or of a device that is revoked, in whatever lesson: see `MediaUser`. */
  async endMediaOf(by: string): Promise<void> {
    for (const opened of await Promise.allSettled(this.#open.values()))
      if (opened.status === 'fulfilled') opened.value.media.endOf(by);
  }

  /** Opens the lesson where it is not open yet; `lesson_ended` where it is over. */
  open(id: string): Promise<OpenLesson> {
    if (this.#closed) return Promise.reject(new TongkeError('shutting_down'));
    const known = this.#open.get(id);
    if (known) return known;
    const opening = this.#openNow(id);
    this.#open.set(id, opening);
    opening.catch(() => this.#open.delete(id));
    return opening;
  }

  /** Lessons that a stopped server left live go on: recorded again, and ended if nobody comes back. */
  async resumeLive(): Promise<void> {
    const live = await this.#options.records.live();
    for (const id of live) {
      try {
        await this.open(id);
      } catch (err) {
        // One lesson that cannot be opened must not keep all others from being taught.
        const over = err instanceof TongkeError && err.code === 'lesson_ended';
        if (!over) this.#options.log.error({ err, lesson: id }, 'a live lesson could not be resumed');
      }
    }
    // Killed right after the bell, a lesson is over and its recording is not.
    this.#options.recordings.resumed(live);
  }

  async start(open: OpenLesson, actor: string): Promise<void> {
    const { lesson, record } = open;
    if (lesson.state().phase !== 'ready') return;
    await this.#options.records.setState(record.id, 'live');
    await lesson.publish({ type: 'lesson.started', at: Date.now() }, { actor });
    this.#record(open);
    this.onStateChange(record);
  }

  /** How many are open, by phase. */
  count(): Promise<Record<'ready' | 'live' | 'paused' | 'ended', number>> {
    return Promise.allSettled(this.#open.values()).then((opened) => {
      const phases = { ready: 0, live: 0, paused: 0, ended: 0 };
      for (const one of opened) if (one.status === 'fulfilled') phases[one.value.lesson.state().phase] += 1;
      return phases;
    });
  }

  async end(open: OpenLesson, reason: 'teacher' | 'timeout', actor?: string): Promise<void> {
    const { lesson, record, media } = open;
    if (lesson.state().phase === 'ended') return;
    await lesson.publish({ type: 'lesson.ended', reason }, { actor });
    await this.#options.records.setState(record.id, 'ended');
    await media.close();
    this.onStateChange(record);
  }

  /** Closes a lesson that is over, whoever still sits in it: nothing is written to its log any more. */
  async letGo(id: string): Promise<void> {
    const open = await this.#open.get(id);
    if (open?.lesson.state().phase !== 'ended') return;
    this.#open.delete(id);
    await this.#closeOne(open);
  }

  /** Closes every lesson: what waits is journaled first. */
  async close(): Promise<void> {
    this.#closed = true;
    const opened = await Promise.allSettled(this.#open.values());
    await Promise.all(
      opened.map(async (result) => {
        if (result.status === 'fulfilled') await this.#closeOne(result.value);
      }),
    );
    this.#open.clear();
  }

  async #openNow(id: string): Promise<OpenLesson> {
    const { store, log, recordings, records } = this.#options;
    const record = await this.record(id);
    if (record.state === 'ended') throw new TongkeError('lesson_ended');
    const lesson = await Lesson.open(id, store, log);
    if (lesson.state().phase === 'ended') {
      // Stopped between the log's last entry and what follows from it: the recorder finishes what it has.
      recordings.follow(lesson);
      await records.setState(id, 'ended');
      throw new TongkeError('lesson_ended');
    }
    lesson.subscribeBatches((entries) => {
      this.onEntries(id, entries);
      const mark = lesson.mark();
      if (mark && entries.some(({ seq }) => seq === mark.seq)) this.onMark(id, mark);
    });
    const media = new LessonMedia({
      ...{ lesson, media: this.#options.media, ceilings: this.#options.ceilings, log },
      downloads: this.downloads,
      notify: (notice) => this.onNotice(id, notice),
    });
    const open: OpenLesson = {
      ...{ record, lesson, media, attendance: new Attendance(lesson, media, log) },
      ...{ boards: new HeldBoards(), resyncs: new Resyncs(lesson) },
    };
    open.attendance.onUntaught(EMPTY_LESSON_ENDS_MS, () => this.#onEmpty(open));
    const { streams, phase } = lesson.state();
    // Streams in a log just read are those of a process that is gone.
    if (Object.keys(streams).length > 0) await lesson.publish({ type: 'media.moved' });
    if (phase !== 'ready') this.#record(open);
    return open;
  }

  #record({ lesson, record: { members } }: OpenLesson): void {
    const { recordings, quotas } = this.#options;
    recordings.follow(lesson, () => members.home === undefined || quotas.fits(members.home));
  }

  async #onEmpty(open: OpenLesson): Promise<void> {
    try {
      if (open.lesson.state().phase !== 'ready') await this.end(open, 'timeout');
      else if (open.attendance.anyoneHere()) return; // rooms that wait for a teacher keep the lesson open
      this.#open.delete(open.record.id);
      await this.#closeOne(open);
    } catch (error) {
      this.#options.log.error({ err: error, lesson: open.record.id }, 'an empty lesson could not be closed');
    }
  }

  async #closeOne({ lesson, media, attendance }: OpenLesson): Promise<void> {
    attendance.close();
    await media.close();
    await lesson.close();
  }
}
