import { useEffect } from 'react';

/** Held by every page of this browser that is in a lesson: the link is the lesson's. */
const LOCK = 'tongke.live';

/** While `live`, nothing is fetched ahead on this device. */
export function useLinkTaken(live: boolean): void {
  useEffect(() => {
    if (!live || !navigator.locks) return;
    const over = new AbortController();
    const held = navigator.locks.request(LOCK, { mode: 'shared' }, () => {
      return new Promise<void>((resolve) => {
        if (over.signal.aborted) resolve();
        over.signal.addEventListener('abort', () => resolve());
      });
    });
    held.catch((error: unknown) => console.warn('The link could not be claimed for the lesson:', error));
    return () => over.abort();
  }, [live]);
}

export async function isLinkTaken(): Promise<boolean> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === LOCK);
}
