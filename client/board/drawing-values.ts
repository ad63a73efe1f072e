/** An element of a drawing: the browser's own, or a reader's. */
export interface DrawingNode {
  readonly localName: string;
  readonly children: Iterable<DrawingNode>;
  getAttribute(name: string): string | null;
}

/** The drawing holds what this does not read. */
export class Unreadable extends Error {}

export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Unreadable(what);
  return value;
}

/** Presentation by name: what an element says itself, or has of its ancestors. */
export type Properties = ReadonlyMap<string, string>;

const INHERITED: ReadonlySet<string> = new Set(
  `fill fill-rule fill-opacity stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit
   stroke-dasharray stroke-dashoffset clip-rule color visibility`.split(/\s+/),
);
/** Change nothing that is seen here, or are seen to where they stand. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['overflow', 'isolation', 'opacity', 'clip-path', 'display', 'stop-color', 'stop-opacity'],
  ...['shape-rendering', 'image-rendering'],
  ...['color-interpolation', 'color-interpolation-filters', 'text-rendering', 'enable-background'],
]);
const REFUSED: readonly string[] = [
  ...[
    'mask',
    'filter',
    'marker',
    'marker-start',
    'marker-mid',
    'marker-end',
    'mix-blend-mode',
    'vector-effect',
  ],
  ...['paint-order', 'stroke-dashoffset'],
];
const PLAIN: ReadonlySet<string> = new Set(['', 'none', 'normal', '0']);

/** Presentation, as attributes and in `style`, which has the last word. */
export function propertiesOf(node: DrawingNode): Properties {
  const found = new Map<string, string>();
  for (const name of [...INHERITED, ...HARMLESS, ...REFUSED]) {
    const value = node.getAttribute(name);
    if (value !== null) found.set(name, value.trim());
  }
  for (const declaration of (node.getAttribute('style') ?? '').split(';')) {
    const colon = declaration.indexOf(':');
    if (colon > 0) found.set(declaration.slice(0, colon).trim(), declaration.slice(colon + 1).trim());
  }
  for (const [name, value] of found) {
    if (!INHERITED.has(name) && !HARMLESS.has(name) && !PLAIN.has(value)) throw new Unreadable(name);
    if (value === 'inherit' || value.includes('!')) throw new Unreadable(value);
  }
  for (const name of REFUSED) if (!PLAIN.has(found.get(name) ?? '')) throw new Unreadable(name);
  return found;
}

export function inherited(properties: Properties): Properties {
  return new Map([...properties].filter(([name]) => INHERITED.has(name)));
}

/** Three shares of 1 as PDF writes them; null for none. */
export function colourOf(text: string): string | null {
  const named = { none: '', transparent: '', black: '0 0 0', white: '1 1 1' }[text];
  if (named !== undefined) return named === '' ? null : named;
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text)?.[1];
  if (hex) return [0, 1, 2].map((i) => digits(hexShare(hex, i))).join(' ');
  const rgb = /^rgb\(\s*([\d.]+)(%?)\s*,\s*([\d.]+)\2\s*,\s*([\d.]+)\2\s*\)$/.exec(text);
  const [, red, percent, green, blue] = must(rgb, 'a colour');
  return [red, green, blue].map((part) => digits(within01(Number(part) / (percent ? 100 : 255)))).join(' ');
}

function hexShare(hex: string, i: number): number {
  return hex.length === 3
    ? Number.parseInt(hex.charAt(i), 16) / 15
    : Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16) / 255;
}

export function numberOf(text: string | null): number {
  const number = text === null ? 0 : Number(text.trim().replace(/px$/, ''));
  return must(Number.isFinite(number) ? number : null, 'a length');
}

export function within01(value: number): number {
  return must(value >= 0 && value <= 1 ? value : null, 'a share');
}

/** A drawing may stand in any unit: what it measures counts, not the decimals. PDF knows no exponents. */
export function digits(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) > 1e9) throw new Unreadable('a number');
  return Math.abs(value) < 1e-6 ? '0' : String(Number(value.toPrecision(6)));
}
