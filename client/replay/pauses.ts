import type { LogEntry } from '../../protocol/events.ts';
import type { Replay } from '../../protocol/replay.ts';

/** Shorter ones are not worth the leap, milliseconds. */
const SHORTEST_MS = 1000;
/** Ink that was just written is left to be seen for this long, milliseconds. */
const LOOK_MS = 1000;

/**
 * The stretches that playback steps over: what is hidden, and where nothing was recorded and nothing was shown either. Ink and
 * pages of a stretch whose sound was lost are still played.
 */
export function pausesOf(
  replay: Pick<Replay, 'gaps'>,
  entries: readonly LogEntry[],
): { from: number; to: number }[] {
  const shown = entries.filter(({ event }) => /^(ink|page|laser|chat)\./.test(event.type)).map(({ t }) => t);
  return replay.gaps.flatMap((gap) => {
    // What is left in a hidden one is how the pages lay: it is there afterwards.
    if (gap.hidden) return { from: gap.from, to: gap.to };
    const last = shown.findLast((t) => t >= gap.from && t < gap.to);
    const from = last === undefined ? gap.from : last + LOOK_MS;
    return gap.to - from >= SHORTEST_MS ? [{ from, to: gap.to }] : [];
  });
}
