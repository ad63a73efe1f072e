import { getWhole, hedged } from '../hedged.ts';
import type { LateVoice } from './late-voice.ts';
import { Ranges } from './ranges.ts';

/** What a piece covers (`WINDOW_MS` of recordings/voice-packager.ts), ms. */
const PIECE_MS = 3_000;
/** So long after its end a piece is there, as a rule, ms. */
const MADE_AFTER_MS = 2_700;
/** A piece that is so much later will not come: nothing was recorded then. */
const GIVEN_UP_MS = 12_000;
const ASK_AGAIN_MS = 700;
/**
 * A piece takes half a second of 64 kbit/s, and waits for others under way and for what is live. Sooner it would mostly be
 * fetched twice, which then keeps the next waiting.
 */
const HEDGE_MS = 4_000;
/** A request that takes longer waits for TCP, which after an outage asks ever more rarely: another is quicker. */
const HANGS_MS = 12_000;
/** Pieces are fetched ahead of what is heard by so much. */
const AHEAD_MS = 45_000;
/** Begun one by one, 4.5 kB each, so that what is live finds room between them: 30 kbit/s at most. */
const BEGIN_EVERY_MS = 1_200;

export interface MissedVoiceOptions {
  readonly lesson: string;
  /** Lesson time, ms. */
  readonly startedAt: number;
  /** The lesson's clock. */
  now(): number;
  /** Of the recorder's pieces, the same for all: see `fetchInit`. */
  init(): Promise<ArrayBuffer | null>;
  /** How many pieces may be under way, as far as what the lesson itself needs of the link allows. */
  atOnce(): number;
  /** Ends all fetching. */
  readonly signal: AbortSignal;
}

/** `not answered`: the link is away, or too slow; that says nothing of what there is. */
type Answer<T> = T | 'not there' | 'not answered';

interface Segment {
  readonly bytes: ArrayBuffer;
  /** Lesson time of its first sample, ms. */
  readonly from: number;
}

/**
 * The voice of a lesson that is live, in the pieces that its recorder makes of it (`voice-live-…`, Opus in fragmented
 * MP4), as far as it is lacking here. Times are lesson times, ms.
 */
export class MissedVoice {
  readonly lacking = new Ranges();
  readonly #options: MissedVoiceOptions;
  readonly #underWay = new Set<number>();
  readonly #notBefore = new Map<number, number>();
  #last: (Segment & { readonly index: number }) | null = null;
  /** Pieces are decoded in the order in which they were asked for: each goes on from the one before. */
  #decoded: Promise<void> = Promise.resolve();

  constructor(options: MissedVoiceOptions) {
    this.#options = options;
  }

  /** Gives `voice` what is lacking, the earliest first, until the signal. Rejects where this browser cannot decode it. */
  async fetchInto(voice: LateVoice): Promise<void> {
    const { signal, atOnce } = this.#options;
    let failure: unknown;
    while (!signal.aborted) {
      if (failure) throw failure;
      const free = this.#underWay.size < atOnce();
      const index = free ? this.#next(voice.heard().at + AHEAD_MS) : null;
      if (index === null) {
        await pause(ASK_AGAIN_MS / 3, signal);
        continue;
      }
      this.#underWay.add(index);
      const segment = this.#segment(index);
      this.#decoded = this.#decoded
        .then(async () => this.#give(index, await segment, voice))
        .catch((error: unknown) => {
          failure = error;
        })
        .finally(() => this.#underWay.delete(index));
      await pause(BEGIN_EVERY_MS, signal);
    }
  }

  /** The earliest piece that is lacking before `until` and can be there. */
  #next(until: number): number | null {
    const { startedAt, now } = this.#options;
    for (const { from, to } of this.lacking.all) {
      for (let index = this.#indexOf(from); startedAt + index * PIECE_MS < Math.min(to, until); index++) {
        const due = Math.max(this.#madeAt(index), this.#notBefore.get(index) ?? 0);
        if (now() < due) break;
        if (!this.#underWay.has(index)) return index;
      }
    }
    return null;
  }

  async #segment(index: number): Promise<Answer<Segment>> {
    const { lesson, signal } = this.#options;
    const name = `voice-live-${String(index).padStart(5, '0')}.m4s`;
    const bytes = await get(lesson, name, signal);
    if (!(bytes instanceof ArrayBuffer)) return bytes;
    return { bytes, from: this.#options.startedAt + decodeTimeOf(bytes) / 48 };
  }

  async #give(index: number, segment: Answer<Segment>, voice: LateVoice): Promise<void> {
    const init = await this.#options.init();
    const { startedAt, now, signal } = this.#options;
    if (signal.aborted) return;
    const from = startedAt + index * PIECE_MS;
    if (!init || typeof segment === 'string') {
      this.#notBefore.set(index, now() + ASK_AGAIN_MS);
      // The server alone knows that there is none: on a thin link many a request is lost.
      if (segment !== 'not there' || now() < this.#madeAt(index) + GIVEN_UP_MS) return;
      voice.silence(from, from + PIECE_MS);
    } else {
      // A piece may begin some milliseconds late, where its neighbour ends.
      voice.silence(from, segment.from);
      const before = this.#last?.index === index - 1 ? this.#last : null;
      const file = joined([init, ...(before ? [before.bytes] : []), segment.bytes]);
      await voice.fill(segment.from, file, before ? segment.from - before.from : 0);
      this.#last = { ...segment, index };
    }
    this.lacking.remove(from, from + PIECE_MS);
  }

  #indexOf(t: number): number {
    return Math.max(0, Math.floor((t - this.#options.startedAt) / PIECE_MS));
  }

  #madeAt(index: number): number {
    return this.#options.startedAt + (index + 1) * PIECE_MS + MADE_AFTER_MS;
  }
}

/** What every piece needs before it to be decoded; null where no piece has been made yet, or the link is away. */
export async function fetchInit(lesson: string): Promise<ArrayBuffer | null> {
  const init = await get(lesson, 'voice-live-init.mp4');
  return init instanceof ArrayBuffer ? init : null;
}

async function get(lesson: string, name: string, ended?: AbortSignal): Promise<Answer<ArrayBuffer>> {
  if (ended?.aborted) return 'not answered';
  const stop = new AbortController();
  const hangs = setTimeout(() => stop.abort(), HANGS_MS);
  ended?.addEventListener('abort', () => stop.abort(), { signal: stop.signal });
  try {
    const { signal } = stop;
    const ask = (given: AbortSignal) => getWhole(`/replays/${lesson}/${name}`, given);
    return (await hedged(ask, { hedgeMs: HEDGE_MS, signal })) ?? 'not there';
  } catch {
    return 'not answered';
  } finally {
    clearTimeout(hangs);
    stop.abort(); // lets go of `ended`
  }
}

/** Samples at 48 kHz before a segment's first: its `tfdt` box, of 32 bits in version 0 (ISO/IEC 14496-12, 8.8.12). */
function decodeTimeOf(segment: ArrayBuffer): number {
  const view = new DataView(segment);
  const TFDT = 0x74666474;
  for (let at = 0; at + 16 <= view.byteLength; at++)
    if (view.getUint32(at) === TFDT) {
      const first = view.getUint32(at + 8);
      return view.getUint8(at + 4) === 0 ? first : first * 2 ** 32 + view.getUint32(at + 12);
    }
  throw new Error('a segment that does not say when it begins');
}

function joined(parts: readonly ArrayBuffer[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return whole.buffer;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
