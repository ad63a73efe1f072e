import { z } from 'zod';
import { ByteReader, ByteWriter, WireError } from './bytes.ts';
import type { LogEntry } from './events.ts';
import { type Batch, InkLine, isJsonItem, jsonItem } from './ink-line.ts';

/** Entries that belong together as they travel: the first one's `seq`, then each, ink by reference, the rest as JSON. */
export class EntriesEncoder {
  readonly #line = new InkLine();
  #next: number | null = null;

  /** What a reader has to have seen: every message of this encoder since it was made. */
  encode(entries: readonly LogEntry[]): Uint8Array {
    const writer = new ByteWriter();
    let seq = entries[0]?.seq ?? 0;
    writeSeq(writer, seq, this.#next);
    for (const [i, entry] of entries.entries()) {
      const batch = batchOf(entry);
      const referred =
        batch !== null && entry.seq === seq && this.#line.write(writer, seq, batch, i === entries.length - 1);
      if (!referred) {
        writer.raw(jsonItem(entry));
        if (batch) this.#line.remember(entry.seq, batch);
      }
      seq = entry.seq + 1;
    }
    this.#next = seq;
    return writer.finish();
  }
}

export class EntriesDecoder {
  readonly #line = new InkLine();
  #next: number | null = null;

  /** Throws WireError. */
  decode(bytes: Uint8Array): LogEntry[] {
    const reader = new ByteReader(bytes);
    const entries: LogEntry[] = [];
    let seq = readSeq(reader, this.#next);
    for (; !reader.done; seq++) {
      const head = reader.byte();
      const entry = isJsonItem(head) ? this.#whole(reader) : entryOf(this.#line.read(reader, seq, head), seq);
      entries.push(entry);
      seq = entry.seq;
    }
    this.#next = seq;
    return entries;
  }

  #whole(reader: ByteReader): LogEntry {
    const parsed = Whole.safeParse(reader.json());
    if (!parsed.success) throw new WireError('what came is no entry of a log');
    const batch = batchOf(parsed.data);
    if (batch) this.#line.remember(parsed.data.seq, batch);
    return parsed.data;
  }
}

/** Seven bits are enough for a number that is expected, and tell of up to 127 that are missing. */
const SEQ_BITS = 127;
const WHOLE_SEQ = 128;

function writeSeq(writer: ByteWriter, seq: number, expected: number | null): void {
  if (expected !== null && seq >= expected && seq - expected <= SEQ_BITS) {
    writer.byte(seq & SEQ_BITS);
  } else {
    writer.byte(WHOLE_SEQ);
    writer.number(seq);
  }
}

function readSeq(reader: ByteReader, expected: number | null): number {
  const byte = reader.byte();
  if (byte === WHOLE_SEQ) return reader.number();
  if (byte > SEQ_BITS || expected === null) throw new WireError('an entry without its place in the log');
  return expected + ((byte - expected) & SEQ_BITS);
}

/** Checked by the server when it was logged; a reader needs to know only that it is one. */
const Whole = z.custom<LogEntry>(
  (value) =>
    z
      .object({ seq: z.number().int(), t: z.number(), event: z.looseObject({ type: z.string() }) })
      .safeParse(value).success,
);

function batchOf({ t, actor, op, event }: LogEntry): Batch | null {
  if (actor === undefined) return null;
  if (event.type === 'laser.moved') {
    const { page, data } = event;
    return op ? null : { kind: 'laser', actor, client: '', n: 0, t, stroke: '', page, data, done: false };
  }
  if (event.type !== 'ink.drawn' || !op) return null;
  const { stroke, page, brush, data, done } = event;
  return { kind: 'ink', actor, ...op, t, stroke, page, brush, data, done: done === true };
}

function entryOf(
  { kind, actor, client, n, t, stroke, page, brush, data, done }: Batch,
  seq: number,
): LogEntry {
  if (kind === 'laser') return { seq, t, actor, event: { type: 'laser.moved', page: page ?? '', data } };
  const place = { ...(page === undefined ? {} : { page }), ...(brush === undefined ? {} : { brush }) };
  const event = { type: 'ink.drawn' as const, stroke, ...place, data, ...(done ? { done } : {}) };
  return { seq, t, actor, op: { client, n }, event };
}
