import { spawn } from 'node:child_process';
import { accessSync, createWriteStream, constants as files, mkdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { SetupFailure } from './failure.mjs';

const running = new Set();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Takes the running commands along: a compiler should not go on for minutes after its setup was stopped. */
function stop(signal) {
  for (const child of running) child.kill('SIGTERM');
  process.exit(128 + constants.signals[signal]);
}

function track(child) {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, stop);
  running.add(child);
  child.once('close', () => {
    running.delete(child);
    if (running.size === 0) for (const signal of SIGNALS) process.off(signal, stop);
  });
}

/**
 * Runs a command to its end and gives its standard output. Everything that it prints goes to the file `log`.
 * A non-zero exit, a missing program or more than `timeoutMs` becomes a `SetupFailure` that says `failure`.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, log?: string, timeoutMs?: number, failure?: string,
 *   command?: string, onLine?: (line: string) => void }} [options]
 * @returns {Promise<string>}
 */
export function run(program, args, options = {}) {
  const { cwd, env = process.env, log, timeoutMs, onLine } = options;
  return new Promise((resolve, reject) => {
    const fail = (why) => {
      const command = options.command ?? [program, ...args].join(' ');
      reject(
        new SetupFailure(`${options.failure ?? `"${program}" did not succeed`} (${why}).`, { command, log }),
      );
    };
    const sink = openLog(log, program, args);
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    track(child);
    const timer = timeoutMs && setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      sink?.write(chunk);
    });
    child.stderr.on('data', (chunk) => sink?.write(chunk));
    if (onLine) createInterface({ input: child.stdout }).on('line', onLine);
    child.on('error', (error) => {
      clearTimeout(timer);
      fail(error.code === 'ENOENT' ? `there is no program "${program}"` : error.message);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const settle = () => {
        if (code === 0) resolve(output);
        else fail(signal ? `stopped by ${signal}` : `exit code ${code}`);
      };
      // A failure names the log: it must be whole when somebody looks.
      if (sink && !sink.destroyed) sink.end(settle);
      else settle();
    });
  });
}

function openLog(log, program, args) {
  if (!log) return undefined;
  mkdirSync(dirname(log), { recursive: true });
  const sink = createWriteStream(log, { flags: 'a' });
  // A disk too full for a log will be said by the command itself.
  sink.on('error', () => sink.destroy());
  sink.write(`\n$ ${[program, ...args].join(' ')}\n`);
  return sink;
}

/**
 * How a program ends when it is run with nothing: its exit code, or `undefined` where it could not be started
 * (missing, no permission, wrong processor, a library that this system doesn't have) or did not end in time.
 */
export function exitCode(program, args = [], { env = process.env, timeoutMs = 10_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: 'ignore', timeout: timeoutMs, killSignal: 'SIGKILL' });
    child.on('error', () => resolve(undefined));
    child.on('exit', (code) => resolve(code ?? undefined));
  });
}

/** Whether `path` is a file that this user may run. */
export function isExecutable(path) {
  try {
    accessSync(path, files.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The full path of a program found through PATH, or `undefined`. */
export function which(name, path = process.env.PATH ?? '') {
  return path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}
