import { useEffect, useRef, useState } from 'react';

/** Where an answer comes from. */
interface Sources<T> {
  readonly ask: (signal: AbortSignal) => Promise<T>;
  /** As this device keeps it; null: it does not. */
  readonly kept: () => Promise<T | null>;
}

/**
 * What the server says of `key`, asked again when the link is back; until then what this device keeps, or `nothing` (always the same
 * value): a lesson plays without any just as well.
 */
export function useAnswer<T>(key: string | null, nothing: T, sources: Sources<T>): T {
  const latest = useRef(sources);
  latest.current = sources;
  const [answer, setAnswer] = useState(nothing);
  useEffect(() => {
    setAnswer(nothing);
    if (key === null) return;
    const abort = new AbortController();
    const show = (found: T | null) => {
      if (found !== null && !abort.signal.aborted) setAnswer(found);
    };
    const load = () =>
      latest.current.ask(abort.signal).then(show, async () => show(await latest.current.kept()));
    void load();
    window.addEventListener('online', load);
    return () => {
      abort.abort();
      window.removeEventListener('online', load);
    };
  }, [key, nothing]);
  return answer;
}
