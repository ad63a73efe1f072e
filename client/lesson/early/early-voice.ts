import { WireError } from '../../../protocol/bytes.ts';
import { VoiceLineReader, voicePath } from '../../../protocol/voice-line.ts';
import { isForeign } from '../answer.ts';
import { hedged } from '../hedged.ts';
import type { Count } from '../traffic.ts';
import { canPlayVoices, VoicePlayer } from './voice-player.ts';

export interface EarlyVoiceOptions {
  readonly lesson: string;
  /** The voices are heard over WebRTC. */
  isHeard(): boolean;
  changed(): void;
  readonly count?: Count;
  report(error: unknown): void;
}

/** Answered sooner than that, the link is near, and WebRTC as quick. */
const NEAR_MS = 300;
/** Three round trips of a satellite: one of them to connect. */
const HEDGE_MS = 2_000;
const AGAIN_MS = 1_000;
/** One lost packet is one stall. Where there are more the link does not carry it beside joining, which then goes first. */
const MOST_STALLS = 1;
const LOOK_EVERY_MS = 50;

/**
 * The voices of a lesson that is being opened, over HTTP: after two exchanges, where WebRTC takes six, each of them a
 * round trip of a satellite. Fetched until the way for WebRTC is there, and heard until that voice is; where no such way
 * can be had, this one goes on.
 */
export class EarlyVoice {
  readonly #options: EarlyVoiceOptions;
  readonly #fetching = new AbortController();
  readonly #looking: ReturnType<typeof setInterval>;
  #player: VoicePlayer | null = null;
  #closed = false;

  private constructor(options: EarlyVoiceOptions) {
    this.#options = options;
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#fetch().catch((error: unknown) => {
      if (!this.#fetching.signal.aborted) options.report(error);
      this.close();
    });
  }

  /** Null where this browser cannot. */
  static open(options: EarlyVoiceOptions): EarlyVoice | null {
    return canPlayVoices() ? new EarlyVoice(options) : null;
  }

  /** To be heard instead of the voices over WebRTC; null where there is none, or no longer. */
  get track(): MediaStreamTrack | null {
    return this.#player?.track ?? null;
  }

  /** The way for WebRTC is there: what has come is heard to its end, or until that voice is. */
  enough(): void {
    this.#fetching.abort();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.enough();
    clearInterval(this.#looking);
    this.#player?.close();
    this.#player = null;
    this.#options.changed();
  }

  #look(): void {
    if ((this.#player?.stalls ?? 0) > MOST_STALLS) this.enough();
    const isDone = this.#fetching.signal.aborted && (this.#player?.isOver ?? true);
    if (isDone || this.#options.isHeard()) this.close();
  }

  async #fetch(): Promise<void> {
    const { signal } = this.#fetching;
    while (!signal.aborted) {
      const askedAt = performance.now();
      const answer = await hedged((ended) => this.#ask(ended), { hedgeMs: HEDGE_MS, signal }).catch(
        () => null,
      );
      const response = answer && !isForeign(answer) ? answer : null; // the link is away: asked again
      if (response?.status === 200 && response.body) {
        if (!this.#player && performance.now() - askedAt < NEAR_MS) return this.enough();
        await this.#play(response.body).catch(passing);
      } else if (response) return this.enough(); // nobody speaks, or one may not listen
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  #ask(signal: AbortSignal): Promise<Response> {
    return fetch(voicePath(this.#options.lesson), { credentials: 'same-origin', signal });
  }

  async #play(body: ReadableStream<Uint8Array>): Promise<void> {
    const line = new VoiceLineReader();
    const reader = body.getReader();
    this.#player ??= await VoicePlayer.open(this.#options.report);
    if (!this.#player || this.#closed) {
      this.#player?.close();
      return this.close();
    }
    this.#options.changed();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#options.count?.({ received: value.length, sent: 0 });
      for (const frame of line.read(value)) this.#player?.take(frame);
    }
  }
}

/** A line that breaks off is asked for again. */
function passing(error: unknown): void {
  if (error instanceof WireError) throw error;
}
