import { type RefObject, useCallback, useEffect, useState } from 'react';

export interface Fullscreen {
  readonly on: boolean;
  toggle(): void;
}

/** The element over the whole screen; where the browser has no such thing (iPhones), over the whole window. */
export function useFullscreen(element: RefObject<HTMLElement | null>): Fullscreen {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const follow = () => setOn(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', follow);
    return () => document.removeEventListener('fullscreenchange', follow);
  }, []);
  const toggle = useCallback(() => {
    const fill = () => setOn((before) => !before);
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (document.fullscreenEnabled && element.current) element.current.requestFullscreen().catch(fill);
    else fill();
  }, [element]);
  return { on, toggle };
}
