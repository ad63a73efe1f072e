import { z } from 'zod';
import { ByteReader, ByteWriter, WireError } from './bytes.ts';
import type { LogEntry } from './events.ts';
import { type Batch, InkLine, isJsonItem, jsonItem } from './ink-line.ts';

/** Entries that belong together as they travel: the first one's `seq`, then each, ink by reference, the rest as JSON. */
export class EntriesEncoder {
  readonly #line = new InkLine();

  /** What a reader has to have seen: every message of this encoder since it was made. */
  encode(entries: readonly LogEntry[]): Uint8Array {
    const writer = new ByteWriter();
    let seq = entries[0]?.seq ?? 0;
    writer.number(seq);
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
    return writer.finish();
  }
}

export class EntriesDecoder {
  readonly #line = new InkLine();

  /** Throws WireError. */
  decode(bytes: Uint8Array): LogEntry[] {
    const reader = new ByteReader(bytes);
    const entries: LogEntry[] = [];
    for (let seq = reader.number(); !reader.done; seq++) {
      const head = reader.byte();
      const entry = isJsonItem(head) ? this.#whole(reader) : entryOf(this.#line.read(reader, seq, head), seq);
      entries.push(entry);
      seq = entry.seq;
    }
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
