import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.ts';

const MAIN = fileURLToPath(new URL('../../../server/main.ts', import.meta.url));
/** Database, media workers and demo school of a first start, on a busy machine. */
const START_MS = 60_000;

/** The server as a process of its own, with its own database: one that can be killed as a power cut would. */
export class ServerProcess {
  readonly url: string;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;

  private constructor(directory: string, ports: readonly number[]) {
    const [port = 0, https = 0, media = 0] = ports;
    this.url = `http://127.0.0.1:${port}`;
    this.#environment = {
      HOST: '127.0.0.1',
      PORT: String(port),
      HTTPS_PORT: String(https),
      MEDIA_PORT: String(media),
      DATA_DIR: directory,
      DEMO: 'on',
      LOG_LEVEL: process.env.TONGKE_TEST_LOG ?? 'silent',
    };
  }

  /** On ports that stay the same from one start to the next. */
  static async create(): Promise<ServerProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'tongke-e2e-'));
    return new ServerProcess(directory, await freePorts(3));
  }

  /** Resolves once lessons can be taught. */
  async start(): Promise<void> {
    const directory = this.#environment.DATA_DIR;
    // Elsewhere than in the checkout, whose .env is its owner's.
    const child = spawn(process.execPath, [MAIN], {
      env: { ...process.env, ...this.#environment },
      cwd: directory,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#child = child;
    const isReady = () =>
      fetch(`${this.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually(
      async () => {
        if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
        return await isReady();
      },
      'the server is ready',
      START_MS,
    );
  }

  /** Without a word to anyone: nothing is written, nobody is told. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async close(): Promise<void> {
    await this.#end('SIGTERM');
    if (this.#environment.DATA_DIR) await rm(this.#environment.DATA_DIR, { recursive: true, force: true });
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

/** Ports that nobody has just now; held together until all are found, so that none is found twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
