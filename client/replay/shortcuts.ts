import { useEffect } from 'react';
import type { Chapter } from './chapters.ts';
import { keepHabits } from './memory.ts';
import type { Player } from './player.ts';
import { RATES } from './player-types.ts';

/** As everywhere: arrows by 5 s, j and l by 10, digits by tenths of the lesson. Milliseconds. */
const STEP_MS = 5000;
const LEAP_MS = 10_000;
/** A press of "page back" within this of a page's beginning means the page before, milliseconds. */
const BACK_MS = 2000;

/** Keys that have a meaning of their own where they are pressed. */
const TYPING =
  'input:not([type="range"], [type="radio"], [type="checkbox"]), textarea, select, [contenteditable], [role="menu"], [role$="dialog"]';
const PRESSING = 'button, a, summary, input:not([type="range"])';
/** Arrows choose there. */
const CHOOSING = '[type="radio"]';

/** What else a key may do on this face, by the key. */
export type FaceKeys = Readonly<Record<string, () => void>>;

export function useShortcuts(player: Player | null, chapters: readonly Chapter[], others: FaceKeys): void {
  useEffect(() => {
    if (!player) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(TYPING) || (event.key === ' ' && target?.closest(PRESSING))) return;
      if (event.key.startsWith('Arrow') && target?.closest(CHOOSING)) return;
      const other = others[event.key.toLowerCase()];
      if (other) other();
      else if (!press(player, chapters, event.key)) return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [player, chapters, others]);
}

/** Does what the key stands for; false where it stands for nothing. */
export function press(player: Player, chapters: readonly Chapter[], key: string): boolean {
  const t = player.time();
  const { from, to } = player.span();
  if (/^\d$/.test(key)) player.seek(from + ((to - from) * Number(key)) / 10);
  else
    switch (key.toLowerCase()) {
      case ' ':
      case 'k':
        player.toggle();
        break;
      case 'arrowleft':
        player.seek(t - STEP_MS);
        break;
      case 'arrowright':
        player.seek(t + STEP_MS);
        break;
      case 'j':
        player.seek(t - LEAP_MS);
        break;
      case 'l':
        player.seek(t + LEAP_MS);
        break;
      case 'pageup':
        player.seek(chapters.findLast(({ kind, t: at }) => kind === 'page' && at < t - BACK_MS)?.t ?? from);
        break;
      case 'pagedown':
        player.seek(chapters.find(({ kind, t: at }) => kind === 'page' && at > t)?.t ?? to);
        break;
      case '<':
      case '>': {
        const rate = nextRate(player.view().rate, key === '>' ? 1 : -1);
        player.setRate(rate);
        keepHabits({ rate });
        break;
      }
      case 'home':
        player.seek(from);
        break;
      case 'end':
        player.seek(to);
        break;
      default:
        return false;
    }
  return true;
}

function nextRate(rate: number, step: 1 | -1): number {
  const rates: readonly number[] = RATES;
  return rates[Math.min(rates.length - 1, Math.max(0, rates.indexOf(rate) + step))] ?? 1;
}
