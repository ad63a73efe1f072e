import { z } from 'zod';
import { browserStorage } from './browser-storage.ts';
import { type LessonStorage, memoryStorage } from './storage.ts';

/** What this machine has to keep things in. */
export function defaultStorage(): LessonStorage {
  return 'indexedDB' in globalThis ? browserStorage() : memoryStorage();
}

/** Phones say whether they are on Wi-Fi; how fast they believe it to be, which changes all the time, is nothing to us. */
const Network = z.object({ type: z.string() });

/**
 * Calls when the network is back or another (`true`), or the page is looked at again: waiting out a pause would be a
 * pity.
 */
export function onReturn(listener: (networkChanged: boolean) => void): () => void {
  if (!('document' in globalThis)) return () => {};
  const online = () => listener(true);
  const visible = () => document.visibilityState === 'visible' && listener(false);
  const network =
    'connection' in navigator && navigator.connection instanceof EventTarget && navigator.connection;
  const typeNow = () => Network.safeParse(network).data?.type;
  let type = typeNow();
  const changed = () => {
    if (type === typeNow()) return;
    type = typeNow();
    if (type !== 'none') listener(true);
  };
  if (network) network.addEventListener('change', changed);
  window.addEventListener('online', online);
  document.addEventListener('visibilitychange', visible);
  return () => {
    if (network) network.removeEventListener('change', changed);
    window.removeEventListener('online', online);
    document.removeEventListener('visibilitychange', visible);
  };
}
