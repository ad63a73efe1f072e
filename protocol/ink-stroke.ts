import { codeNatural, ExpertMix, Frequencies, SUB } from './ink-model.ts';
import { PRIOR } from './ink-prior.ts';
import { InkError, type SymbolCoder } from './range-coder.ts';

/** x, y on the stroke's grid; t in ms since pen-down; pressure 0..255 (128 throughout where the device has none). */
export type InkPoint = readonly [x: number, y: number, t: number, pressure: number];

/** Coordinates lie strictly between -COORDINATE_LIMIT and COORDINATE_LIMIT, times below TIME_LIMIT. */
export const COORDINATE_LIMIT = 2 ** 20;
export const TIME_LIMIT = 2 ** 31;
const NO_PRESSURE = 128;
/** The coarsest ladder of pressures that is looked for. */
const COARSEST = 16;
/** A page is 1920x1080 units: a stroke that begins on it says where in 21 bits. */
const PAGE_WIDTH = 1920;
const PAGE_HEIGHT = 1080;
/** Guesses of a step or a pause stay below this, in units, whatever the points before were. */
const GUESS_LIMIT = 2 ** 21;

const REST = [0];

/** The parts of a point, told apart so that measurements can charge each its own bits. */
export interface PointCoders {
  readonly xy: SymbolCoder;
  readonly time: SymbolCoder;
  readonly pressure: SymbolCoder;
}

/** What is known of the strokes so far, to code one more point of them. The same code writes, reads and measures. */
export class StrokeModel {
  readonly #step = new ExpertMix(PRIOR.step);
  readonly #pace = new Pace();
  readonly #firstStep = new ExpertMix(PRIOR.firstStep);
  #pressure: ExpertMix | undefined;
  #count = 0;
  #x = 0;
  #y = 0;
  #t = 0;
  #force = NO_PRESSURE;
  #forceBefore = NO_PRESSURE;
  #rung = COARSEST;
  /** The last four steps, newest first, and the time that the newest took. */
  #vx: Steps = [0, 0, 0, 0];
  #vy: Steps = [0, 0, 0, 0];
  #interval = 0;

  /** Points of the present stroke so far. */
  get count(): number {
    return this.#count;
  }

  /** Time of the last point. */
  get t(): number {
    return this.#t;
  }

  /** Mean time between points, ms; 0 before the second point. */
  get period(): number {
    return this.#pace.period / SUB;
  }

  /** Codes one point, or throws InkError where what was read is no point. */
  code(coders: PointCoders, point: InkPoint): InkPoint {
    return this.#count === 0 ? this.#codeFirst(coders, point) : this.#codeNext(coders, point);
  }

