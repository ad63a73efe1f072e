import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Id, LessonTime } from '../protocol/common.ts';
import { RecordingCut } from '../protocol/recording.ts';
import { Gap, RenditionState } from '../protocol/replay.ts';
import { isMissing, readIfThere, replaceFile, syncDirectory } from './durable.ts';
import { TrackHeader } from './track-format.ts';

/** In the order in which they are made: the voice in Opus, the same in AAC, the picture with its sound in AAC. */
export const RENDITION_KINDS = ['voice', 'aac', 'picture'] as const;
export type RenditionKind = (typeof RENDITION_KINDS)[number];

export const TrackSummary = TrackHeader.omit({ version: true, lesson: true }).extend({
  /** Name below `tracks/`. */
  file: z.string(),
  to: LessonTime,
  frames: z.number().int().min(0),
  bytes: z.number().int().min(0),
});
export type TrackSummary = z.infer<typeof TrackSummary>;

const RenditionRecord = z.object({
  state: RenditionState,
  /** Of AAC: somebody waits for it. */
  asked: z.boolean().optional(),
  /** How often making it has failed. */
  failures: z.number().int().min(0),
  /** Of the last failure, for the operator. */
  reason: z.string().optional(),
  /** Name of the playlist; absent where there is nothing to play. */
  playlist: z.string().optional(),
  bytes: z.number().int().min(0),
});
export type RenditionRecord = z.infer<typeof RenditionRecord>;

/** Files of one kind out of one of the lesson's folders, one behind the other in one object of the store. */
export const StoredPack = z.object({
  /** `tracks`, `renditions`, or those of a cut. */
  folder: z.string().regex(/^(tracks|renditions(-\d+)?)$/),
  /** Of tracks: sound is `voice`. */
  kind: z.enum(RENDITION_KINDS),
  key: z.string(),
  bytes: z.number().int().min(0),
  sha256: z.string(),
  files: z.array(z.object({ name: z.string(), at: z.number().int(), bytes: z.number().int() })),
  /** The files are still here, too, or some of them: they are to be removed. */
  here: z.boolean(),
});
export type StoredPack = z.infer<typeof StoredPack>;

/** What `recording.json` holds. Times on the lesson's clock, ms. */
export const RecordingFile = z.object({
  version: z.literal(1),
  lesson: Id,
  from: LessonTime,
  /** Null until the lesson has ended and its tracks are final. */
  to: LessonTime.nullable(),
  /** When a recorder was there; the end is null where it was not there to write it. */
  sessions: z.array(z.object({ from: LessonTime, to: LessonTime.nullable() })),
  /** When the lesson's media moved to another worker: every voice was away until it was sent again. */
  moves: z.array(LessonTime),
  gaps: z.array(Gap),
  tracks: z.array(TrackSummary),
  voice: RenditionRecord,
  /** Recordings of before AAC was made by itself have theirs with the voice. */
  aac: RenditionRecord.default({ state: 'ready', failures: 0, bytes: 0 }),
  picture: RenditionRecord,
  /** What of it is shown, where that is not all. */
  cut: RecordingCut.optional(),
  /** Of its folders' names: where what is shown lies. Absent: where all of it was made. */
  place: z
    .string()
    .regex(/^-\d+$/)
    .optional(),
  /** What had been made of all of it; absent where nothing is cut, and once it has been erased. */
  whole: z.object({ voice: RenditionRecord, aac: RenditionRecord, picture: RenditionRecord }).optional(),
  /** What lies in the store rather than here. */
  stored: z.array(StoredPack).optional(),
});
export type RecordingFile = z.infer<typeof RecordingFile>;

/** Whether AAC has not been made because nobody asked for it; so it looks, too, of recordings that have it with the voice. */
export function isAacUnasked({ voice, aac }: Pick<RecordingFile, 'voice' | 'aac'>): boolean {
  return voice.playlist !== undefined && aac.state === 'ready' && aac.playlist === undefined;
}

export const WAITING: RenditionRecord = { state: 'waiting', failures: 0, bytes: 0 };

/** The reason of what will never be tried again. */
export const NOTHING_LEFT = 'its files were damaged, and there is nothing to make them of again';

const STATE_FILE = 'recording.json';
const TRACK_SUFFIX = '.track';

/**
 * A lesson's folder: `recording.json`, `tracks/`, `renditions/`, and `work/` for what is being made.
 * Changes of the file happen one after the other, each whole on the disk before the next.
 */
