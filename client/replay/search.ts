import { type Board, EMPTY_BOARD, reduceBoard, shownPages } from '../../protocol/board.ts';
import { isBoardEvent } from '../../protocol/board-events.ts';
import type { Localised } from '../../protocol/common.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { PageWords } from './page-words.ts';

const NO_WORDS: PageWords = new Map();

/** Something in a lesson that was written or said in letters, and when. Lesson time, milliseconds. */
export interface Line {
  readonly kind: 'text' | 'page' | 'chat' | 'caption' | 'note' | 'question' | 'chapter';
  readonly t: number;
  readonly text: string;
  /** Where it stands on the board: the page's number then, from 1. */
  readonly page?: number;
  readonly by?: Localised;
}

export interface Found {
  readonly line: Line;
  /** The text in pieces, every other one (the second, the fourth…) being what was looked for. */
  readonly pieces: readonly string[];
}

/**
 * Everything in the log that can be found by its letters: typed text on the board, the chat, and what is written on pages
 * that were brought, each when it was first turned to.
 */
export function linesOf(entries: readonly LogEntry[], words: PageWords = NO_WORDS): Line[] {
  const names = new Map<string, Localised>();
  const lines: Line[] = [];
  let board: Board = EMPTY_BOARD;
  const read = new Set<string>();
  for (const { event, actor = '', t } of entries) {
    if (event.type === 'participant.joined') names.set(event.participant.id, event.participant.name);
    else if (event.type === 'chat.said')
      lines.push({ kind: 'chat', t, text: event.text, by: names.get(actor) });
    else if (isBoardEvent(event)) {
      // Only what moves pages: ink by the thousand changes no page's number.
      if (event.type.startsWith('page.')) {
        board = reduceBoard(board, event, actor, t);
        const pages = shownPages(board);
        const page = pages.findIndex(({ id }) => id === board.current) + 1;
        const sha256 = pages[page - 1]?.file?.sha256 ?? '';
        const text = words.get(sha256);
        if (text !== undefined && !read.has(sha256)) lines.push({ kind: 'page', t, text, page });
        read.add(sha256);
      }
      if ((event.type === 'item.added' || event.type === 'item.changed') && event.content.kind === 'text') {
        const page = shownPages(board).findIndex(({ id }) => id === event.page) + 1;
        lines.push({ kind: 'text', t, text: event.content.text, ...(page > 0 && { page }) });
      }
    }
  }
  return lines;
}

/** The lines that hold every word of `query`, soonest first; none for an empty one. */
export function search(lines: readonly Line[], query: string): Found[] {
  const words = query
    .split(/\s+/)
    .map((word) => folded(word).text)
    .filter((word) => word !== '');
  if (words.length === 0) return [];
  return lines
    .flatMap((line): Found[] => {
      const text = folded(line.text);
      const holds = words.every((word) => text.text.includes(word));
      return holds ? [{ line, pieces: piecesOf(line.text, text, words) }] : [];
    })
    .sort((a, b) => a.line.t - b.line.t);
}

interface Folded {
  readonly text: string;
  /** Where each of its characters stands in the text it was made of. */
  readonly places: readonly number[];
}

/** One spelling of a text: full-width and capital letters as plain ones, without spaces and Tibetan's dots between syllables. */
function folded(text: string): Folded {
  let folding = '';
  const places: number[] = [];
  let at = 0;
  for (const character of text) {
    const plain = character
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s\u0f0b\u0f0c\u0f0d]/g, '');
    folding += plain;
    for (let i = 0; i < plain.length; i++) places.push(at);
    at += character.length;
  }
  return { text: folding, places };
}

function piecesOf(original: string, { text, places }: Folded, words: readonly string[]): string[] {
  const marked = new Set<number>();
  for (const word of words) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
      for (let i = at; i < at + word.length; i++) marked.add(places[i] ?? 0);
    }
  }
  const pieces: string[] = [''];
  let at = 0;
  for (const character of original) {
    const isMarked = marked.has(at);
    if (isMarked !== (pieces.length % 2 === 0)) pieces.push('');
    pieces[pieces.length - 1] += character;
    at += character.length;
  }
  return pieces;
}
