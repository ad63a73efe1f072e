import { useSyncExternalStore } from 'react';
import { Listeners } from '../listeners.ts';
import { remember, remembered } from './remember.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Listeners();
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
  listeners.tell();
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => chosen);
}

function apply(): void {
  const isDark = chosen === 'dark' || (chosen === 'system' && dark.matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
}

const subscribe = listeners.add;
