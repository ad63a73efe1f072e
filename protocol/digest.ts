import type { Board, BoardPage, History } from './board.ts';
import type { LessonState } from './lesson.ts';

/**
 * A short fingerprint of a state, equal wherever the same log was folded. 53 bits of cyrb53 over JSON text (key order
 * follows from the order of entries, so it is the same everywhere): it detects drift, not malice.
 *
 * States share what has not changed, and so do their digests: what was seen before is not read again. Two hours of
 * writing are five megabytes, one more stroke among them is a few hundred bytes.
 */
export function digest(state: LessonState | Board): string {
  return 'board' in state
    ? hash(Object.entries(state).map(([key, part]) => [key, key === 'board' ? '' : seen(part)])) +
        boardDigest(state.board)
    : boardDigest(state);
}

const known = new WeakMap<object, string>();

/** Of a value that is never changed in place. */
function seen(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  return remembered(value, () => hash(value));
}

function remembered<T extends object>(value: T, make: (value: T) => string): string {
  const before = known.get(value);
  if (before !== undefined) return before;
  const made = make(value);
  known.set(value, made);
  return made;
}

function boardDigest(board: Board): string {
  return remembered(board, ({ pages, history, ...rest }) =>
    hash([
      Object.keys(board),
      pages.map((page) => remembered(page, pageDigest)),
      Object.entries(history).map(([by, actions]) => [by, remembered(actions, historyDigest)]),
      rest,
    ]),
  );
}

function pageDigest({ strokes, items, ...rest }: BoardPage): string {
  const all = Object.values(strokes).map(seen).join('');
  return hash([rest, all, items ? Object.values(items).map(seen).join('') : null]);
}

function historyDigest({ done, undone }: History): string {
  return hash([done.map(seen), undone.map(seen)]);
}

function hash(value: unknown): string {
  const text = JSON.stringify(value);
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(16).padStart(14, '0');
}
