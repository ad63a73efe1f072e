import { PcmLine } from './pcm-line.ts';
import { Stretch } from './stretch.ts';

/** How much faster what was missed is played. */
export const FASTER = 1.5;
/** So close to what is being said, nothing is left to catch up with, seconds. */
const CLOSE_S = 0.15;
/** What is played goes over into live in a breath, if there is one within this, seconds. */
const BREATH_WITHIN_S = 1.5;
/** Root mean square below which nobody speaks. */
const BREATH = 0.01;
/** What was fetched and what was captured go over into each other in this, seconds. */
const FADE_S = 0.02;
/** Enough for the search behind what is heard, seconds. */
const KEEP_S = 1;
/** Known ahead before it goes on after a halt, seconds. */
const ENOUGH_S = 2;
const TELL_EVERY_S = 0.06;

/** To the sound. Sample numbers count from where the link was lost. */
export type ToSound =
  | { readonly type: 'head'; readonly at: number }
  | { readonly type: 'lack'; readonly from: number; readonly to: number }
  | { readonly type: 'fill'; readonly at: number; readonly samples: Float32Array }
  /** Stays so far behind, seconds, and does not go live; 0: no further than it must. */
  | { readonly type: 'hold'; readonly behind: number }
  | { readonly type: 'end' };

/** From the sound: what is heard, whether it waits for what is to come, and that it has arrived at what is being said. */
export interface FromSound {
  readonly at: number;
  readonly waiting: boolean;
  readonly live: boolean;
}

/** What was said while the link was away, and is being said meanwhile, heard faster until both are one. */
export class LateSound {
  readonly #rate: number;
  readonly #tell: (message: FromSound) => void;
  readonly #line = new PcmLine();
  readonly #stretch: Stretch;
  #ready: Float32Array = new Float32Array(0);
  #capturing = false;
  #waiting = true;
  #closeFor = 0;
  #live = false;
  #hold = 0;
  #ended = false;
  #sinceTold = 0;

  constructor(sampleRate: number, tell: (message: FromSound) => void) {
    this.#rate = sampleRate;
    this.#tell = tell;
    this.#stretch = new Stretch(this.#line, sampleRate, 0);
  }

  take(message: ToSound): void {
    if (message.type === 'head') {
      this.#line.moveHead(message.at);
      this.#capturing = true;
    } else if (message.type === 'lack') this.#line.lack(message.from, message.to);
    else if (message.type === 'fill') this.#line.fill(message.at, message.samples, FADE_S * this.#rate);
    else if (message.type === 'hold') this.#hold = message.behind;
    else this.#ended = true;
  }

  /** Nobody listens any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** One block: what comes in live, and what is heard. `input` is absent while no voice is connected. */
  process(input: Float32Array | undefined, output: Float32Array): void {
    if (this.#capturing) this.#line.capture(input ?? new Float32Array(output.length));
    let done = 0;
    while (done < output.length) {
      if (this.#ready.length === 0) this.#ready = this.#nextPiece(output.length - done);
      const part = this.#ready.subarray(0, output.length - done);
      output.set(part, done);
      this.#ready = this.#ready.subarray(part.length);
      done += part.length;
    }
    this.#sinceTold += output.length / this.#rate;
    if (this.#sinceTold >= TELL_EVERY_S) this.#say();
  }

  #nextPiece(atLeast: number): Float32Array {
    if (this.#live) return new Float32Array(atLeast);
    const lag = (this.#line.head - this.#stretch.position) / this.#rate;
    // From one speed to the other it falls back by some milliseconds: close is close until it is not by far.
    const isClose = this.#capturing && lag < (this.#closeFor > 0 ? 2 : 1) * CLOSE_S;
    const piece =
      this.#waiting && !this.#canGoOn() ? null : this.#stretch.next(isClose || lag < this.#hold ? 1 : FASTER);
    if (!piece) {
      const tail = this.#waiting ? new Float32Array(Math.max(atLeast, 1)) : this.#stretch.end();
      this.#waiting = true;
      return tail;
    }
    this.#waiting = false;
    this.#line.forget(this.#stretch.position - KEEP_S * this.#rate);
    this.#closeFor = isClose ? this.#closeFor + piece.length / this.#rate : 0;
    if (isClose && (loudness(piece) < BREATH || this.#closeFor > BREATH_WITHIN_S)) this.#arrive();
    return piece;
  }

  /** After a halt not for the first syllable that comes: a voice in crumbs is worse than one that is late. */
  #canGoOn(): boolean {
    const at = Math.floor(this.#stretch.position);
    const known = this.#line.knownUntil(at);
    return known >= this.#line.head || known - at >= ENOUGH_S * this.#rate;
  }

  #arrive(): void {
    this.#live = true;
    this.#say();
  }

  #say(): void {
    this.#sinceTold = 0;
    this.#tell({ at: this.#stretch.position, waiting: this.#waiting, live: this.#live });
  }
}

function loudness(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));
}
