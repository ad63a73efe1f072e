import { TongkeError } from '../../protocol/errors.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import { redact } from '../../protocol/redact.ts';
import {
  type Audience,
  type EditedReplay,
  eraseAtOf,
  HIDDEN_MOST,
  type Hidden,
  LEAST_LEFT_MS,
  NO_EDIT,
  placeOf,
  type ReplayEdit,
} from '../../protocol/replay-edit.ts';
import type { LessonRecord } from '../lessons/record.ts';
import type { Log } from '../log.ts';
import { lessonRecords, mergedOf, withBoardOf } from '../store/lessons.ts';
import { readLog, rewriteLog } from '../store/log.ts';
import {
  captionsOf,
  editsToErase,
  findEdit,
  replaceCues,
  type SavedEdit,
  saveEdit,
  setAudience,
  setEraseAt,
} from '../store/replays.ts';
import type { BelievedClock } from './believed-clock.ts';
import type { OneByOne } from './one-by-one.ts';
import { filesNamed } from './page-files.ts';
import { passagesOf, type ReplayReader, shownCues } from './reader.ts';
import { hiddenInWhole, KEPT_MS, shownEdit } from './shown-edit.ts';

const SWEEP_MS = 3_600_000;

export interface ReplayEditorOptions {
  readonly recordings: RecordingsApi;
  readonly reader: ReplayReader;
  readonly lessons: { letGo(lesson: string): Promise<void> };
  readonly courseware: { forgetFiles(lesson: string, files: Iterable<string>): Promise<void> };
  readonly courier: { forgetPackages(lesson: string): Promise<void> };
  readonly clock: Pick<BelievedClock, 'now'>;
  readonly log: Log;
  readonly work: OneByOne;
}

