import { setImmediate as breathe } from 'node:timers/promises';
import { SYLLABLE_MS, type Utterance } from './script-writer.ts';

/**
 * A voice without a speech synthesiser: syllables of a larynx's pulses through the resonances of a mouth. It says
 * nothing, but it speaks when somebody would, as fast and with the melody of somebody who speaks Chinese.
 */
export const SPEECH_RATE = 16_000;

export interface Speaker {
  /** Hz: about 200 for a woman, 290 for a child. */
  readonly pitch: number;
  /** Length of the throat: 1 for a woman, less for a child. */
  readonly throat: number;
}

/** First three resonances of a woman's vowels, Hz (Peterson and Barney 1952): a, o, e, i, u, ü. */
const VOWELS = [
  [850, 1220, 2810],
  [590, 920, 2710],
  [610, 1900, 2900],
  [310, 2790, 3310],
  [370, 950, 2670],
  [350, 2200, 2950],
] as const;
const BANDWIDTHS = [90, 110, 160];
const GAINS = [1, 0.55, 0.2];
/** The four tones and the neutral one: pitch at the syllable's beginning, middle and end. */
const TONES = [
  [1.18, 1.18, 1.16],
  [0.95, 1.05, 1.22],
  [0.92, 0.8, 0.95],
  [1.25, 1.05, 0.82],
  [1, 0.95, 0.9],
] as const;
const LOUDNESS = 0.22;
/** Samples computed between two breaths of the event loop: some milliseconds. */
const STEP = SPEECH_RATE;

/** Mono, 16 bits, little-endian, at `SPEECH_RATE`, `durationMs` long; second 0 is `from` of the lesson. */
export async function* speak(
  utterances: readonly Utterance[],
  { from, durationMs, speaker }: { from: number; durationMs: number; speaker: Speaker },
): AsyncGenerator<Buffer> {
  const total = Math.round((durationMs / 1000) * SPEECH_RATE);
  const spoken = new Float32Array(total);
  for (const { at, text } of utterances) {
    let start = Math.round(((at - from) / 1000) * SPEECH_RATE);
    for (const letter of text) {
      if (isSyllable(letter)) addSyllable(spoken, start, letter, speaker);
      start += Math.round((SYLLABLE_MS / 1000) * SPEECH_RATE);
    }
    await breathe();
  }
  for (let at = 0; at < total; at += STEP) {
    const part = spoken.subarray(at, at + STEP);
    const pcm = Buffer.alloc(part.length * 2);
    for (const [index, value] of part.entries()) {
      pcm.writeInt16LE(Math.round(Math.max(-1, Math.min(1, value)) * 32_000), index * 2);
    }
    yield pcm;
    await breathe();
  }
}

function isSyllable(letter: string): boolean {
  return /\p{Letter}/u.test(letter);
}

/** The character decides how it sounds, so that the same word sounds the same again. */
function addSyllable(out: Float32Array, start: number, letter: string, { pitch, throat }: Speaker): void {
  const code = (letter.codePointAt(0) ?? 0) * 2_654_435_761;
  const vowel = VOWELS[(code >>> 8) % VOWELS.length] ?? VOWELS[0];
  const tone = TONES[(code >>> 16) % TONES.length] ?? TONES[4];
  const breathy = (code >>> 20) % 3 === 0;
  const length = Math.round((SYLLABLE_MS / 1000) * SPEECH_RATE * 0.92);
  const mouths = vowel.map((hz, index) => new Resonator(hz / throat, BANDWIDTHS[index] ?? 100));
  let phase = 0;
  let noise = code | 1;
  for (let n = 0; n < length && start + n < out.length; n++) {
    const along = n / length;
    phase += (pitch * contour(tone, along)) / SPEECH_RATE;
    phase -= Math.floor(phase);
    noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) | 0;
    const hiss = noise / 2 ** 31;
    const consonant = along < 0.16 && breathy ? hiss * 0.5 * (1 - along / 0.16) : 0;
    const source = glottis(phase) + hiss * 0.015 + consonant;
    const sound = mouths.reduce((sum, mouth, index) => sum + mouth.pass(source) * (GAINS[index] ?? 0), 0);
    out[start + n] = (out[start + n] ?? 0) + sound * envelope(along) * LOUDNESS;
  }
}

/** A pulse that opens slowly and closes fast (after Rosenberg), without its mean. */
function glottis(phase: number): number {
  const open = 0.62;
  if (phase >= open) return -0.3;
  const part = phase / open;
  return 3 * part * part - 2 * part * part * part - 0.3;
}

function contour([begin, middle, end]: readonly [number, number, number], along: number): number {
  return along < 0.5 ? begin + (middle - begin) * along * 2 : middle + (end - middle) * (along - 0.5) * 2;
}

function envelope(along: number): number {
  return Math.min(1, along / 0.12) * Math.min(1, (1 - along) / 0.3);
}

/** A two-pole filter with unit gain at its resonance, nearly. */
class Resonator {
  readonly #a: number;
  readonly #b: number;
  readonly #gain: number;
  #last = 0;
  #before = 0;

  constructor(hz: number, bandwidth: number) {
    const radius = Math.exp((-Math.PI * bandwidth) / SPEECH_RATE);
    this.#a = 2 * radius * Math.cos((2 * Math.PI * Math.min(hz, SPEECH_RATE * 0.45)) / SPEECH_RATE);
    this.#b = -radius * radius;
    this.#gain = (1 - radius) * 2;
  }

  pass(input: number): number {
    const output = input * this.#gain + this.#a * this.#last + this.#b * this.#before;
    this.#before = this.#last;
    this.#last = output;
    return output;
  }
}
