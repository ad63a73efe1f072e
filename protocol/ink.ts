import { fromBase64url, toBase64url } from './base64.ts';
import { codeNatural, ExpertMix, Frequencies, SUB } from './ink-model.ts';
import { PRIOR } from './ink-prior.ts';
import { COORDINATE_LIMIT, type InkPoint, type PointCoders, StrokeModel, TIME_LIMIT } from './ink-stroke.ts';
import { BitMeter, InkError, known, RangeReader, RangeWriter, type SymbolCoder } from './range-coder.ts';

export { InkError, type InkPoint };

/**
 * Ink: points to bytes and back, exactly.
 *
 * A batch is a byte string of its own, but the model that codes it has seen the points before it in the same stroke. Nothing but those
 * points decides the model's state, so that any receiver that has them can go on from there. A batch without points is no bytes.
 */

export const MAX_BATCH_POINTS = 4096;
/** A stroke and a lesson in storage: two hours at 240 Hz fit. */
const MAX_STROKE_POINTS = 2 ** 20;
const MAX_STROKES = 2 ** 17;
const MAX_LESSON_POINTS = 2 ** 21;

/** One stroke with the lesson time of its first point's t = 0, in ms. */
export interface TimedStroke {
  readonly start: number;
  readonly points: readonly InkPoint[];
}

/** The sender's end of one stroke; its work is in proportion to the batch. */
export class InkEncoder {
  readonly #model = new StrokeModel();

