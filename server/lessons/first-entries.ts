import type { LogEntry } from '../../protocol/events.ts';

/** The first of `entries`, one at least, that take about `room` bytes on the line. */
export function firstOf(entries: readonly LogEntry[], room: number): readonly LogEntry[] {
  let left = room;
  const beyond = entries.findIndex((entry, i) => {
    left -= bytesOf(entry);
    return left < 0 && i > 0;
  });
  return beyond < 0 ? entries : entries.slice(0, beyond);
}

/** About what it takes on the line (protocol/entries-line.ts): ink little more than its points. */
function bytesOf({ event, ...entry }: LogEntry): number {
  if (event.type === 'ink.drawn' || event.type === 'laser.moved') return 10 + (event.data.length * 3) / 4;
  return JSON.stringify({ ...entry, event }).length;
}
