import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What one run of a program may use. */
export interface ToolLimits {
  /** Of a processor. */
  readonly seconds: number;
  /** On the clock: the machine may be busy with a lesson, which goes before. */
  readonly patienceSeconds: number;
  /** Address space. */
  readonly megabytes: number;
  /** The largest file it may write. */
  readonly fileMegabytes: number;
}

export interface ToolRun {
  readonly program: string;
  readonly args: readonly string[];
  /** Its working folder, its home and its only place for temporary files. */
  readonly folder: string;
  readonly limits: ToolLimits;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** Of what a program says, both ends are enough. */
const KEPT = 64 * 1024;
/** Every other program on the machine goes before these. */
const NICE = 10;

/** How a program did not do what it was asked; `stderr` is for the operator's log. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly stderr: string;
  /** It was stopped since it wrote more than it may. */
  readonly wroteTooMuch: boolean;

  constructor(message: string, stderr: string, wroteTooMuch = false) {
    super(message);
    this.stderr = stderr;
    this.wroteTooMuch = wroteTooMuch;
  }
}

/**
 * Runs a program on something that a stranger made: within limits that the kernel holds (POSIX `ulimit`), in a network of
 * its own that leads nowhere where the host lets us, with an environment that knows nothing of the server's, and with
 * all its children ended with it. Gives what it said. Rejects with ToolError, or with the signal's reason.
 */
export async function runTool({ program, args, folder, limits, signal }: ToolRun): Promise<string> {
  signal.throwIfAborted();
  const alone = (await canBeAlone()) ? 'unshare -rn' : '';
  const script = `${ulimits(limits)}; exec ${alone} nice -n ${NICE} "$@"`;
  const child = spawn('/bin/sh', ['-c', script, 'sh', program, ...args], {
    cwd: folder,
    detached: true, // a group of its own, so that what it starts ends with it
    env: { PATH: '/usr/bin:/bin', HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', ...NO_WEB },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complained] = [collect(child.stdout), collect(child.stderr)];
  const kill = () => {
    if (child.pid !== undefined) killGroup(child.pid);
  };
  const timer = setTimeout(kill, limits.patienceSeconds * 1000);
  signal.addEventListener('abort', kill, { once: true });
  child.once('exit', kill); // what it left running goes with it
  try {
    const [code, by]: (number | string | null)[] = await once(child, 'close');
    signal.throwIfAborted();
    if (code !== 0) {
      // A shell passes on that its child was killed by a signal as 128 and its number; SIGXFSZ is 25.
      const wroteTooMuch = by === 'SIGXFSZ' || code === 128 + 25;
      throw new ToolError(`${program} ended with ${code ?? by}`, complained(), wroteTooMuch);
    }
    return said();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
  }
}

/** Where there is no network of its own to put it in, what obeys these goes nowhere either. */
const NO_WEB = { http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9', no_proxy: '' };

function ulimits({ seconds, megabytes, fileMegabytes }: ToolLimits): string {
  return [
    `ulimit -t ${seconds}`,
    `ulimit -v ${megabytes * 1024}`, // KiB
    `ulimit -f ${fileMegabytes * 2048}`, // blocks of 512 bytes
    'ulimit -c 0',
    'ulimit -n 256',
  ].join(' && ');
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    if (text.length < KEPT) text += chunk.toString('utf8', 0, KEPT);
  });
  return () => text;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!gone) throw error;
  }
}

let alone: Promise<boolean> | null = null;

/** Whether this host lets a program have a network of its own (Linux, user namespaces not switched off). */
function canBeAlone(): Promise<boolean> {
  alone ??= new Promise((resolve) => {
    const child = spawn('unshare', ['-rn', 'true'], { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
  return alone;
}
