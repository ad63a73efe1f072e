import type { Matrix } from '../../protocol/board-events.ts';
import { shapeOutline, transformed, transformOf } from './drawing-path.ts';
import { shadingOf } from './drawing-shading.ts';
import {
  colourOf,
  type DrawingNode,
  digits,
  inherited,
  must,
  numberOf,
  type Properties,
  propertiesOf,
  Unreadable,
  within01,
} from './drawing-values.ts';
import type { Segment } from './figures.ts';

/** A drawing as PDF operators, in its own units, y running down. */
export interface DrawingOperators {
  /** Left, top, width, height of what is shown. */
  readonly box: readonly [number, number, number, number];
  readonly content: string;
  /** Pictures in it, by `data:` address and as wide as high; the content calls them /D0, /D1 and so on. */
  readonly pictures: readonly { readonly url: string; readonly ratio: number }[];
  /** Shares of 1 that something shines through; the content calls them /T0, /T1 and so on. */
  readonly alphas: readonly (readonly [fill: number, stroke: number])[];
  /** Dictionaries of colours that pass into each other; the content calls them /S0, /S1 and so on. */
  readonly shadings: readonly string[];
}

/**
 * What a drawing paints, in the operators of ISO 32000-1, 8.5: outlines, colours, clips and pictures, each read as
 * numbers and written as numbers, so that nothing else in it gets into the file. Null for one with more to it than that
 * (letters of a font, masks, patterns, style sheets): it would come out otherwise than it is seen.
 */