  constructor(before: readonly InkPoint[] = []) {
    replay(this.#model, before);
  }

  push(points: readonly InkPoint[]): Uint8Array {
    checkPoints(points, this.#model.t);
    const writer = new RangeWriter();
    codeBatch(this.#model, alike(writer), points);
    return writer.finish();
  }
}

/** The receiver's end of one stroke. After an InkError it is of no use any more. */
export class InkDecoder {
  readonly #model = new StrokeModel();

  constructor(before: readonly InkPoint[] = []) {
    replay(this.#model, before);
  }

  push(data: Uint8Array): InkPoint[] {
    if (data.length === 0) return [];
    const reader = new RangeReader(data);
    const points = codeBatch(this.#model, alike(reader), undefined);
    reader.finish();
    return points;
  }
}

export function encodeInkBytes(before: readonly InkPoint[], points: readonly InkPoint[]): Uint8Array {
  return new InkEncoder(before).push(points);
}

export function decodeInkBytes(before: readonly InkPoint[], data: Uint8Array): InkPoint[] {
  return new InkDecoder(before).push(data);
}

/** `points` as base64url text; `before` are all earlier points of the same stroke. */
export function encodeInk(before: readonly InkPoint[], points: readonly InkPoint[]): string {
  return toBase64url(encodeInkBytes(before, points));
}

/** The inverse of `encodeInk`; throws InkError on anything that `encodeInk` can't have written. */
export function decodeInk(before: readonly InkPoint[], data: string): InkPoint[] {
  const bytes = fromBase64url(data);
  if (bytes === undefined) throw new InkError('The ink is not base64url');
  return decodeInkBytes(before, bytes);
}

/** Bits by what they say; `frame` is the count of points and what remains of the last byte. */
export interface InkCost {
  readonly xy: number;
  readonly time: number;
  readonly pressure: number;
  readonly frame: number;
}

/** What `encodeInkBytes` spends on what: for measurements. */
export function measureInk(before: readonly InkPoint[], points: readonly InkPoint[]): InkCost {
  const model = new StrokeModel();
  replay(model, before);
  const meters = {
    count: new BitMeter(),
    xy: new BitMeter(),
    time: new BitMeter(),
    pressure: new BitMeter(),
  };
  codeBatch(model, meters, points);
  const [xy, time, pressure] = [meters.xy.bits, meters.time.bits, meters.pressure.bits];
  return { xy, time, pressure, frame: 8 * encodeInkBytes(before, points).length - xy - time - pressure };
}

/** What `encodeStrokes` spends on what; a stroke's place is xy, its start and its pauses are time. */
export function measureStrokes(strokes: readonly TimedStroke[]): InkCost {
  const meters = {
    count: new BitMeter(),
    xy: new BitMeter(),
    time: new BitMeter(),
    pressure: new BitMeter(),
  };
  codeStrokes(meters, strokes);
  const [xy, time, pressure] = [meters.xy.bits, meters.time.bits, meters.pressure.bits];
  return { xy, time, pressure, frame: 8 * encodeStrokes(strokes).length - xy - time - pressure };
}

interface BatchCoders extends PointCoders {
  readonly count: SymbolCoder;
}

function alike(coder: SymbolCoder): BatchCoders {
  return { count: coder, xy: coder, time: coder, pressure: coder };
}

const NO_POINT: InkPoint = [0, 0, 0, 0];

/** Writes `points`, or reads them where there are none to write. */
function codeBatch(
  model: StrokeModel,
  coders: BatchCoders,
  points: readonly InkPoint[] | undefined,
): InkPoint[] {
  if (points?.length === 0) return [];
  const count = codeCount(coders.count, model.period, points?.length ?? 0);
  if (count > MAX_BATCH_POINTS) throw new InkError('A batch of ink has too many points');
  const coded: InkPoint[] = [];
  for (let i = 0; i < count; i++) coded.push(model.code(coders, points?.[i] ?? NO_POINT));
  return coded;
}

function replay(model: StrokeModel, before: readonly InkPoint[]): void {
  checkPoints(before, 0, MAX_STROKE_POINTS);
  for (const point of before) model.code(alike(known), point);
}

/**
 * Senders wait 100 to 150 ms, so the device's rate says about how many points they then have; a stroke's last batch has any number up to that. The first batch
 * comes before the rate is known: from common devices, most often 66 Hz.
 */
function codeCount(coder: SymbolCoder, period: number, count: number): number {
  const table = period > 0 ? countsAt(Math.max(4, Math.min(30, Math.round(period)))) : FIRST_COUNT;
  const short = coder.coded(table, Math.min(count - 1, table.high));
  return 1 + (short === table.high ? short + codeNatural(coder, count - 1 - short) : short);
}

/** What is added for the counts that devices of 60 to 240 Hz make in 100 and in 150 ms. */
const FIRST_COUNTS: ReadonlyMap<number, number> = new Map([
  [6, 4],
  [7, 9],
  [9, 7],
  [10, 30],
  [11, 3],
  [12, 4],
  [13, 4],
  [18, 5],
  [19, 4],
  [20, 3],
  [24, 3],
  [25, 2],
  [36, 4],
  [37, 2],
]);

const FIRST_COUNT = new Frequencies(
  Array.from({ length: 40 }, (_, i) => (FIRST_COUNTS.get(i + 1) ?? 0) + (i < 12 ? 2 : 1)),
);

const COUNTS = new Map<number, Frequencies>();

/** Frequencies of counts, given ms between points. */
function countsAt(period: number): Frequencies {
  const present = COUNTS.get(period);
  if (present) return present;
  const [usual, hasty] = [150 / period, 100 / period];
  const weight = (n: number) => {
    const base = n <= usual ? 3 : 1;
    if (Math.abs(n - usual) <= 0.5) return base + 22;
    return Math.abs(n - usual) <= 1.5 ? base + 4 : Math.abs(n - hasty) <= 0.7 ? base + 6 : base;
  };
  const made = new Frequencies(Array.from({ length: Math.ceil(usual) + 4 }, (_, i) => weight(i + 1)));
  COUNTS.set(period, made);
  return made;
}

function checkPoints(points: readonly InkPoint[], since: number, limit = MAX_BATCH_POINTS): void {
  if (points.length > limit) throw new InkError('Too many points of ink at once');
  let last = since;
  for (const [x, y, t, pressure] of points) {
    const whole =
      Number.isInteger(x) && Number.isInteger(y) && Number.isInteger(t) && Number.isInteger(pressure);
    const placed = Math.abs(x) < COORDINATE_LIMIT && Math.abs(y) < COORDINATE_LIMIT;
    if (!whole || !placed || t < last || t >= TIME_LIMIT || pressure < 0 || pressure > 255) {
      throw new InkError('A point of ink is out of range');
    }
    last = t;
  }
}

export function encodeStrokes(strokes: readonly TimedStroke[]): Uint8Array {
  if (strokes.length === 0) return new Uint8Array();
  const total = strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);
  if (strokes.length > MAX_STROKES || total > MAX_LESSON_POINTS) throw new InkError('Too much ink at once');
  for (const { start, points } of strokes) {
    if (!Number.isInteger(start) || Math.abs(start) >= TIME_LIMIT || points.length === 0) {
      throw new InkError('A stroke is out of range');
    }
    checkPoints(points, 0, MAX_STROKE_POINTS);
  }
  const writer = new RangeWriter();
  codeStrokes(alike(writer), strokes);
  return writer.finish();
}

export function decodeStrokes(data: Uint8Array): TimedStroke[] {
  if (data.length === 0) return [];
  const reader = new RangeReader(data);
  const strokes = codeStrokes(alike(reader), undefined);
  reader.finish();
  return strokes;
}

/** A lesson's strokes in a row: each begins near the last one's end, a while after it, at about its length and pressure. */
function codeStrokes(coders: BatchCoders, strokes: readonly TimedStroke[] | undefined): TimedStroke[] {
  const model = new StrokeModel();
  const links = new StrokeLinks();
  const coded: TimedStroke[] = [];
  const total = codeNatural(coders.count, strokes?.length ?? 0);
  if (total > MAX_STROKES) throw new InkError('Too many strokes');
  let room = MAX_LESSON_POINTS;
  for (let i = 0; i < total; i++) {
    const stroke = strokes?.[i];
    const first = stroke?.points[0] ?? NO_POINT;
    const link = links.code(coders, stroke?.start ?? 0, stroke?.points.length ?? 0, first);
    room -= link.count;
    if (room < 0) throw new InkError('Too much ink');
    const points = [model.begin(...link.first)];
    for (let n = 1; n < link.count; n++) points.push(model.code(coders, stroke?.points[n] ?? NO_POINT));
    links.end(points[points.length - 1] ?? link.first);
    coded.push({ start: link.start, points });
  }
  return coded;
}

/** How one stroke follows another. */
class StrokeLinks {
  readonly #gap = new ExpertMix(PRIOR.link);
  readonly #count = new ExpertMix(PRIOR.link);
  readonly #place = new ExpertMix(PRIOR.link);
  readonly #force = new ExpertMix(PRIOR.link);
  #last: InkPoint = NO_POINT;
  #lastFirst: InkPoint = NO_POINT;
  #lastStart = 0;
  #lastGap = 0;
  #lastCount = 16;

  code(coders: BatchCoders, start: number, count: number, [x, y, t, force]: InkPoint) {
    const since = this.#lastStart + this.#last[2];
    const ticks = Math.floor((start - since) / GAP_TICK);
    const gap = this.#near(this.#gap, coders.time, ticks, this.#lastGap);
    const fine = coders.time.uniform(GAP_TICK, start - since - ticks * GAP_TICK);
    const points = this.#near(this.#count, coders.count, count, this.#lastCount);
    if (points < 1 || points > MAX_STROKE_POINTS) throw new InkError('A stroke has no points, or too many');
    const px = this.#near(this.#place, coders.xy, x, this.#last[0], this.#lastFirst[0]);
    const py = this.#near(this.#place, coders.xy, y, this.#last[1], this.#lastFirst[1]);
    const late = codeNatural(coders.time, t);
    const pressure = this.#near(this.#force, coders.pressure, force, this.#lastFirst[3]);
    if (pressure < 0 || pressure > 255) throw new InkError('The ink has a pressure out of range');
    const first: InkPoint = [px, py, late, pressure];
    this.#lastFirst = first;
    this.#lastStart = since + gap * GAP_TICK + fine;
    this.#lastGap = gap;
    this.#lastCount = points;
    if (Math.abs(this.#lastStart) >= TIME_LIMIT) throw new InkError('The ink has a time out of range');
    return { start: this.#lastStart, count: points, first };
  }

  end(last: InkPoint): void {
    this.#last = last;
  }

  #near(mix: ExpertMix, coder: SymbolCoder, value: number, guess: number, other = guess): number {
    mix.aim([guess * SUB, other * SUB]);
    return mix.code(coder, value);
  }
}

/** Pauses are coded to a tick adaptively, and the ms within it as they come. */
const GAP_TICK = 16;
