import type { Rule } from './conditions.ts';

/** One condition of one room, as it was seen last. */
export interface Watched {
  readonly open: boolean;
  /** Since when it has been other than `open` says; null: it is as `open` says. Wall time, ms. */
  readonly otherSince: number | null;
}

export const UNSEEN: Watched = { open: false, otherSince: null };

export interface Seen {
  readonly watched: Watched;
  /** `since`: when that began which has now lasted long enough. */
  readonly change: { readonly to: 'opened' | 'cleared'; readonly since: number } | null;
}

/** A condition counts once it has lasted, and is over once it has been over for a while: what flickers is told once. */
export function see(
  before: Watched,
  holds: boolean,
  { afterMs, clearMs }: Pick<Rule, 'afterMs' | 'clearMs'>,
  now: number,
): Seen {
  if (holds === before.open) return { watched: { open: before.open, otherSince: null }, change: null };
  const since = before.otherSince ?? now;
  const lasting = now - since >= (before.open ? clearMs : afterMs);
  if (!lasting) return { watched: { open: before.open, otherSince: since }, change: null };
  return {
    watched: { open: holds, otherSince: null },
    change: { to: holds ? 'opened' : 'cleared', since },
  };
}
