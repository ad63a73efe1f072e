import type { LogEntry } from '../../protocol/events.ts';
import { type LessonFile, lessonFiles } from '../store/courseware.ts';

/** What is drawn beneath the ink, as far as the log that is shown names it and the lesson was given it. */
export async function pageFilesOf(lesson: string, entries: readonly LogEntry[]): Promise<LessonFile[]> {
  const named = new Set(JSON.stringify(entries).match(/(?<="sha256":")[0-9a-f]{64}(?=")/g) ?? []);
  return (await lessonFiles(lesson)).filter(({ sha256 }) => named.has(sha256));
}
