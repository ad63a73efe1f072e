import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isMissing } from './durable.ts';
import type { RecorderLog } from './log.ts';

const PROCESSES = '/proc';
/** What is killed is gone after so many looks, or waits for a disk that does not answer. */
const LOOKS = 40;
const LOOK_MS = 25;

/**
 * Ends encoders of a server that was killed: they outlive it, for ffmpeg takes no notice of a reader that is gone, and
 * write the very files that are to be gone on with. Whoever has `directory` has it alone, so whatever encodes in it now
 * is nobody's. Only where there is `/proc`.
 */
export async function endLeftEncoders(
  directory: string,
  { ffmpegBin, log }: { ffmpegBin: string; log: RecorderLog },
): Promise<void> {
  const isLeft = async (pid: number): Promise<boolean> => {
    const [program = '', ...args] = await commandOf(pid);
    return (
      basename(program) === basename(ffmpegBin) && args.some((arg) => arg.startsWith(join(directory, '/')))
    );
  };
  for (const name of await readdir(PROCESSES).catch(nothingIfMissing)) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || !(await isLeft(pid))) continue;
    log.warn({ pid }, 'an encoder of an earlier run was still there: ended');
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      log.info({ err: error, pid }, 'an encoder of an earlier run had ended'); // or is another user's
    }
    for (let look = 0; look < LOOKS && (await isLeft(pid)); look++) await delay(LOOK_MS);
  }
}

/** Empty of a process that has ended, and of one whose end nobody has asked about. */
async function commandOf(pid: number): Promise<string[]> {
  try {
    return (await readFile(join(PROCESSES, String(pid), 'cmdline'), 'utf8')).split('\0');
  } catch {
    return []; // it has ended between two looks (ENOENT, ESRCH)
  }
}

function nothingIfMissing(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}
