import type { InkPoint } from '../../protocol/ink.ts';
import { GLYPHS } from './glyphs.ts';

/**
 * A hand that writes: text and simple shapes as the points that a pen would have sent, for demonstrations, bots, tests and benchmarks. The same seed
 * writes the same strokes. Apache-2.0; skeletons and motion are the project's own, no recorded data is in them.
 *
 * The motion: the pen follows a smooth path through the skeleton's points, displaced a little each time. Its speed falls with curvature (the two-thirds power
 * law: v ~ curvature^-1/3), starts and ends at rest and stops nearly at corners, within an acceleration that a hand has; the muscles smooth
 * what is left. On top lie a tremor around 9 Hz and the tablet's noise, and the sum is rounded to the grid.
 *
 * Calibration: real handwriting from a Wacom tablet at 66 Hz on a 1 px grid measured 5.4 bits a point for x and y, coded as second differences with an
 * adaptive arithmetic coder; whether with or without the places where strokes begin isn't known. SPEED, TREMOR and NOISE are set so that writing of 110 px
 * lies on both sides of it: an order-0 adaptive table of second differences spends 5.0 bits on a point after the first, and the whole trace with the
 * beginnings of its strokes (18 points long on average) costs 5.6 bits a point. `test/server/handwriting.test.ts` holds it to that.
 */

export interface PenStroke {
  /** ms since the hand began. */
  readonly start: number;
  readonly points: InkPoint[];
}

export interface Handwriting {
  readonly strokes: PenStroke[];
  readonly width: number;
  /** ms from the first pen-down to the last pen-up. */
  readonly duration: number;
}

export interface HandOptions {
  readonly seed: number;
  /** Samples a second: 66 by default, as the tablet measured. */
  readonly hz?: number;
  /** 1 by default; a child of seven writes at about 0.5. */
  readonly speed?: number;
}

export interface TextOptions extends HandOptions {
  readonly x: number;
  readonly y: number;
  /** Height of a character's square, px. */
  readonly size: number;
}

/** Pen speed on a straight part, in character heights a second, for a height of 100 px; bigger writing is faster, though less than in proportion. */
const SPEED = 4.5;
/** Curvature radius, in character heights, at which the hand has its full speed. */
const FULL_RADIUS = 0.5;
/** px, standard deviation. */
const TREMOR = 0.3;
const NOISE = 0.25;
/** Standard deviation of how far a skeleton's point is missed, in character heights. */
const SLOPPINESS = 0.012;
/** Seconds over which the hand smooths its commands. */
const SMOOTHING = 0.022;

export function writeText(text: string, options: TextOptions): Handwriting {
  const hand = new Hand(options);
  const strokes: PenStroke[] = [];
  const scale = options.size / 100;
  let left = options.x;
  let written = options.x;
  for (const letter of text) {
    const glyph = GLYPHS.get(letter);
    if (glyph === undefined) throw new Error(`No skeleton for ${JSON.stringify(letter)}`);
    if (glyph.width > 0) written = left;
    const tilt = hand.normal() * 0.02;
    const rise = hand.normal() * 0.015;
    for (const stroke of parsePath(glyph.path)) {
      const place = (x: number, y: number): Vertex => ({
        x: written + (x + tilt * (80 - y)) * scale,
        y: options.y + (y + rise * 100) * scale,
      });
      strokes.push(
        hand.draw(
          stroke.map((v) => ({ ...v, ...place(v.x, v.y) })),
          options.size,
        ),
      );
    }
    if (letter === ' ') hand.pause(0.12);
    left += glyph.width * scale;
  }
  return { strokes, width: Math.round(left - options.x), duration: hand.duration };
}

/** A line drawn by hand, from one point to the other. */
export function drawLine(from: Spot, to: Spot, options: HandOptions): Handwriting {
  const hand = new Hand(options);
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + hand.normal() * length * 0.004 };
  const strokes = [hand.draw([from, middle, to], Math.max(40, length / 3))];
  return { strokes, width: Math.round(Math.abs(to.x - from.x)), duration: hand.duration };
}

/** A circle, begun at the top and drawn anticlockwise with a little overlap, as a hand does. */
export function drawCircle(centre: Spot, radius: number, options: HandOptions): Handwriting {
  const hand = new Hand(options);
  const path: Vertex[] = [];
  for (let i = 0; i <= 13; i++) {
    const angle = -Math.PI / 2 - (i * Math.PI) / 6;
    const r = radius * (1 + hand.normal() * 0.012);
    path.push({ x: centre.x + r * Math.cos(angle), y: centre.y + r * Math.sin(angle) });
  }
  return {
    strokes: [hand.draw(path, Math.max(40, radius))],
    width: Math.round(2 * radius),
    duration: hand.duration,
  };
}

