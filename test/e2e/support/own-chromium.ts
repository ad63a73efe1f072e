import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { eventually } from '../../support/eventually.ts';

/** A browser whose profile stays when it is killed, as a computer's does whose power is cut. */
export class OwnChromium {
  readonly #profile: string;
  #process: ChildProcess | null = null;
  #browser: Browser | null = null;

  private constructor(profile: string) {
    this.#profile = profile;
  }

  static async create(): Promise<OwnChromium> {
    return new OwnChromium(await mkdtemp(join(tmpdir(), 'tongke-profile-')));
  }

  /** Its one window. */
  async start(): Promise<Page> {
    const portFile = join(this.#profile, 'DevToolsActivePort');
    await rm(portFile, { force: true });
    this.#process = spawn(
      process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      [
        ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        '--window-size=1280,900', // wide enough for words beside the symbols
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
        ...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
        ...['--remote-debugging-port=0', `--user-data-dir=${this.#profile}`, 'about:blank'],
      ],
      { stdio: 'ignore' },
    );
    let port = '';
    await eventually(
      async () => {
        const text = await readFile(portFile, 'utf8').catch(() => '');
        [port = ''] = text.split('\n');
        return text.includes('\n');
      },
      'the browser is there',
      30_000,
    );
    this.#browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const [context] = this.#browser.contexts();
    if (!context) throw new Error('the browser has no window');
    return context.pages()[0] ?? (await context.newPage());
  }

  /** As a power cut: nothing is said, nothing is written. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await this.#browser?.close();
  }

  async close(): Promise<void> {
    await this.kill();
    // Its helpers, which die with it, may be writing for a moment still.
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
