import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { LogEntry } from '../../protocol/events.ts';
import type { KeptState, LessonStorage } from './storage.ts';

interface ShelfSchema extends DBSchema {
  states: { key: string; value: KeptState };
  entries: { key: [lesson: string, seq: number]; value: { lesson: string; seq: number; entry: LogEntry } };
}

type Keeps = Pick<LessonStorage, 'keepLesson' | 'keepEntries' | 'loadLesson' | 'forgetLesson'>;

/** What nobody came back to for so long is let go, ms. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** All keys that begin with this lesson: an array sorts after every string. */
const ofLesson = (lesson: string) => IDBKeyRange.bound([lesson], [lesson, []]);

let opened: Promise<IDBPDatabase<ShelfSchema>> | null = null;

/** Apart from the outbox's: what is in this one can be fetched again, and is written without haste. */
function database(): Promise<IDBPDatabase<ShelfSchema>> {
  opened ??= openDB<ShelfSchema>('tongke-lessons', 1, {
    upgrade(db) {
      db.createObjectStore('states', { keyPath: 'lesson' });
      db.createObjectStore('entries', { keyPath: ['lesson', 'seq'] });
    },
    terminated: () => {
      opened = null; // the browser closed it (storage cleared): the next use opens it anew
    },
  });
  opened.catch(() => {
    opened = null;
  });
  return opened;
}

async function change(
  make: (stores: {
    states: { put(kept: KeptState): unknown; delete(lesson: string): unknown };
    entries: { put(row: ShelfSchema['entries']['value']): unknown; delete(range: IDBKeyRange): unknown };
  }) => void,
): Promise<void> {
  const transaction = (await database()).transaction(['states', 'entries'], 'readwrite', {
    durability: 'relaxed',
  });
  make({ states: transaction.objectStore('states'), entries: transaction.objectStore('entries') });
  await transaction.done;
}

async function forget(lessons: readonly string[]): Promise<void> {
  if (lessons.length === 0) return;
  await change(({ states, entries }) => {
    for (const lesson of lessons) {
      states.delete(lesson);
      entries.delete(ofLesson(lesson));
    }
  });
}

/** Lessons as this device last knew them, in IndexedDB. */
export const lessonShelf: Keeps = {
  async keepLesson(kept) {
    await change(({ states, entries }) => {
      entries.delete(ofLesson(kept.lesson));
      states.put(kept);
    });
    await forget(await lessonsKept(({ at }) => at < kept.at - KEPT_MS));
  },
  keepEntries: (lesson, given) =>
    change(({ entries }) => {
      for (const entry of given) entries.put({ lesson, seq: entry.seq, entry });
    }),
  async loadLesson(lesson) {
    const db = await database();
    const [state, rows] = await Promise.all([
      db.get('states', lesson),
      db.getAll('entries', ofLesson(lesson)),
    ]);
    return state ? { state, entries: rows.map(({ entry }) => entry) } : null;
  },
  forgetLesson: (lesson) => forget([lesson]),
};

/** Whoever signs out leaves no board behind. */
export async function forgetLessonsOf(account: string): Promise<void> {
  await forget(await lessonsKept(({ you }) => you.participant === account));
}

async function lessonsKept(which: (kept: KeptState) => boolean): Promise<string[]> {
  const found: string[] = [];
  const { store } = (await database()).transaction('states');
  for (let cursor = await store.openCursor(); cursor; cursor = await cursor.continue())
    if (which(cursor.value)) found.push(cursor.value.lesson);
  return found;
}
