/** What a piece covers (`WINDOW_MS` of recordings/voice-packager.ts), ms. */
const PIECE_MS = 3_000;
/** So long after its end a piece is there, as a rule, ms. */
const MADE_AFTER_MS = 2_700;
/** A piece that is so much later will not come: nothing was recorded then. */
const GIVEN_UP_MS = 12_000;

export interface MissedPiece {
  /** Lesson times, ms. */
  readonly from: number;
  readonly to: number;
  /** For the decoder: what comes before it, as long as this, then the piece. ms */
  readonly lead: number;
  readonly file: ArrayBuffer;
}

/** `later`: it will be there. `never`: it will not. */
export type Missed = MissedPiece | 'later' | 'never';

/**
 * The voice of a lesson that is live, in the pieces that its recorder makes of it (`voice-live-…`, Opus in fragmented
 * MP4, 4.5 kB each). Asked for one after the other, so that on a thin link they take turns with what is live.
 */
export class MissedVoice {
  readonly #lesson: string;
  readonly #startedAt: number;
  readonly #now: () => number;
  #init: ArrayBuffer | null = null;
  #before: { readonly index: number; readonly bytes: ArrayBuffer; readonly begin: number } | null = null;

  /** `startedAt`, `now`: lesson times, ms. */
  constructor(lesson: string, startedAt: number, now: () => number) {
    this.#lesson = lesson;
    this.#startedAt = startedAt;
    this.#now = now;
  }

  /** The piece in which `t` lies. Rejects where the link is away. */
  async fetch(t: number, signal: AbortSignal): Promise<Missed> {
    const index = Math.max(0, Math.floor((t - this.#startedAt) / PIECE_MS));
    const madeAt = this.#startedAt + (index + 1) * PIECE_MS + MADE_AFTER_MS;
    if (this.#now() < madeAt) return 'later';
    const [init, bytes] = await Promise.all([
      this.#init ?? this.#get('voice-live-init.mp4', signal),
      this.#get(`voice-live-${String(index).padStart(5, '0')}.m4s`, signal),
    ]);
    this.#init = init;
    if (!init || !bytes) return this.#now() > madeAt + GIVEN_UP_MS ? 'never' : 'later';
    const begin = decodeTimeOf(bytes) / 48;
    const before = this.#before?.index === index - 1 ? this.#before : null;
    this.#before = { index, bytes, begin };
    return {
      from: this.#startedAt + begin,
      to: this.#startedAt + (index + 1) * PIECE_MS,
      lead: before ? begin - before.begin : 0,
      file: joined([init, ...(before ? [before.bytes] : []), bytes]),
    };
  }

  async #get(name: string, signal: AbortSignal): Promise<ArrayBuffer | null> {
    const response = await fetch(`/replays/${this.#lesson}/${name}`, { credentials: 'same-origin', signal });
    if (response.ok) return response.arrayBuffer();
    if (response.status === 404) return null;
    throw new Error(`${name}: HTTP ${response.status}`);
  }
}

/** Samples at 48 kHz before a segment's first: its `tfdt` box, version 1 (ISO/IEC 14496-12, 8.8.12). */
function decodeTimeOf(segment: ArrayBuffer): number {
  const view = new DataView(segment);
  const TFDT = 0x74666474;
  for (let at = 0; at + 16 <= view.byteLength; at++)
    if (view.getUint32(at) === TFDT) return view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12);
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
