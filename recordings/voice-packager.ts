import { mkdir } from 'node:fs/promises';
import type { Ffmpeg } from './ffmpeg.ts';
import type { VerifiedPlaylist } from './hls.ts';
import type { LessonFolder } from './lesson-folder.ts';
import { OPUS_RATE, samplesOf, silence } from './opus.ts';
import { mergePackets } from './opus-repacketizer.ts';
import { OpusRow } from './opus-row.ts';
import { DRIFT, PER_MS } from './packet-line.ts';
import { TrackCursors, type TrackPart } from './track-cursors.ts';
import {
  MIX_FRAME,
  mixVoices,
  takeTurns,
  type VoiceWindow,
  voicesIn,
  WINDOW_REACH_MS,
} from './voice-window.ts';

/** One segment while the lesson goes on: who catches up with it is at most so far behind, and what it takes to make one. */
export const WINDOW_MS = 3_000;
const WINDOW = WINDOW_MS * PER_MS;
/** So many of them make one segment of the replay, in which a segment's own weight is a two-hundredth of the voice. */
const GROUP = 10;
export const GROUP_MS = GROUP * WINDOW_MS;
/** bit/s. As sent, voices may take as much as leaves an hour below 6 MB; a stretch beyond that is coded anew. */
const BUDGET = 12_700;
/** Bytes by which a lesson may be ahead of its budget: a teacher who begins with ten minutes of unbroken speech. */
const BUDGET_AHEAD = 256 * 1024;

export const OPUS_NAME = 'voice-opus';
export const OPUS_PLAYLIST = `${OPUS_NAME}.m3u8`;
/** What one gives a player: every variant of the voice. */
export const VOICE_PLAYLIST = 'voice.m3u8';
export const LIVE_NAME = 'voice-live';
export const LIVE_PLAYLIST = `${LIVE_NAME}.m3u8`;

/** A window's packets; `mixed`: two were heard at once. */
interface Packaged {
  readonly window: VoiceWindow;
  readonly packets: readonly Buffer[];
  readonly mixed: boolean;
}

/** Neighbours that were mixed, and those that were not. */
function runsOf(pending: readonly Packaged[]): Packaged[][] {
  const runs: Packaged[][] = [];
  for (const one of pending) {
    const last = runs.at(-1);
    if (last?.[0]?.mixed === one.mixed) last.push(one);
    else runs.push([one]);
  }
  return runs;
}

export interface PackagerOptions {
  readonly folder: LessonFolder;
  readonly ffmpeg: Ffmpeg;
}

/**
 * Every voice of a lesson as one Opus rendition, made window by window while the lesson goes on, and after it to its
 * end. Each window is a segment of the live playlist, for those who are late; ten together are one of the replay.
 */
export class VoicePackager {
  readonly #options: PackagerOptions;
  readonly #cursors: TrackCursors;
  readonly #live: OpusRow;
  readonly #replay: OpusRow;
  /** Reads what has to be mixed over more than one window. */
  readonly #wideCursors: TrackCursors;
  /** Windows that are packaged; those behind the replay's last whole segment are in `#pending`. */
  #windows = 0;
  #pending: Packaged[] = [];
  #resumed = false;
  #mixed = 0;

