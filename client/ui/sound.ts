import { useSyncExternalStore } from 'react';
import { Listeners } from '../listeners.ts';

/**
 * Browsers play sound only on a page that was touched. Elements that were refused wait here; one touch lets all
 * of them sound.
 */
const waiting = new Set<HTMLMediaElement>();
const listeners = new Listeners();

/** How loud the room is told to be, 0..1; of every element, those that play already too. */
let volume = 1;
const playing = new Set<HTMLMediaElement>();

export function setVolume(wanted: number): void {
  volume = wanted;
  for (const element of playing) element.volume = wanted;
}

/** Plays, or keeps the element until `allowSound` if the browser wants a touch first. */
export async function playSound(element: HTMLMediaElement): Promise<void> {
  element.volume = volume;
  playing.add(element);
  try {
    await element.play();
    change(() => waiting.delete(element));
  } catch (error) {
    const refused = error instanceof DOMException && error.name === 'NotAllowedError';
    if (refused) change(() => waiting.add(element));
    // An AbortError says that the element was given another track or removed meanwhile: nothing is wrong.
    else if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
  }
}

export function forgetSound(element: HTMLMediaElement): void {
  playing.delete(element);
  change(() => waiting.delete(element));
}

/** To be called from a press: only then does the browser agree. */
export function allowSound(): void {
  for (const element of waiting) void playSound(element);
}

export function useSoundBlocked(): boolean {
  return useSyncExternalStore(subscribe, () => waiting.size > 0);
}

function change(how: () => void): void {
  const before = waiting.size;
  how();
  if (waiting.size !== before) listeners.tell();
}

const subscribe = listeners.add;
