import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, replaceFile, syncDirectory } from './durable.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { type InitSegment, readInitSegment, readMediaSegment, SegmentError } from './fmp4.ts';
import { opusInitSegment, opusMediaSegment } from './fmp4-writer.ts';
import { segmentName } from './hls.ts';
import type { LessonFolder } from './lesson-folder.ts';
import { OPUS_RATE, opusSamples } from './opus.ts';
import { mergePackets } from './opus-repacketizer.ts';
import { DRIFT, PER_MS } from './packet-line.ts';
import { TrackCursors } from './track-cursors.ts';
import { mixVoices, takeTurns, type VoiceWindow, voicesIn, WINDOW_REACH_MS } from './voice-window.ts';

/** One segment: a hundred packets of 120 ms, so that what a segment weighs by itself is a hundredth of the voice. */
export const WINDOW_MS = 12_000;
const WINDOW = WINDOW_MS * PER_MS;
/** bit/s. As sent, voices may take as much as leaves an hour below 6 MB; a stretch beyond that is coded anew. */
const BUDGET = 12_700;
/** Bytes by which a lesson may be ahead of its budget: a teacher who begins with ten minutes of unbroken speech. */
const BUDGET_AHEAD = 256 * 1024;

export const OPUS_PLAYLIST = 'voice-opus.m3u8';
const NAME = 'voice-opus';
const PREFIX = 'voice-opus-';
const INIT_FILE = 'voice-opus-init.mp4';

export interface PackagerOptions {
  readonly folder: LessonFolder;
  readonly ffmpeg: Ffmpeg;
}

/**
 * Every voice of a lesson as one Opus rendition, made window by window: while the lesson goes on, and after it
 * to its end. A segment is put in its place when it has been read back, so what is there is good; after a
 * crash the work goes on behind the last of them.
 */
export class VoicePackager {
  readonly #options: PackagerOptions;
  readonly #cursors: TrackCursors;
  readonly #init: InitSegment;
  /** Lengths of the segments that are there, in samples. */
  #segments: number[] = [];
  #samples = 0;
  #bytes = 0;
  #resumed = false;
  #mixed = 0;

  constructor(options: PackagerOptions) {
    this.#options = options;
    this.#cursors = new TrackCursors(options.folder);
    this.#init = readInitSegment(opusInitSegment());
  }

  /** How many windows had to be coded anew by this one. */
  get mixed(): number {
    return this.#mixed;
  }

  /** Lesson time up to which there are segments, ms after the lesson's start. */
  get packagedMs(): number {
    return this.#segments.length * WINDOW_MS;
  }

