import { browserStorage } from './browser-storage.ts';
import { type LessonStorage, memoryStorage } from './storage.ts';

/** What this machine has to keep things in. */
export function defaultStorage(): LessonStorage {
  return 'indexedDB' in globalThis ? browserStorage() : memoryStorage();
}

/** Calls when the network is back (`true`) or the page is looked at again: waiting out a pause would be a pity. */
export function onReturn(listener: (networkChanged: boolean) => void): () => void {
  if (!('document' in globalThis)) return () => {};
  const online = () => listener(true);
  const visible = () => document.visibilityState === 'visible' && listener(false);
  window.addEventListener('online', online);
  document.addEventListener('visibilitychange', visible);
  return () => {
    window.removeEventListener('online', online);
    document.removeEventListener('visibilitychange', visible);
  };
}
