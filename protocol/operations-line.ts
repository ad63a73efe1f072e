import { ByteReader, ByteWriter, WireError } from './bytes.ts';
import type { OperationId } from './events.ts';
import { type Batch, InkLine, isJsonItem, jsonItem } from './ink-line.ts';
import { RequestEnvelope, requests } from './requests.ts';

/** Durable requests on their way from one client to the server, in the order in which they are sent over one connection. */
export class OperationsEncoder {
  readonly #line = new InkLine();
  #place = 0;

  encode(name: string, input: unknown, op: OperationId): Uint8Array {
    const batch = batchOf(name, input, op);
    const place = ++this.#place;
    const writer = new ByteWriter();
    if (batch && this.#line.write(writer, place, batch, true)) return writer.finish();
    if (batch) this.#line.remember(place, batch);
    return jsonItem({ name, input, op });
  }
}

export class OperationsDecoder {
  readonly #line = new InkLine();
  #place = 0;

  /** A request with its `op`, its input not yet checked. Throws WireError. */
  decode(bytes: Uint8Array): RequestEnvelope & { op: OperationId } {
    const place = ++this.#place;
    const reader = new ByteReader(bytes);
    const head = reader.byte();
    if (!isJsonItem(head)) {
      const { client, n, stroke, page, brush, data, done } = this.#line.read(reader, place, head);
      const input = { stroke, page, brush, data, ...(done ? { done } : {}) };
      return { name: 'ink.draw', input, op: { client, n } };
    }
    const parsed = RequestEnvelope.safeParse(reader.json());
    const op = parsed.data?.op;
    if (!parsed.success || !op) throw new WireError('what came is no operation');
    const batch = batchOf(parsed.data.name, parsed.data.input, op);
    if (batch) this.#line.remember(place, batch);
    return { ...parsed.data, op };
  }
}

/** A connection belongs to one account, and an operation has no time before it is logged. */
function batchOf(name: string, raw: unknown, op: OperationId): Batch | null {
  if (name !== 'ink.draw') return null;
  const input = requests['ink.draw'].input.safeParse(raw);
  if (!input.success) return null;
  const { done, ...drawn } = input.data;
  return { kind: 'ink', actor: '', ...op, t: 0, ...drawn, done: done === true };
}
