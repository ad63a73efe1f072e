import { TongkeError } from '../../protocol/errors.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import { redact } from '../../protocol/redact.ts';
import {
  type Audience,
  type EditedReplay,
  HIDDEN_MOST,
  type Hidden,
  NO_EDIT,
  type ReplayEdit,
} from '../../protocol/replay-edit.ts';
import type { LessonRecord } from '../lessons/record.ts';
import type { Log } from '../log.ts';
import { lessonRecords, mergedOf } from '../store/lessons.ts';
import { rewriteLog } from '../store/log.ts';
import {
  captionsOf,
  editsToErase,
  findEdit,
  markErased,
  replaceCues,
  type SavedEdit,
  saveEdit,
  setAudience,
} from '../store/replays.ts';
import { hiddenByBoth, hiddenInWhole } from './in-whole.ts';
import { cutOf, type ReplayReader, shownCues } from './reader.ts';

/** What was hidden stays for the administrator, and for a change of mind, this long: a month of school. */
export const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
const SWEEP_MS = 3_600_000;
/** Shorter than this a replay is not trimmed: a rendition of a few samples is none. */
const LEAST_MS = 1_000;

export interface ReplayEditorOptions {
  readonly recordings: RecordingsApi;
  readonly reader: ReplayReader;
  readonly lessons: { letGo(lesson: string): Promise<void> };
  readonly courier: { forgetPackages(lesson: string): Promise<void> };
  readonly log: Log;
}

