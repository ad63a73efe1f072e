import { useEffect, useState } from 'react';
import type { LogEntry } from '../../protocol/events.ts';
import { call } from '../api.ts';

/** What is written on pages that were brought, by the hash of their file. */
export type PageWords = ReadonlyMap<string, string>;

const NONE: PageWords = new Map();

/** Empty until it is there, and without a link: a lesson plays, and is searched, just as well. */
export function usePageWords(lesson: string, entries: readonly LogEntry[]): PageWords {
  const [words, setWords] = useState(NONE);
  const laid = entries.filter(({ event }) => event.type === 'page.laid').length;
  useEffect(() => {
    setWords(NONE);
    if (laid === 0) return;
    const abort = new AbortController();
    const load = () =>
      call('replay.words', { params: { lesson }, signal: abort.signal }).then(
        ({ pages }) => setWords(new Map(pages.map(({ sha256, text }) => [sha256, text]))),
        () => undefined, // asked again when the link is back
      );
    void load();
    window.addEventListener('online', load);
    return () => {
      abort.abort();
      window.removeEventListener('online', load);
    };
  }, [lesson, laid]);
  return words;
}
