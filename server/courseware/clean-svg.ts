import { FileRefused } from './refused.ts';
import { SVG_SPACE } from './svg-rules.ts';
import { readSvg, type SvgNode } from './svg-tree.ts';

export interface CleanSvg {
  readonly text: string;
  /** Of the drawing's own units. */
  readonly width: number;
  readonly height: number;
}

/** More characters than any good page has: parsing it alone would take seconds. */
const MOST_CHARACTERS = 12_000_000;
/** How many elements may be drawn once every `use` has put in what it names. */
const MOST_DRAWN = 150_000;

/** How exact paths are kept: as they are, or as a page of paper needs them, whose units are points. */
type Exactness = 'given' | 'page' | 'glyph';

/**
 * A drawing written anew from what is allowed in it: the file that comes out holds no byte that was only copied, so that
 * nothing which was also a web page, an archive or a program is any of them still. Throws FileRefused.
 */
export function cleanSvg(source: string, exactness: 'given' | 'page' = 'given'): CleanSvg {
  if (source.length > MOST_CHARACTERS)
    throw new FileRefused('drawing_too_complex', `${source.length} characters`);
  const root = readSvg(source);
  refuseSwelling(root);
  const { x, y, width, height } = sizeOf(root);
  const attributes = new Map(root.attributes);
  for (const name of ['x', 'y', 'width', 'height', 'viewBox', 'preserveAspectRatio']) attributes.delete(name);
  const box = `width="${width}" height="${height}" viewBox="${x} ${y} ${width} ${height}"`;
  const rest = written(attributes, exactness);
  const inner = root.children.map((child) => writtenNode(child, exactness)).join('');
  return { text: `<svg xmlns="${SVG_SPACE}" ${box}${rest}>${inner}</svg>`, width, height };
}

/** The part of the plane that is shown. */
function sizeOf({ attributes }: SvgNode): { x: number; y: number; width: number; height: number } {
  const box = attributes
    .get('viewBox')
    ?.trim()
    .split(/[\s,]+/)
    .map(Number);
  const [
    x = 0,
    y = 0,
    width = lengthOf(attributes.get('width')),
    height = lengthOf(attributes.get('height')),
  ] = box?.length === 4 ? box : [];
  const fits = [x, y].every(Number.isFinite) && [width, height].every((side) => side > 0 && side < 1e6);
  if (!fits) throw new FileRefused('file_damaged', 'a drawing without a size');
  return { x, y, width, height };
}

/** CSS units, in pixels (CSS Values 4, section 6.2). */
const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, px: 1, pt: 4 / 3, pc: 16, mm: 96 / 25.4, cm: 96 / 2.54, in: 96 },
};

function lengthOf(text = ''): number {
  const [, number = '', unit = ''] = /^\s*([\d.]+)\s*([a-z]*)\s*$/.exec(text) ?? [];
  return Number(number) * (UNITS[unit] ?? Number.NaN);
}

/**
 * Ten elements that each use the one before twice draw a thousand, thirty draw a billion: a file of a few lines
 * that stops every screen. Counts what would be drawn.
 */
function refuseSwelling(root: SvgNode): void {
  const named = new Map<string, SvgNode>();
  collectNames(root, named);
  const known = new Map<SvgNode, number>();
  const drawn = (node: SvgNode, within: ReadonlySet<SvgNode>): number => {
    const counted = known.get(node);
    if (counted !== undefined) return counted;
    if (within.has(node)) throw new FileRefused('file_damaged', 'a part of the drawing contains itself');
    const path = new Set([...within, node]);
    let count = 1;
    for (const child of node.children) if (typeof child !== 'string') count += drawn(child, path);
    const target = node.name === 'use' ? named.get(node.attributes.get('href')?.slice(1) ?? '') : undefined;
    if (target) count += drawn(target, path);
    if (count > MOST_DRAWN) throw new FileRefused('drawing_too_complex', 'it swells by what it uses');
    known.set(node, count);
    return count;
  };
  drawn(root, new Set());
}

function collectNames(node: SvgNode, named: Map<string, SvgNode>): void {
  const id = node.attributes.get('id');
  if (id !== undefined) named.set(id, node);
  for (const child of node.children) if (typeof child !== 'string') collectNames(child, named);
}

function writtenNode(node: SvgNode | string, exactness: Exactness): string {
  if (typeof node === 'string') return escaped(node);
  const head = `<${node.name}${written(node.attributes, exactness)}`;
  if (node.children.length === 0) return `${head}/>`;
  // What poppler makes symbols of are letters.
  const within = exactness === 'page' && node.name === 'symbol' ? 'glyph' : exactness;
  return `${head}>${node.children.map((child) => writtenNode(child, within)).join('')}</${node.name}>`;
}

function written(attributes: ReadonlyMap<string, string>, exactness: Exactness): string {
  let text = '';
  for (const [name, value] of attributes) {
    const kept = name === 'd' && exactness !== 'given' ? shortened(value, ROUNDED[exactness]) : value;
    text += ` ${name}="${escaped(kept)}"`;
  }
  return text;
}

/**
 * Letters to a hundredth of a point; other outlines to a hundred-thousandth of what they measure, since they may stand
 * in any unit. On a wall of eight times the size both are less than a pixel.
 */
const ROUNDED = {
  glyph: (value: number) => Math.round(value * 100) / 100,
  page: (value: number) => Number(value.toPrecision(5)),
};

function shortened(path: string, rounded: (value: number) => number): string {
  if (/a/i.test(path)) return path; // an arc's flags may stand without space between them
  return path
    .replace(/-?\d*\.?\d+(?:e[-+]?\d+)?/gi, (number) => String(rounded(Number(number))))
    .replace(/\s*([a-zA-Z])\s*/g, '$1')
    .replace(/ -/g, '-')
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
