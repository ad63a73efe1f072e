import type { TextContent } from '../../protocol/board-events.ts';
import type { Box } from './stroke-path.ts';

/** Faces that every screen has (bundled) first: what is laid out here looks the same elsewhere. */
export const TEXT_FONT =
  '"Noto Sans SC Variable", "Jomolhari", "Noto Sans CJK SC", "Noto Serif Tibetan", "Kailasa", system-ui, sans-serif';

/** Tibetan stacks above and below the line; Chinese and Latin stand well in the same. */
export const LINE_HEIGHT = 1.5;
/** From the top of a line to the letters' base, in sizes. */
export const ASCENT = 1.12;

/** The lines of a text, as its writer's screen broke them. */
export function linesOf({ text, breaks }: Pick<TextContent, 'text' | 'breaks'>): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const end of [...breaks, text.length]) {
    if (end < start || end > text.length) continue; // breaks of a text that is not this one
    lines.push(...text.slice(start, end).split('\n'));
    start = end;
  }
  return lines.map((line) => line.trimEnd());
}

/** Where the lines of `text` end so that none is wider than `width`, as UTF-16 indices; line feeds not among them. */
export function breakText(text: string, width: number, measure: (line: string) => number): number[] {
  const breaks: number[] = [];
  let from = 0;
  for (const paragraph of text.split('\n')) {
    for (const end of breakParagraph(paragraph, width, measure)) breaks.push(from + end);
    from += paragraph.length + 1;
  }
  return breaks;
}

function breakParagraph(text: string, width: number, measure: (line: string) => number): number[] {
  const breaks: number[] = [];
  const pieces = piecesOf(text);
  let start = 0; // of the line
  let at = 0;
  for (const piece of pieces) {
    const end = at + piece.length;
    const isTooLong = (to: number) => measure(text.slice(start, to).trimEnd()) > width;
    if (at > start && isTooLong(end)) {
      breaks.push(at);
      start = at;
    }
    if (isTooLong(end)) {
      // One word wider than the line: broken between letters, never within one.
      let last = at;
      for (const { segment, index } of letters.segment(piece)) {
        const next = at + index + segment.length;
        if (last > start && isTooLong(next)) {
          breaks.push(last);
          start = last;
        }
        last = next;
      }
    }
    at = end;
  }
  return breaks;
}

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Han, kana, hangul and full-width forms: a line may end after any of them. */
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;
/** A line may not begin with these (GB/T 15834 section 5.1; Tibetan shads; closing quotes). */
const NOT_FIRST = /^[，。、；：？！”’）》」』】〕〉…—～·,.;:?!)\]}%‰℃་༌།༎༏༐༑༔\u0f0c]/u;
/** Nor end with these. */
const NOT_LAST = /[“‘（《「『【〔〈([{$￥#]$/u;
/** Tibetan breaks after a tsheg or a shad, never after the tsheg that holds together. */
const TIBETAN_END = /[་།༎༏༐༑༔]$/u;
const SPACE_END = /[\s\u200b-]$/u;

/** What a line is made of: pieces that are not parted. Together they are the text. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let before = '';
  for (const { segment } of letters.segment(text)) {
    if (piece !== '' && mayBreak(before, segment)) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
    before = segment;
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}

function mayBreak(before: string, after: string): boolean {
  if (/^\s/u.test(after) || NOT_FIRST.test(after) || NOT_LAST.test(before)) return false;
  if (SPACE_END.test(before) || TIBETAN_END.test(before)) return true;
  return IDEOGRAPH.test(before) || IDEOGRAPH.test(after);
}

let context: CanvasRenderingContext2D | null = null;

/** Width of a line at `size`, board units, as this browser draws it. */
export function measureText(line: string, size: number): number {
  return measured(line, size).width;
}

/** What the letters of a text cover: vowels stand above a line of Tibetan and stacks hang below it, further than the line is high. */
export function lettersOf({ at: [left, top], size, ...text }: TextContent): Box {
  const box = { left, top, right: left + text.width, bottom: top + textHeight({ size, ...text }) };
  linesOf(text).forEach((line, i) => {
    const base = top + size * (i * LINE_HEIGHT + ASCENT);
    const ink = measured(line, size);
    box.left = Math.min(box.left, left - ink.actualBoundingBoxLeft - 1);
    box.top = Math.min(box.top, base - ink.actualBoundingBoxAscent - 1);
    box.right = Math.max(box.right, left + Math.min(text.width, ink.actualBoundingBoxRight) + 1);
    box.bottom = Math.max(box.bottom, base + ink.actualBoundingBoxDescent + 1);
  });
  return box;
}

function measured(line: string, size: number): TextMetrics {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) throw new Error('This browser has no 2d canvas');
  context.font = `${size}px ${TEXT_FONT}`;
  return context.measureText(line);
}

export function textHeight(content: Pick<TextContent, 'text' | 'breaks' | 'size'>): number {
  return linesOf(content).length * content.size * LINE_HEIGHT;
}
