import type { RecordingsApi } from '../../protocol/recording.ts';
import { NO_EDIT } from '../../protocol/replay-edit.ts';
import type { ObjectStore } from '../../protocol/storage.ts';
import type { ReplayReader } from '../replays/reader.ts';
import { putBrought } from '../store/courier.ts';
import { grantFiles } from '../store/courseware.ts';
import { deleteLog, logStore } from '../store/log.ts';
import { bringWords } from '../store/page-words.ts';
import { addCaptions, captionsOf, findEdit, removeCaptions, saveEdit } from '../store/replays.ts';
import type { Contents } from './contents.ts';
import { keepPages } from './pages.ts';
import type { Unpacked } from './unpack.ts';

/** Entries written to the database at once. */
const BATCH = 1_000;

export interface Places {
  readonly reader: Pick<ReplayReader, 'forget'>;
  readonly recordings: Pick<RecordingsApi, 'bring'>;
  /** Where the files of pages are. */
  readonly objects: ObjectStore;
}

export interface Brought {
  readonly lesson: string;
  /** Who takes it in. */
  readonly school: string;
  readonly unpacked: Unpacked;
  readonly contents: Contents;
}

/**
 * Puts what a package holds in the place of whatever there is of its lesson. Rejects with `package_hostile` before it has touched
 * anything; broken off later, it has to be done again from the beginning, which it may.
 */
export async function putInPlace(
  { lesson, school, unpacked: { manifest, id }, contents }: Brought,
  { reader, recordings, objects }: Places,
): Promise<void> {
  const { from, to, gaps, renditions, chapters, splits, partTitles, madeAt } = manifest;
  const { log, captions, words, pages } = contents;
  // Rising, and no other package's: what a device keeps of an earlier one, or its browser, has another address.
  const cut = madeAt;
  await recordings.bring({
    ...{ lesson, revision: cut, from, to, gaps, renditions },
    directory: contents.renditions,
  });
  const files = await keepPages(pages, objects);
  // Of its own pages alone; what is known of a page by whoever made it here is not written over.
  const own = new Set(files.map(({ sha256 }) => sha256));
  for (const { sha256, text } of words.pages) if (own.has(sha256)) await bringWords(sha256, text);
  await grantFiles(lesson, files);
  // What an earlier package of the same lesson has said is gone.
  await deleteLog(lesson);
  for (let at = 0; at < log.length; at += BATCH)
    await logStore.append(lesson, `courier ${id}`, log.slice(at, at + BATCH));
  reader.forget();
  for (const { _id } of await captionsOf(lesson)) await removeCaptions(lesson, _id);
  for (const track of captions) await addCaptions({ lesson, ...track });
  const { revision } = await findEdit(lesson);
  const edit = { ...NO_EDIT, chapters, splits, partTitles };
  await saveEdit(lesson, { revision: revision + 1, cut, edit, previous: null }, revision);
  // Last: from now on it is there.
  const { title, teacher, course, school: from_ } = manifest;
  await putBrought({
    ...{ _id: lesson, title, course: '', lead: '', locals: [], rooms: [], classes: [] },
    ...{ startsAt: new Date(manifest.startsAt), endsAt: new Date(manifest.endsAt) },
    ...{ state: 'ended', audience: 'school' },
    brought: { teacher, course, school: from_, into: school, package: id, madeAt, takenAt: new Date() },
  });
}
