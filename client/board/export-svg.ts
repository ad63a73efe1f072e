import type { BoardPage } from '../../protocol/board.ts';
import { PAGE_HEIGHT, PAGE_WIDTH } from '../../protocol/board-events.ts';
import { type Figure, figuresOf, type PathFigure, short, type TextFigure } from './figures.ts';
import { placeOf } from './page-file.ts';
import { ASCENT, LINE_HEIGHT, linesOf, TEXT_FONT } from './text-layout.ts';

/** A page, and the file beneath its ink as a `data:` address: shown as a picture, in which nothing runs. */
export interface SvgPage {
  readonly page: BoardPage;
  readonly beneath?: string;
}

/** Between pages that stand one below the other, board units. */
const GAP = 60;

/**
 * Pages as an SVG file, one below the other. Nothing in it can run: elements and attributes are this file's own, numbers
 * are formatted, colours checked, and what people wrote is escaped text.
 */
export function toSvg(pages: readonly SvgPage[], veiled?: readonly string[]): string {
  const height = pages.length * (PAGE_HEIGHT + GAP) - GAP;
  const size = `width="${PAGE_WIDTH}" height="${height}" viewBox="0 0 ${PAGE_WIDTH} ${height}"`;
  const placed = pages.map((page, i) => pageElement(page, i * (PAGE_HEIGHT + GAP), veiled));
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" ${size}>
${placed.join('\n')}
</svg>
`;
}

/** What lies beside a page is not seen on the next one. */
function pageElement({ page, beneath }: SvgPage, y: number, veiled: readonly string[] | undefined): string {
  const figures = [...pictureElement(page, beneath), ...figuresOf(page, veiled).map(element)].join('\n');
  return `<svg y="${y}" width="${PAGE_WIDTH}" height="${PAGE_HEIGHT}">
<rect width="100%" height="100%" fill="#ffffff"/>
${figures}
</svg>`;
}

function pictureElement({ file }: BoardPage, beneath: string | undefined): string[] {
  if (!file || !beneath || !/^data:image\/(?:svg\+xml|webp);base64,[A-Za-z0-9+/=]*$/.test(beneath)) return [];
  const { left, top, width, height } = placeOf(file);
  const place = `x="${short(left)}" y="${short(top)}" width="${short(width)}" height="${short(height)}"`;
  return [`<image ${place} href="${beneath}"/>`];
}

function element(figure: Figure): string {
  return figure.kind === 'path' ? pathElement(figure) : textElement(figure);
}

function pathElement({ path, colour, width, dash, opacity, matrix }: PathFigure): string {
  const d = path.map(([command, ...numbers]) => command + numbers.map(short).join(' ')).join('');
  const dashes = dash ? ` stroke-dasharray="${dash.map(short).join(' ')}"` : '';
  const paint =
    width === undefined
      ? `fill="${colourOf(colour)}"`
      : `fill="none" stroke="${colourOf(colour)}" stroke-width="${short(width)}" stroke-linecap="round" stroke-linejoin="round"${dashes}`;
  const faint = opacity < 1 ? ` opacity="${short(opacity)}"` : '';
  return `<path d="${d}" ${paint}${faint}${transform(matrix)}/>`;
}

function textElement({ text, matrix }: TextFigure): string {
  const { at, size, colour } = text;
  const lines = linesOf(text).map((line, i) => {
    const y = at[1] + size * (i * LINE_HEIGHT + ASCENT);
    return `<tspan x="${short(at[0])}" y="${short(y)}">${escaped(line)}</tspan>`;
  });
  const font = `font-family="${escaped(TEXT_FONT)}" font-size="${short(size)}"`;
  return `<text ${font} fill="${colourOf(colour)}" xml:space="preserve"${transform(matrix)}>${lines.join('')}</text>`;
}

function transform(matrix: Figure['matrix']): string {
  return matrix ? ` transform="matrix(${matrix.map((value) => String(Number(value))).join(' ')})"` : '';
}

/** The log holds no other colours; a file that leaves this place relies on nobody's check but its own. */
function colourOf(colour: string): string {
  return /^#[0-9a-f]{6}$/.test(colour) ? colour : '#000000';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** XML 1.0 knows no control characters, not even escaped; lone surrogates would break the file's encoding. */
export function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
  );
}
