import type { Board } from '../../protocol/board.ts';
import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';
import { redact } from '../../protocol/redact.ts';
import type { ReplayEdit } from '../../protocol/replay-edit.ts';
import type { LogStore } from '../store/log.ts';

/** A lesson as its journal has it, without opening it. */
export async function keptState(store: LogStore, lesson: string): Promise<LessonState> {
  const snapshot = (await store.loadSnapshot(lesson)) ?? EMPTY_LESSON;
  const { entries } = await store.read(lesson, snapshot.seq);
  return entries.reduce(reduce, snapshot);
}

/** Its board without what `edit` hides. What is trimmed off is not hidden. */
export async function shownBoard(store: LogStore, lesson: string, edit: ReplayEdit): Promise<Board> {
  if (edit.hidden.length === 0) return (await keptState(store, lesson)).board;
  const { entries } = await store.read(lesson, 0);
  return redact(entries, { ...edit, from: null, to: null }).reduce(reduce, EMPTY_LESSON).board;
}
