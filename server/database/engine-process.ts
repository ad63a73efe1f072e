import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ENGINE = fileURLToPath(new URL('engine.mjs', import.meta.url));

/** How long an engine may take to close before it is killed; what was acknowledged is journaled by then. */
const CLOSE_MS = 12_000;

/** The part of a logger (pino's fits) that the database uses. */
export interface DatabaseLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export class DatabaseStartError extends Error {
  override name = 'DatabaseStartError';
  /** `in-use`: another process has the data folder. `failed`: anything else; the message says what. */
  readonly code: 'in-use' | 'failed';

  constructor(code: 'in-use' | 'failed', message: string) {
    super(message);
    this.code = code;
  }
}

/** One run of the engine's process, from serving to its end. */
export interface EngineProcess {
  readonly pid: number | undefined;
  /** Resolves with the reason when the process has ended, asked or unasked. */
  readonly exited: Promise<string>;
  /** Closes the data folder and waits for the process to end. */
  close(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): void;
}

export interface EngineOptions {
  /** The words that start a Node script with the engine available. */
  command: readonly string[];
  directory: string;
  /** A folder private to this user; `db.sock` in it is where the engine serves. */
  runDirectory: string;
  log?: DatabaseLog | undefined;
}

type EngineMessage = { type: 'ready' } | { type: 'failed'; code: 'in-use' | 'failed'; message: string };

/** Starts the engine and resolves when it serves. Rejects with `DatabaseStartError` once its process has ended. */
export async function launchEngine({
  command,
  directory,
  runDirectory,
  log,
}: EngineOptions): Promise<EngineProcess> {
  const [program = process.execPath, ...words] = command;
  const child = spawn(program, [...words, ENGINE, directory, runDirectory], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, TMPDIR: runDirectory },
  });
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => log?.warn({ line }, 'database engine'));
  const exited = untilExit(child);
  const message = await Promise.race([firstMessage(child), exited]);
  if (typeof message === 'string') throw notStarted(message);
  if (message.type === 'failed') {
    await exited;
    throw message.code === 'in-use' ? inUse(directory) : notStarted(message.message);
  }
  return {
    pid: child.pid,
    exited,
    close: () => closeEngine(child, exited),
    kill: () => void child.kill('SIGKILL'),
  };
}

function untilExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      const reason = signal ?? `exit code ${code}`;
      // A last message, which says why, may still be in the channel when the process has already ended.
      if (child.connected) child.once('disconnect', () => resolve(reason));
      else resolve(reason);
    });
  });
}

async function firstMessage(child: ChildProcess): Promise<EngineMessage> {
  const [message]: EngineMessage[] = await once(child, 'message');
  return message ?? { type: 'failed', code: 'failed', message: 'The database engine said nothing.' };
}

async function closeEngine(child: ChildProcess, exited: Promise<string>): Promise<void> {
  if (child.connected) child.send('close', () => undefined); // it may end of itself meanwhile: not an error
  const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
  await exited;
  clearTimeout(timer);
}

function notStarted(reason: string): DatabaseStartError {
  const hint = /GLIBC|native binding/i.test(reason)
    ? ' Run "npm run setup": it finds what the database needs.'
    : '';
  return new DatabaseStartError(
    'failed',
    `The database did not start: ${reason.replace(/\.?$/, '.')}${hint}`,
  );
}

function inUse(directory: string): DatabaseStartError {
  return new DatabaseStartError(
    'in-use',
    `The data folder ${directory} is in use by another server on this computer${holder(directory)}. ` +
      'Stop that one first, or give this one a data folder of its own (DATA_DIR).',
  );
}

/** The engine leaves its process id in the folder's lock file: it saves the technician a search. */
function holder(directory: string): string {
  try {
    const pid = readFileSync(join(directory, 'mongod.lock'), 'utf8').trim();
    return pid ? ` (process ${pid})` : '';
  } catch {
    return '';
  }
}
