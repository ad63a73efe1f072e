import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { z } from 'zod';
import { Id } from '../../protocol/common.ts';
import { lessonShelf } from './lesson-shelf.ts';
import type { KeptOperation, LessonStorage, TabIdentity } from './storage.ts';

interface OutboxSchema extends DBSchema {
  operations: { key: [lesson: string, client: string, n: number]; value: KeptOperation };
}

/** A tab that reloads gives its lock back a moment after the new page asks for it. */
const RELOAD_GRACE_MS = 1_000;

const StoredIdentity = z.object({ client: Id, n: z.number().int().min(0) });

const identityKey = (lesson: string) => `tongke.client.${lesson}`;

/** IndexedDB for operations, sessionStorage for the tab's identity, Web Locks for who is alive. */
export function browserStorage(): LessonStorage {
  let opened: Promise<IDBPDatabase<OutboxSchema>> | null = null;
  const database = () => {
    opened ??= openDB<OutboxSchema>('tongke', 1, {
      upgrade: (db) => void db.createObjectStore('operations', { keyPath: ['lesson', 'client', 'n'] }),
      terminated: () => {
        opened = null; // the browser closed it (storage cleared): the next use opens it anew
      },
    });
    return opened;
  };

  return {
    identity: readIdentity,
    setIdentity(lesson, identity) {
      sessionStorage.setItem(identityKey(lesson), JSON.stringify(identity));
    },
    claim: claimLock,
    ...lessonShelf,
    async load(lesson) {
      // An array sorts after every string: all keys that begin with this lesson.
      return (await database()).getAll('operations', IDBKeyRange.bound([lesson], [lesson, []]));
    },
    async put(operations) {
      // Strict: what is called kept is on the disk, for the classroom whose power is cut.
      const transaction = (await database()).transaction('operations', 'readwrite', { durability: 'strict' });
      await Promise.all([
        ...operations.map((operation) => transaction.store.put(operation)),
        transaction.done,
      ]);
    },
    async remove(keys) {
      const transaction = (await database()).transaction('operations', 'readwrite', {
        durability: 'relaxed',
      });
      const gone = keys.map(({ lesson, client, n }) => transaction.store.delete([lesson, client, n]));
      await Promise.all([...gone, transaction.done]);
    },
  };
}

function readIdentity(lesson: string): TabIdentity | null {
  const text = sessionStorage.getItem(identityKey(lesson));
  if (!text) return null;
  const stored = StoredIdentity.safeParse(JSON.parse(text));
  return stored.success ? stored.data : null;
}

/**
 * Without Web Locks (an insecure origin) every claim is granted: two tabs may then send the same operations, which
 * the log takes only once.
 */
function claimLock(client: string): Promise<(() => void) | null> {
  if (!navigator.locks) return Promise.resolve(() => {});
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), RELOAD_GRACE_MS);
  return new Promise((settle) => {
    const options = { signal: waiting.signal };
    const held = navigator.locks.request(`tongke.client.${client}`, options, () => {
      clearTimeout(timer);
      // The lock is held as long as this promise is pending.
      return new Promise<void>((release) => settle(release));
    });
    held.catch((error: unknown) => {
      if (!waiting.signal.aborted) console.error('A lock could not be taken', error);
      settle(null);
    });
  });
}
