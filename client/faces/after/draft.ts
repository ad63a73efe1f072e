import { useEffect, useState } from 'react';
import {
  CHAPTERS_MOST,
  type EditedReplay,
  HIDDEN_MOST,
  type Hidden,
  LEAST_LEFT_MS,
  placeOf,
  type ReplayEdit,
  SPLITS_MOST,
} from '../../../protocol/replay-edit.ts';

/** An edit on its way: what was done last can be undone, one after the other. */
export interface Draft {
  readonly edit: ReplayEdit;
  readonly change: (next: ReplayEdit) => void;
  readonly undo: () => void;
  readonly canUndo: boolean;
  readonly isChanged: boolean;
  /** Something else was saved meanwhile: it is what `edit` shows, and what was prepared before lies beneath. */
  readonly isOutdated: boolean;
}

interface History {
  /** As it was saved last, as far as is known. */
  readonly base: ReplayEdit;
  /** What was made of it, one after the other. */
  readonly states: readonly ReplayEdit[];
}

/**
 * What is not saved, by its lesson: whoever looks at something else in between finds it again. A page that is closed would take it
 * along, and asks first.
 */
const unsaved = new Map<string, History>();
const ask = (event: BeforeUnloadEvent) => event.preventDefault();

export const isUnsaved = (lesson: string): boolean => unsaved.has(lesson);

/** Null: all of it is saved. */
export function keepUnsaved(lesson: string, history: History | null): void {
  if (history) unsaved.set(lesson, history);
  else unsaved.delete(lesson);
  if (unsaved.size > 0) window.addEventListener('beforeunload', ask);
  else window.removeEventListener('beforeunload', ask);
}

/** Begins with `saved`, or where one has left it; goes on from what is saved later. */
export function useDraft(lesson: string, saved: ReplayEdit): Draft {
  const [before, setHistory] = useState<History>(
    () => unsaved.get(lesson) ?? { base: saved, states: [saved] },
  );
  const history = goneOn(before, saved);
  if (history !== before) setHistory(history);
  const { base, states } = history;
  const edit = states.at(-1) ?? base;
  const isChanged = !isSame(edit, base);
  const isOutdated = !isSame(states[0] ?? base, base);
  useEffect(
    () => keepUnsaved(lesson, isChanged || isOutdated ? history : null),
    [lesson, history, isChanged, isOutdated],
  );
  return {
    edit,
    change: (next) => setHistory({ base, states: [...states, next] }),
    undo: () => setHistory({ base, states: states.length > 1 ? states.slice(0, -1) : states }),
    canUndo: states.length > 1,
    isChanged,
    isOutdated,
  };
}

/** `saved` is how it is now: one's own, from which the draft goes on, or another's, which is shown over the draft. */
function goneOn(history: History, saved: ReplayEdit): History {
  const { base, states } = history;
  if (isSame(base, saved)) return history;
  const own = states.findLastIndex((state) => isSame(state, saved));
  if (own >= 0) return { base: saved, states: [saved, ...states.slice(own + 1)] };
  const edit = states.at(-1) ?? base;
  return { base: saved, states: isSame(edit, base) ? [saved] : [edit, saved] };
}

/** Times of erasing are the server's, and it takes the spaces off names. */
export function isSame(a: ReplayEdit, b: ReplayEdit): boolean {
  const said = ({ from, to, hidden, chapters, splits, partTitles }: ReplayEdit): string =>
    JSON.stringify([
      ...[from, to, splits, hidden.map(placeOf), partTitles.map((title) => title?.trim())],
      chapters.map(({ t, title }) => [t, title.trim()]),
    ]);
  return said(a) === said(b);
}

/** Why the server would not take it. */
export type Refusal = { readonly why: 'tooShort' } | { readonly why: 'tooMany'; readonly most: number };

