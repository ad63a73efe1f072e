import { ByteReader, ByteWriter, WireError } from './bytes.ts';
import { EntriesDecoder } from './entries-line.ts';
import type { LogEntry } from './events.ts';

/**
 * Fresh entries over datagrams, which may get lost: each datagram repeats the messages before its own. The messages of
 * one epoch are coded one after another (`entries-line.ts`), so that they are read in order or not at all; a reader
 * who lacks one waits for the next epoch. Nothing depends on it: the socket brings every entry too, later.
 */
export interface FeedDatagram {
  readonly epoch: number;
  /** The place of the first part in its epoch. */
  readonly first: number;
  readonly parts: readonly Uint8Array[];
}

export function encodeFeed({ epoch, first, parts }: FeedDatagram): Uint8Array {
  const writer = new ByteWriter();
  writer.number(epoch);
  writer.number(first);
  for (const part of parts) writer.bytes(part);
  return writer.finish();
}

function decodeFeed(bytes: Uint8Array): FeedDatagram {
  const reader = new ByteReader(bytes);
  const [epoch, first] = [reader.number(), reader.number()];
  const parts: Uint8Array[] = [];
  while (!reader.done) parts.push(reader.bytes());
  return { epoch, first, parts };
}

/** What one receiver makes of the datagrams that reach it, in whatever order. */
export class FeedReader {
  #epoch = -1;
  #next = 0;
  #decoder = new EntriesDecoder();

  /** The entries that are new, in order; none where something before them is missing. Throws WireError. */
  read(bytes: Uint8Array): LogEntry[] {
    const { epoch, first, parts } = decodeFeed(bytes);
    if (epoch < this.#epoch) return []; // overtaken on the way
    if (epoch > this.#epoch) {
      if (first > 0) return [];
      this.#epoch = epoch;
      this.#next = 0;
      this.#decoder = new EntriesDecoder();
    }
    if (first > this.#next) return [];
    const fresh = parts.slice(this.#next - first);
    this.#next += fresh.length;
    return fresh.flatMap((part) => this.#decode(part));
  }

  #decode(part: Uint8Array): LogEntry[] {
    try {
      return this.#decoder.decode(part);
    } catch (error) {
      this.#next = Number.POSITIVE_INFINITY; // nothing after it in this epoch can be read either
      if (error instanceof WireError) return [];
      throw error;
    }
  }
}
