import { EMPTY_LESSON, type LessonState, reduce } from '../../protocol/lesson.ts';
import type { LogStore } from '../store/log.ts';

/** A lesson as its journal has it, without opening it. */
export async function keptState(store: LogStore, lesson: string): Promise<LessonState> {
  const snapshot = (await store.loadSnapshot(lesson)) ?? EMPTY_LESSON;
  const { entries } = await store.read(lesson, snapshot.seq);
  return entries.reduce(reduce, snapshot);
}
