import { useEffect, useRef } from 'react';
import { forgetSound, playSound } from './sound.ts';

/** A voice one hears and does not see. Say where the page lacks a touch with `useSoundBlocked`. */
export function Voice({ track, muted = false }: { track: MediaStreamTrack; muted?: boolean }) {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    element.srcObject = new MediaStream([track]);
    void playSound(element);
    return () => {
      forgetSound(element);
      element.srcObject = null;
    };
  }, [track]);
  return <audio ref={ref} autoPlay muted={muted} hidden />;
}
