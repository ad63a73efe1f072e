import { useEffect, useMemo, useRef } from 'react';
import type { RouteOutput } from '../../../protocol/api.ts';
import { useNow } from '../../ui/time.ts';

type Lessons = RouteOutput<'lesson.list'>;

/** How often the time of day is looked at, milliseconds. */
const CLOCK = 10_000;
/** A clock that is set right while it runs moves less than this at once. */
const JUMP_MS = 30_000;

export interface ServerTime {
  /** What the server said, with its `now` carried on to now. */
  readonly list: Lessons | null;
  /** How far the server's clock is ahead of this machine's, milliseconds. */
  readonly aheadMs: number;
  /** It was said since this screen was opened, and is no answer that was kept from before. */
  readonly isNews: boolean;
}

/**
 * The server's clock, carried on: what is asked for once an hour must still know when a lesson is near. Carried on by the
 * time that the page has been open: a machine whose battery is flat begins with some other hour after a power cut, and
 * its clock jumps once the network has told it the right one. After a jump `again` asks the server.
 */
export function useServerTime(data: Lessons | null, at: number, again: () => void): ServerTime {
  const ticking = useNow(CLOCK);
  const kept = useRef(data);
  const heard = useMemo(
    // An answer that was kept is as old as the only clock that ran meanwhile says.
    () =>
      data && { data, now: data.now + Math.max(0, Date.now() - at), open: performance.now(), clock: clock() },
    [data, at],
  );
  const hasJumped = heard !== null && Math.abs(clock() - heard.clock) > JUMP_MS;
  useEffect(() => {
    if (hasJumped) again();
  }, [hasJumped, again]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: time passes, whatever else stays
  return useMemo(() => {
    if (!heard) return { list: null, aheadMs: 0, isNews: false };
    const now = heard.now + performance.now() - heard.open;
    return { list: { ...heard.data, now }, aheadMs: now - Date.now(), isNews: heard.data !== kept.current };
  }, [heard, ticking]);
}

/** When the page was opened, by the machine's clock as it goes now. */
function clock(): number {
  return Date.now() - performance.now();
}
