import { TongkeError } from '../../protocol/errors.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import { redact } from '../../protocol/redact.ts';
import type { EditedReplay, ReplayEdit } from '../../protocol/replay-edit.ts';
import type { LessonRecord } from '../lessons/record.ts';
import type { Log } from '../log.ts';
import { rewriteLog } from '../store/log.ts';
import {
  captionsOf,
  editsToErase,
  findEdit,
  markErased,
  replaceCues,
  type SavedEdit,
  saveEdit,
} from '../store/replays.ts';
import { cutOf, type ReplayReader, shownCues } from './reader.ts';

/** What was hidden stays for the administrator, and for a change of mind, this long: a month of school. */
export const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
const SWEEP_MS = 3_600_000;

export interface ReplayEditorOptions {
  readonly recordings: RecordingsApi;
  readonly reader: ReplayReader;
  readonly log: Log;
}

/** Saves what a teacher makes of a lesson, and erases what was hidden when its time has come. */
export class ReplayEditor {
  readonly #recordings: RecordingsApi;
  readonly #reader: ReplayReader;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> = Promise.resolve();

  constructor({ recordings, reader, log }: ReplayEditorOptions) {
    this.#recordings = recordings;
    this.#reader = reader;
    this.#log = log;
    this.#timer = setInterval(() => void this.sweep(Date.now()), SWEEP_MS);
    void this.sweep(Date.now());
  }

  async show(record: LessonRecord): Promise<EditedReplay> {
    const { revision, edit, previous, eraseAt, erased } = await findEdit(record.id);
    const recorded = await this.#reader.recorded(record);
    const { audience = 'class' } = record.members;
    return { revision, edit, previous, audience, recorded, eraseAt, erased };
  }

  /**
   * The database says first what is shown: from then on no file of another cut is served, nor a line of the log. Then the
   * recorder is told, which makes what is to be seen instead.
   */
  async save(record: LessonRecord, revision: number, edit: ReplayEdit): Promise<EditedReplay> {
    if (record.state !== 'ended') throw new TongkeError('replay_not_ready');
    const before = await findEdit(record.id);
    if (before.revision !== revision) throw new TongkeError('edit_outdated');
    const recuts = showsOtherThan(before.edit, edit);
    const saved: SavedEdit = {
      revision: revision + 1,
      cut: recuts ? revision + 1 : before.cut,
      edit,
      previous: before.edit,
      eraseAt: recuts ? (edit.hidden.length > 0 ? Date.now() + KEPT_DAYS * DAY_MS : null) : before.eraseAt,
      erased: before.erased,
    };
    if (!(await saveEdit(record.id, saved))) throw new TongkeError('edit_outdated');
    if (recuts) await this.#recordings.cut(record.id, cutOf(saved.cut, edit));
    return this.show(record);
  }

  /** Takes what is hidden out of the log, the captions and the recording for good. Whatever stops it, it may be begun again. */
  async erase(lesson: string): Promise<void> {
    const { edit } = await findEdit(lesson);
    await rewriteLog(lesson, (entries) => redact(entries, { ...edit, from: null, to: null }));
    this.#reader.forget();
    const hiding = { ...edit, from: null, to: null };
    for (const { _id, cues } of await captionsOf(lesson)) await replaceCues(_id, shownCues(cues, hiding));
    await this.#recordings.erase(lesson);
    await markErased(lesson);
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
        this.#log.info({ lesson }, 'what was hidden of a lesson has been erased');
      }
    } catch (error) {
      this.#log.error({ err: error }, 'what is hidden could not be erased, trying again');
    }
  }
}

/** Names of chapters and parts change nothing of what is seen and heard. */
function showsOtherThan(a: ReplayEdit, b: ReplayEdit): boolean {
  const shown = ({ from, to, hidden }: ReplayEdit): string => JSON.stringify([from, to, hidden]);
  return shown(a) !== shown(b);
}
