import { type FileHandle, open } from 'node:fs/promises';

const CHUNK = 256 * 1024;

/** Reads a file from its beginning in pieces of the caller's choosing, a chunk in memory at a time. */
export class ByteReader {
  readonly #file: FileHandle;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #position = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<ByteReader> {
    return new ByteReader(await open(path, 'r'));
  }

  /** How many bytes have been taken. */
  get offset(): number {
    return this.#position - (this.#chunk.length - this.#at);
  }

  /** The next `length` bytes, valid for good; null where the file ends before. */
  async take(length: number): Promise<Buffer | null> {
    const left = this.#chunk.length - this.#at;
    if (left < length && !(await this.#refill(length))) return null;
    const bytes = this.#chunk.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** Goes on from a byte of the file. */
  seek(position: number): void {
    this.#chunk = Buffer.alloc(0);
    this.#at = 0;
    this.#position = position;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** A new chunk each time: bytes handed out before stay as they were. */
  async #refill(length: number): Promise<boolean> {
    const left = this.#chunk.subarray(this.#at);
    const chunk = Buffer.allocUnsafe(Math.max(CHUNK, length));
    left.copy(chunk);
    let filled = left.length;
    while (filled < length) {
      const { bytesRead } = await this.#file.read(chunk, filled, chunk.length - filled, this.#position);
      if (bytesRead === 0) break;
      filled += bytesRead;
      this.#position += bytesRead;
    }
    this.#chunk = chunk.subarray(0, filled);
    this.#at = 0;
    return filled >= length;
  }
}
