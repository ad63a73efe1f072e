import { mkdir } from 'node:fs/promises';
import type { Ffmpeg } from './ffmpeg.ts';
import type { VerifiedPlaylist } from './hls.ts';
import type { LessonFolder } from './lesson-folder.ts';
import { OPUS_RATE, samplesOf, silence } from './opus.ts';
import { mergePackets } from './opus-repacketizer.ts';
import { OpusRow } from './opus-row.ts';
import { DRIFT, PER_MS } from './packet-line.ts';
import type { Sum } from './sums.ts';
import { TrackCursors, type TrackPart } from './track-cursors.ts';
import type { TrackFrame } from './track-format.ts';
import {
  MIX_FRAME,
  mixedFrames,
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

/** A window and what was sent in it and around it. */
interface ReadWindow {
  readonly window: VoiceWindow;
  readonly parts: readonly TrackPart[];
}

/** A window's packets; `encoder`: which one coded them anew, null where they are as they were sent. */
interface Packaged extends ReadWindow {
  readonly packets: readonly Buffer[];
  readonly encoder: number | null;
}

/** Neighbours that were mixed, and those that were not. */
function runsOf(pending: readonly Packaged[]): Packaged[][] {
  const runs: Packaged[][] = [];
  for (const one of pending) {
    const last = runs.at(-1)?.[0];
    if (last && (last.encoder === null) === (one.encoder === null)) runs.at(-1)?.push(one);
    else runs.push([one]);
  }
  return runs;
}

/** Of neighbours, what was sent in all of them: each knows its own frames for certain, and the first and last what lies around. */
function partsOf(run: readonly ReadWindow[]): TrackPart[] {
  const files = new Map<string, TrackFrame[]>();
  for (const [index, { window, parts }] of run.entries()) {
    const isOwn = ({ time }: TrackFrame) =>
      (index === 0 || time >= window.from + window.begin / PER_MS) &&
      (index === run.length - 1 || time < window.from + window.end / PER_MS);
    for (const { file, frames } of parts) {
      const found = files.get(file) ?? [];
      files.set(file, found);
      found.push(...frames.filter(isOwn));
    }
  }
  return [...files].map(([file, frames]) => ({ file, frames }));
}

export interface PackagerOptions {
  readonly folder: LessonFolder;
  readonly ffmpeg: Ffmpeg;
}

/** Lesson times, ms. */
interface Advance {
  readonly from: number;
  readonly until: number;
  readonly ended: boolean;
}

/**
 * Every voice of a lesson as one Opus rendition, made window by window while the lesson goes on, and after it to its
 * end. Each window is a segment of the live playlist, for those who are late, and for everybody from the bell until the
 * replay's own voice is there; ten together are one segment of that.
 */
export class VoicePackager {
  readonly #options: PackagerOptions;
  readonly #cursors: TrackCursors;
  readonly #live: OpusRow;
  readonly #replay: OpusRow;
  /** Windows that are packaged; those behind the replay's last whole segment are in `#pending`. */
  #windows = 0;
  #pending: Packaged[] = [];
  #resumed = false;
  /** Every window of the lesson is there. */
  #isWhole = false;
  /** Windows that those who are late would hear damaged. */
  #damaged = new Set<number>();
  #mixed = 0;
  #encoders = 0;

  constructor(options: PackagerOptions) {
    const { folder } = options;
    this.#options = options;
    this.#cursors = new TrackCursors(folder);
    const places = { place: folder.renditions, work: folder.work('voice') };
    this.#live = new OpusRow({ ...places, name: LIVE_NAME, span: WINDOW });
    this.#replay = new OpusRow({ ...places, name: OPUS_NAME, span: GROUP * WINDOW });
  }

  /** How many windows were coded anew by this one. */
  get mixed(): number {
    return this.#mixed;
  }

  /** Lesson time up to which there are segments, ms after the lesson's start. */
  get packagedMs(): number {
    return this.#windows * WINDOW_MS;
  }

  /** Of the voice that can be played while the lesson goes on, and from its end until the replay's is there. */
  get liveBytes(): number {
    return this.#live.bytes;
  }

  /** Null before there is anything to play. */
  livePlaylist(skip: boolean): string | null {
    return this.#live.count > 0 ? this.#live.playlist({ ended: this.#isWhole, skip }) : null;
  }

  /**
   * Makes the segments of every window that lies wholly before `until`, and where the lesson ended there the last one
   * too and the finished playlists.
   */
  async advance(
    lesson: Advance,
    signal: AbortSignal,
    onProgress: (share: number) => void = () => undefined,
  ): Promise<void> {
    const { from, until, ended } = lesson;
    if (this.#isWhole && !ended) this.#resumed = false; // it goes on after all
    if (ended && this.#resumed) await this.#check();
    if (!this.#resumed) await this.#resume(ended);
    if (this.#pending.length >= GROUP) await this.#closeGroup(lesson, signal); // it failed, or the bell broke it off
    const length = Math.ceil((until - from) * PER_MS);
    let run: ReadWindow[] = [];
    for (;;) {
      const window = this.#next(run, lesson, length);
      if (!window) break;
      signal.throwIfAborted();
      const parts = await this.#read(window, run[0]?.window ?? window);
      const packets = takeTurns(voicesIn(parts, window), window);
      if (!packets) run.push({ window, parts });
      if (packets || (this.#windows + run.length) % GROUP === 0) {
        await this.#mixRun(run, lesson, signal);
        run = [];
      }
      if (packets) await this.#add({ window, parts, packets, encoder: null }, lesson, signal);
      onProgress(Math.min(1, this.#samples() / length));
    }
    await this.#mixRun(run, lesson, signal);
    if (!ended) return;
    this.#isWhole = true;
    if (this.#live.count > 0) await this.#live.publish(true);
    else await this.#live.discard();
    onProgress(1);
    if (this.#pending.length > 0) await this.#closeGroup(lesson, signal);
    await this.#replay.publish(true);
  }

  /** What the finished voice is, by what was read back of it. Throws a SegmentError where it is not that long, ms. */
  verified(expected: number): VerifiedPlaylist {
    return this.#replay.verified(expected);
  }

  /** Of the replay's files that never change, as they were written. */
  get sums(): Sum[] {
    return this.#replay.sums;
  }

  /** Removes what was made of the replay. What a class plays meanwhile stays. */
  async discard(): Promise<void> {
    this.#resumed = false;
    this.#windows = 0;
    this.#pending = [];
    await this.#replay.discard();
  }

  /** Those who were late have either caught up or begun the replay. */
  async discardLive(): Promise<void> {
    await this.#live.discard();
  }

  #samples(): number {
    return this.#replay.samples + samplesOf(this.#pending.flatMap(({ packets }) => packets));
  }

  /** The window behind those that are packaged, and behind a `run` that is to be mixed; null where it is not to be made yet. */
  #next(run: readonly ReadWindow[], { from, ended }: Advance, length: number): VoiceWindow | null {
    const begin = (this.#windows + run.length) * WINDOW;
    const start = this.#samples() + run.reduce((sum, { window }) => sum + mixedFrames(window) * MIX_FRAME, 0);
    const whole = begin + WINDOW <= length;
    // What is left behind the last whole window is less than a packet.
    if (!whole && (!ended || length - start < DRIFT)) return null;
    const end = whole ? begin + WINDOW : length;
    return { from, begin, end, start, last: ended && begin + WINDOW >= length };
  }

  /** A lesson that was never followed live needs no segments for those who are late. */
  async #add(one: Packaged, lesson: Advance, signal: AbortSignal): Promise<void> {
    const { ended } = lesson;
    const isLive = !ended || this.#live.count > 0;
    // Where the replay is made again, those that are there are being played.
    const isThere = this.#windows < this.#live.count;
    if (isLive && !isThere) await this.#live.append([...mergePackets(one.packets)]);
    if (isThere && this.#damaged.delete(this.#windows))
      await this.#live.replace(this.#windows, [...mergePackets(one.packets)]);
    this.#isWhole = one.window.last;
    this.#pending.push(one);
    this.#windows++;
    if (this.#windows % GROUP === 0) await this.#closeGroup(lesson, signal);
    if (!ended) await this.#live.publish(false);
  }

  /** Packed as a whole: a packet may reach from one window into the next. */
  async #closeGroup({ ended }: Advance, signal: AbortSignal): Promise<void> {
    const pending = this.#pending;
    const copied = pending.flatMap(({ packets }) => packets);
    const isDear = !this.#affords(copied, pending.at(-1)?.window.end ?? 0);
    const packets: Buffer[] = [];
    for (const run of isDear ? [pending] : runsOf(pending)) {
      // Where one encoder ends and another begins there may be a click; but nobody waits at the bell for what has been mixed.
      const isGood = !isDear && (ended || run.every(({ encoder }) => encoder === (run[0]?.encoder ?? null)));
      packets.push(
        ...(isGood ? run.flatMap((one) => one.packets) : await this.#mixAgain(run, ended, signal)),
      );
    }
    await this.#replay.append([...mergePackets(packets)]);
    this.#pending = [];
  }

  /** Windows that follow each other, in one go. */
  async #mixRun(run: readonly ReadWindow[], lesson: Advance, signal: AbortSignal): Promise<void> {
    if (run.length === 0) return;
    const packets = await this.#mix(run, lesson.ended, signal);
    const encoder = ++this.#encoders;
    this.#mixed += run.length;
    for (const one of run) {
      const own = packets.splice(0, mixedFrames(one.window));
      await this.#add({ ...one, packets: own, encoder }, lesson, signal);
    }
  }

  async #mixAgain(run: readonly Packaged[], ended: boolean, signal: AbortSignal): Promise<Buffer[]> {
    const samples = samplesOf(run.flatMap(({ packets }) => packets));
    this.#mixed += run.length;
    const mixed = await this.#mix(run, ended, signal);
    const whole = mixed.slice(0, Math.floor(samples / MIX_FRAME));
    return [...whole, ...silence(samples - samplesOf(whole))];
  }

  async #mix(run: readonly ReadWindow[], ended: boolean, signal: AbortSignal): Promise<Buffer[]> {
    const { folder, ffmpeg } = this.#options;
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last) return [];
    const window = { ...first.window, end: last.window.end, last: last.window.last };
    const directory = folder.work('voice');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // At the bell of a lesson a class waits.
    const isAwaited = ended && this.#live.count > 0;
    return await mixVoices(voicesIn(partsOf(run), window), window, { ffmpeg, signal, directory, isAwaited });
  }

  /** `oldest`: of those that may have to be read once more, because making them may fail, or be broken off by the bell. */
  async #read(window: VoiceWindow, oldest: VoiceWindow): Promise<TrackPart[]> {
    const ms = (samples: number): number => window.from + samples / PER_MS;
    return await this.#cursors.read(
      { from: ms(window.start) - WINDOW_REACH_MS, to: ms(window.end) + WINDOW_REACH_MS },
      ms(oldest.start) - WINDOW_REACH_MS - DRIFT / PER_MS,
    );
  }

  #affords(packets: readonly Buffer[], end: number): boolean {
    const bytes = packets.reduce((sum, { length }) => sum + length, this.#replay.bytes);
    return bytes <= BUDGET_AHEAD + (end / OPUS_RATE) * (BUDGET / 8);
  }

  /** What the disk does not give back as it was written is made again, from the segment of the replay on in which it is. */
  async #check(): Promise<void> {
    const [first = Number.POSITIVE_INFINITY] = await this.#replay.damaged();
    this.#damaged = new Set(await this.#live.damaged());
    const good = Math.min(first, Math.floor(Math.min(...this.#damaged) / GROUP));
    if (good === Number.POSITIVE_INFINITY) return;
    await this.#replay.truncate(good);
    this.#resumed = false;
  }

  /** Goes on behind the last whole segment of the replay that those who are late can reach, too. */
  async #resume(ended: boolean): Promise<void> {
    this.#isWhole = false;
    await this.#replay.resume();
    // At the bell what is known of it is being played.
    if (!ended || this.#live.count === 0) await this.#live.resume();
    if (!ended || this.#live.count > 0) await this.#replay.truncate(Math.floor(this.#live.count / GROUP));
    if (!ended) await this.#live.truncate(this.#replay.count * GROUP);
    this.#windows = this.#replay.count * GROUP;
    this.#pending = [];
    this.#cursors.back();
    this.#resumed = true;
  }
}