  constructor(options: PackagerOptions) {
    const { folder } = options;
    this.#options = options;
    this.#cursors = new TrackCursors(folder);
    this.#wideCursors = new TrackCursors(folder);
    const places = { place: folder.renditions, work: folder.work('voice') };
    this.#live = new OpusRow({ ...places, name: LIVE_NAME, span: WINDOW });
    this.#replay = new OpusRow({ ...places, name: OPUS_NAME, span: GROUP * WINDOW });
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
      if (this.#pending.length === GROUP) await this.#closeGroup(signal);
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
    if (this.#pending.length > 0) await this.#closeGroup(signal);
    await this.#replay.publish(true);
    if (this.#live.count > 0) await this.#live.publish(true);
    else await this.#live.discard();
  }

  /** What the finished voice is, by what was read back of it. Throws a SegmentError where it is not that long, ms. */
  verified(expected: number): VerifiedPlaylist {
    return this.#replay.verified(expected);
  }

  /** Removes everything that was made. */
  async discard(): Promise<void> {
    this.#resumed = false;
    this.#windows = 0;
    this.#pending = [];
    this.#cursors.back();
    this.#wideCursors.back();
    await this.#live.discard();
    await this.#replay.discard();
  }

  /** Those who were late have either caught up or begun the replay. */
  async discardLive(): Promise<void> {
    await this.#live.discard();
  }

  #samples(): number {
    return this.#replay.samples + samplesOf(this.#pending.flatMap(({ packets }) => packets));
  }

  /** A lesson that was never followed live needs no segments for those who are late. */
  async #package(window: VoiceWindow, ended: boolean, signal: AbortSignal): Promise<void> {
    const packaged = await this.#orBack(this.#cursors, async () => {
      const voices = await this.#voices(this.#cursors, window);
      const taken = takeTurns(voices, window);
      if (!taken) this.#mixed++;
      const packets = taken ?? (await this.#mix(voices, window, signal));
      if (!ended || this.#live.count > 0) await this.#live.append([...mergePackets(packets)]);
      return { window, packets, mixed: !taken };
    });
    this.#pending.push(packaged);
    this.#windows++;
    if (!ended) await this.#live.publish(false);
  }

  /** What is read for something that then fails is read once more for the next try: it would be silence otherwise. */
  async #orBack<T>(cursors: TrackCursors, task: () => Promise<T>): Promise<T> {
    const place = cursors.place();
    try {
      return await task();
    } catch (error) {
      cursors.back(place);
      throw error;
    }
  }

  /** Packed as a whole: a packet may reach from one window into the next. */
  async #closeGroup(signal: AbortSignal): Promise<void> {
    const pending = this.#pending;
    const copied = pending.flatMap(({ packets }) => packets);
    const isDear = !this.#affords(copied, pending.at(-1)?.window.end ?? 0);
    await this.#orBack(this.#wideCursors, async () => {
      const packets: Buffer[] = [];
      for (const run of isDear ? [pending] : runsOf(pending)) {
        const isGood = !isDear && (run.length === 1 || !run[0]?.mixed);
        packets.push(...(isGood ? run.flatMap((one) => one.packets) : await this.#mixRun(run, signal)));
      }
      await this.#replay.append([...mergePackets(packets)]);
    });
    this.#pending = [];
  }

  /** Where one encoder ends and another begins there is a click: windows that follow each other are mixed in one go. */
  async #mixRun(run: readonly Packaged[], signal: AbortSignal): Promise<Buffer[]> {
    const [first] = run;
    const last = run.at(-1);
    if (!first || !last) return [];
    const samples = samplesOf(run.flatMap(({ packets }) => packets));
    const window = { ...first.window, end: last.window.end, last: last.window.last };
    const voices = await this.#voices(this.#wideCursors, window);
    this.#mixed += run.length;
    const mixed = await this.#mix(voices, { ...window, end: window.start + samples }, signal);
    const whole = mixed.slice(0, Math.floor(samples / MIX_FRAME));
    return [...whole, ...silence(samples - samplesOf(whole))];
  }

  async #voices(cursors: TrackCursors, window: VoiceWindow): Promise<TrackPart[]> {
    const ms = (samples: number): number => window.from + samples / PER_MS;
    const parts = await cursors.read(
      { from: ms(window.start) - WINDOW_REACH_MS, to: ms(window.end) + WINDOW_REACH_MS },
      ms(window.end) - WINDOW_REACH_MS - DRIFT / PER_MS,
    );
    return voicesIn(parts, window);
  }

  async #mix(voices: readonly TrackPart[], window: VoiceWindow, signal: AbortSignal): Promise<Buffer[]> {
    const { folder, ffmpeg } = this.#options;
    const directory = folder.work('voice');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await mixVoices(voices, window, { ffmpeg, signal, directory });
  }

  #affords(packets: readonly Buffer[], end: number): boolean {
    const bytes = packets.reduce((sum, { length }) => sum + length, this.#replay.bytes);
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
    this.#cursors.back();
    this.#wideCursors.back();
    this.#resumed = true;
  }
}