export function refusalOf(edit: ReplayEdit, recorded: EditedReplay['recorded']): Refusal | null {
  const { from, to, hidden, chapters, splits } = edit;
  if ((to ?? recorded.to) - (from ?? recorded.from) < LEAST_LEFT_MS) return { why: 'tooShort' };
  const counts = [
    [splits, SPLITS_MOST],
    [hidden, HIDDEN_MOST],
    [chapters, CHAPTERS_MOST],
  ] as const;
  const over = counts.find(([all, most]) => all.length > most);
  return over ? { why: 'tooMany', most: over[1] } : null;
}

/** One thing that an edit does, for the list of them. `t`: where it is, lesson time in ms. */
export type Step =
  | { readonly kind: 'begin' | 'end'; readonly t: number }
  | { readonly kind: 'hidden'; readonly t: number; readonly hidden: Hidden }
  | { readonly kind: 'split'; readonly t: number; readonly part: number }
  | { readonly kind: 'named'; readonly t: number; readonly title: string };

export function stepsOf({ from, to, hidden, splits, chapters }: ReplayEdit): Step[] {
  const steps: Step[] = [
    ...(from === null ? [] : [{ kind: 'begin', t: from } as const]),
    ...(to === null ? [] : [{ kind: 'end', t: to } as const]),
    ...hidden.map((one) => ({ kind: 'hidden', t: one.from, hidden: one }) as const),
    ...[...splits].sort((a, b) => a - b).map((t, i) => ({ kind: 'split', t, part: i + 2 }) as const),
    ...chapters.map(({ t, title }) => ({ kind: 'named', t, title }) as const),
  ];
  return steps.sort((a, b) => a.t - b.t);
}

export function withoutStep(edit: ReplayEdit, step: Step): ReplayEdit {
  switch (step.kind) {
    case 'begin':
      return { ...edit, from: null };
    case 'end':
      return { ...edit, to: null };
    case 'hidden':
      return { ...edit, hidden: edit.hidden.filter(({ id }) => id !== step.hidden.id) };
    case 'split':
      return {
        ...edit,
        splits: edit.splits.filter((t) => t !== step.t),
        partTitles: edit.partTitles.toSpliced(step.part - 1, 1),
      };
    case 'named':
      return { ...edit, chapters: edit.chapters.filter(({ t }) => t !== step.t) };
  }
}

/** Everybody between the two, whichever came first; with what was written. */
export function withHidden(edit: ReplayEdit, a: number, b: number): ReplayEdit {
  const [from, to] = [Math.min(a, b), Math.max(a, b)];
  if (from === to) return edit;
  const taken = new Set(edit.hidden.map(({ id }) => id));
  let n = edit.hidden.length + 1;
  while (taken.has(`h${n}`)) n++;
  return { ...edit, hidden: [...edit.hidden, { id: `h${n}`, from, to, writing: true }] };
}

export function withHiddenChanged(edit: ReplayEdit, changed: Hidden): ReplayEdit {
  return { ...edit, hidden: edit.hidden.map((one) => (one.id === changed.id ? changed : one)) };
}

/** The parts after it move on by one, names included. */
export function withSplit(edit: ReplayEdit, t: number): ReplayEdit {
  if (edit.splits.includes(t)) return edit;
  const splits = [...edit.splits, t].sort((a, b) => a - b);
  const titles = splits.map((_, i) => edit.partTitles[i] ?? null);
  return { ...edit, splits, partTitles: titles.toSpliced(splits.indexOf(t) + 1, 0, null) };
}

export function withPartTitle(edit: ReplayEdit, part: number, title: string): ReplayEdit {
  const titles = Array.from({ length: edit.splits.length + 1 }, (_, i) => edit.partTitles[i] ?? null);
  return { ...edit, partTitles: titles.with(part - 1, title.trim() === '' ? null : title) };
}

export function withName(edit: ReplayEdit, t: number, title: string): ReplayEdit {
  const others = edit.chapters.filter((chapter) => chapter.t !== t);
  return { ...edit, chapters: [...others, { t, title }].sort((a, b) => a.t - b.t) };
}
