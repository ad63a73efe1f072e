import type { VoiceFrame } from '../../../protocol/voice-line.ts';

/** Of Opus, whatever was coded in it (RFC 7587). */
const RATE = 48_000;
/** As late as the same voice will be over WebRTC on a link that takes this: the one goes over into the other. */
const HELD_BACK_S = 1.4;
/** Between what is scheduled and what is heard, seconds. */
const LEAD_S = 0.08;
/** A packet is decoded so long before it is heard: one that was overtaken on its way has its place until then. */
const AHEAD_S = 0.3;
const TICK_MS = 50;
/** Browsers start sound only for pages that were touched; who has not been is not asked now. */
const START_WITHIN_MS = 1_000;

export function canPlayVoices(): boolean {
  return 'AudioDecoder' in globalThis && 'AudioContext' in globalThis;
}

/** Voices that come packet by packet, as one track to be played. */
export class VoicePlayer {
  readonly track: MediaStreamTrack;
  readonly #context: AudioContext;
  readonly #out: MediaStreamAudioDestinationNode;
  readonly #voices = new Map<number, PlayedVoice>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #report: (error: unknown) => void;

  private constructor(context: AudioContext, report: (error: unknown) => void) {
    this.#context = context;
    this.#report = report;
    this.#out = context.createMediaStreamDestination();
    const [track] = this.#out.stream.getAudioTracks();
    if (!track) throw new Error('the sound has no track');
    this.track = track;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Null where this page may not make a sound. */
  static async open(report: (error: unknown) => void): Promise<VoicePlayer | null> {
    const context = new AudioContext({ sampleRate: RATE });
    const started = context.resume().then(() => true);
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), START_WITHIN_MS));
    if (await Promise.race([started, late])) return new VoicePlayer(context, report);
    await context.close();
    return null;
  }

  take(frame: VoiceFrame): void {
    let voice = this.#voices.get(frame.voice);
    if (!voice) {
      voice = new PlayedVoice(this.#context, this.#out, this.#report);
      this.#voices.set(frame.voice, voice);
    }
    voice.take(frame);
  }

  /** All that came has been heard. */
  get isOver(): boolean {
    return [...this.#voices.values()].every((voice) => voice.isOver);
  }

  /** How often what was to be heard had not come yet. */
  get stalls(): number {
    return Math.max(0, ...[...this.#voices.values()].map((voice) => voice.stalls));
  }

  close(): void {
    clearInterval(this.#timer);
    for (const voice of this.#voices.values()) voice.close();
    void this.#context.close();
  }

  #tick(): void {
    for (const voice of this.#voices.values()) voice.decode();
  }
}

/** One voice. Positions are samples after its first packet's. */
class PlayedVoice {
  readonly #context: AudioContext;
  readonly #out: AudioNode;
  readonly #decoder: AudioDecoder;
  /** Those that are not decoded yet, in the order in which they were said. */
  #waiting: { readonly position: number; readonly payload: Uint8Array }[] = [];
  #first: number | null = null;
  /** When position 0 is heard, on the context's clock. */
  #from = 0;
  /** Before it all is decoded. */
  #decoded = Number.NEGATIVE_INFINITY;
  #heardUntil = 0;
  stalls = 0;

  constructor(context: AudioContext, out: AudioNode, report: (error: unknown) => void) {
    this.#context = context;
    this.#out = out;
    this.#decoder = new AudioDecoder({ output: (data) => this.#play(data), error: report });
    this.#decoder.configure({ codec: 'opus', sampleRate: RATE, numberOfChannels: 1 });
  }

  get isOver(): boolean {
    return this.#waiting.length === 0 && this.#context.currentTime > this.#heardUntil;
  }

  take({ timestamp, ageMs, payload }: VoiceFrame): void {
    if (this.#first === null) {
      this.#first = timestamp;
      this.#startAt(this.#context.currentTime + Math.max(LEAD_S, HELD_BACK_S - ageMs / 1_000));
    }
    const position = (timestamp - this.#first) | 0; // the clock turns over at 2^32
    if (position <= this.#decoded) return; // too late
    const at = this.#waiting.findLastIndex((each) => each.position < position) + 1;
    this.#waiting.splice(at, 0, { position, payload });
  }

  decode(): void {
    const { currentTime } = this.#context;
    for (;;) {
      const [next] = this.#waiting;
      if (!next || this.#timeOf(next.position) > currentTime + AHEAD_S) return;
      if (this.#decoder.state !== 'configured') return;
      this.#waiting.shift();
      this.#decoded = next.position;
      const timestamp = Math.round((next.position * 1e6) / RATE);
      this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data: next.payload }));
    }
  }

  close(): void {
    if (this.#decoder.state !== 'closed') this.#decoder.close();
  }

  #play(data: AudioData): void {
    const { currentTime } = this.#context;
    const position = Math.round((data.timestamp * RATE) / 1e6);
    const buffer = this.#context.createBuffer(1, data.numberOfFrames, RATE);
    data.copyTo(buffer.getChannelData(0), { planeIndex: 0, format: 'f32-planar' });
    data.close();
    // It has come too late: from here on all is heard so much later.
    if (this.#timeOf(position) < currentTime) {
      this.#startAt(currentTime + LEAD_S - position / RATE);
      this.stalls += 1;
    }
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#out);
    source.start(this.#timeOf(position));
    this.#heardUntil = this.#timeOf(position) + buffer.duration;
  }

  /** On a sample: between two of them a packet would not join its neighbour. */
  #startAt(time: number): void {
    this.#from = Math.round(time * RATE) / RATE;
  }

  #timeOf(position: number): number {
    return this.#from + position / RATE;
  }
}