export class LessonFolder {
  readonly lesson: string;
  readonly path: string;
  readonly #onDamaged: ((lesson: string, error: unknown) => void) | undefined;
  #known: RecordingFile | null | undefined;
  #reading: Promise<RecordingFile | null> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** `onDamaged`: called where the state file cannot be read, and has been put aside for that. */
  constructor(directory: string, lesson: string, onDamaged?: (lesson: string, error: unknown) => void) {
    this.lesson = Id.parse(lesson); // a path is made of it
    this.path = join(directory, this.lesson);
    this.#onDamaged = onDamaged;
  }

  /** Where a state file is put that was damaged: somebody may still read something in it. */
  get setAside(): string {
    return join(this.path, `${STATE_FILE}.damaged`);
  }

  get tracks(): string {
    return join(this.path, 'tracks');
  }

  /** Files of every finished rendition side by side, each named after its kind, as playlists refer to them. */
  get renditions(): string {
    return join(this.path, `renditions${this.#suffix}`);
  }

  /** What was made of all of the lesson, before it was cut. */
  get original(): string {
    return join(this.path, 'renditions');
  }

  /** Where a job makes a rendition of this kind before it is known to be good. */
  work(kind: RenditionKind): string {
    return join(this.path, `work${this.#suffix}`, kind);
  }

  /** Of folders: what one cut shows never lies beside what another one does. Known once the state file was read. */
  get #suffix(): string {
    return this.#known?.place ?? '';
  }

  /** Names of the folders whose files outlive the making of them. */
  get lasting(): readonly string[] {
    const names = ['tracks', 'renditions', `renditions${this.#suffix}`];
    return [...new Set(names)];
  }

  /** What is made of the cut that is in force; nothing where that shows all of it. */
  get made(): readonly string[] {
    if (this.#suffix === '') return [];
    return [this.renditions, join(this.path, `work${this.#suffix}`)];
  }

  /** Null where this lesson has not been recorded. One that is damaged is put aside, or, where nobody would hear of that, throws. */
  async read(): Promise<RecordingFile | null> {
    if (this.#known !== undefined) return this.#known;
    // By one for all: a second one could put aside what was written in the place of a damaged one.
    this.#reading ??= this.#readFile();
    try {
      const found = await this.#reading;
      this.#known ??= found; // a writer may have been here meanwhile
    } finally {
      this.#reading = undefined;
    }
    return this.#known;
  }

  async #readFile(): Promise<RecordingFile | null> {
    const path = join(this.path, STATE_FILE);
    try {
      const text = await readIfThere(path);
      return text && RecordingFile.parse(JSON.parse(text.toString()));
    } catch (error) {
      if (!this.#onDamaged || !isDamage(error)) throw error;
      await rename(path, this.setAside);
      this.#onDamaged(this.lesson, error);
      return null;
    }
  }

  /** Rejects where the change could not be made durable; the file is then as it was. */
  change(make: (file: RecordingFile | null) => RecordingFile): Promise<RecordingFile> {
    const result = this.#turn.then(async () => {
      const next = make(await this.read());
      await replaceFile(join(this.path, STATE_FILE), `${JSON.stringify(next, null, 1)}\n`);
      this.#known = next;
      return next;
    });
    this.#turn = result.catch(() => undefined); // the caller hears of it; the next change has its own chance
    return result;
  }

  /** `make` puts another folder in the place of this one, and says what its file holds. */
  replace(make: () => Promise<RecordingFile>): Promise<void> {
    const result = this.#turn.then(async () => {
      this.#known = await make();
    });
    this.#turn = result.catch(() => undefined); // as above
    return result;
  }

  /** Makes the folders; safe to repeat. */
  async create(): Promise<void> {
    await mkdir(this.tracks, { recursive: true, mode: 0o700 });
    await syncDirectory(this.path);
  }

  async listTracks(): Promise<string[]> {
    const names = await readdir(this.tracks).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return names.filter((name) => name.endsWith(TRACK_SUFFIX)).sort();
  }

  /** An empty folder for a job; what an earlier run left is gone. */
  async freshWork(kind: RenditionKind): Promise<string> {
    const path = this.work(kind);
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }
}

/** What is no JSON, or not ours, or on a sector that is bad; not what the system lacks just now. */
function isDamage(error: unknown): boolean {
  if (error instanceof SyntaxError || error instanceof z.ZodError) return true;
  return error instanceof Error && 'code' in error && error.code === 'EIO';
}

export function trackName(stream: string, openedAt: number): string {
  return `${stream}.${openedAt}${TRACK_SUFFIX}`;
}

/** Puts every file of a folder on the disk, then their names. */
export async function syncFolder(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    const file = await open(join(path, name), 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await syncDirectory(path);
}
