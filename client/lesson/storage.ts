import type { LogEntry } from '../../protocol/events.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import type { DurableName } from '../../protocol/requests.ts';
import type { LessonView } from './types.ts';

/** An operation as it is kept: enough to send it again under its own number after a reload or a power cut. */
export interface KeptOperation {
  readonly lesson: string;
  readonly client: string;
  readonly n: number;
  /** Whose it is: nobody else's tab sends it. */
  readonly by: string;
  readonly name: DurableName;
  readonly input: unknown;
}

export type OperationKey = Pick<KeptOperation, 'lesson' | 'client' | 'n'>;

/** Who this tab is to the server, and the last number it gave to an operation. */
export interface TabIdentity {
  readonly client: string;
  readonly n: number;
}

/** A lesson as it was confirmed to somebody, for a page that is opened without a link. */
export interface KeptState {
  readonly lesson: string;
  /** Of the protocol whose state it is. */
  readonly version: number;
  readonly you: NonNullable<LessonView['you']>;
  readonly state: LessonState;
  /** Wall clock, ms: what nobody came back to is let go. */
  readonly at: number;
}

/** Where a session keeps what must outlive it. Asynchronous calls may reject; the session then goes on without. */
export interface LessonStorage {
  /** This tab's identity in a lesson; survives a reload, not the tab. */
  identity(lesson: string): TabIdentity | null;
  setIdentity(lesson: string, identity: TabIdentity): void;
  /** Takes a client id as long as this tab lives. Null: another tab, alive, has it. */
  claim(client: string): Promise<(() => void) | null>;
  /** All operations of a lesson, each client's in the order of their numbers. */
  load(lesson: string): Promise<KeptOperation[]>;
  /** Durable once resolved. */
  put(operations: readonly KeptOperation[]): Promise<void>;
  remove(keys: readonly OperationKey[]): Promise<void>;
  /** Instead of what was kept of this lesson, entries too. */
  keepLesson(kept: KeptState): Promise<void>;
  /** What came after the state that is kept. */
  keepEntries(lesson: string, entries: readonly LogEntry[]): Promise<void>;
  /** The state with what came after it, in order. */
  loadLesson(lesson: string): Promise<{ state: KeptState; entries: readonly LogEntry[] } | null>;
  forgetLesson(lesson: string): Promise<void>;
}

/** What several tabs of one browser share. */
export interface SharedMemory {
  readonly operations: Map<string, KeptOperation>;
  readonly claims: Set<string>;
  readonly lessons: Map<string, { readonly state: KeptState; readonly entries: LogEntry[] }>;
}

export function sharedMemory(): SharedMemory {
  return { operations: new Map(), claims: new Set(), lessons: new Map() };
}

const keyOf = ({ lesson, client, n }: OperationKey) => `${lesson} ${client} ${n}`;

/** Lives as long as the process: where there is no browser, and where the browser keeps nothing. */
export function memoryStorage(shared: SharedMemory = sharedMemory()): LessonStorage {
  const identities = new Map<string, TabIdentity>();
  return {
    identity: (lesson) => identities.get(lesson) ?? null,
    setIdentity: (lesson, identity) => void identities.set(lesson, identity),
    async claim(client) {
      if (shared.claims.has(client)) return null;
      shared.claims.add(client);
      return () => void shared.claims.delete(client);
    },
    async load(lesson) {
      return [...shared.operations.values()]
        .filter((operation) => operation.lesson === lesson)
        .sort((a, b) => a.n - b.n);
    },
    async put(operations) {
      for (const operation of operations) shared.operations.set(keyOf(operation), operation);
    },
    async remove(keys) {
      for (const key of keys) shared.operations.delete(keyOf(key));
    },
    async keepLesson(state) {
      shared.lessons.set(state.lesson, { state, entries: [] });
    },
    async keepEntries(lesson, entries) {
      shared.lessons.get(lesson)?.entries.push(...entries);
    },
    loadLesson: async (lesson) => shared.lessons.get(lesson) ?? null,
    async forgetLesson(lesson) {
      shared.lessons.delete(lesson);
    },
  };
}