/** Saves what a teacher makes of a lesson, and erases what was hidden when its time has come. */
export class ReplayEditor {
  readonly #options: ReplayEditorOptions;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: ReplayEditorOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.sweep(Date.now()), SWEEP_MS);
    void this.sweep(Date.now());
  }

  async show(record: LessonRecord): Promise<EditedReplay> {
    const { revision, edit, previous, eraseAt, erased } = await findEdit(record.id);
    const recorded = await this.#options.reader.recorded(record);
    const { audience = 'class' } = record.members;
    return { revision, edit, previous, audience, recorded, eraseAt, erased };
  }

  /**
   * The database says first what is shown: from then on no file of another cut is served, nor a line of the log. Then the
   * recorder is told, which makes what is to be seen instead. Rejects with `bad_request` where less than a second is left.
   */
  async save(record: LessonRecord, revision: number, edit: ReplayEdit): Promise<EditedReplay> {
    if (record.state !== 'ended') throw new TongkeError('replay_not_ready');
    const before = await findEdit(record.id);
    if (before.revision !== revision) throw new TongkeError('edit_outdated');
    const recuts = showsOtherThan(before.edit, edit);
    if (recuts) await this.#mustLeaveSome(record, edit);
    const saved: SavedEdit = {
      revision: revision + 1,
      cut: recuts ? revision + 1 : before.cut,
      edit,
      previous: before.edit,
      eraseAt: recuts ? (edit.hidden.length > 0 ? Date.now() + KEPT_DAYS * DAY_MS : null) : before.eraseAt,
      erased: before.erased,
    };
    if (!(await saveEdit(record.id, saved))) throw new TongkeError('edit_outdated');
    if (recuts) {
      await this.outdate(record.id);
      await this.#options.recordings.cut(record.id, cutOf(saved.cut, edit));
      for (const { id, ...place } of await mergedOf(record.id)) {
        const part = { ...(await this.#options.reader.recorded(record)), ...place };
        await this.#hideIn(id, record.id, hiddenInWhole(edit.hidden, part));
      }
    }
    return this.show(record);
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
  async erase(lesson: string): Promise<void> {
    const { revision, edit } = await findEdit(lesson);
    await this.#erase(lesson, edit.hidden);
    await markErased(lesson, revision);
  }

  /** What is hidden in a merged lesson for its own sake has its own time: only what its part hides, too, goes with that. */
  async #erase(lesson: string, hidden: readonly Hidden[]): Promise<void> {
    const { recordings, reader } = this.#options;
    const hiding = { ...NO_EDIT, hidden: [...hidden] };
    await this.outdate(lesson); // closing it writes a snapshot of what it was
    await rewriteLog(lesson, (entries) => redact(entries, hiding));
    reader.forget();
    for (const { _id, cues } of await captionsOf(lesson)) await replaceCues(_id, shownCues(cues, hiding));
    await reader.recording(lesson); // which tells the recorder of a cut that a crash kept from it
    await recordings.erase(lesson, cutOf(0, hiding).hidden);
    const record = await lessonRecords.find(lesson);
    if (!record) return;
    for (const { id, ...place } of await mergedOf(lesson)) {
      const part = { ...(await reader.recorded(record)), ...place };
      const { revision, edit } = await findEdit(id);
      const due = hiddenByBoth(hiddenInWhole(hidden, part), edit.hidden);
      if (due.length === 0) continue;
      await this.#erase(id, due);
      const gone = new Set(due.map(placeOf));
      if (edit.hidden.every((one) => gone.has(placeOf(one)))) await markErased(id, revision);
    }
  }

  async #mustLeaveSome(record: LessonRecord, { from, to }: ReplayEdit): Promise<void> {
    if (from === null && to === null) return;
    const recorded = await this.#options.reader.recorded(record);
    const left = Math.min(to ?? recorded.to, recorded.to) - Math.max(from ?? recorded.from, recorded.from);
    if (left < LEAST_MS) throw new TongkeError('bad_request', 'less than a second of the lesson is left');
  }

  /**
   * What a part of a merged lesson hides, that hides too: `hidden`, at its times. It is not shown again there when the part shows it
   * again: somebody may count on its being hidden.
   */
  async #hideIn(merged: string, part: string, hidden: readonly Hidden[]): Promise<void> {
    const { reader, recordings } = this.#options;
    const before = await findEdit(merged);
    const known = new Set(before.edit.hidden.map(placeOf));
    const added = hidden
      .map((one, i) => ({ ...one, id: `${part.slice(0, 24)}-${before.revision}-${i}` }))
      .filter((one) => !known.has(placeOf(one)));
    if (added.length === 0) return;
    const all = [...before.edit.hidden, ...added];
    if (all.length > HIDDEN_MOST)
      throw new TongkeError('bad_request', 'too much is hidden of the merged lesson');
    const edit = { ...before.edit, hidden: all };
    const revision = before.revision + 1;
    const eraseAt = Date.now() + KEPT_DAYS * DAY_MS;
    const saved = await saveEdit(merged, {
      ...before,
      revision,
      cut: revision,
      edit,
      previous: before.edit,
      eraseAt,
    });
    if (!saved) return this.#hideIn(merged, part, hidden); // somebody saved meanwhile
    reader.forget();
    await this.outdate(merged);
    await recordings.cut(merged, cutOf(revision, edit));
  }

  /** Erases what is due at `now`. Never rejects: what fails is tried again in an hour. */
  sweep(now: number): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweep(new Date(now)));
    return this.#sweeping;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(now: Date): Promise<void> {
    try {
      for (const lesson of await editsToErase(now)) {
        await this.erase(lesson);
        this.#options.log.info({ lesson }, 'what was hidden of a lesson has been erased');
      }
    } catch (error) {
      this.#options.log.error({ err: error }, 'what is hidden could not be erased, trying again');
    }
  }
}

function placeOf({ from, to, participant, writing }: Hidden): string {
  return JSON.stringify([from, to, participant ?? null, writing]);
}

/** Names of chapters and parts change nothing of what is seen and heard. */
function showsOtherThan(a: ReplayEdit, b: ReplayEdit): boolean {
  const shown = ({ from, to, hidden }: ReplayEdit): string => JSON.stringify([from, to, hidden]);
  return shown(a) !== shown(b);
}
