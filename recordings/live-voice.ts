import { setImmediate } from 'node:timers/promises';
import type { RecorderLog } from './log.ts';
import { type VoicePackager, WINDOW_MS } from './voice-packager.ts';

/** What arrives has been put in order, given its time and written well within this, ms: a lost packet is waited for 900. */
const SETTLED_MS = 1800;
const TICK_MS = 400;
/** After the process stood still, timers come before what waits in the sockets: that is read first. */
const SOCKET_ROUNDS = 3;
/** After a failure: the end of the lesson makes whatever is then missing. */
const RETRY_MS = 15_000;

export interface LiveVoiceOptions {
  readonly lesson: string;
  readonly packager: VoicePackager;
  /** Lesson time of the replay's second 0, ms. */
  readonly from: number;
  /** The lesson's clock, ms. */
  readonly now: () => number;
  /** Resolves when all that has arrived so far can be read. */
  readonly written: () => Promise<void>;
  readonly log: RecorderLog;
}

/** Makes the light replay while the lesson goes on, so that only its last seconds are left to make at the end. */
export class LiveVoice {
  readonly #options: LiveVoiceOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #stopping = new AbortController();
  #working: Promise<void> | undefined;
  #notBefore = 0;

  constructor(options: LiveVoiceOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Resolves when nothing is being made any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort(new Error('The lesson’s recording stops'));
    await this.#working;
  }

  #tick(): void {
    const { packager, from, now } = this.#options;
    const settled = now() - SETTLED_MS;
    if (this.#working || now() < this.#notBefore || settled - from < packager.packagedMs + WINDOW_MS) return;
    this.#working = this.#advance(settled).finally(() => {
      this.#working = undefined;
    });
  }

  /** Never rejects. */
  async #advance(until: number): Promise<void> {
    const { lesson, packager, from, now, written, log } = this.#options;
    const { signal } = this.#stopping;
    try {
      for (let round = 0; round < SOCKET_ROUNDS; round++) await setImmediate();
      await written();
      await packager.advance({ from, until, ended: false }, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#notBefore = now() + RETRY_MS;
      log.warn({ err: error, lesson }, 'a piece of the voice was not made, trying again');
    }
  }
}
