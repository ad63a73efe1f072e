import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from './durable.ts';
import { type InitSegment, readInitSegment, readMediaSegment, SegmentError } from './fmp4.ts';
import { mediaPlaylist, segmentName } from './hls.ts';

export const AAC_NAME = 'voice-aac';
/** The media playlist that others may put a picture to. */
export const AAC_PLAYLIST = `${AAC_NAME}.m3u8`;
/** Quick to seek. */
export const AAC_SEGMENT_S = 6;
export const AAC_RATE = 24_000;
/** Of every frame of AAC-LC, samples. */
export const AAC_FRAME = 1024;
/** AAC-LC needs twice as much as Opus for the same speech. */
export const AAC_BITRATE = 32_000;
/** Of the fattest segment with its container, bit/s, while that is being made: noise takes twice what a voice does. */
const PEAK = 64_000;
/** A last segment shorter than this may not come at all: a decoder ends some milliseconds earlier or later. */
const LEAST_S = 0.1;
/** A segment that is not there after so long, ms, is said to be coming: its maker is busy. hls.js gives up after ten seconds. */
const PATIENCE_MS = 8_000;

/**
 * Lengths of the segments that a voice of `ms` will have: the encoder cuts before the first frame that begins at or
 * behind each multiple of their length, and ends to the sample.
 */
export function aacSegments(ms: number): number[] {
  const ticks = Math.round((ms * AAC_RATE) / 1000);
  const lengths: number[] = [];
  for (let begin = 0; begin < ticks; ) {
    const next = Math.ceil(((lengths.length + 1) * AAC_SEGMENT_S * AAC_RATE) / AAC_FRAME) * AAC_FRAME;
    const end = Math.min(ticks, next);
    lengths.push((end - begin) / AAC_RATE);
    begin = end;
  }
  if (lengths.length > 1 && (lengths.at(-1) ?? 0) < LEAST_S) lengths.pop();
  return lengths;
}

/** Of a voice that is still being made, whole: a player finds an ordinary recording, and waits for a segment at most. */
export function comingPlaylist(ms: number): string {
  return mediaPlaylist(AAC_NAME, aacSegments(ms));
}

/** The variant of a voice of which there is only Opus so far. */
export function withComingAac(master: string): string {
  const rates = `BANDWIDTH=${PEAK},AVERAGE-BANDWIDTH=${AAC_BITRATE}`;
  return `${master}#EXT-X-STREAM-INF:${rates},CODECS="mp4a.40.2",SCORE=1\n${AAC_PLAYLIST}\n`;
}

/** A voice in AAC on its way. Its segments are given out one by one, as soon as each has been read and found good. */
export class GrowingAac {
  /** Where its files may be: where they are made, and where they are moved to. */
  #places: readonly string[] = [];
  #init: InitSegment | null = null;
  #segments = 0;
  /** Where the next one has to begin. */
  #ticks = 0;
  #looking: Promise<void> = Promise.resolve();
  #isOver = false;
  #isAsked = false;
  readonly #waiting = new Set<() => void>();

  /** Whether anybody waits for any of it. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  ask(): void {
    this.#isAsked = true;
  }

  begin(work: string, place: string): void {
    this.#places = [work, place];
  }

  /** Whenever there may be more of it. Rejects with a SegmentError where what was made is not good. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  /** Nothing more comes of it: it is whole, or was given up. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** A file of it, once that is there; null where it does not come, or not soon. */
  async file(name: string): Promise<Buffer | null> {
    this.ask();
    const late = Date.now() + PATIENCE_MS;
    while (!this.#has(name)) {
      const left = late - Date.now();
      if (this.#isOver || left <= 0) return null;
      await this.#change(left);
    }
    for (const place of this.#places) {
      const data = await readIfThere(join(place, name));
      if (data) return data;
    }
    return null;
  }

  #has(name: string): boolean {
    if (name === `${AAC_NAME}-init.mp4`) return this.#init !== null;
    const index = Number(/^voice-aac-(\d{5})\.m4s$/.exec(name)?.[1] ?? Number.NaN);
    return index < this.#segments;
  }

  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  async #look(): Promise<void> {
    const [work = ''] = this.#places;
    for (;;) {
      // It has its name when it is whole, and the head is there before the first one.
      const name = segmentName(AAC_NAME, this.#segments);
      const data = await readIfThere(join(work, name));
      if (!data) return;
      this.#init ??= readInitSegment(await readFile(join(work, `${AAC_NAME}-init.mp4`)));
      const { decodeTime, duration } = readMediaSegment(data, this.#init);
      if (decodeTime !== this.#ticks)
        throw new SegmentError(`${name} begins at ${decodeTime}, not at ${this.#ticks}`);
      this.#ticks += duration;
      this.#segments += 1;
      this.#wake();
    }
  }
}
