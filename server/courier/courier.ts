import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PackagedCaptions } from '../../protocol/api-courier.ts';
import type { Localised } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { LogEntry } from '../../protocol/events.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import { WrittenPages } from '../../protocol/replay.ts';
import { NO_EDIT } from '../../protocol/replay-edit.ts';
import type { ObjectStore } from '../../protocol/storage.ts';
import { Uploads } from '../courseware/uploads.ts';
import type { LessonRecord } from '../lessons/record.ts';
import type { Log } from '../log.ts';
import type { ReplayReader } from '../replays/reader.ts';
import { shownEdit } from '../replays/shown-edit.ts';
import { isTrusted, newestTaken, packageOf, putBrought } from '../store/courier.ts';
import { grantFiles } from '../store/courseware.ts';
import { deleteLog, logStore } from '../store/log.ts';
import { bringWords } from '../store/page-words.ts';
import { addCaptions, captionsOf, findEdit, removeCaptions, saveEdit } from '../store/replays.ts';
import { type Identity, openIdentity } from './identity.ts';
import { packReplay } from './pack.ts';
import { takePages } from './pages.ts';
import { extractPackage, readPackage, type Unpacked } from './unpack.ts';

/** Packages, out or in, are kept for a transfer that broke off; then they are made, or sent, again. */
const KEPT_MS = 7 * 86_400_000;
/** Entries written to the database at once. */
const BATCH = 1_000;

export interface CourierOptions {
  /** `courier/` of the data folder. */
  readonly directory: string;
  readonly identity: Identity;
  readonly reader: ReplayReader;
  readonly recordings: RecordingsApi;
  /** Where the files of pages are. */
  readonly objects: ObjectStore;
}

/** Replays out to other schools, and in from them. */
export class Courier {
  readonly identity: Identity;
  /** Packages on their way in. */
  readonly uploads: Uploads;
  readonly #options: CourierOptions;
  /** Of lessons of which something is packed or taken in. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(options: CourierOptions) {
    this.identity = options.identity;
    this.uploads = new Uploads(join(options.directory, 'in'));
    this.#options = options;
  }

  /** Makes a replay's package, unless the one that is there is of the same edit. */
  export(record: LessonRecord): Promise<{ name: string; bytes: number }> {
    return this.#inTurn(record.id, () => this.#export(record));
  }

