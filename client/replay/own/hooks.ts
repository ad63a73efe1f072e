import { type RefObject, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { useAccount } from '../../router/account.tsx';
import { remember, remembered } from '../../ui/remember.ts';
import { onFrame, resumeAt } from '../hooks.ts';
import { keepPlace } from '../memory.ts';
import type { Player } from '../player.ts';
import { Watched } from '../watched.ts';
import { ownCalls } from './calls.ts';
import { ownPrefix } from './kept.ts';
import { Own, type OwnView } from './own.ts';

/** How often the server hears where one is, ms: 40 bytes of body a time. */
const REPORT_MS = 15_000;
const GUEST_MS = 5_000;

/** One's own in this lesson; null while nobody is signed in (a shared link). */
export function useOwn(lesson: string): Own | null {
  const { person } = useAccount();
  const id = person?.id;
  const name = person?.name;
  const own = useMemo(() => {
    if (id === undefined || name === undefined) return null;
    const key = ownPrefix(id) + lesson;
    const storage = { read: () => remembered(key), write: (text: string) => remember(key, text) };
    return new Own({ me: { id, name }, calls: ownCalls(lesson), storage });
  }, [id, name, lesson]);
  useEffect(() => {
    if (!own) return;
    const load = () => void own.load();
    load();
    window.addEventListener('online', load);
    window.addEventListener('storage', own.look);
    return () => {
      window.removeEventListener('online', load);
      window.removeEventListener('storage', own.look);
    };
  }, [own]);
  return own;
}

const NEVER = () => () => {};

export function useOwnView(own: Own | null): OwnView | null {
  return useSyncExternalStore(own?.subscribe ?? NEVER, own ? own.view : () => null);
}

/** Notes what is played, and where one leaves it. */
export function useReports(
  own: Own | null,
  player: Player | null,
  media: RefObject<HTMLVideoElement | null>,
): void {
  useEffect(() => {
    if (!own || !player) return;
    const watched = new Watched();
    const look = () => {
      const { playing, waiting } = player.view();
      watched.look(player.time(), playing && !waiting);
    };
    const report = (last: boolean) => {
      const stretches = watched.take();
      // What was only opened has no place to come back to.
      if (stretches.length > 0 || player.time() > player.span().from) own.place(player.time(), stretches);
      void own.send(last);
    };
    const leave = () => report(true);
    const hide = () => document.visibilityState === 'hidden' && report(true);
    const stopFrames = onFrame(player, look);
    const element = media.current;
    // A tab that is not looked at has no frames, but its voice goes on.
    element?.addEventListener('timeupdate', look);
    const timer = window.setInterval(() => {
      if (player.view().playing) report(false);
    }, REPORT_MS);
    let playing = player.view().playing;
    const stopPauses = player.subscribe(() => {
      if (playing && !player.view().playing) report(false);
      playing = player.view().playing;
    });
    window.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', hide);
    return () => {
      stopFrames();
      stopPauses();
      element?.removeEventListener('timeupdate', look);
      window.clearInterval(timer);
      window.removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', hide);
      report(true);
    };
  }, [own, player, media]);
}

/** Of a guest nothing is noted anywhere but on this device: where they left. */
export function useGuestPlace(lesson: string | null, player: Player | null): void {
  useEffect(() => {
    if (lesson === null || !player) return;
    const note = () => {
      if (player.time() > player.span().from) keepPlace(lesson, player.time());
    };
    const timer = window.setInterval(note, GUEST_MS);
    window.addEventListener('pagehide', note);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener('pagehide', note);
      note();
    };
  }, [lesson, player]);
}

/** Nobody goes to another place by less, ms: it is media that begin at a frame of their own. */
const SAME_PLACE_MS = 500;

/** Where one left on another device, as long as nothing has been played here yet, and no other place chosen. */
export function useElsewhere(own: OwnView | null, player: Player | null, begun: boolean): void {
  const position = own?.known ? own.position : null;
  const opened = useRef(0);
  useEffect(() => {
    if (player) opened.current = player.time();
  }, [player]);
  useEffect(() => {
    if (!player || begun || position === null) return;
    if (Math.abs(player.time() - opened.current) > SAME_PLACE_MS) return;
    const t = resumeAt(position, player.span());
    if (t === null || t === player.time()) return;
    player.seek(t);
    opened.current = t;
  }, [player, begun, position]);
}