/** Saves what a teacher makes of a lesson, and erases what was hidden when its time has come. */
export class ReplayEditor {
  readonly #options: ReplayEditorOptions;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: ReplayEditorOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#sweepNow(), SWEEP_MS);
    void this.#sweepNow();
  }

  async show(record: LessonRecord): Promise<EditedReplay> {
    const { revision, edit, previous } = await findEdit(record.id);
    const recorded = await this.#options.reader.recorded(record);
    const { audience = 'class' } = record.members;
    const shown = await shownEdit(record.id);
    return {
      ...{ revision, edit, previous, audience, recorded, eraseAt: eraseAtOf(edit) },
      erased: edit.hidden.some(({ eraseAt }) => eraseAt === null),
      inherits: showsOtherThan(edit, shown.edit),
      boards: await withBoardOf(record.id),
    };
  }

  /**
   * The database says first what is shown: from then on no file of another cut is served, nor a line of the log, neither of
   * the lesson nor of those that were merged of it. Then the recorder is told, which makes what is to be seen instead. Rejects
   * with `bad_request` where less than a second is left of any of them, or too much is hidden.
   */
  async save(record: LessonRecord, revision: number, edit: ReplayEdit): Promise<EditedReplay> {
    if (record.state !== 'ended') throw new TongkeError('replay_not_ready');
    const before = await findEdit(record.id);
    if (before.revision !== revision) throw new TongkeError('edit_outdated');
    if (edit.hidden.length > Math.max(HIDDEN_MOST, before.edit.hidden.length))
      throw new TongkeError('bad_request', `more than ${HIDDEN_MOST} passages are hidden`);
    const recuts = showsOtherThan(before.edit, edit);
    if (isTrimmedAnew(before.edit, edit)) {
      await this.#mustLeaveSome(record, async (lesson) =>
        lesson === record.id ? { ...before, edit } : await findEdit(lesson),
      );
    }
    const saved: SavedEdit = {
      revision: revision + 1,
      cut: recuts ? before.cut + 1 : before.cut,
      edit: { ...edit, hidden: timed(edit.hidden, before.edit.hidden, Date.now()) },
      previous: before.edit,
    };
    if (!(await saveEdit(record.id, saved, revision))) throw new TongkeError('edit_outdated');
    if (recuts) await this.#recut(record.id);
    return this.show(record);
  }

  async #recut(lesson: string): Promise<void> {
    await this.outdate(lesson);
    await this.#options.reader.recording(lesson);
    for (const { id } of await mergedOf(lesson)) await this.#recut(id);
  }

  async publish(lesson: string, audience: Audience): Promise<void> {
    await setAudience(lesson, audience);
    await this.#options.lessons.letGo(lesson);
  }

  /**
   * What is kept of a lesson elsewhere says what it no longer is: packages for other schools, and the lesson itself, which
   * stays open after its bell for those who come back to it, with all that was ever in it.
   */
  async outdate(lesson: string): Promise<void> {
    await this.#options.lessons.letGo(lesson);
    await this.#options.courier.forgetPackages(lesson);
  }

  /** Takes what is hidden out of the log, the captions and the recording for good. Whatever stops it, it may be begun again. */
  erase(lesson: string): Promise<void> {
    return this.#options.work.do(() => this.#eraseNow(lesson));
  }

  async #eraseDue(lesson: string, now: number): Promise<void> {
    const { edit } = await findEdit(lesson);
    await this.#erase(
      lesson,
      edit.hidden.filter(({ eraseAt }) => typeof eraseAt === 'number' && eraseAt <= now),
    );
  }

  async #eraseNow(lesson: string): Promise<void> {
    const { edit } = await shownEdit(lesson);
    const hidden = edit.hidden.filter(({ eraseAt }) => typeof eraseAt === 'number');
    await setEraseAt(lesson, hidden, Date.now()); // a crash from here on is made up for by `sweep`
    await this.#erase(lesson, hidden);
  }

  /** These passages, of what is hidden, there and where the lesson was merged with another: what else is hidden has its own time. */
  async #erase(lesson: string, hidden: readonly Hidden[]): Promise<void> {
    const { recordings, reader, courseware } = this.#options;
    const hiding = { ...NO_EDIT, hidden: [...hidden] };
    await this.outdate(lesson); // closing it writes a snapshot of what it was
    const whole = await readLog(lesson);
    const left = filesNamed(redact(whole, hiding));
    await courseware.forgetFiles(
      lesson,
      [...filesNamed(whole)].filter((file) => !left.has(file)),
    );
    await rewriteLog(lesson, (entries) => redact(entries, hiding));
    reader.forget();
    for (const { _id, cues } of await captionsOf(lesson)) await replaceCues(_id, shownCues(cues, hiding));
    await reader.cut(lesson, await shownEdit(lesson)); // what the recorder has not heard of it would not erase
    await recordings.erase(lesson, passagesOf(hiding));
    for (const { id, ...place } of await mergedOf(lesson))
      await this.#erase(id, hiddenInWhole(hidden, place));
    await setEraseAt(lesson, hidden, null);
  }

  /** Of the lesson, and of those that were merged of it: what a part cuts off is cut off there, too. */
  async #mustLeaveSome(record: LessonRecord, find: typeof findEdit): Promise<void> {
    const { from, to } = (await shownEdit(record.id, find)).edit;
    const recorded = await this.#options.reader.recorded(record);
    const left = Math.min(to ?? recorded.to, recorded.to) - Math.max(from ?? recorded.from, recorded.from);
    if (left < LEAST_LEFT_MS) throw new TongkeError('bad_request', 'less than a second of a lesson is left');
    for (const { id } of await mergedOf(record.id)) {
      const whole = await lessonRecords.find(id);
      if (whole) await this.#mustLeaveSome(whole, find);
    }
  }

  /** Erases what is due at `now`. Never rejects: what fails is tried again in an hour. */
  sweep(now: number): Promise<void> {
    return this.#next(() => this.#sweep(new Date(now)));
  }

  #sweepNow(): Promise<void> {
    return this.#next(async () => {
      const now = await this.#options.clock.now().catch(() => null); // of the database: in an hour
      if (now !== null) await this.#sweep(new Date(now));
    });
  }

  #next(task: () => Promise<void>): Promise<void> {
    this.#sweeping = this.#sweeping.then(task);
    return this.#sweeping;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(now: Date): Promise<void> {
    try {
      for (const lesson of await editsToErase(now)) {
        await this.#options.work.do(() => this.#eraseDue(lesson, now.getTime()));
        this.#options.log.info({ lesson }, 'what was hidden of a lesson has been erased');
      }
    } catch (error) {
      this.#options.log.error({ err: error }, 'what is hidden could not be erased, trying again');
    }
  }
}

/** Each passage has its month from the save on that hid it first. */
function timed(hidden: readonly Hidden[], before: readonly Hidden[], now: number): Hidden[] {
  const known = new Map(before.map((one) => [placeOf(one), one.eraseAt]));
  return hidden.map((one) => {
    const at = known.get(placeOf(one));
    return { ...one, eraseAt: at === undefined ? now + KEPT_MS : at };
  });
}

/** Who takes a trim back, or only hides something, leaves no less of any lesson than there was. */
function isTrimmedAnew(before: ReplayEdit, { from, to }: ReplayEdit): boolean {
  return (from !== null || to !== null) && (from !== before.from || to !== before.to);
}

/** Names of chapters and parts change nothing of what is seen and heard. */
function showsOtherThan(a: ReplayEdit, b: ReplayEdit): boolean {
  const shown = ({ from, to, hidden }: ReplayEdit): string => JSON.stringify([from, to, hidden.map(placeOf)]);
  return shown(a) !== shown(b);
}