/** The bar between a numerator and a denominator. */
export function drawFractionBar(x: number, y: number, width: number, options: HandOptions): Handwriting {
  return drawLine({ x, y }, { x: x + width, y: y - width * 0.01 }, options);
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

interface Vertex extends Spot {
  readonly corner?: boolean;
}

function parsePath(path: string): Vertex[][] {
  if (path === '') return [];
  return path.split(' | ').map((stroke) =>
    stroke.split(' ').map((word) => {
      const [x, y] = word.replace('*', '').split(',').map(Number);
      return { x: x ?? 0, y: y ?? 0, corner: word.endsWith('*') };
    }),
  );
}

/** Mulberry32: small, fast, and the same everywhere. */
function randomSource(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FINE_HZ = 1000;

class Hand {
  readonly #random: () => number;
  readonly #hz: number;
  readonly #speed: number;
  /** Seconds since the hand began. */
  #now = 0;
  #last: Spot | undefined;
  #end = 0;

  constructor(options: HandOptions) {
    this.#random = randomSource(options.seed);
    this.#hz = options.hz ?? 66;
    this.#speed = options.speed ?? 1;
  }

  get duration(): number {
    return this.#end;
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random()));
    return radius * Math.cos(2 * Math.PI * this.#random());
  }

  pause(seconds: number): void {
    this.#now += seconds;
  }

  /** One stroke along `vertices`; `size` is the height of the writing that it belongs to. */
  draw(vertices: readonly Vertex[], size: number): PenStroke {
    const missed = vertices.map((v) => ({
      ...v,
      x: v.x + this.normal() * SLOPPINESS * size,
      y: v.y + this.normal() * SLOPPINESS * size,
    }));
    const first = missed[0] ?? { x: 0, y: 0 };
    if (this.#last) {
      const way = Math.hypot(first.x - this.#last.x, first.y - this.#last.y);
      this.#now += (0.06 + 0.1 * Math.sqrt(way / size) + 0.03 * this.#random()) / this.#speed;
    }
    const path = curveThrough(missed, size / 100);
    const full = SPEED * size * (100 / size) ** 0.4 * this.#speed * Math.exp(0.15 * this.normal());
    const motion = smooth(travel(path, full, size), SMOOTHING * FINE_HZ);
    const points = this.#sample(motion, full);
    this.#last = motion[motion.length - 1] ?? first;
    const start = Math.round(this.#now * 1000);
    this.#now += motion.length / FINE_HZ;
    this.#end = Math.round(this.#now * 1000);
    return { start, points };
  }

  #sample(motion: readonly Spot[], full: number): InkPoint[] {
    const tremor = [this.#tremor(motion.length), this.#tremor(motion.length)];
    const firm = 135 + 12 * this.normal();
    const points: InkPoint[] = [];
    const period = FINE_HZ / this.#hz;
    let force = firm;
    const samples = Math.max(2, Math.ceil(motion.length / period));
    for (let i = 0; i < samples; i++) {
      const at = Math.min(motion.length - 1, Math.round(i * period));
      const here = motion[at] ?? { x: 0, y: 0 };
      const before = motion[Math.max(0, at - 10)] ?? here;
      const speed = (Math.hypot(here.x - before.x, here.y - before.y) * FINE_HZ) / 10 / full;
      force += (firm - 25 * speed - force) * 0.25 + 1.6 * this.normal();
      const touch = Math.min(1, (at + 12) / 50, (motion.length - at + 8) / 40);
      const late = i === 0 ? 0 : Math.round(i * period + 0.35 * this.normal());
      points.push([
        Math.round(here.x + (tremor[0]?.[at] ?? 0) + NOISE * this.normal()),
        Math.round(here.y + (tremor[1]?.[at] ?? 0) + NOISE * this.normal()),
        Math.max(points[i - 1]?.[2] ?? 0, late),
        Math.max(1, Math.min(255, Math.round(force * touch))),
      ]);
    }
    return points;
  }

  /** A resonance around 9 Hz driven by noise, of standard deviation TREMOR. */
  #tremor(length: number): number[] {
    const damping = 0.985;
    const turn = 2 * damping * Math.cos((2 * Math.PI * 9) / FINE_HZ);
    const gain = TREMOR * 0.0098;
    const out: number[] = [];
    let a = this.normal() * TREMOR;
    let b = a;
    for (let i = 0; i < length; i++) {
      const next = turn * a - damping * damping * b + gain * this.normal();
      b = a;
      a = next;
      out.push(next);
    }
    return out;
  }
}

/** Points a pixel or less apart along a Catmull-Rom spline, broken at corners. */
function curveThrough(vertices: readonly Vertex[], scale: number): Vertex[] {
  const path: Vertex[] = [];
  for (let i = 0; i + 1 < vertices.length; i++) {
    const b = vertices[i];
    const c = vertices[i + 1];
    if (!b || !c) continue;
    const a = (!b.corner && vertices[i - 1]) || { x: 2 * b.x - c.x, y: 2 * b.y - c.y };
    const d = (!c.corner && vertices[i + 2]) || { x: 2 * c.x - b.x, y: 2 * c.y - b.y };
    const reach = Math.hypot(c.x - b.x, c.y - b.y);
    // Tangents in proportion to the piece, so that uneven pieces don't bulge.
    const tangent = (p: Spot, q: Spot) => {
      const length = Math.hypot(q.x - p.x, q.y - p.y) || 1;
      return { x: ((q.x - p.x) / length) * reach, y: ((q.y - p.y) / length) * reach };
    };
    const from = tangent(a, c);
    const to = tangent(b, d);
    const steps = Math.max(2, Math.ceil(reach / Math.min(1, scale)));
    for (let k = 0; k < steps; k++) {
      const u = k / steps;
      const [h1, h2] = [(1 + 2 * u) * (1 - u) ** 2, u * u * (3 - 2 * u)];
      const [h3, h4] = [u * (1 - u) ** 2, u * u * (u - 1)];
      const x = h1 * b.x + h2 * c.x + h3 * from.x + h4 * to.x;
      const y = h1 * b.y + h2 * c.y + h3 * from.y + h4 * to.y;
      path.push({ x, y, corner: k === 0 && b.corner === true });
    }
  }
  const end = vertices[vertices.length - 1];
  if (end) path.push({ x: end.x, y: end.y });
  return path;
}

/** Where the pen is at each millisecond: as fast as curvature allows, never accelerating harder than a hand can. */
function travel(path: readonly Vertex[], full: number, size: number): Spot[] {
  const gaps = path.map((p, i) => Math.hypot(p.x - (path[i - 1] ?? p).x, p.y - (path[i - 1] ?? p).y));
  const rest = full * 0.08;
  const limits = path.map((p, i) => {
    if (i === 0 || i === path.length - 1) return rest;
    if (p.corner) return full * 0.15;
    const radius = bendRadius(path[Math.max(0, i - 4)] ?? p, p, path[Math.min(path.length - 1, i + 4)] ?? p);
    return full * Math.min(1, Math.max(0.2, radius / (FULL_RADIUS * size)) ** (1 / 3));
  });
  // Full speed is reached in about 70 ms.
  const push = full / 0.07;
  for (let i = 1; i < limits.length; i++) {
    limits[i] = Math.min(limits[i] ?? 0, Math.sqrt((limits[i - 1] ?? 0) ** 2 + 2 * push * (gaps[i] ?? 0)));
  }
  for (let i = limits.length - 2; i >= 0; i--) {
    limits[i] = Math.min(
      limits[i] ?? 0,
      Math.sqrt((limits[i + 1] ?? 0) ** 2 + 2 * push * (gaps[i + 1] ?? 0)),
    );
  }
  const spots: Spot[] = [];
  let i = 1;
  let along = 0;
  while (i < path.length) {
    const [a, b] = [path[i - 1], path[i]];
    const gap = gaps[i] ?? 0;
    if (!a || !b) break;
    const part = gap > 0 ? along / gap : 1;
    if (part >= 1) {
      along -= gap;
      i++;
      continue;
    }
    spots.push({ x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part });
    along += ((limits[i - 1] ?? rest) * (1 - part) + (limits[i] ?? rest) * part) / FINE_HZ;
  }
  const end = path[path.length - 1];
  if (end) spots.push({ x: end.x, y: end.y });
  return spots;
}

/** Radius of the circle through three points; very large where they are in line. */
function bendRadius(a: Spot, b: Spot, c: Spot): number {
  const area = Math.abs((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));
  const sides =
    Math.hypot(b.x - a.x, b.y - a.y) * Math.hypot(c.x - b.x, c.y - b.y) * Math.hypot(c.x - a.x, c.y - a.y);
  return area < 1e-6 ? 1e6 : sides / (2 * area);
}

/** Two passes of a moving average `window` samples wide: a hand's low pass, and it cuts corners as one does. */
function smooth(spots: readonly Spot[], window: number): Spot[] {
  const half = Math.round(window / 2);
  let current = spots;
  for (let pass = 0; pass < 2; pass++) {
    const last = current.length - 1;
    const at = (i: number) => current[Math.max(0, Math.min(last, i))] ?? { x: 0, y: 0 };
    const next: Spot[] = [];
    let x = 0;
    let y = 0;
    for (let i = -half; i <= half; i++) {
      x += at(i).x;
      y += at(i).y;
    }
    for (let i = 0; i <= last; i++) {
      next.push({ x: x / (2 * half + 1), y: y / (2 * half + 1) });
      x += at(i + half + 1).x - at(i - half).x;
      y += at(i + half + 1).y - at(i - half).y;
    }
    current = next;
  }
  return [...current];
}