export function drawingOperators(root: DrawingNode): DrawingOperators | null {
  const box = (root.getAttribute('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const [x = 0, y = 0, width = 0, height = 0] = box;
  if (!box.every(Number.isFinite) || width <= 0 || height <= 0) return null;
  try {
    const { pictures, alphas, shadings, parts } = new DrawingWriter(root);
    return { box: [x, y, width, height], content: parts.join('\n'), pictures, alphas, shadings };
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** Seen only where something names them. */
const UNSEEN: ReadonlySet<string> = new Set([
  ...[
    'defs',
    'symbol',
    'clipPath',
    'mask',
    'pattern',
    'marker',
    'filter',
    'linearGradient',
    'radialGradient',
  ],
  ...['title', 'desc'],
]);

/** Deeper than any program nests, and what uses itself has no end. */
const DEEPEST = 64;
/** More elements than the server lets through, however often one is used. */
const MOST = 200_000;

class DrawingWriter {
  readonly parts: string[] = [];
  readonly pictures: { url: string; ratio: number }[] = [];
  readonly alphas: (readonly [number, number])[] = [];
  readonly shadings: string[] = [];
  readonly #named = new Map<string, DrawingNode>();
  #depth = 0;
  #count = 0;

  constructor(root: DrawingNode) {
    this.#name(root);
    this.#children(root, inherited(propertiesOf(root)));
  }

  #name(node: DrawingNode): void {
    if (node.localName === 'style') throw new Unreadable('a style sheet');
    const id = node.getAttribute('id');
    if (id !== null) this.#named.set(`#${id}`, node);
    for (const child of node.children) this.#name(child);
  }

  #children(node: DrawingNode, above: Properties): void {
    for (const child of node.children) this.#node(child, above);
  }

  #node(node: DrawingNode, above: Properties): void {
    const name = node.localName;
    if (UNSEEN.has(name)) return;
    const own = propertiesOf(node);
    if (own.get('display') === 'none') return;
    const properties = new Map([...above, ...own]);
    if (++this.#depth > DEEPEST || ++this.#count > MOST) throw new Unreadable('too much of it');
    this.parts.push('q');
    this.#place(must(transformOf(node.getAttribute('transform')), 'transform'));
    this.#clip(own.get('clip-path'));
    const opacity = Number(own.get('opacity') ?? 1);
    if (name === 'g' || name === 'svg' || name === 'use') {
      if (opacity !== 1) throw new Unreadable('a group that shines through');
      this.#group(node, inherited(properties));
    } else if (name === 'image') this.#image(node, opacity);
    else if (properties.get('visibility') !== 'hidden') this.#shape(node, properties, opacity);
    this.parts.push('Q');
    this.#depth -= 1;
  }

  #group(node: DrawingNode, paint: Properties): void {
    if (node.localName === 'svg') throw new Unreadable('a drawing in a drawing');
    if (node.localName === 'g') {
      this.#children(node, paint);
      return;
    }
    const target = must(this.#named.get(node.getAttribute('href') ?? ''), 'a part that is not there');
    this.#place([1, 0, 0, 1, numberOf(node.getAttribute('x')), numberOf(node.getAttribute('y'))]);
    if (target.localName !== 'symbol') this.#node(target, paint);
    else if (target.getAttribute('viewBox') === null) this.#children(target, paint);
    else throw new Unreadable('a part with a view of its own');
  }

  #image(node: DrawingNode, opacity: number): void {
    const [width, height] = [numberOf(node.getAttribute('width')), numberOf(node.getAttribute('height'))];
    const place = [
      width,
      0,
      0,
      -height,
      numberOf(node.getAttribute('x')),
      numberOf(node.getAttribute('y')) + height,
    ];
    const url = must(node.getAttribute('href'), 'a picture that is elsewhere');
    const isPlain = width > 0 && height > 0 && node.getAttribute('preserveAspectRatio') === null;
    if (!isPlain) throw new Unreadable('a picture that is fitted');
    const n = this.pictures.push({ url, ratio: width / height }) - 1;
    this.#shine(opacity, opacity);
    this.parts.push(`${place.map(digits).join(' ')} cm /D${n} Do`);
  }

  #shape(node: DrawingNode, properties: Properties, opacity: number): void {
    const path = must(
      shapeOutline(node.localName, (of) => node.getAttribute(of)),
      node.localName,
    );
    if (/^url\(/.test(properties.get('fill') ?? '')) {
      this.#shade(path, properties, opacity);
      return;
    }
    const [fill, stroke] = [
      colourOf(properties.get('fill') ?? 'black'),
      colourOf(properties.get('stroke') ?? 'none'),
    ];
    if (path.length === 0 || (!fill && !stroke)) return;
    const share = (name: string) => opacity * Number(properties.get(name) ?? 1);
    if (opacity !== 1 && fill && stroke) throw new Unreadable('line and area shine through each other');
    this.#shine(share('fill-opacity'), share('stroke-opacity'));
    if (fill) this.parts.push(`${fill} rg`);
    if (stroke) this.parts.push(`${stroke} RG ${lineStyle(properties)}`);
    const rule = fill && properties.get('fill-rule') === 'evenodd' ? '*' : '';
    this.parts.push(pathText(path), `${fill ? (stroke ? 'B' : 'f') : 'S'}${rule}`);
  }

  /** Colours that pass into each other fill the outline: it is the clip of what is painted everywhere. */
  #shade(path: readonly Segment[], properties: Properties, opacity: number): void {
    const stroke = colourOf(properties.get('stroke') ?? 'none');
    if (stroke) throw new Unreadable('a line around colours that pass');
    const { dictionary, matrix } = shadingOf(this.#partOf(properties.get('fill') ?? ''));
    const share = opacity * Number(properties.get('fill-opacity') ?? 1);
    this.#shine(share, share);
    const n = this.shadings.push(dictionary) - 1;
    this.parts.push(pathText(path), properties.get('fill-rule') === 'evenodd' ? 'W* n' : 'W n');
    this.#place(matrix);
    this.parts.push(`/S${n} sh`);
  }

  /** What `url(#name)` names. */
  #partOf(value: string): DrawingNode {
    const [, name = ''] = /^url\(\s*['"]?(#[^'")\s]+)['"]?\s*\)$/.exec(value) ?? [];
    return must(this.#named.get(name), 'a part that is not there');
  }

  #clip(value: string | undefined): void {
    if (value === undefined || value === 'none') return;
    const clip = this.#partOf(value);
    const isPlain = clip.localName === 'clipPath' && propertiesOf(clip).size === 0;
    if (!isPlain || clip.getAttribute('clipPathUnits') === 'objectBoundingBox') throw new Unreadable('clip');
    let rule: string | undefined;
    const paths = [...clip.children].map((child) => {
      rule = propertiesOf(child).get('clip-rule') ?? rule;
      const path = must(
        shapeOutline(child.localName, (of) => child.getAttribute(of)),
        'clip',
      );
      return pathText(transformed(path, must(transformOf(child.getAttribute('transform')), 'transform')));
    });
    if (paths.length > 1 && rule === 'evenodd') throw new Unreadable('clips one over the other');
    this.parts.push(paths.join('\n') || '0 0 m', `W${rule === 'evenodd' ? '*' : ''} n`);
  }

  #place(matrix: Matrix): void {
    if (matrix.every((value, i) => value === (i === 0 || i === 3 ? 1 : 0))) return;
    this.parts.push(`${matrix.map(digits).join(' ')} cm`);
  }

  #shine(fill: number, stroke: number): void {
    if (fill === 1 && stroke === 1) return;
    const known = this.alphas.findIndex(([a, b]) => a === fill && b === stroke);
    const n = known >= 0 ? known : this.alphas.push([within01(fill), within01(stroke)]) - 1;
    this.parts.push(`/T${n} gs`);
  }
}

const CAPS: Readonly<Record<string, number>> = { butt: 0, round: 1, square: 2 };
const JOINS: Readonly<Record<string, number>> = { miter: 0, round: 1, bevel: 2 };

function lineStyle(properties: Properties): string {
  const width = numberOf(properties.get('stroke-width') ?? '1');
  const cap = must(CAPS[properties.get('stroke-linecap') ?? 'butt'], 'linecap');
  const join = must(JOINS[properties.get('stroke-linejoin') ?? 'miter'], 'linejoin');
  const limit = numberOf(properties.get('stroke-miterlimit') ?? '4');
  const dashes = properties.get('stroke-dasharray') ?? 'none';
  const dash = dashes === 'none' ? [] : dashes.split(/[\s,]+/).map(numberOf);
  return `${digits(width)} w ${cap} J ${join} j ${digits(Math.max(1, limit))} M [${dash.map(digits).join(' ')}] 0 d`;
}

const OPERATORS = { M: 'm', L: 'l', C: 'c', Z: 'h' } as const;

function pathText(path: readonly Segment[]): string {
  return path
    .map(([command, ...numbers]) => `${numbers.map(digits).join(' ')} ${OPERATORS[command]}`)
    .join('\n');
}
