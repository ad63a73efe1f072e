import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TongkeError } from '../../protocol/errors.ts';

/** Files on their way here, under the ids of their courseware: whatever a file is called, no path is made of it. */
export class Uploads {
  readonly #folder: string;
  /** Who is sending, by file: a line that broke may look alive for minutes, and the new one goes before it. */
  readonly #sending = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(id: string): string {
    return join(this.#folder, id);
  }

  /** Bytes that are on the disk. */
  async received(id: string): Promise<number> {
    return (await stat(this.path(id)).catch(() => null))?.size ?? 0;
  }

  /**
   * Adds what comes behind the first `from` bytes, and gives how many are here then. Where others than `from` are here,
   * nothing is taken: the sender goes on from what it is told. What came before a line broke is kept.
   */
  async receive(id: string, from: number, bytes: number, content: Readable): Promise<number> {
    const before = this.#sending.get(id);
    before?.stop.abort();
    const stop = new AbortController();
    const turn = (async () => {
      await before?.ended;
      await this.#append(id, from, bytes, content, stop.signal);
    })();
    const ended = turn.then(
      () => undefined,
      () => undefined, // told to its own sender
    );
    const entry = { stop, ended };
    this.#sending.set(id, entry);
    try {
      await turn;
    } finally {
      if (this.#sending.get(id) === entry) this.#sending.delete(id);
    }
    return this.received(id);
  }

  async drop(id: string): Promise<void> {
    this.#sending.get(id)?.stop.abort();
    await rm(this.path(id), { force: true });
  }

  /** Ids of all files that are here. */
  all(): Promise<string[]> {
    return readdir(this.#folder).catch(() => []);
  }

  async #append(
    id: string,
    from: number,
    bytes: number,
    content: Readable,
    signal: AbortSignal,
  ): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.path(id);
    if ((await this.received(id)) !== from) return;
    let size = from;
    const counted = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > bytes) throw new TongkeError('file_too_large', 'more came than was announced');
        yield chunk;
      }
    };
    try {
      await pipeline(content, counted, createWriteStream(path, { flags: 'a', mode: 0o600 }), { signal });
    } catch (error) {
      // The first piece may be too much before there is a file.
      if (size > bytes && (await this.received(id)) > from) await truncate(path, from);
      const isBroken = signal.aborted || content.destroyed;
      if (!isBroken || error instanceof TongkeError || isFull(error)) throw asFull(error);
    }
    await sync(path);
  }
}

/** What was said to be here survives a power cut. */
async function sync(path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => null);
  await file?.sync();
  await file?.close();
}

export function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function asFull(error: unknown): unknown {
  return isFull(error) ? new TongkeError('storage_full', 'the disk is full', { cause: error }) : error;
}
