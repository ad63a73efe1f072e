import type { MediaView } from './types.ts';

/** Whether a view would show the same: listeners hear only of what changed. */
export function sameView(a: MediaView, b: MediaView): boolean {
  const same = (one: object, other: object) => {
    const entries = Object.entries(one);
    const others = new Map(Object.entries(other));
    return entries.length === others.size && entries.every(([key, value]) => others.get(key) === value);
  };
  return (
    a.connection === b.connection &&
    a.early === b.early &&
    same(a.received, b.received) &&
    same(a.sending, b.sending) &&
    same(a.held, b.held)
  );
}
