import { useSyncExternalStore } from 'react';
import { remember, remembered } from './remember.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let chosen: Theme = THEMES.find((theme) => theme === remembered('theme')) ?? 'system';

/** Before the first render, so that no page flashes white in a dark room. */
export function startTheme(): void {
  dark.addEventListener('change', apply);
  apply();
}

export function chooseTheme(theme: Theme): void {
  chosen = theme;
  remember('theme', theme);
  apply();
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => chosen);
}

function apply(): void {
  const isDark = chosen === 'dark' || (chosen === 'system' && dark.matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
