import { type FileHandle, open } from 'node:fs/promises';
import { ByteReader } from './byte-reader.ts';

/** IVF: frames of one picture with their times, the least container that ffmpeg reads and writes. */

const FILE_HEAD = 32;
const FRAME_HEAD = 12;
const WRITE_BYTES = 1024 * 1024;

/** Writes frames with times in whole milliseconds. */
export class IvfWriter {
  readonly #file: FileHandle;
  #out: Buffer[] = [];
  #outBytes = 0;

  private constructor(file: FileHandle, fourcc: string, size: { width: number; height: number }) {
    this.#file = file;
    const head = Buffer.alloc(FILE_HEAD);
    head.write('DKIF', 0, 'latin1');
    head.writeUInt16LE(FILE_HEAD, 6);
    head.write(fourcc, 8, 'latin1');
    head.writeUInt16LE(size.width, 12);
    head.writeUInt16LE(size.height, 14);
    head.writeUInt32LE(1000, 16); // ticks a second
    head.writeUInt32LE(1, 20);
    this.#out.push(head);
  }

  static async create(
    path: string,
    codec: 'VP80' | 'H264',
    size: { width: number; height: number },
  ): Promise<IvfWriter> {
    return new IvfWriter(await open(path, 'w', 0o600), codec, size);
  }

  async write(milliseconds: number, frame: Buffer): Promise<void> {
    const head = Buffer.alloc(FRAME_HEAD);
    head.writeUInt32LE(frame.length, 0);
    head.writeBigUInt64LE(BigInt(milliseconds), 4);
    this.#out.push(head, frame);
    this.#outBytes += FRAME_HEAD + frame.length;
    if (this.#outBytes >= WRITE_BYTES) await this.#flush();
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#file.close();
    }
  }

  /** Closes the file as it is, for when writing has failed. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    await this.#file.appendFile(Buffer.concat(this.#out));
    this.#out = [];
    this.#outBytes = 0;
  }
}

export interface IvfFrame {
  /** Seconds from the file's own beginning. */
  readonly time: number;
  readonly frame: Buffer;
}

/** Codec and frames of an IVF file. Throws where it is none. */
export async function openIvf(path: string): Promise<{ fourcc: string; frames: AsyncGenerator<IvfFrame> }> {
  const reader = await ByteReader.open(path);
  const head = await reader.take(FILE_HEAD);
  if (head?.toString('latin1', 0, 4) !== 'DKIF') {
    await reader.close();
    throw new Error(`${path} is not an IVF file`);
  }
  const seconds = head.readUInt32LE(20) / head.readUInt32LE(16);
  return { fourcc: head.toString('latin1', 8, 12), frames: readIvfFrames(reader, seconds) };
}

async function* readIvfFrames(reader: ByteReader, seconds: number): AsyncGenerator<IvfFrame> {
  try {
    for (let head = await reader.take(FRAME_HEAD); head; head = await reader.take(FRAME_HEAD)) {
      const frame = await reader.take(head.readUInt32LE(0));
      if (!frame) return;
      yield { time: Number(head.readBigUInt64LE(4)) * seconds, frame };
    }
  } finally {
    await reader.close();
  }
}