  async #export(record: LessonRecord): Promise<{ name: string; bytes: number }> {
    const { revision } = await shownEdit(record.id);
    const name = `${record.id}.${revision}.tongke`;
    const path = join(this.#out, name);
    const known = await stat(path).catch(() => null);
    if (known) return { name, bytes: known.size };
    await this.forgetPackages(record.id);
    const bytes = await packReplay({ record, path }, this.#options);
    return { name, bytes };
  }

  /** The file of a package of that lesson as it is shown now; null for one of an earlier edit. */
  async file(lesson: string): Promise<string | null> {
    const { revision } = await shownEdit(lesson);
    const path = join(this.#out, `${lesson}.${revision}.tongke`);
    return (await stat(path).catch(() => null)) ? path : null;
  }

  /** Nobody came back to finish sending these. */
  async forgetUploads(): Promise<void> {
    for (const name of await this.uploads.all()) {
      const { mtimeMs } = await stat(this.uploads.path(name));
      if (Date.now() - mtimeMs > KEPT_MS) await this.uploads.drop(name);
    }
  }

  /** Of one lesson those of other edits, of all lessons those that are old. */
  async forgetPackages(lesson?: string): Promise<void> {
    for (const name of await readdir(this.#out)) {
      const path = join(this.#out, name);
      const isOld = Date.now() - (await stat(path)).mtimeMs > KEPT_MS;
      if (isOld || (lesson !== undefined && name.startsWith(`${lesson}.`))) await rm(path, { force: true });
    }
  }

  /**
   * Takes a package in for a school: its lesson can be watched by everyone there. Rejects with a `package_…` code; then
   * nothing of it is left. The same package again changes nothing, nor does it at the same time.
   */
  async import(path: string, school: string): Promise<{ lesson: string; title: Localised; known: boolean }> {
    const unpacked = await readPackage(path, (fingerprint) => isTrusted(school, fingerprint));
    const { manifest, fingerprint, id } = unpacked;
    const lesson = lessonIdFor(school, fingerprint, manifest.lesson);
    const { title } = manifest;
    return this.#inTurn(lesson, async () => {
      if ((await packageOf(lesson)) === id) return { lesson, title, known: true };
      // What the teacher has hidden since must not come back with a stick that lay in a drawer.
      if ((await newestTaken(lesson)) > manifest.madeAt) throw new TongkeError('package_older');
      const folder = await mkdtemp(join(this.#options.directory, 'unpacking-'));
      try {
        await extractPackage(path, unpacked, folder);
        await this.#take(lesson, school, unpacked, folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      return { lesson, title, known: false };
    });
  }

  /** One after the other, of one lesson. */
  #inTurn<T>(lesson: string, task: () => Promise<T>): Promise<T> {
    const result = (this.#turns.get(lesson) ?? Promise.resolve()).then(task);
    const settled = result.then(
      () => undefined,
      () => undefined, // told to whoever asked
    );
    this.#turns.set(lesson, settled);
    void settled.then(() => this.#turns.get(lesson) === settled && this.#turns.delete(lesson));
    return result;
  }

  async #take(lesson: string, school: string, { manifest, id }: Unpacked, folder: string): Promise<void> {
    const entries = await read(join(folder, 'log.json'), z.array(LogEntry).max(2_000_000));
    const captions = await read(join(folder, 'captions.json'), PackagedCaptions);
    const words = await read(join(folder, 'words.json'), WrittenPages);
    for (const name of ['log.json', 'captions.json', 'words.json']) await rm(join(folder, name));
    const pages = await takePages(folder, this.#options.objects);
    // Of its own pages alone; what is known of a page by whoever made it here is not written over.
    const own = new Set(pages.map(({ sha256 }) => sha256));
    for (const { sha256, text } of words.pages) if (own.has(sha256)) await bringWords(sha256, text);
    const { from, to, gaps, renditions, chapters, splits, partTitles } = manifest;
    // Rising, and no other package's: what a device keeps of an earlier one, or its browser, has another address.
    const cut = manifest.madeAt;
    await this.#options.recordings.bring({
      ...{ lesson, revision: cut, from, to, gaps, renditions },
      directory: folder,
    });
    await grantFiles(lesson, pages);
    // What an earlier package of the same lesson has said is gone.
    await deleteLog(lesson);
    for (let at = 0; at < entries.length; at += BATCH)
      await logStore.append(lesson, `courier ${id}`, entries.slice(at, at + BATCH));
    this.#options.reader.forget();
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
      brought: { teacher, course, school: from_, into: school, package: id, madeAt: manifest.madeAt },
    });
  }

  get #out(): string {
    return join(this.#options.directory, 'out');
  }
}

/** The same lesson from the same school is the same lesson here, in each school that takes it in. */
function lessonIdFor(school: string, fingerprint: string, lesson: string): string {
  const hash = createHash('sha256').update(JSON.stringify([school, fingerprint, lesson]));
  return `b${hash.digest('hex').slice(0, 24)}`;
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const found = schema.safeParse(json(await readFile(path, 'utf8').catch(() => '')));
  if (!found.success) throw new TongkeError('package_hostile', 'its log or captions are none');
  return found.data;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function openCourier(
  options: Omit<CourierOptions, 'identity' | 'directory'> & { readonly dataDir: string; readonly log: Log },
): Promise<Courier> {
  const { dataDir, log, ...rest } = options;
  const directory = join(dataDir, 'courier');
  for (const name of ['in', 'out']) await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
  // What a crash left half unpacked.
  for (const name of await readdir(directory))
    if (name.startsWith('unpacking-')) await rm(join(directory, name), { recursive: true, force: true });
  const courier = new Courier({ ...rest, directory, identity: await openIdentity(dataDir) });
  courier
    .forgetPackages()
    .catch((error: unknown) => log.warn({ err: error }, 'old packages were not removed'));
  return courier;
}
