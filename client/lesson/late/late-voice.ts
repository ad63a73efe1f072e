import { FASTER, type FromSound, type ToSound } from './sound.ts';
import workletUrl from './sound.worklet.ts?worker&url';

/** Enough for a voice (Nyquist of 12 kHz), at half the memory of what it is played at. */
const RATE = 24_000;
/** Browsers start sound only for pages that were touched; who has not been is not asked now. */
const START_WITHIN_MS = 1_000;

/** Where the lesson is heard, when its voice is late. */
export interface Heard {
  /** Lesson time, ms. */
  readonly at: number;
  /** What comes next has not been fetched yet. */
  readonly waiting: boolean;
  /** The late voice has arrived at what is being said. */
  readonly live: boolean;
}

/** The late voice of a lesson as a track to be played: see `sound.ts`. Times are lesson times, ms. */
export class LateVoice {
  readonly track: MediaStreamTrack;
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;
  readonly #from: number;
  readonly #sources = new Map<MediaStreamTrack, MediaStreamAudioSourceNode>();
  #told: FromSound & { readonly when: number };

  private constructor(context: AudioContext, from: number) {
    this.#context = context;
    this.#from = from;
    this.#told = { at: 0, waiting: true, live: false, when: performance.now() };
    this.#node = new AudioWorkletNode(context, 'late-sound', {
      ...{ numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [1] },
      ...{ channelCount: 1, channelCountMode: 'explicit' },
    });
    this.#node.port.onmessage = ({ data }: MessageEvent<FromSound>) => {
      this.#told = { ...data, when: performance.now() };
    };
    const out = context.createMediaStreamDestination();
    this.#node.connect(out);
    const [track] = out.stream.getAudioTracks();
    if (!track) throw new Error('the sound has no track');
    this.track = track;
  }

  /**
   * What can make late voices, made while there is a link to bring it over; it rests until then. Null where this page
   * cannot: one that is not secure has no worklets.
   */
  static async prepare(): Promise<AudioContext | null> {
    if (!('AudioWorkletNode' in globalThis)) return null;
    const context = newContext();
    await context.audioWorklet.addModule(workletUrl);
    await context.suspend();
    return context;
  }

  /** Heard from lesson time `from` on. Null where this page may not make a sound. */
  static async open(context: AudioContext, from: number): Promise<LateVoice | null> {
    const started = context.resume().then(() => true);
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), START_WITHIN_MS));
    return (await Promise.race([started, late])) ? new LateVoice(context, from) : null;
  }

  heard(): Heard {
    const { at, waiting, live, when } = this.#told;
    const since = waiting || live ? 0 : (performance.now() - when) * FASTER;
    return { at: this.#from + (1_000 * at) / this.#context.sampleRate + Math.min(since, 200), waiting, live };
  }

  /** What is said now is kept from here on, as lesson time `at`. */
  captureFrom(at: number): void {
    this.#send({ type: 'head', at: this.#sample(at) });
  }

  /** These voices are what is said now. */
  capture(tracks: readonly MediaStreamTrack[]): void {
    for (const [track, source] of this.#sources) {
      if (tracks.includes(track)) continue;
      source.disconnect();
      this.#sources.delete(track);
    }
    for (const track of tracks) {
      if (this.#sources.has(track)) continue;
      const source = this.#context.createMediaStreamSource(new MediaStream([track]));
      source.connect(this.#node);
      this.#sources.set(track, source);
    }
  }

  /** Stays so far behind, ms: on a link that breaks again and again there is nothing to be had of being live. */
  hold(behind: number): void {
    this.#send({ type: 'hold', behind: behind / 1_000 });
  }

  lack(from: number, to: number): void {
    this.#send({ type: 'lack', from: this.#sample(from), to: this.#sample(to) });
  }

  /** What was said from `from` on, behind `lead` ms of a file. Rejects where this browser cannot read it. */
  async fill(from: number, file: ArrayBuffer, lead: number): Promise<void> {
    const buffer = await this.#context.decodeAudioData(file);
    const skipped = Math.round((lead * buffer.sampleRate) / 1_000);
    this.#send({ type: 'fill', at: this.#sample(from), samples: buffer.getChannelData(0).slice(skipped) });
  }

  /** There is nothing to be had of it. */
  silence(from: number, to: number): void {
    const samples = new Float32Array(Math.max(0, this.#sample(to) - this.#sample(from)));
    this.#send({ type: 'fill', at: this.#sample(from), samples });
  }

  close(): void {
    this.track.stop();
    this.#node.port.postMessage({ type: 'end' } satisfies ToSound);
    this.#node.disconnect();
    this.capture([]);
    // Rejects only where the context is closed already.
    this.#context.suspend().catch(() => undefined);
  }

  #sample(t: number): number {
    return Math.round(((t - this.#from) * this.#context.sampleRate) / 1_000);
  }

  #send(message: ToSound): void {
    this.#node.port.postMessage(message, message.type === 'fill' ? [message.samples.buffer] : []);
  }
}

/** At the rate we like, where the browser takes live sound at another than the device's (Firefox does not). */
function newContext(): AudioContext {
  return navigator.userAgent.includes('Firefox/')
    ? new AudioContext()
    : new AudioContext({ sampleRate: RATE });
}
