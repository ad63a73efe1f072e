import type { DurableName } from '../../protocol/requests.ts';

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
}

/** What several tabs of one browser share. */
export interface SharedMemory {
  readonly operations: Map<string, KeptOperation>;
  readonly claims: Set<string>;
}

export function sharedMemory(): SharedMemory {
  return { operations: new Map(), claims: new Set() };
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
  };
}
