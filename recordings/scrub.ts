import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { Id } from '../protocol/common.ts';
import { RecordingDamage } from '../protocol/recording.ts';
import type { Archive } from './archive.ts';
import { isMissing, replaceFile } from './durable.ts';
import { damagedFiles, inspect, isSettled } from './inspection.ts';
import { LessonFolder, RecordingFile, type RenditionKind } from './lesson-folder.ts';
import type { RecorderLog } from './log.ts';
import { mend } from './mend.ts';
import type { Pace } from './sums.ts';

const STATE_FILE = 'scrub.json';
/** Every recording is read again so often, ms. */
const EVERY_MS = 14 * 86_400_000;
/** Bytes a second that are read at most: a disk has others to serve. */
const RATE = 8_000_000;
/** How soon it is looked whether it may go on, ms. */
const LOOK_MS = 60_000;
/** What was found is told for so long, ms. */
const TOLD_MS = 30 * 86_400_000;
/** So many at most: a disk that fails altogether says so by the first hundred. */
const TOLD = 100;

const State = z.object({
  /** The last lesson that was read in this round; null: none yet. */
  at: z.string().nullable(),
  /** When this round began, wall time. */
  begun: z.number(),
  /** The round is over. */
  done: z.boolean(),
  found: z.array(RecordingDamage),
});
type State = z.infer<typeof State>;

export interface ScrubOptions {
  readonly directory: string;
  readonly folder: (lesson: string) => LessonFolder;
  readonly archive: Archive;
  readonly log: RecorderLog;
  /** A lesson is live, or something is being made: it waits. */
  readonly isBusy: () => boolean;
  readonly again: (lesson: string, kind: RenditionKind) => Promise<void>;
  readonly changed: (lesson: string) => void;
  readonly signal: AbortSignal;
  /** Wall time, ms; the system's where it is not given. */
  readonly now: (() => number) | undefined;
}

class Busy extends Error {}

/** Reads every finished recording now and then, slowly, and mends what a disk or a store has lost meanwhile. */
export class Scrub {
  readonly #options: ScrubOptions;
  #state: State = { at: null, begun: 0, done: true, found: [] };
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();
  #noting: Promise<unknown> = Promise.resolve();

  constructor(options: ScrubOptions) {
    this.#options = options;
  }

  /** What was found lately, the newest first. */
  get found(): readonly RecordingDamage[] {
    return this.#state.found.filter(({ at }) => at > this.#now - TOLD_MS);
  }

  /** In plain English, for an operator. */
  warnings(): string[] {
    const lost = this.found.filter(({ outcome }) => outcome === 'lost').length;
    const mended = this.found.length - lost;
    return [
      ...(lost > 0 ? [`recording: ${lost} damaged, see Rooms and devices > Space`] : []),
      ...(mended > 0 ? [`recording: ${mended} damaged and made again, the disk may be failing`] : []),
    ];
  }

  /** Before anything is told. */
  async load(): Promise<void> {
    const { directory } = this.#options;
    const text = await readFile(join(directory, STATE_FILE), 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return 'null';
      throw error;
    });
    this.#state = State.safeParse(json(text)).data ?? this.#state;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  /** Goes on with a round that is not done, or begins one that is due. Resolves with whether it is done; never rejects. */
  async look(): Promise<boolean> {
    const round = this.#round.then(() => this.#look());
    this.#round = round;
    await round;
    return this.#state.done;
  }

  /** Whether what is played of a lesson, here or in the store, is what was made; where it is not, that is mended at once. */
  async isIntact(lesson: string): Promise<boolean> {
    const [seen, file] = await this.#read(lesson);
    if (!file || file.to === null) return true;
    const damaged = [...(await damagedFiles(seen, file)).values()].flat();
    // While AAC is being made, the voice's lists change, and who makes it has what is damaged made again.
    if (!isSettled(file)) return damaged.every((name) => name.endsWith('.m3u8'));
    const played = (file.stored ?? []).filter(({ folder }) => folder !== 'tracks');
    const lost = await this.#options.archive.lost({ ...file, stored: played }, async () => {});
    if (damaged.length + lost.length === 0) return true;
    await this.#check(lesson, async () => {});
    return false;
  }

