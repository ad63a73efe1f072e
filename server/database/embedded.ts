import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { databaseCommand } from './command.ts';
import { type DatabaseLog, DatabaseStartError, type EngineProcess, launchEngine } from './engine-process.ts';

export { type DatabaseLog, DatabaseStartError } from './engine-process.ts';

/** Wait before a restart: short after a first crash, then doubling, so that a full disk does not spin the CPU. */
const BACKOFF_MS = { first: 50, most: 5_000 };
/** An engine that ran this long was healthy: its crash counts as a first one again. */
const HEALTHY_MS = 30_000;
const IN_USE_RETRY_MS = 200;
/** A server that was killed leaves an engine that ends by itself; this is how long its successor waits for it. */
const IN_USE_PATIENCE_MS = 10_000;

export interface EmbeddedDatabaseOptions {
  /** The data folder; created (0700) where it is missing. One server at a time can have it. */
  directory: string;
  /** The words that start a script with the engine available. Default: what setup found. */
  command?: readonly string[];
  log?: DatabaseLog;
  /** How long to wait, in milliseconds, for another process to let go of the folder. Default 10 s. */
  inUsePatienceMs?: number;
}

interface EmbeddedDatabaseEvents {
  /** The engine's process has ended unasked; it is being started again. */
  down: [reason: string];
  /** It serves again, so many milliseconds after it went down. */
  up: [downForMs: number];
}

/**
 * The embedded engine as a supervised process. `uri` stays the same for this object's life: after a crash (or an
 * out-of-memory kill) the engine is started again behind the same socket name, and a driver reconnects by itself.
 * A write that was under way then fails with a network error: its outcome is unknown, and the caller repeats it.
 * Writes through `uri` are journaled unless they ask otherwise: what was acknowledged survives `kill -9`.
 */
export class EmbeddedDatabase extends EventEmitter<EmbeddedDatabaseEvents> {
  readonly uri: string;
  readonly #directory: string;
  readonly #command: readonly string[];
  readonly #log: DatabaseLog | undefined;
  readonly #runDirectory: string;
  readonly #stopping = new AbortController();
  #engine: EngineProcess | undefined;
  #closed: Promise<void> | undefined;
  #supervision: Promise<void> = Promise.resolve();

  constructor({ directory, command, log }: EmbeddedDatabaseOptions) {
    super();
    this.#directory = directory;
    this.#command = command ?? databaseCommand();
    this.#log = log;
    // In the temporary folder, because a unix socket's path has at most 107 bytes and a data folder's may be longer.
    // mkdtemp makes it 0700: the engine has no authentication, so these rights keep other users of the host out.
    this.#runDirectory = mkdtempSync(join(tmpdir(), 'tongke-db-'));
    const socket = encodeURIComponent(join(this.#runDirectory, 'db.sock'));
    this.uri = `mongodb://${socket}/tongke?directConnection=true&w=1&journal=true`;
  }

  /** The engine's process id; `undefined` while it is down. */
  get pid(): number | undefined {
    return this.#engine?.pid;
  }

  /** Resolves when the engine serves. Rejects with `DatabaseStartError`. */
  async start(inUsePatienceMs = IN_USE_PATIENCE_MS): Promise<void> {
    try {
      const engine = await this.#firstLaunch(Date.now() + inUsePatienceMs);
      this.#supervision = this.#supervise(engine);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Ends the engine's process at once, as a crash would; it is started again. For drills and tests. */
  kill(): void {
    this.#engine?.kill();
  }

  /** Closes the data folder cleanly. Safe to call more than once. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    await this.#engine?.close();
    await this.#supervision;
    rmSync(this.#runDirectory, { recursive: true, force: true });
  }

  async #launch(): Promise<EngineProcess> {
    const [command, directory, runDirectory] = [this.#command, this.#directory, this.#runDirectory];
    const engine = await launchEngine({ command, directory, runDirectory, log: this.#log });
    this.#engine = engine;
    this.#log?.info({ pid: engine.pid, directory }, 'database engine serves');
    return engine;
  }

  async #firstLaunch(deadline: number): Promise<EngineProcess> {
    for (;;) {
      try {
        return await this.#launch();
      } catch (error) {
        const mayPass =
          error instanceof DatabaseStartError && error.code === 'in-use' && Date.now() < deadline;
        if (!mayPass) throw error;
        await delay(IN_USE_RETRY_MS);
      }
    }
  }

  /** Runs for as long as the database is open: waits for an engine's end and starts the next. */
  async #supervise(first: EngineProcess): Promise<void> {
    let engine = first;
    let wait = BACKOFF_MS.first;
    while (!this.#stopping.signal.aborted) {
      const since = Date.now();
      const reason = await engine.exited;
      this.#engine = undefined;
      if (this.#stopping.signal.aborted) return;
      const down = Date.now();
      if (down - since > HEALTHY_MS) wait = BACKOFF_MS.first;
      this.#log?.error({ reason, ranForMs: down - since }, 'database engine ended; starting it again');
      this.emit('down', reason);
      const next = await this.#relaunch(wait);
      if (!next) return;
      engine = next;
      wait = Math.min(wait * 2, BACKOFF_MS.most);
      this.emit('up', Date.now() - down);
    }
  }

  /** Tries until the engine serves again or the database is closed: an unattended school has nobody to restart it. */
  async #relaunch(firstWait: number): Promise<EngineProcess | undefined> {
    for (let wait = firstWait; ; wait = Math.min(wait * 2, BACKOFF_MS.most)) {
      await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return undefined;
      try {
        const engine = await this.#launch();
        if (!this.#stopping.signal.aborted) return engine;
        await engine.close(); // closed while it started
        return undefined;
      } catch (error) {
        this.#log?.error(
          { err: error, nextTryInMs: wait * 2 },
          'database engine did not start; trying again',
        );
      }
    }
  }
}

/** Starts the embedded engine on `directory` and keeps it running until `close()`. */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const database = new EmbeddedDatabase(options);
  await database.start(options.inUsePatienceMs);
  return database;
}
