import { useState } from 'react';
import type { Hidden, ReplayEdit } from '../../../protocol/replay-edit.ts';

/** An edit on its way: what was done last can be undone, one after the other. */
export interface Draft {
  readonly edit: ReplayEdit;
  readonly change: (next: ReplayEdit) => void;
  readonly undo: () => void;
  readonly canUndo: boolean;
  readonly isChanged: boolean;
}

/** Begins with `saved`; what is saved later begins a draft of its own (by React's `key`). */
export function useDraft(saved: ReplayEdit): Draft {
  const [states, setStates] = useState<readonly ReplayEdit[]>([saved]);
  const edit = states.at(-1) ?? saved;
  return {
    edit,
    change: (next) => setStates((all) => [...all, next]),
    undo: () => setStates((all) => (all.length > 1 ? all.slice(0, -1) : all)),
    canUndo: states.length > 1,
    isChanged: JSON.stringify(edit) !== JSON.stringify(saved),
  };
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