  #codeFirst(coders: PointCoders, point: InkPoint): InkPoint {
    const [x, y] = codePlace(coders.xy, point[0], point[1]);
    const t = codeOrZero(coders.time, point[2]);
    return this.begin(x, y, t, this.codeFirstPressure(coders.pressure, point[3]));
  }

  codeFirstPressure(coder: SymbolCoder, force: number): number {
    const none = coder.uniform(2, force === NO_PRESSURE ? 1 : 0) === 1;
    return none ? NO_PRESSURE : coder.uniform(256, force);
  }

  /** Starts a stroke at a point that both ends know; what was learnt from earlier strokes stays. */
  begin(x: number, y: number, t: number, force: number): InkPoint {
    checkPlace(x, y);
    if (t >= TIME_LIMIT) throw new InkError('The ink has a time out of range');
    this.#pressure ??= new ExpertMix(force === NO_PRESSURE ? PRIOR.steady : PRIOR.pressure);
    this.#count = 1;
    this.#vx = [0, 0, 0, 0];
    this.#vy = [0, 0, 0, 0];
    this.#pace.begin(t);
    this.#x = x;
    this.#y = y;
    this.#t = t;
    this.#force = force;
    this.#forceBefore = force;
    while (force % this.#rung !== 0) this.#rung /= 2;
    return [x, y, t, force];
  }

  #codeNext(coders: PointCoders, [x, y, t, force]: InkPoint): InkPoint {
    const interval = this.#pace.code(coders.time, t - this.#t);
    if (interval < 0 || this.#t + interval >= TIME_LIMIT)
      throw new InkError('The ink has a time out of range');
    const mix = this.#count === 1 ? this.#firstStep : this.#step;
    const last = this.#interval;
    mix.aim(this.#count === 1 ? REST : guessSteps(this.#vx, interval, last));
    const dx = mix.code(coders.xy, x - this.#x);
    mix.aim(this.#count === 1 ? REST : guessSteps(this.#vy, interval, last));
    const dy = mix.code(coders.xy, y - this.#y);
    checkPlace(this.#x + dx, this.#y + dy);
    this.#x += dx;
    this.#y += dy;
    this.#t += interval;
    this.#interval = interval;
    this.#vx = [dx, this.#vx[0], this.#vx[1], this.#vx[2]];
    this.#vy = [dy, this.#vy[0], this.#vy[1], this.#vy[2]];
    if (this.#pressure) this.#codePressure(this.#pressure, coders.pressure, force);
    this.#count++;
    return [this.#x, this.#y, this.#t, this.#force];
  }

  #codePressure(mix: ExpertMix, coder: SymbolCoder, force: number): void {
    // Clients that round pressure to a coarser ladder save its bits, without having to say so: the ladder is what all points so far stood on.
    const rung = this.#rung;
    const off = rung > 1 && coder.coded(OFF_LADDER, force % rung === 0 ? 0 : 1) === 1;
    const step = off ? 1 : rung;
    const here = (this.#force * SUB) / rung;
    const change = here - (this.#forceBefore * SUB) / rung;
    mix.aim([here, here + (change >> 1)]);
    const next = off ? coder.uniform(256, force) : mix.code(coder, force / step) * step;
    if (next < 0 || next > 255) throw new InkError('The ink has a pressure out of range');
    this.#forceBefore = this.#force;
    this.#force = next;
    while (this.#force % this.#rung !== 0) this.#rung /= 2;
  }
}

/**
 * Guesses of the next step along one axis, in sixteenths, from the last four steps along it. Which of them is best depends on the
 * writer's speed against the grid and on the tablet's noise: the mixture finds out.
 */
function guessSteps([v1, v2, , v4]: Steps, interval: number, last: number): number[] {
  const same = v1 * SUB;
  const guesses = [
    // As the last; as the last two; as the last, in the time that it takes.
    same,
    (v1 + v2) * (SUB / 2),
    last > 0 && interval <= 8 * last ? Math.floor((same * interval) / last) : same,
    // With half of the change that came last; and a parabola through five points, by least squares.
    same + (v1 - v2) * (SUB / 2),
    13 * (v1 + v2) - 10 * v4,
  ];
  for (let i = 0; i < guesses.length; i++) {
    guesses[i] = Math.max(-GUESS_LIMIT * SUB, Math.min(GUESS_LIMIT * SUB, guesses[i] ?? 0));
  }
  return guesses;
}

type Steps = readonly [number, number, number, number];

/** When points come: devices sample at a steady rate, and their reports are early or late by a millisecond or so. */
class Pace {
  /** Mean interval, and where a clock of that period stands, in sixteenths of a millisecond. */
  period = 0;
  #clock = 0;
  #now = 0;
  #count = 0;
  readonly #first = new ExpertMix(PRIOR.firstTime);
  readonly #mix = new ExpertMix(PRIOR.time);

  begin(t: number): void {
    this.#now = t * SUB;
    this.#clock = this.#now;
  }

  code(coder: SymbolCoder, interval: number): number {
    const mix = this.#count === 0 ? this.#first : this.#mix;
    mix.aim(
      this.#count === 0
        ? [15 * SUB, 8 * SUB, 4 * SUB]
        : [this.period, Math.max(0, Math.min(GUESS_LIMIT * SUB, this.#clock + this.period - this.#now))],
    );
    const coded = mix.code(coder, interval);
    this.#learn(coded);
    return coded;
  }

  #learn(interval: number): void {
    this.#count = Math.min(this.#count + 1, 16);
    this.#now += interval * SUB;
    const error = interval * SUB - this.period;
    if (this.#count === 1) {
      this.period = Math.min(GUESS_LIMIT, interval) * SUB;
      this.#clock = this.#now;
    } else if (Math.abs(error) > this.period / 2 + 4 * SUB) {
      // A pause, or points that were dropped: no measure of the rate, but towards it slowly, should the first interval have been the odd one.
      this.period += Math.max(-(this.period >> 2), Math.min((this.period >> 2) + SUB, Math.floor(error / 8)));
      this.#clock = this.#now;
    } else {
      this.period += Math.floor(error / this.#count);
      this.#clock += this.period;
      this.#clock += (this.#now - this.#clock) >> 2;
    }
  }
}

/** Pages of 1, 2, 4 and 8 grid steps a unit, then anywhere. */
const ZOOMS = [1, 2, 4, 8];
const ZOOM = new Frequencies([60, 1, 1, 1, 1]);
const OFF_LADDER = new Frequencies([31, 1]);
const SELDOM = new Frequencies([63, 1]);

function codePlace(coder: SymbolCoder, x: number, y: number): [number, number] {
  const fits = ZOOMS.findIndex((zoom) => x >= 0 && x < PAGE_WIDTH * zoom && y >= 0 && y < PAGE_HEIGHT * zoom);
  const zoom = ZOOMS[coder.coded(ZOOM, fits < 0 ? ZOOMS.length : fits)];
  if (zoom !== undefined) return [coder.uniform(PAGE_WIDTH * zoom, x), coder.uniform(PAGE_HEIGHT * zoom, y)];
  const span = 2 * COORDINATE_LIMIT;
  return [
    coder.uniform(span, x + COORDINATE_LIMIT) - COORDINATE_LIMIT,
    coder.uniform(span, y + COORDINATE_LIMIT) - COORDINATE_LIMIT,
  ];
}

function codeOrZero(coder: SymbolCoder, n: number): number {
  return coder.coded(SELDOM, n === 0 ? 0 : 1) === 0 ? 0 : codeNatural(coder, n);
}

function checkPlace(x: number, y: number): void {
  if (Math.abs(x) >= COORDINATE_LIMIT || Math.abs(y) >= COORDINATE_LIMIT) {
    throw new InkError('The ink has a place out of range');
  }
}
