import type { LogEntry } from '../../protocol/events.ts';
import { type LessonFile, lessonFiles } from '../store/courseware.ts';

/** What is drawn beneath the ink, as far as the log that is shown names it and the lesson was given it. */
export async function pageFilesOf(lesson: string, entries: readonly LogEntry[]): Promise<LessonFile[]> {
  const named = filesNamed(entries);
  return (await lessonFiles(lesson)).filter(({ sha256 }) => named.has(sha256));
}

/** SHA-256 of every page's file that is named in a log. */
export function filesNamed(entries: readonly LogEntry[]): ReadonlySet<string> {
  const pages = entries.flatMap(({ event }) => (event.type === 'page.laid' ? event.pages : []));
  return new Set(pages.flatMap(({ file }) => file?.sha256 ?? []));
}
