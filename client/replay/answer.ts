import { useEffect, useRef, useState } from 'react';

/** Where an answer comes from. */
interface Sources<T> {
  /** Null: there is nobody to ask. */
  readonly ask: ((signal: AbortSignal) => Promise<T>) | null;
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
    let isAnswered = false;
    const show = (found: T | null, isAnswer: boolean) => {
      if (found === null || abort.signal.aborted || (isAnswered && !isAnswer)) return;
      isAnswered ||= isAnswer;
      setAnswer(found);
    };
    // A link that only hangs is as good as none where it is here.
    latest.current.kept().then(
      (found) => show(found, false),
      () => undefined, // the server has it
    );
    const load = () =>
      latest.current.ask?.(abort.signal).then(
        (found) => show(found, true),
        () => undefined, // asked again when the link is back
      );
    void load();
    window.addEventListener('online', load);
    return () => {
      abort.abort();
      window.removeEventListener('online', load);
    };
  }, [key, nothing]);
  return answer;
}
