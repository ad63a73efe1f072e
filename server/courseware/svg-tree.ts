import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import { FileRefused } from './refused.ts';
import {
  ALLOWED_ELEMENTS,
  cleanAttribute,
  cleanStyleSheet,
  isActive,
  SVG_SPACE,
  UNWRAPPED,
} from './svg-rules.ts';

/** An element of a drawing as far as it is kept: nothing here has come unlooked at from the file. */
export interface SvgNode {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (SvgNode | string)[];
}

/** Deeper than any drawing program nests; bounds recursion over the tree. */
const DEEPEST = 128;
/** More than this, and a tablet takes seconds for a page. */
const MOST_ELEMENTS = 60_000;

/**
 * Reads a drawing and keeps what `svg-rules.ts` lists. Throws FileRefused: `file_active` where there is program code,
 * `file_damaged` for what is no XML to its end, `drawing_too_complex`.
 */
export function readSvg(text: string): SvgNode {
  const reader = new TreeReader();
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('error', (error) => {
    throw new FileRefused('file_damaged', error.message);
  });
  parser.on('opentag', (tag) => reader.open(tag));
  parser.on('closetag', () => reader.close());
  parser.on('text', (part) => reader.text(part));
  parser.on('cdata', (part) => reader.text(part));
  // A style sheet named by an instruction would be fetched from elsewhere; it is not even kept.
  parser.write(text.replace(/^\ufeff/, '')).close();
  if (!reader.root) throw new FileRefused('file_damaged', 'no drawing');
  return reader.root;
}

class TreeReader {
  root: SvgNode | null = null;
  /** Null: an element that is left out, with all that is in it. */
  readonly #open: (SvgNode | null)[] = [];
  #count = 0;

  open({ local, uri, attributes }: SaxesTagNS): void {
    if (isActive(local)) throw new FileRefused('file_active', `<${local}>`);
    if (++this.#count > MOST_ELEMENTS || this.#open.length >= DEEPEST) {
      throw new FileRefused('drawing_too_complex', `${this.#count} elements, ${this.#open.length} deep`);
    }
    const parent = this.#open.at(-1);
    const isKept =
      uri === SVG_SPACE && (UNWRAPPED.has(local) || ALLOWED_ELEMENTS.has(local)) && parent !== null;
    const kept = cleanAttributes(local, Object.values(attributes));
    const node = isKept ? { name: UNWRAPPED.has(local) ? 'g' : local, attributes: kept, children: [] } : null;
    if (!parent && this.#open.length === 0) {
      if (node?.name !== 'svg') throw new FileRefused('file_kind_unknown', 'the root is no drawing');
      this.root = node;
    } else if (node && parent) parent.children.push(node);
    this.#open.push(node);
  }

  close(): void {
    this.#open.pop();
  }

  text(part: string): void {
    const parent = this.#open.at(-1);
    if (!parent || !TEXTUAL.has(parent.name)) return;
    parent.children.push(parent.name === 'style' ? cleanStyleSheet(part) : part);
  }
}

const TEXTUAL = new Set(['text', 'tspan', 'textPath', 'style', 'title', 'desc']);

/** Attributes that run code refuse the file wherever they stand; others that are not listed are left out. */
function cleanAttributes(element: string, attributes: readonly SaxesAttributeNS[]): Map<string, string> {
  const kept = new Map<string, string>();
  for (const { local, prefix, value } of attributes) {
    const name = prefix === 'xlink' && local === 'href' ? 'href' : prefix === '' ? local : '';
    const clean = cleanAttribute(element, name === '' ? local : name, value);
    if (clean !== null && (name !== '' || (prefix === 'xml' && local === 'space'))) {
      kept.set(name === '' ? 'xml:space' : name, clean);
    }
  }
  return kept;
}