  /** What else was found, by who came upon it. */
  async tell(...damage: readonly Omit<RecordingDamage, 'at'>[]): Promise<void> {
    const at = this.#now;
    const found = [...damage.map((one) => ({ ...one, at })), ...this.#state.found];
    await this.#note({ found: found.slice(0, TOLD) });
  }

  /** Of what is deleted nothing is told any more, or of what was found before a time and is well. */
  async forget(lesson: string, before = Number.POSITIVE_INFINITY): Promise<void> {
    const found = this.#state.found.filter((one) => one.lesson !== lesson || one.at >= before);
    if (found.length < this.#state.found.length) await this.#note({ found });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  get #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  async #look(): Promise<void> {
    const { isBusy, signal, log } = this.#options;
    try {
      if (this.#state.done && this.#now - this.#state.begun < EVERY_MS) return;
      if (this.#state.done) await this.#note({ at: null, begun: this.#now, done: false });
      for (const lesson of await this.#left()) {
        if (isBusy() || signal.aborted) return;
        await this.#check(lesson, (bytes) => this.#pace(bytes));
        await this.#note({ at: lesson });
      }
      await this.#note({ done: true });
    } catch (error) {
      if (error instanceof Busy || signal.aborted) return; // this lesson again, with the next look
      log.error({ err: error }, 'recordings could not be read over');
    }
  }

  async #left(): Promise<string[]> {
    const entries = await readdir(this.#options.directory, { withFileTypes: true });
    const lessons = entries.filter((entry) => entry.isDirectory() && Id.safeParse(entry.name).success);
    const { at } = this.#state;
    return lessons
      .map(({ name }) => name)
      .filter((name) => at === null || name > at)
      .sort();
  }

  async #check(lesson: string, pace: Pace): Promise<void> {
    const { folder: open, archive, again, changed, log } = this.#options;
    const begun = this.#now;
    const [seen, file] = await this.#read(lesson);
    if (!isSettled(file)) return;
    const losses = await inspect(seen, file, archive, pace);
    if (losses.files.size + losses.tracks.length + losses.stored.length === 0) {
      await this.forget(lesson, begun);
      return;
    }
    const folder = open(lesson);
    // Cut, deleted or brought anew meanwhile: what was read is not what is there.
    if (!isSame(await folder.read(), file)) return;
    const mended = await mend(file, losses, { folder, archive, again: (kind) => again(lesson, kind) });
    log.error({ lesson, mended, losses: { ...losses, files: [...losses.files] } }, 'a recording was damaged');
    await this.forget(lesson);
    await this.tell(...mended.map((one) => ({ ...one, lesson })));
    changed(lesson);
  }

  /** As it lies on the disk, not kept in memory: there are years of finished ones. */
  async #read(lesson: string): Promise<[LessonFolder, RecordingFile | null]> {
    const { directory, folder: open, log } = this.#options;
    const seen = new LessonFolder(directory, lesson);
    try {
      return [seen, await seen.read()];
    } catch (error) {
      log.error({ err: error, lesson }, 'a recording’s state cannot be read');
      const folder = open(lesson);
      const known = await folder.read().catch(() => null); // told already
      if (!known) return [folder, null];
      // It was read before it was damaged, and is written again.
      await this.tell({ lesson, what: 'voice', outcome: 'mended' });
      return [folder, await folder.change((latest) => latest ?? known)];
    }
  }

  /** No faster than the rate, and not at all beside a lesson. */
  async #pace(bytes: number): Promise<void> {
    const { isBusy, signal } = this.#options;
    signal.throwIfAborted();
    if (isBusy()) throw new Busy();
    await delay((bytes / RATE) * 1000, undefined, { signal });
  }

  /** One after the other: a round goes on while a lesson is looked at that somebody asks for. */
  #note(patch: Partial<State>): Promise<void> {
    this.#state = { ...this.#state, ...patch };
    const noted = this.#noting.then(() =>
      replaceFile(join(this.#options.directory, STATE_FILE), JSON.stringify(this.#state)),
    );
    this.#noting = noted.catch(() => undefined); // told to whoever noted it
    return noted;
  }
}

/** One is as it is in memory, the other as it was read from the disk. */
function isSame(known: RecordingFile | null, read: RecordingFile): boolean {
  return isDeepStrictEqual(known && RecordingFile.parse(json(JSON.stringify(known))), read);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // damaged itself: a round begins
  }
}
