import type { LogEntry } from '../../protocol/events.ts';
import { call } from '../api.ts';
import { useAnswer } from './answer.ts';

/** What is written on pages that were brought, by the hash of their file. */
export type PageWords = ReadonlyMap<string, string>;

const NONE: PageWords = new Map();

export function wordsOf(pages: readonly { readonly sha256: string; readonly text: string }[]): PageWords {
  return new Map(pages.map(({ sha256, text }) => [sha256, text]));
}

export function usePageWords(
  lesson: string,
  entries: readonly LogEntry[],
  { kept, asks }: { kept: () => Promise<PageWords | null>; asks: boolean },
): PageWords {
  const laid = entries.filter(({ event }) => event.type === 'page.laid').length;
  return useAnswer(laid === 0 ? null : `${lesson} ${laid}`, NONE, {
    ask: asks
      ? async (signal) => wordsOf((await call('replay.words', { params: { lesson }, signal })).pages)
      : null,
    kept,
  });
}
