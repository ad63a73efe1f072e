import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durable.ts';
import { encodeFrame, encodeRecord, TRACK_MAGIC, type TrackFrame, type TrackHeader } from './track-format.ts';

/** Frames wait at most this long before they are written (and survive `kill -9`), ms. */
const WRITE_EVERY_MS = 250;
/** Written frames wait at most this long before they are on the disk (and survive a power cut), ms. */
const SYNC_EVERY_MS = 750;
/** A disk that takes nothing while this much waits is as good as failed. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Appends a stream's frames to its track file. `append` never waits: the disk's trouble is not the network's. */
export class TrackWriter {
  readonly path: string;
  #frames = 0;
  #bytes: number;
  #to: number;
  readonly #onError: (error: unknown) => void;
  readonly #file: Promise<FileHandle>;
  readonly #timer: NodeJS.Timeout;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #unsynced = false;
  #syncedAt = performance.now();
  /** Writes come one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #ticking = false;
  #failed = false;
  #closed: Promise<void> | undefined;

  /** Makes the file, which must not exist. `onError` is called once, after which nothing more is written. */
  constructor(path: string, header: TrackHeader, onError: (error: unknown) => void) {
    this.path = path;
    this.#onError = onError;
    const head = Buffer.concat([TRACK_MAGIC, encodeRecord(Buffer.from(JSON.stringify(header), 'utf8'))]);
    this.#bytes = head.length;
    this.#to = header.from;
    this.#file = createTrack(path, head);
    this.#file.catch((error: unknown) => this.#fail(error));
    this.#timer = setInterval(() => this.#tick(), WRITE_EVERY_MS);
  }

  append(frame: TrackFrame): void {
    if (this.#failed || this.#closed) return;
    const record = encodeFrame(frame);
    if (!frame.end) this.#frames++;
    this.#bytes += record.length;
    this.#to = Math.max(this.#to, frame.time);
    this.#waiting.push(record);
    this.#waitingBytes += record.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES)
      this.#fail(new Error('The disk takes no more of a recording'));
  }

  /** What a reading of the closed file would find; null where not all of it was written. */
  get totals(): { readonly frames: number; readonly bytes: number; readonly to: number } | null {
    return this.#failed ? null : { frames: this.#frames, bytes: this.#bytes, to: Math.ceil(this.#to) };
  }

  /** Resolves when what was appended so far is written: for those who can produce faster than the disk takes. */
  written(): Promise<void> {
    return this.#write(false);
  }

  /** Writes what waits and makes it durable. Errors go to `onError`. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #tick(): void {
    if (this.#ticking || this.#failed) return; // a slow disk gets fewer, larger writes
    if (this.#waiting.length === 0 && !this.#unsynced) return;
    this.#ticking = true;
    void this.#write(false).then(() => {
      this.#ticking = false;
    });
  }

  #write(sync: boolean): Promise<void> {
    this.#turn = this.#turn.then(() => this.#writeNow(sync));
    return this.#turn;
  }

  /** Never rejects. */
  async #writeNow(sync: boolean): Promise<void> {
    if (this.#failed) return;
    try {
      const file = await this.#file;
      if (this.#waiting.length > 0) {
        const batch = Buffer.concat(this.#waiting);
        this.#waiting = [];
        this.#waitingBytes = 0;
        await file.appendFile(batch);
        this.#unsynced = true;
      }
      if (this.#unsynced && (sync || performance.now() - this.#syncedAt >= SYNC_EVERY_MS)) {
        await file.datasync();
        this.#unsynced = false;
        this.#syncedAt = performance.now();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write(true);
    try {
      await (await this.#file).close();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#waiting = [];
    clearInterval(this.#timer);
    this.#onError(error);
  }
}

async function createTrack(path: string, head: Buffer): Promise<FileHandle> {
  const file = await open(path, 'ax', 0o600);
  try {
    await file.appendFile(head);
    await file.datasync();
    await syncDirectory(dirname(path));
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
