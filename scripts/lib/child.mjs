import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program on this terminal to its end, in this process's place as far as that goes: signals are passed on and
 * its exit code is the result. `onMessage` opens a channel on which the program may send messages.
 *
 * @returns {Promise<number>}
 */
export function inPlace(program, args, { onMessage, onStart, ...options } = {}) {
  const stdio = ['inherit', 'inherit', 'inherit', ...(onMessage ? ['ipc'] : [])];
  const child = spawn(program, args, { stdio, ...options });
  if (onMessage) child.on('message', onMessage);
  onStart?.(child);
  const pass = (signal) => {
    // Ctrl+C on a terminal has reached the child already, and a second one would mean "at once".
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
