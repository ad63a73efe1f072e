import { mkdtempSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** What the tests' databases, recordings and browsers take at most at once is a third of it. */
const ENOUGH_BYTES = 4e9;

/**
 * A new folder in memory for what tests write, or undefined where the system has none that will do. A database waits for
 * the disk at every write, and a busy disk keeps it waiting for seconds: tests would take their time by it, and fail.
 */
export function makeMemoryFolder() {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .findLast((line) => line.split(' ')[1] === MEMORY);
    // Some tests write programs, and run them.
    if (!mount || /\bnoexec\b/.test(mount)) return undefined;
    const { bavail, bsize } = statfsSync(MEMORY);
    if (Math.min(bavail * bsize, process.availableMemory()) < ENOUGH_BYTES) return undefined;
    return mkdtempSync(join(MEMORY, 'tongke-test-'));
  } catch {
    return undefined; // another system than Linux
  }
}
