import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Localised } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import type { ObjectStore } from '../../protocol/storage.ts';
import { Uploads } from '../courseware/uploads.ts';
import type { LessonRecord } from '../lessons/record.ts';
import type { Log } from '../log.ts';
import { OneByOne } from '../replays/one-by-one.ts';
import type { ReplayReader } from '../replays/reader.ts';
import { shownEdit } from '../replays/shown-edit.ts';
import {
  beginTaking,
  endTaking,
  isTrusted,
  newestTaken,
  packageOf,
  type Taking,
  takingsLeft,
} from '../store/courier.ts';
import { readContents } from './contents.ts';
import { type Identity, openIdentity } from './identity.ts';
import { packReplay } from './pack.ts';
import { putInPlace } from './put-in-place.ts';
import { extractPackage, readPackage, type Unpacked } from './unpack.ts';

/** Packages, out or in, are kept for a transfer that broke off; then they are made, or sent, again. */
const KEPT_MS = 7 * 86_400_000;
/** What a package has become here. `known`: it was here already. */
interface Taken {
  readonly lesson: string;
  readonly title: Localised;
  readonly known: boolean;
}

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
  /** Of one lesson one thing is packed or taken in at a time. */
  readonly #work = new OneByOne();

  constructor(options: CourierOptions) {
    this.identity = options.identity;
    this.uploads = new Uploads(join(options.directory, 'in'));
    this.#options = options;
  }

  /** Makes a replay's package, unless the one that is there is of the same edit. */
  export(record: LessonRecord): Promise<{ name: string; bytes: number }> {
    return this.#work.do(() => this.#export(record), record.id);
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
      const isGone = lesson === undefined ? await isOld(path) : name.startsWith(`${lesson}.`);
      if (isGone) await rm(path, { force: true });
    }
  }

  /**
   * Takes in, for a school, what was sent whole: its lesson can be watched by everyone there. Rejects with a `package_…` code;
   * then nothing of it is left. The same package again changes nothing, nor does it at the same time.
   */
  async takeIn(upload: string, school: string): Promise<Taken> {
    const unpacked = await readPackage(this.uploads.path(upload), (signer) => isTrusted(school, signer));
    return this.#takeIn({ upload, school }, unpacked);
  }

  /** What a crash broke off is gone on with: until then, its lesson is neither what it was nor what was brought. */
  async resume(): Promise<void> {
    for (const { lesson, ...taking } of await takingsLeft()) {
      try {
        await this.#takeIn(taking, await readPackage(this.uploads.path(taking.upload), async () => true));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await endTaking(lesson); // it is gone, and with it what could be gone on with
      }
    }
  }

  #takeIn(taking: Taking, unpacked: Unpacked): Promise<Taken> {
    const { manifest, fingerprint, id } = unpacked;
    const { title, madeAt } = manifest;
    const lesson = lessonIdFor(taking.school, fingerprint, manifest.lesson);
    return this.#work.do(async () => {
      const known = (await packageOf(lesson)) === id;
      // What the teacher has hidden since must not come back with a stick that lay in a drawer.
      if (!known && (await newestTaken(lesson)) > madeAt) throw new TongkeError('package_older');
      if (!known) await this.#take(lesson, taking, unpacked);
      await endTaking(lesson);
      return { lesson, title, known };
    }, lesson);
  }

  async #take(lesson: string, taking: Taking, unpacked: Unpacked): Promise<void> {
    const folder = await mkdtemp(join(this.#options.directory, 'unpacking-'));
    try {
      await extractPackage(this.uploads.path(taking.upload), unpacked, folder);
      const contents = await readContents(folder, unpacked.manifest);
      await beginTaking(lesson, taking);
      await putInPlace({ lesson, school: taking.school, unpacked, contents }, this.#options);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  get #out(): string {
    return join(this.#options.directory, 'out');
  }
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null); // it may be replaced in this very moment
  return found !== null && Date.now() - found.mtimeMs > KEPT_MS;
}

/** The same lesson from the same school is the same lesson here, in each school that takes it in. */
function lessonIdFor(school: string, fingerprint: string, lesson: string): string {
  const hash = createHash('sha256').update(JSON.stringify([school, fingerprint, lesson]));
  return `b${hash.digest('hex').slice(0, 24)}`;
}

/** Whether a package is refused for what it is: it will be the next time, too. */
export function isRefusal(error: unknown): boolean {
  return error instanceof TongkeError && error.code.startsWith('package_');
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
  courier
    .resume()
    .catch((error: unknown) => log.error({ err: error }, 'a package that a stop broke off was not taken in'));
  return courier;
}
