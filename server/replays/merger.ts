import { createHash } from 'node:crypto';
import { TongkeError } from '../../protocol/errors.ts';
import { joinLogs } from '../../protocol/join-logs.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import {
  CHAPTERS_MOST,
  HIDDEN_MOST,
  type Hidden,
  type ReplayEdit,
  SPLITS_MOST,
} from '../../protocol/replay-edit.ts';
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
import { KEPT_DAYS } from './editor.ts';
import { hiddenInWhole, type PartOfWhole, SEAM_MS } from './in-whole.ts';
import { cutOf, type ReplayReader } from './reader.ts';

/** Entries written to the database at once. */
const BATCH = 1_000;
const TITLE_MOST = 80;
/** Among what is hidden of a part. */
const CUT_OFF = 'cut';

export interface MergerOptions {
  readonly recordings: Pick<RecordingsApi, 'join' | 'recording' | 'cut'>;
  readonly reader: Pick<ReplayReader, 'originalLog' | 'recorded' | 'forget'>;
}

/** One of the two, and what was made of it. */
interface MergedPart extends PartOfWhole {
  readonly id: string;
  readonly title: string;
  readonly saved: SavedEdit;
}

/**
 * Makes one lesson of two that a teacher taught one after the other: a lesson that broke off and was begun anew. Both stay
 * as they are; the new one has its own log, recording and edit, which hides what either hides. Asked again, it is the one
 * that was made: what was hidden in it since, or captioned, is its own.
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
    const parts = await this.#parts(first, second);
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
    await this.#carryEdits(id, parts);
    // From now on it is there, for its lead.
    await createMerged(id, first.id, second.id, after.shift);
    // Who hid something of a part meanwhile was not told of it.
    const latest = await this.#parts(first, second);
    const isSame = latest.every(({ saved }, i) => saved.revision === parts[i]?.saved.revision);
    if (!isSame) await this.#carryEdits(id, latest);
    return id;
  }

  async #parts(first: LessonRecord, second: LessonRecord): Promise<readonly [MergedPart, MergedPart]> {
    const before = await this.#part(first);
    const after = await this.#part(second);
    return [before, { ...after, isFirst: false, shift: before.to + SEAM_MS - after.from }];
  }

  async #part(record: LessonRecord): Promise<MergedPart> {
    const { id, state, title } = record;
    const recording = await this.#options.recordings.recording(id);
    if (!recording || state !== 'ended' || recording.live || recording.state.voice !== 'ready')
      throw new TongkeError('replay_not_ready');
    const saved = await findEdit(id);
    const recorded = await this.#options.reader.recorded(record);
    return { id, title: title['zh-CN'], isFirst: true, shift: 0, ...recorded, saved };
  }

  /** What is hidden, and names of chapters and divisions, at their new times; the second lesson begins with its name. */
  async #carryEdits(id: string, [before, after]: readonly [MergedPart, MergedPart]): Promise<void> {
    const { edit } = before.saved;
    const later = after.saved.edit;
    const { shift } = after;
    const begins = Math.max(after.from, later.from ?? 0) + shift;
    const hidden = [...hiddenOf(before), ...hiddenOf(after)];
    if (hidden.length > HIDDEN_MOST) throw new TongkeError('merge_impossible', 'too much of them is hidden');
    const splits = [...edit.splits, ...later.splits.map((t) => t + shift)].slice(0, SPLITS_MOST);
    const merged: ReplayEdit = {
      from: edit.from,
      to: later.to === null ? null : later.to + shift,
      hidden: hidden.map((one, i) => ({ ...one, id: `merged-${i}` })),
      chapters: [
        ...edit.chapters,
        { t: begins, title: after.title.slice(0, TITLE_MOST) },
        ...later.chapters.map((one) => ({ ...one, t: one.t + shift })),
      ].slice(0, CHAPTERS_MOST),
      splits,
      partTitles: titlesOf(edit, later).slice(0, splits.length + 1),
    };
    const known = await findEdit(id);
    const revision = known.revision + 1;
    const isWhole = merged.from === null && merged.to === null && hidden.length === 0;
    const cut = isWhole && known.cut === 0 ? 0 : revision;
    await saveEdit(id, {
      ...{ revision, cut, edit: merged, previous: null },
      ...erasureOf(hidden, [before.saved, after.saved]),
    });
    if (cut > 0) await this.#options.recordings.cut(id, cutOf(cut, merged));
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

/** What a part hides. What is cut off where the two meet lies in the midst of the whole: it is hidden there. */
function hiddenOf({ saved: { edit }, ...part }: MergedPart): Hidden[] {
  const { from, to, isFirst } = part;
  // As `redact` does with what lies outside a trim: the board of before a beginning is what it begins with.
  const cut = isFirst
    ? { from: edit.to ?? to, to: to + SEAM_MS, writing: true }
    : { from, to: edit.from ?? from, writing: false };
  const isCut = isFirst ? edit.to !== null : edit.from !== null;
  return hiddenInWhole(isCut ? [...edit.hidden, { ...cut, id: CUT_OFF }] : edit.hidden, part);
}

/** The last day on which anything of it is due. What a part hides is erased on that one's own day before. */
function erasureOf(
  hidden: readonly Hidden[],
  parts: readonly SavedEdit[],
): Pick<SavedEdit, 'eraseAt' | 'erased'> {
  if (hidden.length === 0) return { eraseAt: null, erased: false };
  const due = parts.flatMap(({ eraseAt }) => eraseAt ?? []);
  // What was cut off is hidden as of now.
  const isNew = due.length === 0 || hidden.some(({ id }) => id === CUT_OFF);
  return { eraseAt: isNew ? Date.now() + KEPT_DAYS * 86_400_000 : Math.max(...due), erased: false };
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
