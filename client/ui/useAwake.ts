import { useEffect } from 'react';

/** Keeps the screen on while the page is seen: nobody touches it for forty minutes. Where a browser cannot, the device's own settings rule. */
export function useAwake(): void {
  useEffect(() => {
    if (!('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let closed = false;
    const take = async () => {
      if (document.visibilityState !== 'visible') return;
      try {
        lock = await navigator.wakeLock.request('screen');
        if (closed) await lock.release();
      } catch (error) {
        console.info('The screen may go dark: a low battery, or a browser that does not allow it.', error);
      }
    };
    void take();
    document.addEventListener('visibilitychange', take); // a hidden page loses it
    return () => {
      closed = true;
      document.removeEventListener('visibilitychange', take);
      void lock?.release();
    };
  }, []);
}
