import { fromBase64url, toBase64url } from './base64.ts';
import { type ByteReader, ByteWriter, WireError } from './bytes.ts';
import { Id } from './common.ts';
import { Brush } from './events.ts';

/**
 * Batches of ink told by what they have in common with one that went over the same line a moment ago: who drew it, with what, on which page,
 * which stroke. What is left is some five bytes and the ink itself.
 *
 * Both ends keep what the last REACH messages said, by their places on the line; the writer refers to nothing that the
 * reader may lack, and a reader who lacks it all the same says so (WireError) instead of guessing.
 */

export interface Batch {
  /** Laser batches belong to no stroke and no operation: `stroke` and `client` are empty, `n` is 0. */
  readonly kind: 'ink' | 'laser';
  readonly actor: string;
  readonly client: string;
  readonly n: number;
  /** Lesson time, ms; 0 where the line carries none. */
  readonly t: number;
  readonly stroke: string;
  readonly page?: string;
  readonly brush?: Brush;
  /** base64url. */
  readonly data: string;
  readonly done: boolean;
}

/** What later batches may take over from an earlier one; page and brush are those its stroke began with. */
type Context = Omit<Batch, 'data' | 'done'>;

/** Places back that a reference reaches: some seconds of four pens. Bounds what a line remembers. */
const REACH = 64;

/** How an item begins. The two lowest bits are its form. */
export const FORM_JSON = 0;
const FORM_CONTINUES = 1;
const FORM_BEGINS = 2;
const FORM_MASK = 3;
/** The pen is lifted. */
const DONE = 4;
/** The operation after the one referred to, as nearly always. */
const NEXT = 8;
/** The ink reaches to the end of the message. */
const LAST = 16;
/** What is referred to stands one place back. */
const CLOSE = 32;

export class InkLine {
  /** By place, oldest first. */
  readonly #contexts = new Map<number, Context>();

  /** Takes note of what went over the line in full, at `place`. */
  remember(place: number, batch: Batch): void {
    this.#keep(place, batch);
  }

  /** Writes the batch by reference; false, and nothing written, where there is nothing to refer to. */
  write(writer: ByteWriter, place: number, batch: Batch, last: boolean): boolean {
    const ink = fromBase64url(batch.data);
    const reference = this.#reference(place, batch);
    if (!ink || !reference) return false;
    const [at, context] = reference;
    const begins = batch.stroke !== context.stroke;
    const next = batch.n === context.n + 1;
    writer.byte(
      (begins ? FORM_BEGINS : FORM_CONTINUES) |
        (batch.done ? DONE : 0) |
        (next ? NEXT : 0) |
        (last ? LAST : 0) |
        (place - at === 1 ? CLOSE : 0),
    );
    if (place - at > 1) writer.number(place - at);
    writer.number(batch.t - context.t);
    if (!next) writer.number(batch.n - context.n);
    if (begins) writeStroke(writer, context.stroke, batch.stroke);
    if (last) writer.raw(ink);
    else writer.bytes(ink);
    this.#keep(place, batch, context);
    return true;
  }

  /** The inverse of `write`, after its first byte has been read. Throws WireError. */
  read(reader: ByteReader, place: number, head: number): Batch {
    const context = this.#contexts.get(place - ((head & CLOSE) !== 0 ? 1 : reader.number()));
    if (!context) throw new WireError('ink refers to something that is not known here');
    const t = context.t + reader.number();
    const n = context.n + ((head & NEXT) !== 0 ? 1 : reader.number());
    const form = head & FORM_MASK;
    if (form !== FORM_BEGINS && form !== FORM_CONTINUES) throw new WireError('ink in an unknown form');
    const stroke = form === FORM_BEGINS ? readStroke(reader, context.stroke) : context.stroke;
    const data = toBase64url((head & LAST) !== 0 ? reader.rest() : reader.bytes());
    const { kind, actor, client, page, brush } = context;
    const who = { kind, actor, client, n, t, stroke, data, done: (head & DONE) !== 0 };
    const tellsPlace = form === FORM_BEGINS || kind === 'laser';
    const batch: Batch = tellsPlace ? { ...who, page, brush } : who;
    this.#keep(place, batch, context);
    return batch;
  }

  /** The latest place that says everything about this batch that the batch will not say itself. */
  #reference(place: number, batch: Batch): [number, Context] | undefined {
    return [...this.#contexts]
      .reverse()
      .find(([at, context]) => at < place && place - at <= REACH && explains(context, batch));
  }

  #keep(place: number, batch: Batch, before?: Context): void {
    const { data: _data, done: _done, ...context } = batch;
    const whole: Context = {
      ...context,
      page: batch.page ?? before?.page,
      brush: batch.brush ?? before?.brush,
    };
    if (!fits(whole)) return;
    this.#contexts.delete(place);
    this.#contexts.set(place, whole);
    for (const at of this.#contexts.keys()) {
      if (this.#contexts.size <= REACH) break;
      this.#contexts.delete(at);
    }
  }
}

/** Whether `batch` follows from `context` but for its time, its number, its ink and, where it begins one, its stroke. */
function explains(context: Context, batch: Batch): boolean {
  if (context.kind !== batch.kind || context.actor !== batch.actor || context.client !== batch.client)
    return false;
  if (batch.n < context.n || batch.t < context.t) return false;
  if (batch.kind === 'laser') return batch.page === context.page;
  if (batch.stroke === context.stroke) return batch.page === undefined && batch.brush === undefined;
  if (batch.page === undefined || batch.brush === undefined) return false;
  // As texts: the order of keys is part of a state's fingerprint.
  return batch.page === context.page && JSON.stringify(batch.brush) === JSON.stringify(context.brush);
}

/** What is remembered stays small, whatever is sent. Both ends decide alike. */
function fits({ kind, actor, client, stroke, page, brush }: Context): boolean {
  const ids = kind === 'laser' ? [actor, page] : [...(actor === '' ? [] : [actor]), client, stroke];
  if (!ids.every((id) => Id.safeParse(id).success)) return false;
  if (page !== undefined && !Id.safeParse(page).success) return false;
  return brush === undefined || Brush.strict().safeParse(brush).success;
}

/** A client counts its strokes: their ids differ at the end. */
function writeStroke(writer: ByteWriter, before: string, stroke: string): void {
  let same = 0;
  while (same < before.length && before[same] === stroke[same]) same++;
  writer.number(same);
  writer.text(stroke.slice(same));
}

function readStroke(reader: ByteReader, before: string): string {
  const same = reader.number();
  if (same > before.length) throw new WireError('ink of a stroke without a name');
  return before.slice(0, same) + reader.text();
}

export function jsonItem(value: unknown): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(FORM_JSON);
  writer.text(JSON.stringify(value));
  return writer.finish();
}

export const isJsonItem = (head: number): boolean => (head & FORM_MASK) === FORM_JSON;
