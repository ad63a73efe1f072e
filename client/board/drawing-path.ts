import type { Matrix } from '../../protocol/board-events.ts';
import type { Segment } from './figures.ts';
import { applied, IDENTITY, product } from './matrix.ts';

/** Outlines of a drawing (SVG 1.1, chapters 8 and 9) as absolute segments; null for what this does not read. */
type Outline = readonly Segment[] | null;
type Attribute = (name: string) => string | null;

/** How many numbers each command takes. Arcs and smooth quadratic curves come from no paper: they are not read. */
const TAKES: Readonly<Record<string, number>> = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, Z: 0 };
const TOKENS = /[a-zA-Z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/g;

export function pathOutline(d: string): Outline {
  if (/[^\sa-zA-Z\d.,+-]/.test(d)) return null;
  const walk = new Walk();
  let command = '';
  let numbers: number[] = [];
  for (const token of d.match(TOKENS) ?? []) {
    if (/^[a-zA-Z]/.test(token)) {
      if (numbers.length > 0 || TAKES[token.toUpperCase()] === undefined) return null;
      command = token;
    } else numbers.push(Number(token));
    const takes = TAKES[command.toUpperCase()];
    if (takes === undefined || (takes === 0 && numbers.length > 0)) return null;
    if (numbers.length < takes) continue;
    walk.go(command, numbers);
    numbers = [];
    if (command === 'M') command = 'L';
    if (command === 'm') command = 'l';
  }
  return numbers.length > 0 ? null : walk.path;
}

/** Follows commands, keeping what later ones are relative to. */
class Walk {
  readonly path: Segment[] = [];
  #x = 0;
  #y = 0;
  #start: readonly [number, number] = [0, 0];
  /** The last control point of a cubic curve, of which a smooth one begins with the mirror image. */
  #control: readonly [number, number] | null = null;

  go(command: string, given: readonly number[]): void {
    const kind = command.toUpperCase();
    const isRelative = command !== kind;
    const at = (i: number) => {
      const isX = kind === 'H' || (kind !== 'V' && i % 2 === 0);
      return (given[i] ?? 0) + (isRelative ? (isX ? this.#x : this.#y) : 0);
    };
    const control = this.#control;
    this.#control = null;
    switch (kind) {
      case 'M':
        this.#start = [at(0), at(1)];
        this.#add(['M', at(0), at(1)]);
        break;
      case 'L':
        this.#add(['L', at(0), at(1)]);
        break;
      case 'H':
        this.#add(['L', at(0), this.#y]);
        break;
      case 'V':
        this.#add(['L', this.#x, at(0)]);
        break;
      case 'C':
        this.#curve(at(0), at(1), at(2), at(3), at(4), at(5));
        break;
      case 'S': {
        const [cx, cy] = control ? [2 * this.#x - control[0], 2 * this.#y - control[1]] : [this.#x, this.#y];
        this.#curve(cx, cy, at(0), at(1), at(2), at(3));
        break;
      }
      case 'Q': {
        const toward = (from: number, to: number) => from + (2 / 3) * (to - from);
        const [cx, cy, x, y] = [at(0), at(1), at(2), at(3)];
        const [ax, ay] = [toward(this.#x, cx), toward(this.#y, cy)];
        this.#add(['C', ax, ay, toward(x, cx), toward(y, cy), x, y]);
        break;
      }
      default:
        this.path.push(['Z']);
        [this.#x, this.#y] = this.#start;
    }
  }

  #curve(ax: number, ay: number, bx: number, by: number, x: number, y: number): void {
    this.#add(['C', ax, ay, bx, by, x, y]);
    this.#control = [bx, by];
  }

  #add(segment: Exclude<Segment, readonly ['Z']>): void {
    this.path.push(segment);
    this.#x = Number(segment.at(-2));
    this.#y = Number(segment.at(-1));
  }
}

const numberOf = (text: string | null) => (text === null ? 0 : Number(text.trim().replace(/px$/, '')));

/** Basic shapes. Rounded rectangles are not read. */
export function shapeOutline(name: string, attribute: Attribute): Outline {
  const number = (of: string) => numberOf(attribute(of));
  switch (name) {
    case 'path':
      return pathOutline(attribute('d') ?? '');
    case 'rect': {
      const [x, y, width, height] = [number('x'), number('y'), number('width'), number('height')];
      const isPlain = attribute('rx') === null && attribute('ry') === null;
      return isPlain ? pathOutline(`M${x} ${y}H${x + width}V${y + height}H${x}Z`) : null;
    }
    case 'line':
      return pathOutline(`M${number('x1')} ${number('y1')}L${number('x2')} ${number('y2')}`);
    case 'polyline':
      return pathOutline(`M${attribute('points') ?? ''}`);
    case 'polygon':
      return pathOutline(`M${attribute('points') ?? ''}Z`);
    case 'circle':
      return ellipse(number('cx'), number('cy'), number('r'), number('r'));
    case 'ellipse':
      return ellipse(number('cx'), number('cy'), number('rx'), number('ry'));
    default:
      return null;
  }
}

/** As in `shape-path.ts`. */
const CURVE = 0.5522847498;

function ellipse(x: number, y: number, rx: number, ry: number): Outline {
  const [cx, cy] = [rx * CURVE, ry * CURVE];
  return [
    ['M', x + rx, y],
    ['C', x + rx, y + cy, x + cx, y + ry, x, y + ry],
    ['C', x - cx, y + ry, x - rx, y + cy, x - rx, y],
    ['C', x - rx, y - cy, x - cx, y - ry, x, y - ry],
    ['C', x + cx, y - ry, x + rx, y - cy, x + rx, y],
    ['Z'],
  ];
}

/** A `transform` attribute; null for what is none of matrix, translate, scale and rotate. */
export function transformOf(text: string | null): Matrix | null {
  let whole = IDENTITY;
  for (const [, name = '', given = ''] of (text ?? '').matchAll(/(\w+)\s*\(([^()]*)\)/g)) {
    const numbers = given
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    const one = numbers.every(Number.isFinite) ? oneTransform(name, numbers) : null;
    if (!one) return null;
    whole = product(whole, one);
  }
  return whole;
}

function oneTransform(name: string, numbers: readonly number[]): Matrix | null {
  const [a = 0, b, c, d, e, f] = numbers;
  switch (name) {
    case 'matrix':
      if (b === undefined || c === undefined || d === undefined || e === undefined || f === undefined)
        return null;
      return [a, b, c, d, e, f];
    case 'translate':
      return [1, 0, 0, 1, a, b ?? 0];
    case 'scale':
      return [a, 0, 0, b ?? a, 0, 0];
    case 'rotate': {
      const [sin, cos] = [Math.sin((a * Math.PI) / 180), Math.cos((a * Math.PI) / 180)];
      const [x, y] = [b ?? 0, c ?? 0];
      return [cos, sin, -sin, cos, x - x * cos + y * sin, y - x * sin - y * cos];
    }
    default:
      return null;
  }
}

export function transformed(path: readonly Segment[], matrix: Matrix): Segment[] {
  const on = (x: number, y: number) => applied(matrix, [x, y]);
  return path.map((segment): Segment => {
    if (segment[0] === 'Z') return segment;
    if (segment[0] !== 'C') return [segment[0], ...on(segment[1], segment[2])];
    return ['C', ...on(segment[1], segment[2]), ...on(segment[3], segment[4]), ...on(segment[5], segment[6])];
  });
}
