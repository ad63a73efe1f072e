import { useEffect } from 'react';
import type { Player } from './player.ts';

/** Milliseconds, where the system does not say how far. */
const LEAP_MS = 10_000;

/** The lesson on the lock screen and on a headset's buttons: a voice is listened to with the screen off, too. */
export function useMediaSession(player: Player | null, title: string, artist: string): void {
  useEffect(() => {
    if (!player || !('mediaSession' in navigator)) return;
    const { mediaSession } = navigator;
    mediaSession.metadata = new MediaMetadata({ title, artist });
    const leap = (sign: 1 | -1) => (details: MediaSessionActionDetails) =>
      player.seek(player.time() + sign * (details.seekOffset ? details.seekOffset * 1000 : LEAP_MS));
    const handlers: [MediaSessionAction, MediaSessionActionHandler][] = [
      ['play', () => player.play()],
      ['pause', () => player.pause()],
      ['seekbackward', leap(-1)],
      ['seekforward', leap(1)],
      ['seekto', ({ seekTime = 0 }) => player.seek(player.span().from + seekTime * 1000)],
    ];
    for (const [action, handler] of handlers) mediaSession.setActionHandler(action, handler);
    // What is played, not what the element holds: of a divided lesson it has the other parts, too.
    const say = () => {
      const { from, to } = player.span();
      const duration = (to - from) / 1000;
      const position = (player.time() - from) / 1000;
      mediaSession.setPositionState({ duration, position, playbackRate: player.view().rate });
    };
    say();
    const stop = player.subscribe(say);
    return () => {
      stop();
      mediaSession.setPositionState();
      for (const [action] of handlers) mediaSession.setActionHandler(action, null);
      mediaSession.metadata = null;
    };
  }, [player, title, artist]);
}
