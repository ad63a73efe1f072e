import { stat, truncate } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { ByteReader } from './byte-reader.ts';
import type { Pace } from './sums.ts';
import {
  decodeFrame,
  FRAME_HEAD,
  MAX_RECORD,
  RECORD_HEAD,
  TRACK_MAGIC,
  type TrackFrame,
  TrackHeader,
} from './track-format.ts';

/** What a whole reading of a track file found. */
export interface TrackInspection {
  readonly header: TrackHeader;
  readonly frames: number;
  /** Lesson times of the first frame and of the track's end, ms. */
  readonly from: number;
  readonly to: number;
  /** Bytes up to the last frame that holds, and bytes after it. */
  readonly bytes: number;
  readonly torn: number;
  /** Frames that don't hold, with others behind them: the disk does not give back what was written. */
  readonly damaged: number;
}

export class TrackReader {
  readonly header: TrackHeader;
  readonly #reader: ByteReader;
  #sound: number;
  #damaged = 0;
  /** Those since the last frame that holds. */
  #skipped = 0;

  private constructor(reader: ByteReader, header: TrackHeader) {
    this.#reader = reader;
    this.header = header;
    this.#sound = reader.offset;
  }

  /** Null for what is no track file, or one whose header was torn. */
  static async open(path: string): Promise<TrackReader | null> {
    const reader = await ByteReader.open(path);
    try {
      const magic = await reader.take(TRACK_MAGIC.length);
      const body = magic?.equals(TRACK_MAGIC) ? await takeRecord(reader) : null;
      const header = body && body !== DAMAGED ? TrackHeader.safeParse(parseJson(body)) : null;
      if (header?.success) return new TrackReader(reader, header.data);
    } catch (error) {
      await reader.close();
      throw error;
    }
    await reader.close();
    return null;
  }

  /** Length of the part that holds, as far as it was read. */
  get soundBytes(): number {
    return this.#sound;
  }

  /** Frames that were left out so far, as others came behind them. */
  get damaged(): number {
    return this.#damaged;
  }

  /**
   * Every frame that holds, in order; closes the file at the end. `since`: an earlier `soundBytes` to go on from. One that
   * does not hold costs itself alone, as long as its length can be believed.
   */
  async *frames(since?: number): AsyncGenerator<TrackFrame> {
    try {
      if (since !== undefined) {
        this.#reader.seek(since);
        this.#sound = since;
      }
      for (let body = await takeRecord(this.#reader); body; body = await takeRecord(this.#reader)) {
        if (body !== DAMAGED && body.length < FRAME_HEAD) return;
        if (body === DAMAGED) {
          this.#skipped += 1;
          continue;
        }
        this.#damaged += this.#skipped;
        this.#skipped = 0;
        this.#sound = this.#reader.offset;
        yield decodeFrame(body);
      }
    } finally {
      await this.#reader.close();
    }
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }
}

/** Frames of a file that is known to be a track; none where it isn't any more. */
export async function* readFrames(path: string): AsyncGenerator<TrackFrame> {
  const reader = await TrackReader.open(path);
  if (reader) yield* reader.frames();
}

/** Read at once between two rests, bytes. */
const STRETCH = 256 * 1024;

/** Reads all of it: nothing is believed that has not been checked. Null for what is no track file. */
export async function inspectTrack(path: string, pace?: Pace): Promise<TrackInspection | null> {
  const reader = await TrackReader.open(path);
  if (!reader) return null;
  let frames = 0;
  let unpaced = 0;
  let to = reader.header.from;
  for await (const frame of reader.frames()) {
    if (!frame.end) frames++;
    to = Math.max(to, frame.time);
    unpaced += frame.payload.length;
    if (!pace || unpaced < STRETCH) continue;
    await pace(unpaced);
    unpaced = 0;
  }
  const { size } = await stat(path);
  const bytes = reader.soundBytes;
  const { header, damaged } = reader;
  return { header, frames, from: header.from, to, bytes, torn: size - bytes, damaged };
}

/** Cuts off what a crash has torn. Only for files that nobody writes any more. */
export async function repairTrack(path: string): Promise<TrackInspection | null> {
  const found = await inspectTrack(path);
  if (found && found.torn > 0) await truncate(path, found.bytes);
  return found;
}

const DAMAGED = 'damaged';

/** Null at the end, and where nothing behind can be told apart any more. */
async function takeRecord(reader: ByteReader): Promise<Buffer | typeof DAMAGED | null> {
  const head = await reader.take(RECORD_HEAD);
  if (!head) return null;
  const length = head.readUInt32BE(0);
  if (length > MAX_RECORD) return null;
  const body = await reader.take(length);
  return !body || crc32(body) === head.readUInt32BE(4) ? body : DAMAGED;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined; // the checksum held but the text does not: not a header of ours
  }
}
