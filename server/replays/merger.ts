import { createHash } from 'node:crypto';
import { TongkeError } from '../../protocol/errors.ts';
import { joinLogs } from '../../protocol/join-logs.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import { CHAPTERS_MOST, type ReplayEdit, SPLITS_MOST } from '../../protocol/replay-edit.ts';
import type { LessonRecord } from '../lessons/record.ts';
import { grantFiles, lessonFiles } from '../store/courseware.ts';
import { createMerged, mergedOf } from '../store/lessons.ts';
import { deleteLog, logStore } from '../store/log.ts';
import {
  addCaptions,
  captionsOf,
  findEdit,
  removeCaptions,
  type SavedEdit,
  saveEdit,
} from '../store/replays.ts';
import type { ReplayReader } from './reader.ts';

/** Entries written to the database at once. */
const BATCH = 1_000;
const TITLE_MOST = 80;

export interface MergerOptions {
  readonly recordings: Pick<RecordingsApi, 'join' | 'recording'>;
  readonly reader: Pick<ReplayReader, 'originalLog' | 'forget'>;
}

/**
 * Makes one lesson of two that a teacher taught one after the other: a lesson that broke off and was begun anew. Both stay
 * as they are; the new one has its own log, recording and edit. Asked again, it is the one that was made: what was hidden
 * in it since, or captioned, is its own.
 */
export class Merger {
  readonly #options: MergerOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MergerOptions) {
    this.#options = options;
  }

  /** The new lesson's id. Rejects with `merge_impossible` where they cannot be one, `replay_not_ready` while one is recorded. */
  merge(one: LessonRecord, other: LessonRecord): Promise<string> {
    const result = this.#turn.then(() => this.#merge(one, other));
    this.#turn = result.catch(() => undefined); // told to whoever asked
    return result;
  }

  async #merge(one: LessonRecord, other: LessonRecord): Promise<string> {
    const [first, second] = one.startsAt <= other.startsAt ? [one, other] : [other, one];
    if (first.id === second.id || first.members.lead !== second.members.lead)
      throw new TongkeError('merge_impossible', 'not two lessons of one teacher');
    const id = `m${hashOf(`${first.id} ${second.id}`).slice(0, 24)}`;
    if ((await mergedOf(first.id)).some((known) => known.id === id)) return id;
    const [before, after] = [await this.#part(first), await this.#part(second)];
    const shift = before.to - after.from;
    const prefix = `m${hashOf(second.id).slice(0, 5)}`;
    const { reader, recordings } = this.#options;
    const logs = [await reader.originalLog(first), await reader.originalLog(second)] as const;
    const entries = joinLogs(...logs, { at: before.to, from: after.from, prefix });
    await recordings.join({
      lesson: id,
      parts: [
        { lesson: first.id, shift: 0 },
        { lesson: second.id, shift },
      ],
    });
    await deleteLog(id);
    for (let i = 0; i < entries.length; i += BATCH)
      await logStore.append(id, `merge ${id}`, entries.slice(i, i + BATCH));
    reader.forget();
    await grantFiles(id, [...(await lessonFiles(first.id)), ...(await lessonFiles(second.id))]);
    await this.#carry(id, [before, after], { shift, title: second.title['zh-CN'] });
    // Last: from now on it is there.
    await createMerged(id, first.id, second.id, shift);
    return id;
  }

  /** What is recorded of a lesson, which must be all there is to see of it: a merged lesson must not show what its parts hide. */
  async #part({
    id,
    state,
  }: LessonRecord): Promise<{ id: string; from: number; to: number; saved: SavedEdit }> {
    const saved = await findEdit(id);
    const { from, to, hidden } = saved.edit;
    if (from !== null || to !== null || hidden.length > 0)
      throw new TongkeError('merge_impossible', 'something of it is hidden or cut off');
    const recording = await this.#options.recordings.recording(id);
    if (!recording || state !== 'ended' || recording.live || recording.state.voice !== 'ready')
      throw new TongkeError('replay_not_ready');
    return { id, from: recording.from, to: recording.to, saved };
  }

  /** Names of chapters, divisions and captions, at their new times; the second lesson begins with its name. */
  async #carry(
    id: string,
    [before, after]: readonly { readonly id: string; readonly to: number; readonly saved: SavedEdit }[],
    { shift, title }: { shift: number; title: string },
  ): Promise<void> {
    if (!before || !after) return;
    const { edit } = before.saved;
    const later = after.saved.edit;
    const chapters = [
      ...edit.chapters,
      { t: before.to, title: title.slice(0, TITLE_MOST) },
      ...later.chapters.map((one) => ({ ...one, t: one.t + shift })),
    ].slice(0, CHAPTERS_MOST);
    const splits = [...edit.splits, ...later.splits.map((t) => t + shift)].slice(0, SPLITS_MOST);
    const { revision, cut } = await findEdit(id);
    await saveEdit(id, {
      ...{ revision: revision + 1, cut, previous: null, eraseAt: null, erased: false },
      edit: {
        ...edit,
        chapters,
        splits,
        partTitles: titlesOf(edit, later).slice(0, splits.length + 1),
      },
    });
    for (const { _id } of await captionsOf(id)) await removeCaptions(id, _id);
    // Captions and a transcript may be in one language: a track goes on in the one that is called as it is.
    const keyOf = ({ language, label }: { language: string; label: string }) => `${language} ${label}`;
    const tracks = new Map((await captionsOf(before.id)).map((row) => [keyOf(row), row]));
    for (const row of await captionsOf(after.id)) {
      const known = tracks.get(keyOf(row));
      const cues = row.cues.map((cue) => ({ ...cue, from: cue.from + shift, to: cue.to + shift }));
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
