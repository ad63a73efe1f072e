import { FileRefused } from './refused.ts';

/** What a drawing may consist of. All else is left out, or, where it would run, refuses the file. */

export const SVG_SPACE = 'http://www.w3.org/2000/svg';

export const ALLOWED_ELEMENTS: ReadonlySet<string> = new Set(
  `svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath image clipPath mask
   pattern linearGradient radialGradient stop marker filter feColorMatrix feGaussianBlur feOffset feMerge feMergeNode
   feBlend feFlood feComposite title desc style`.split(/\s+/),
);

/** Kept as plain groups: what is in them is drawn. */
export const UNWRAPPED: ReadonlySet<string> = new Set(['a', 'switch']);

/** Elements that bring a program along. Others that could do harm (foreignObject, iframe) are only left out. */
const ACTIVE_ELEMENTS: ReadonlySet<string> = new Set(['script', 'handler', 'listener']);

export function isActive(element: string): boolean {
  return ACTIVE_ELEMENTS.has(element.toLowerCase());
}

const ATTRIBUTES: ReadonlySet<string> = new Set(
  `id class d x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy width height points viewBox preserveAspectRatio transform
   version href offset gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits patternTransform
   clipPathUnits maskUnits maskContentUnits markerUnits markerWidth markerHeight refX refY orient rotate textLength
   lengthAdjust startOffset method spacing in in2 result type values mode operator k1 k2 k3 k4 stdDeviation filterUnits
   primitiveUnits style space`.split(/\s+/),
);

/** Presentation, as attributes and in style sheets. */
const PROPERTIES: ReadonlySet<string> = new Set(
  `fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit
   stroke-dasharray stroke-dashoffset opacity color display visibility overflow clip-path clip-rule mask filter marker
   marker-start marker-mid marker-end stop-color stop-opacity flood-color flood-opacity font-family font-size
   font-weight font-style font-variant font-stretch letter-spacing word-spacing text-anchor text-decoration
   dominant-baseline alignment-baseline baseline-shift writing-mode direction unicode-bidi paint-order shape-rendering
   text-rendering image-rendering color-interpolation color-interpolation-filters mix-blend-mode isolation
   vector-effect white-space line-height`.split(/\s+/),
);

/** A picture within a drawing: its bytes are here, or it is not shown. */
const INNER_PICTURE = /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/=\s]*$/;
const LOCAL = /^#[^\s"'()<>\\]+$/;

/** The value as it is kept; null: without it. Throws FileRefused for what would run. */
export function cleanAttribute(element: string, name: string, value: string): string | null {
  if (/^on/i.test(name)) throw new FileRefused('file_active', name);
  // As browsers read an address: blanks within it count for nothing.
  const address = value.slice(0, 200).replace(/[\s\p{Cc}]/gu, '');
  if (/^(?:java|vb)script:/i.test(address)) throw new FileRefused('file_active', name);
  if (name === 'href') {
    if (LOCAL.test(value)) return value;
    return element === 'image' && INNER_PICTURE.test(value) ? value.replace(/\s+/g, '') : null;
  }
  if (name === 'style') return cleanDeclarations(value);
  if (PROPERTIES.has(name)) return cleanValue(value);
  return ATTRIBUTES.has(name) ? value : null;
}

function cleanDeclarations(text: string): string {
  return text
    .split(';')
    .flatMap((declaration) => {
      const colon = declaration.indexOf(':');
      const name = declaration.slice(0, colon).trim().toLowerCase();
      const value = colon < 0 ? null : cleanValue(declaration.slice(colon + 1).trim());
      return value !== null && PROPERTIES.has(name) ? [`${name}:${value}`] : [];
    })
    .join(';');
}

/** References go to parts of the drawing itself. Escapes and strings that end elsewhere than they seem to do not pass. */
function cleanValue(value: string): string | null {
  const rest = value.replace(/url\(\s*(['"]?)#[^\s"'()<>\\]+\1\s*\)/gi, '');
  return /url|expression|@|\\|[<>{};]|\/\*/i.test(rest) ? null : value;
}

/** Plain rules only: `.class, #id, element { property: value }`. */
export function cleanStyleSheet(text: string): string {
  const rules = text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/([^{}]*)\{([^{}]*)\}/g);
  return [...rules]
    .flatMap(([, selector = '', body = '']) =>
      /^[\w\s.#,>*-]+$/.test(selector) ? [`${selector.trim()}{${cleanDeclarations(body)}}`] : [],
    )
    .join('\n');
}