  /**
   * Makes the segments of every window that lies wholly before `until`, and where the lesson ended there the last one
   * too and the finished playlist. Lesson times, ms.
   */
  async advance(
    { from, until, ended }: { from: number; until: number; ended: boolean },
    signal: AbortSignal,
    onProgress: (share: number) => void = () => undefined,
  ): Promise<void> {
    if (!this.#resumed) await this.#resume();
    const length = Math.ceil((until - from) * PER_MS);
    const place = this.#options.folder.renditions;
    for (;;) {
      const begin = this.#segments.length * WINDOW;
      const whole = begin + WINDOW <= length;
      // What is left behind the last whole window is less than a packet.
      if (!whole && (!ended || length - this.#samples < DRIFT)) break;
      signal.throwIfAborted();
      const last = ended && begin + WINDOW >= length;
      await this.#package(
        { from, begin, end: whole ? begin + WINDOW : length, start: this.#samples, last },
        signal,
      );
      if (!ended) await replaceFile(join(place, OPUS_PLAYLIST), this.#playlist(false));
      onProgress(Math.min(1, this.#samples / length));
    }
    if (ended) await replaceFile(join(place, OPUS_PLAYLIST), this.#playlist(true));
  }

  /** Removes everything that was made. */
  async discard(): Promise<void> {
    this.#resumed = false;
    await removeSegments(this.#options.folder.renditions, () => true);
    this.#segments = [];
    this.#samples = 0;
    this.#bytes = 0;
  }

  async #package(window: VoiceWindow, signal: AbortSignal): Promise<void> {
    const { folder, ffmpeg } = this.#options;
    const ms = (samples: number): number => window.from + samples / PER_MS;
    const parts = await this.#cursors.read(
      { from: ms(window.start) - WINDOW_REACH_MS, to: ms(window.end) + WINDOW_REACH_MS },
      ms(window.end) - WINDOW_REACH_MS - DRIFT / PER_MS,
    );
    const voices = voicesIn(parts, window);
    const taken = takeTurns(voices, window);
    let packets = taken && [...mergePackets(taken)];
    if (!packets || !this.#affords(packets, window)) {
      const mix = { ffmpeg, signal, directory: await this.#workFolder() };
      packets = [...mergePackets(await mixVoices(voices, window, mix))];
      this.#mixed++;
    }
    const data = opusMediaSegment(this.#segments.length + 1, window.start, packets);
    const samples = packets.reduce((sum, packet) => sum + opusSamples(packet), 0);
    await this.#install(segmentName(NAME, this.#segments.length), data, samples, folder.renditions);
    this.#segments.push(samples);
    this.#samples += samples;
    this.#bytes += data.length;
  }

  #affords(packets: readonly Buffer[], { end }: VoiceWindow): boolean {
    const bytes = packets.reduce((sum, { length }) => sum + length, this.#bytes);
    return bytes <= BUDGET_AHEAD + (end / OPUS_RATE) * (BUDGET / 8);
  }

  /** On the disk, read back and found to be what was written, then given its name. */
  async #install(name: string, data: Buffer, samples: number, place: string): Promise<void> {
    const fresh = join(await this.#workFolder(), name);
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    const found = readMediaSegment(await readFile(fresh), this.#init);
    if (found.decodeTime !== this.#samples || found.duration !== samples) {
      throw new SegmentError(`${name} was not written as it should be`);
    }
    await rename(fresh, join(place, name));
    await syncDirectory(place);
  }

  async #workFolder(): Promise<string> {
    const path = this.#options.folder.work('voice');
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** Takes what an earlier run has made, as far as it follows without a gap; the rest is made again. */
  async #resume(): Promise<void> {
    const { renditions } = this.#options.folder;
    await mkdir(renditions, { recursive: true, mode: 0o700 });
    await replaceFile(join(renditions, INIT_FILE), opusInitSegment());
    for (;;) {
      const index = this.#segments.length;
      const data = await readIfThere(join(renditions, segmentName(NAME, index)));
      if (!data) break;
      const duration = this.#durationOf(data);
      // One that a lesson's end cut short, where the lesson then went on, is too short.
      if (duration === null || this.#samples + duration < (index + 1) * WINDOW - DRIFT) break;
      this.#segments.push(duration);
      this.#samples += duration;
      this.#bytes += data.length;
    }
    const known = new Set([INIT_FILE, ...this.#segments.map((_, index) => segmentName(NAME, index))]);
    await removeSegments(renditions, (name) => !known.has(name));
    this.#resumed = true;
  }

  #durationOf(data: Buffer): number | null {
    try {
      const { decodeTime, duration } = readMediaSegment(data, this.#init);
      return decodeTime === this.#samples ? duration : null;
    } catch (error) {
      if (error instanceof SegmentError || error instanceof RangeError) return null; // torn: made again
      throw error;
    }
  }

  /** One that grows (EVENT) until the lesson is over. */
  #playlist(ended: boolean): string {
    const longest = Math.max(WINDOW, ...this.#segments);
    const lines = [
      ...['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${Math.ceil(longest / OPUS_RATE)}`],
      `#EXT-X-PLAYLIST-TYPE:${ended ? 'VOD' : 'EVENT'}`,
      `#EXT-X-MAP:URI="${INIT_FILE}"`,
      ...this.#segments.flatMap((samples, index) => [
        `#EXTINF:${Number((samples / OPUS_RATE).toFixed(4))},`,
        segmentName(NAME, index),
      ]),
      ...(ended ? ['#EXT-X-ENDLIST'] : []),
    ];
    return `${lines.join('\n')}\n`;
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function removeSegments(place: string, isWanted: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(place)) {
    if (name.startsWith(PREFIX) && isWanted(name)) await rm(join(place, name));
  }
}
