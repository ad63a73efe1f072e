import mongoose from 'mongoose';
import { TongkeError } from '../../protocol/errors.ts';
import { isOutage } from '../database/outage.ts';
import type { Log } from '../log.ts';

/** The driver's own handles, for libraries that keep collections of their own (sessions, jobs). */
export type Database = mongoose.mongo.Db;
export type DatabaseClient = mongoose.mongo.MongoClient;

/**
 * How long an operation waits for a database that is away before it is refused. Long enough for the embedded one to
 * be started again after a crash, short enough for a person to be told.
 */
const SELECTION_TIMEOUT_MS = 5_000;
const FIRST_CONNECTION_PATIENCE_MS = 60_000;

/**
 * Connects, waiting up to a minute for a database that is still starting, and builds the indexes that uniqueness
 * depends on before anyone writes. Rejects with `database_unavailable`. What is written is journaled when
 * acknowledged: a `kill -9` loses none of it.
 */
export async function connect(uri: string, log: Log): Promise<void> {
  const deadline = Date.now() + FIRST_CONNECTION_PATIENCE_MS;
  for (;;) {
    try {
      await mongoose.connect(uri, {
        serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
        writeConcern: { w: 1, journal: true },
        // Refuse at once instead of queueing what nobody may be waiting for any more.
        bufferCommands: false,
        autoIndex: false,
        autoCreate: false,
      });
      break;
    } catch (error) {
      if (!isUnavailable(error) || Date.now() >= deadline) throw unavailable(error);
      log.warn({ err: error }, 'database does not answer yet; trying again');
    }
  }
  await Promise.all(Object.values(mongoose.models).map((model) => model.createIndexes()));
}

export async function disconnect(): Promise<void> {
  await mongoose.disconnect();
}

/** Throws `database_unavailable` before `connect` and after `disconnect`. */
export function database(): Database {
  const { db } = mongoose.connection;
  if (!db) throw new TongkeError('database_unavailable');
  return db;
}

export function databaseClient(): DatabaseClient {
  return mongoose.connection.getClient();
}

/** Rejects with `database_unavailable` unless the database answers within `timeoutMs`. */
export async function ping(timeoutMs: number): Promise<void> {
  await attempt(() => database().command({ ping: 1 }, { timeoutMS: timeoutMs }));
}

/** Runs one operation, with its errors as `translate` gives them. */
export async function attempt<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw translate(error);
  }
}

/** An error of a database operation: what says that the database is away as `database_unavailable`, others as they are. */
export function translate(error: unknown): unknown {
  return isUnavailable(error) ? unavailable(error) : error;
}

/** Inserts a row unless there is one of that id: for rows whose id says what they are. */
export async function unlessThere(insert: () => Promise<unknown>): Promise<void> {
  try {
    await attempt(insert);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

/** The same for many rows in one unordered write. */
export async function unlessAllThere(write: () => Promise<unknown>): Promise<void> {
  try {
    await attempt(write);
  } catch (error) {
    const failures = error instanceof mongoose.mongo.MongoBulkWriteError ? [error.writeErrors].flat() : [];
    if (failures.length === 0 || failures.some(({ code }) => code !== 11_000)) throw error;
  }
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === 11_000;
}

/** An outage, or a connection of ours that is closed or too slow. */
function isUnavailable(error: unknown): boolean {
  return (
    isOutage(error) ||
    error instanceof mongoose.mongo.MongoNotConnectedError ||
    error instanceof mongoose.mongo.MongoClientClosedError ||
    error instanceof mongoose.mongo.MongoTopologyClosedError ||
    error instanceof mongoose.mongo.MongoOperationTimeoutError
  );
}

function unavailable(cause: unknown): TongkeError {
  return new TongkeError('database_unavailable', 'The database does not answer.', { cause });
}
