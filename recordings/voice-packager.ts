import { mkdir } from 'node:fs/promises';
import type { Ffmpeg } from './ffmpeg.ts';
import type { LessonFolder } from './lesson-folder.ts';
import { OPUS_RATE, samplesOf } from './opus.ts';
import { mergePackets } from './opus-repacketizer.ts';
import { OpusRow } from './opus-row.ts';
import { DRIFT, PER_MS } from './packet-line.ts';
import { TrackCursors } from './track-cursors.ts';
import { mixVoices, takeTurns, type VoiceWindow, voicesIn, WINDOW_REACH_MS } from './voice-window.ts';

/** One segment while the lesson goes on: who catches up with it is at most so far behind, and what it takes to make one. */
export const WINDOW_MS = 3_000;
const WINDOW = WINDOW_MS * PER_MS;
/** So many of them make one segment of the replay, in which a segment's own weight is a two-hundredth of the voice. */
const GROUP = 8;
/** bit/s. As sent, voices may take as much as leaves an hour below 6 MB; a stretch beyond that is coded anew. */
const BUDGET = 12_700;
/** Bytes by which a lesson may be ahead of its budget: a teacher who begins with ten minutes of unbroken speech. */
const BUDGET_AHEAD = 256 * 1024;

export const OPUS_PLAYLIST = 'voice-opus.m3u8';
export const LIVE_NAME = 'voice-live';
export const LIVE_PLAYLIST = `${LIVE_NAME}.m3u8`;

export interface PackagerOptions {
  readonly folder: LessonFolder;
  readonly ffmpeg: Ffmpeg;
}

/**
 * Every voice of a lesson as one Opus rendition, made window by window while the lesson goes on, and after it to its
 * end. Each window is a segment of the live playlist, for those who are late; eight together are one of the replay.
 */
export class VoicePackager {
  readonly #options: PackagerOptions;
  readonly #cursors: TrackCursors;
  readonly #live: OpusRow;
  readonly #replay: OpusRow;
  /** Windows that are packaged; those behind the replay's last whole segment are in `#pending`. */
  #windows = 0;
  #pending: Buffer[] = [];
  #resumed = false;
  #mixed = 0;

  constructor(options: PackagerOptions) {
    const { folder } = options;
    this.#options = options;
    this.#cursors = new TrackCursors(folder);
    const places = { place: folder.renditions, work: folder.work('voice') };
    this.#live = new OpusRow({ ...places, name: LIVE_NAME, span: WINDOW });
    this.#replay = new OpusRow({ ...places, name: 'voice-opus', span: GROUP * WINDOW });
  }

  /** How many windows had to be coded anew by this one. */
  get mixed(): number {
    return this.#mixed;
  }

  /** Lesson time up to which there are segments, ms after the lesson's start. */
  get packagedMs(): number {
    return this.#windows * WINDOW_MS;
  }

  /** Of the voice that can be played while the lesson goes on. */
  get liveBytes(): number {
    return this.#live.bytes;
  }

  /** Null before there is anything to play. */
  livePlaylist(skip: boolean): string | null {
    return this.#live.count > 0 ? this.#live.playlist({ ended: false, skip }) : null;
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
    if (!this.#resumed) await this.#resume(ended);
    const length = Math.ceil((until - from) * PER_MS);
    for (;;) {
      const begin = this.#windows * WINDOW;
      const whole = begin + WINDOW <= length;
      // What is left behind the last whole window is less than a packet.
      if (!whole && (!ended || length - this.#samples() < DRIFT)) break;
      signal.throwIfAborted();
      const end = whole ? begin + WINDOW : length;
      const last = ended && begin + WINDOW >= length;
      await this.#package({ from, begin, end, start: this.#samples(), last }, ended, signal);
      onProgress(Math.min(1, this.#samples() / length));
    }
    if (!ended) return;
    if (this.#pending.length > 0) await this.#closeGroup();
    await this.#replay.publish(true);
    if (this.#live.count > 0) await this.#live.publish(true);
  }

  /** Removes everything that was made. */
  async discard(): Promise<void> {
    this.#resumed = false;
    this.#windows = 0;
    this.#pending = [];
    await this.#live.discard();
    await this.#replay.discard();
  }

  /** Those who were late have either caught up or begun the replay. */
  async discardLive(): Promise<void> {
    await this.#live.discard();
  }

  #samples(): number {
    return this.#replay.samples + samplesOf(this.#pending);
  }

  /** A lesson that was never followed live needs no segments for those who are late. */
  async #package(window: VoiceWindow, ended: boolean, signal: AbortSignal): Promise<void> {
    const packets = await this.#packetsOf(window, signal);
    if (!ended || this.#live.count > 0) await this.#live.append(packets);
    this.#pending.push(...packets);
    this.#windows++;
    if (this.#windows % GROUP === 0) await this.#closeGroup();
    if (!ended) await this.#live.publish(false);
  }

  async #packetsOf(window: VoiceWindow, signal: AbortSignal): Promise<Buffer[]> {
    const { folder, ffmpeg } = this.#options;
    const ms = (samples: number): number => window.from + samples / PER_MS;
    const parts = await this.#cursors.read(
      { from: ms(window.start) - WINDOW_REACH_MS, to: ms(window.end) + WINDOW_REACH_MS },
      ms(window.end) - WINDOW_REACH_MS - DRIFT / PER_MS,
    );
    const voices = voicesIn(parts, window);
    const taken = takeTurns(voices, window);
    const packets = taken && [...mergePackets(taken)];
    if (packets && this.#affords(packets, window)) return packets;
    const directory = folder.work('voice');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    this.#mixed++;
    return [...mergePackets(await mixVoices(voices, window, { ffmpeg, signal, directory }))];
  }

  /** What was packed by window is packed once more as a whole: a packet may reach from one into the next. */
  async #closeGroup(): Promise<void> {
    await this.#replay.append([...mergePackets(this.#pending)]);
    this.#pending = [];
  }

  #affords(packets: readonly Buffer[], { end }: VoiceWindow): boolean {
    const bytes = [...this.#pending, ...packets].reduce(
      (sum, { length }) => sum + length,
      this.#replay.bytes,
    );
    return bytes <= BUDGET_AHEAD + (end / OPUS_RATE) * (BUDGET / 8);
  }

  /** Goes on behind the last whole segment of the replay that those who are late can reach, too. */
  async #resume(ended: boolean): Promise<void> {
    await this.#replay.resume();
    await this.#live.resume();
    if (!ended || this.#live.count > 0) await this.#replay.truncate(Math.floor(this.#live.count / GROUP));
    await this.#live.truncate(this.#replay.count * GROUP);
    this.#windows = this.#replay.count * GROUP;
    this.#pending = [];
    this.#resumed = true;
  }
}
