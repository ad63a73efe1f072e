import type { LogEntry } from '../../protocol/events.ts';
import type { Replay } from '../../protocol/replay.ts';

/** Shorter ones are not worth the leap, milliseconds. */
const SHORTEST_MS = 1000;
/** Ink that was just written is left to be seen for this long, milliseconds. */
const LOOK_MS = 1000;

/**
 * The stretches that playback steps over: where nothing was recorded and nothing was shown either. Ink and pages of
 * a stretch without sound are still played; but of a lesson of which something is hidden pages are not, since they are what is
 * left of a hidden passage.
 */
export function pausesOf(replay: Replay, entries: readonly LogEntry[]): { from: number; to: number }[] {
  const shows = replay.cut ? /^(ink|laser|chat)\./ : /^(ink|page|laser|chat)\./;
  const shown = entries.filter(({ event }) => shows.test(event.type)).map(({ t }) => t);
  return replay.gaps.flatMap((gap) => {
    const last = shown.findLast((t) => t >= gap.from && t < gap.to);
    const from = last === undefined ? gap.from : last + LOOK_MS;
    return gap.to - from >= SHORTEST_MS ? [{ from, to: gap.to }] : [];
  });
}
