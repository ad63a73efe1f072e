import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { RecorderLog } from './log.ts';

/** Nice value of everything that can wait: a live lesson on the same machine goes before it. */
const NICE = 15;
/** Of what ffmpeg says, the end is kept: that is where it says why. */
const STDERR_KEPT = 4000;

export interface FfmpegOptions {
  readonly ffmpegBin: string;
  readonly ffprobeBin: string;
  readonly log: RecorderLog;
}

export interface RunOptions {
  /** Kills it at once. */
  readonly signal: AbortSignal;
  /** Milliseconds of output made so far. */
  readonly onProgress?: (milliseconds: number) => void;
  /** A class waits for it, and no longer than a moment: it keeps its priority. */
  readonly isAwaited?: boolean;
}

export class FfmpegError extends Error {
  override readonly name = 'FfmpegError';
  /** The last lines of its standard error. */
  readonly stderr: string;
  /** Somebody else ended it: the system for want of memory, or an operator. */
  readonly killed: boolean;

  constructor(message: string, stderr: string, killed = false) {
    super(stderr === '' ? message : `${message}: ${stderr.trim().split('\n').at(-1)}`);
    this.stderr = stderr;
    this.killed = killed;
  }
}

/** Whether something failed for want of room on the disk: here, or in an encoder. */
export function isNoSpace(error: unknown): boolean {
  if (error instanceof FfmpegError) return /no space left/i.test(error.stderr);
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

const Probe = z.object({ format: z.object({ duration: z.coerce.number() }) });

/** ffmpeg and ffprobe as child processes, of low priority but where somebody waits. */
export class Ffmpeg {
  readonly #options: FfmpegOptions;

  constructor(options: FfmpegOptions) {
    this.#options = options;
  }

  /** Rejects with an FfmpegError, or with the signal's reason. */
  async run(args: readonly string[], { signal, onProgress, isAwaited }: RunOptions): Promise<void> {
    const fixed = ['-hide_banner', '-nostdin', '-loglevel', 'warning', '-progress', 'pipe:1', '-y'];
    const onLine = (line: string): void => {
      const [key, value] = line.split('=');
      const microseconds = Number(value);
      if (key === 'out_time_us' && Number.isFinite(microseconds))
        onProgress?.(Math.max(0, microseconds / 1000));
    };
    await this.#spawn(this.#options.ffmpegBin, [...fixed, ...args], { signal, onLine, isAwaited });
  }

  /** Length of a file or playlist, ms, as ffprobe finds it. */
  async duration(path: string, signal: AbortSignal): Promise<number> {
    let json = '';
    const args = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'json', path];
    const onLine = (line: string): void => {
      json += line;
    };
    await this.#spawn(this.#options.ffprobeBin, args, { signal, onLine });
    return Probe.parse(JSON.parse(json)).format.duration * 1000;
  }

  async #spawn(
    bin: string,
    args: readonly string[],
    {
      signal,
      onLine,
      isAwaited = false,
    }: { signal: AbortSignal; onLine: (line: string) => void; isAwaited?: boolean | undefined },
  ): Promise<void> {
    signal.throwIfAborted();
    const child = spawn(bin, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    if (!isAwaited) this.#lowerPriority(child);
    createInterface({ input: child.stdout }).on('line', onLine);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    signal.addEventListener('abort', kill, { once: true });
    try {
      const [code, by]: (number | string | null)[] = await once(child, 'close');
      signal.throwIfAborted();
      if (code !== 0) {
        // Asked to end, ffmpeg ends by itself, and says why. A crash is a signal, too, but its own.
        const killed = by === 'SIGKILL' || by === 'SIGTERM' || /received signal \d+/.test(stderr);
        throw new FfmpegError(`${bin} ended with ${code ?? by}`, stderr, killed);
      }
    } finally {
      signal.removeEventListener('abort', kill);
    }
  }

  #lowerPriority(child: ChildProcess): void {
    if (child.pid === undefined) return; // it did not start: `once` rejects with the reason
    try {
      setPriority(child.pid, NICE);
    } catch (error) {
      this.#options.log.info({ err: error }, 'a job keeps its priority'); // it has ended already
    }
  }
}
