import { ByteReader, ByteWriter, WireError } from './bytes.ts';
import type { VoicePacket } from './media.ts';

/** Where a listener asks for the voices of a lesson as a line of bytes: see `server/http/live-voice.ts`. */
export const voicePath = (lesson: string): string => `/live/${encodeURIComponent(lesson)}/voice`;

/** One packet of one of the voices of a lesson. */
export interface VoiceFrame extends VoicePacket {
  /** Counts the voices of this line, from 0. */
  readonly voice: number;
}

/** Opus at the most that RFC 6716 lets a packet of 120 ms be, and what says whose it is. */
const MOST_BYTES = 8_000;
const TURN = 2 ** 32;

/**
 * Voices as bytes one after the other: for each packet its length in two bytes, whose it is, its age, how much later than
 * that voice's packet before it was said, and what was said. Eight bytes a packet beside what is coded in it.
 */
export class VoiceLineWriter {
  readonly #last = new Map<number, number>();

  write({ voice, ageMs, timestamp, payload }: VoiceFrame): Uint8Array {
    const record = new ByteWriter();
    record.number(voice);
    record.number(ageMs);
    record.number((timestamp - (this.#last.get(voice) ?? 0) + TURN) % TURN);
    record.raw(payload);
    this.#last.set(voice, timestamp);
    const content = record.finish();
    return Uint8Array.of(content.length >> 8, content.length & 255, ...content);
  }
}

/** The inverse of VoiceLineWriter, for bytes that come in pieces of any length. */
export class VoiceLineReader {
  readonly #last = new Map<number, number>();
  #rest = new Uint8Array(0);

  /** The packets that are whole by now. Throws WireError for what no writer writes. */
  read(bytes: Uint8Array): VoiceFrame[] {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const frames: VoiceFrame[] = [];
    let at = 0;
    while (at + 2 <= all.length) {
      const end = at + 2 + (all[at] ?? 0) * 256 + (all[at + 1] ?? 0);
      if (end - at > MOST_BYTES) throw new WireError('a packet of a voice is too long');
      if (end > all.length) break;
      frames.push(this.#frame(new ByteReader(all.subarray(at + 2, end))));
      at = end;
    }
    this.#rest = all.slice(at);
    return frames;
  }

  #frame(reader: ByteReader): VoiceFrame {
    const [voice, ageMs] = [reader.number(), reader.number()];
    const timestamp = ((this.#last.get(voice) ?? 0) + reader.number()) % TURN;
    this.#last.set(voice, timestamp);
    return { voice, ageMs, timestamp, payload: reader.rest() };
  }
}
