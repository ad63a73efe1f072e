import { createHash } from 'node:crypto';
import { TongkeError } from '../../protocol/errors.ts';
import { joinLogs } from '../../protocol/join-logs.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import { CHAPTERS_MOST, NO_EDIT, type ReplayEdit, SPLITS_MOST } from '../../protocol/replay-edit.ts';
import type { LessonRecord } from '../lessons/record.ts';
import { grantFiles, lessonFiles } from '../store/courseware.ts';
import { beginMerged, finishMerged, mergedOf } from '../store/lessons.ts';
import { deleteLog, logStore } from '../store/log.ts';
import {
  addCaptions,
  captionsOf,
  findEdit,
  removeCaptions,
  type SavedEdit,
  saveEdit,
} from '../store/replays.ts';
import type { OneByOne } from './one-by-one.ts';
import type { ReplayReader } from './reader.ts';

/** Entries written to the database at once. */
const BATCH = 1_000;
const TITLE_MOST = 80;

export interface MergerOptions {
  readonly recordings: Pick<RecordingsApi, 'join' | 'recording'>;
  readonly reader: Pick<ReplayReader, 'originalLog' | 'recorded' | 'recording' | 'forget'>;
  readonly work: OneByOne;
}

/** The second begins so much after the end of the first: what was said in the last millisecond belongs to that. */
const SEAM_MS = 1;

/** One of the two, as it was recorded (lesson times, ms), and what was made of it. */
interface MergedPart {
  readonly id: string;
  readonly title: string;
  readonly from: number;
  readonly to: number;
  /** Added to its times: where it lies in the whole. */
  readonly shift: number;
  readonly saved: SavedEdit;
}

/**
 * Makes one lesson of two that a teacher taught one after the other: a lesson that broke off and was begun anew. Both stay
 * as they are; the new one has its own log, recording and names, and hides what either hides (`shownEdit`). Asked again, it is the one
 * that was made: what was hidden in it since, or captioned, is its own.
 */
export class Merger {
  readonly #options: MergerOptions;
  constructor(options: MergerOptions) {
    this.#options = options;
  }

  /** The new lesson's id. Rejects with `merge_impossible` where they cannot be one, `replay_not_ready` while one is recorded. */
  merge(one: LessonRecord, other: LessonRecord): Promise<string> {
    return this.#options.work.do(() => this.#merge(one, other));
  }

  async #merge(one: LessonRecord, other: LessonRecord): Promise<string> {
    const [first, second] = one.startsAt <= other.startsAt ? [one, other] : [other, one];
    if (first.id === second.id || first.members.lead !== second.members.lead)
      throw new TongkeError('merge_impossible', 'not two lessons of one teacher');
    const id = `m${hashOf(`${first.id} ${second.id}`).slice(0, 24)}`;
    if ((await mergedOf(first.id)).some((known) => known.id === id)) return id;
    const parts = await this.#parts(first, second);
    await beginMerged(id, first.id, second.id);
    const [before, after] = parts;
    const prefix = `m${hashOf(second.id).slice(0, 5)}`;
    const { reader, recordings } = this.#options;
    const logs = [await reader.originalLog(first), await reader.originalLog(second)] as const;
    const entries = joinLogs(...logs, { at: before.to + SEAM_MS, from: after.from, prefix });
    await recordings.join({
      lesson: id,
      parts: parts.map(({ id: lesson, shift }) => ({ lesson, shift })),
    });
    await deleteLog(id);
    for (let i = 0; i < entries.length; i += BATCH)
      await logStore.append(id, `merge ${id}`, entries.slice(i, i + BATCH));
    reader.forget();
    await grantFiles(id, [...(await lessonFiles(first.id)), ...(await lessonFiles(second.id))]);
    await this.#carryCaptions(id, parts);
    await this.#carryNames(id, parts);
    await finishMerged(id, { shift: after.shift, at: before.to + SEAM_MS });
    await reader.recording(id); // what the parts hide is hidden in it
    return id;
  }

  async #parts(first: LessonRecord, second: LessonRecord): Promise<readonly [MergedPart, MergedPart]> {
    const before = await this.#part(first);
    const after = await this.#part(second);
    return [before, { ...after, shift: before.to + SEAM_MS - after.from }];
  }

  async #part(record: LessonRecord): Promise<MergedPart> {
    const { id, state, title } = record;
    const recording = await this.#options.recordings.recording(id);
    if (!recording || state !== 'ended' || recording.live || recording.state.voice !== 'ready')
      throw new TongkeError('replay_not_ready');
    const saved = await findEdit(id);
    const recorded = await this.#options.reader.recorded(record);
    return { id, title: title['zh-CN'], shift: 0, ...recorded, saved };
  }

  /** Names of chapters and divisions, at their new times; the second lesson begins with its name. */
  async #carryNames(id: string, [before, after]: readonly [MergedPart, MergedPart]): Promise<void> {
    const { edit } = before.saved;
    const later = after.saved.edit;
    const { shift } = after;
    const begins = Math.max(after.from, later.from ?? 0) + shift;
    const splits = [...edit.splits, ...later.splits.map((t) => t + shift)].slice(0, SPLITS_MOST);
    const { revision, cut } = await findEdit(id);
    const merged: ReplayEdit = {
      ...NO_EDIT,
      chapters: [
        ...edit.chapters,
        { t: begins, title: after.title.slice(0, TITLE_MOST) },
        ...later.chapters.map((one) => ({ ...one, t: one.t + shift })),
      ].slice(0, CHAPTERS_MOST),
      splits,
      partTitles: titlesOf(edit, later).slice(0, splits.length + 1),
    };
    await saveEdit(id, { revision: revision + 1, cut, edit: merged, previous: null }, revision);
  }

  async #carryCaptions(id: string, [before, after]: readonly [MergedPart, MergedPart]): Promise<void> {
    for (const { _id } of await captionsOf(id)) await removeCaptions(id, _id);
    // Captions and a transcript may be in one language: a track goes on in the one that is called as it is.
    const keyOf = ({ language, label }: { language: string; label: string }) => `${language} ${label}`;
    const tracks = new Map((await captionsOf(before.id)).map((row) => [keyOf(row), row]));
    for (const row of await captionsOf(after.id)) {
      const known = tracks.get(keyOf(row));
      const cues = row.cues.map((cue) => ({
        ...cue,
        from: cue.from + after.shift,
        to: cue.to + after.shift,
      }));
      tracks.set(keyOf(row), { ...(known ?? row), cues: [...(known?.cues ?? []), ...cues] });
    }
    for (const { language, label, cues } of tracks.values())
      await addCaptions({ lesson: id, language, label, cues });
  }
}

/** Names of parts: the first lesson's last and the second's first are one. */
function titlesOf(one: ReplayEdit, other: ReplayEdit): ReplayEdit['partTitles'] {
  const titles = ({ splits, partTitles }: ReplayEdit) =>
    Array.from({ length: splits.length + 1 }, (_, i) => partTitles[i] ?? null);
  const [first, second] = [titles(one), titles(other)];
  return [...first.slice(0, -1), first.at(-1) ?? second[0] ?? null, ...second.slice(1)];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
