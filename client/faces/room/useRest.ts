import { useEffect, useState } from 'react';

/** After a lesson, and after somebody touched the screen, it stays bright for this long, milliseconds. */
const REST_AFTER_MS = 2 * 60_000;
const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown'] as const;

/**
 * Whether the screen rests: nothing goes on, and nobody is at it. It stays on, though dark: a display that a browser
 * lets go out is one that no browser can switch on again before the next lesson.
 */
export function useRest(isBusy: boolean): boolean {
  const [isResting, setResting] = useState(false);
  useEffect(() => {
    if (isBusy) return;
    let timer: ReturnType<typeof setTimeout>;
    const wake = () => {
      setResting(false);
      clearTimeout(timer);
      timer = setTimeout(() => setResting(true), REST_AFTER_MS);
    };
    wake();
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, wake);
    return () => {
      clearTimeout(timer);
      for (const sign of SIGNS_OF_LIFE) removeEventListener(sign, wake);
      setResting(false);
    };
  }, [isBusy]);
  return isResting;
}
