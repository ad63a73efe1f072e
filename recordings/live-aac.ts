import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aacPlaylistOf, makePieces, pieceOf, type Row } from './aac-pieces.ts';
import { readIfThere } from './durable.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { aacInitSegment } from './fmp4-writer.ts';
import { AAC_NAME } from './growing-aac.ts';
import type { LessonFolder } from './lesson-folder.ts';
import { GROUP_MS, LIVE_NAME, OPUS_NAME, WINDOW_MS } from './voice-packager.ts';

const LIVE: Row = { opus: LIVE_NAME, aac: `${LIVE_NAME}-aac`, ms: WINDOW_MS };
const REPLAY: Row = { opus: OPUS_NAME, aac: AAC_NAME, ms: GROUP_MS };
export const LIVE_AAC_PLAYLIST = `${LIVE.aac}.m3u8`;
/** Who catches up asks for one after the other: so many are made in one go, in a tenth of a second. */
const AT_ONCE = 10;

/** Whether a file is of this voice, by its name. */
export function isLiveAac(name: string): boolean {
  return name.startsWith(LIVE.aac);
}

export function liveAacPlaylist(opus: string): string {
  return aacPlaylistOf(LIVE, opus);
}

/** Of a replay's voice, segment for segment as it is in Opus. */
export function replayAacPlaylist(opus: string): string {
  return aacPlaylistOf(REPLAY, opus);
}

export interface LiveAacOptions {
  readonly ffmpeg: Ffmpeg;
  readonly signal: AbortSignal;
}

/**
 * Voices for devices without Opus, made segment by segment when somebody asks for one: of lessons that go on, and of what
 * nobody but an administrator hears. One encoder at a time whoever asks, at the lowest priority but at the bell.
 */
export class LiveAac {
  readonly #options: LiveAacOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LiveAacOptions) {
    this.#options = options;
  }

  /** Resolves when nothing is being made any more. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  /** Where a file of it lies; null where there is none. `opus`: the whole playlist of the lesson's windows. `isOver`: a class waits at the bell. */
  async file(folder: LessonFolder, name: string, opus: string, isOver = false): Promise<string | null> {
    const path = join(folder.renditions, name);
    const first = pieceOf(LIVE, name, opus);
    if (name !== `${LIVE.aac}-init.mp4` && first === null) return null;
    await this.#inTurn(async () => {
      if ((await readIfThere(path)) !== null) return;
      if (first === null) await put(folder, name, aacInitSegment());
      else await this.#make(folder, first, opus, isOver);
    });
    return path;
  }

  /** A file of a replay's voice, which is kept nowhere; null where there is none. `read`: a segment of Opus, by its name. */
  async piece(
    folder: LessonFolder,
    name: string,
    opus: string,
    read: (name: string) => Promise<Buffer>,
  ): Promise<Buffer | null> {
    if (name === `${REPLAY.aac}-init.mp4`) return aacInitSegment();
    const first = pieceOf(REPLAY, name, opus);
    if (first === null) return null;
    const work = folder.work('voice');
    const [made] = await this.#inTurn(() =>
      makePieces(REPLAY, { ...this.#options, opus, first, count: 1, read, work }),
    );
    return made?.data ?? null;
  }

  async #make(folder: LessonFolder, first: number, opus: string, isAwaited: boolean): Promise<void> {
    const read = (name: string): Promise<Buffer> => readFile(join(folder.renditions, name));
    const options = {
      ...this.#options,
      opus,
      first,
      count: AT_ONCE,
      read,
      work: folder.work('voice'),
      isAwaited,
    };
    for (const { name, data } of await makePieces(LIVE, options)) await put(folder, name, data);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const made = this.#turn.then(task);
    this.#turn = made.catch(() => undefined); // told to whoever asked
    return made;
  }
}

/** A name only once it is whole. It need not outlive a power cut: it can be made again. */
async function put(folder: LessonFolder, name: string, data: Buffer): Promise<void> {
  const fresh = join(folder.work('voice'), name);
  await mkdir(folder.work('voice'), { recursive: true, mode: 0o700 });
  await writeFile(fresh, data);
  await rename(fresh, join(folder.renditions, name));
}
