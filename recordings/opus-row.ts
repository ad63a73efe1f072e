import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, readIfThere, replaceFile, syncDirectory } from './durable.ts';
import { type InitSegment, readInitSegment, readMediaSegment, SegmentError } from './fmp4.ts';
import { opusInitSegment, opusMediaSegment } from './fmp4-writer.ts';
import { checkLength, segmentName, type VerifiedPlaylist } from './hls.ts';
import { OPUS_RATE, samplesOf } from './opus.ts';
import { DRIFT } from './packet-line.ts';

export interface OpusRowOptions {
  /** Where segments and playlist are served from. */
  readonly place: string;
  /** Where a segment is before it is known to be good; on the same disk. */
  readonly work: string;
  /** Of its files: `<name>.m3u8`, `<name>-init.mp4`, `<name>-00000.m4s`. */
  readonly name: string;
  /** What every segment but a lesson's last covers, in samples. */
  readonly span: number;
}

/**
 * A growing row of Opus segments. Each is put in its place when it has been read back, so what is there is good;
 * after a crash the row goes on behind the last that follows without a gap.
 */
export class OpusRow {
  readonly #options: OpusRowOptions;
  readonly #init: InitSegment = readInitSegment(opusInitSegment());
  /** Lengths of the segments that are there, in samples. */
  #segments: number[] = [];
  #sizes: number[] = [];

  constructor(options: OpusRowOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#segments.length;
  }

  /** Where the next segment begins. */
  get samples(): number {
    return this.#segments.reduce((sum, samples) => sum + samples, 0);
  }

  get bytes(): number {
    return this.#sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Takes what an earlier run has made, as far as it follows without a gap; the rest is made again. */
  async resume(): Promise<void> {
    const { place, name, span } = this.#options;
    await mkdir(place, { recursive: true, mode: 0o700 });
    await replaceFile(join(place, this.#initName), opusInitSegment());
    this.#segments = [];
    this.#sizes = [];
    for (let end = 0; ; ) {
      const data = await readIfThere(join(place, segmentName(name, this.count)));
      const duration = data && this.#durationOf(data, end);
      // One that a lesson's end cut short, where the lesson then went on, is too short.
      if (!data || duration === null || end + duration < (this.count + 1) * span - DRIFT) break;
      this.#segments.push(duration);
      this.#sizes.push(data.length);
      end += duration;
    }
    await this.truncate(this.count);
  }

  /** Leaves only the first `count` segments. */
  async truncate(count: number): Promise<void> {
    this.#segments.length = Math.min(count, this.count);
    this.#sizes.length = this.count;
    const known = this.#segments.map((_, index) => segmentName(this.#options.name, index));
    await this.#remove(new Set([this.#initName, this.#playlistName, ...known]));
  }

  /** Removes everything. */
  async discard(): Promise<void> {
    this.#segments = [];
    this.#sizes = [];
    await this.#remove(new Set());
  }

  /** On the disk, read back and found to be what was written, then given its name. */
  async append(packets: readonly Buffer[]): Promise<void> {
    const { place, work, name } = this.#options;
    const start = this.samples;
    const data = opusMediaSegment(this.count + 1, start, packets);
    const samples = samplesOf(packets);
    const file = segmentName(name, this.count);
    await mkdir(work, { recursive: true, mode: 0o700 });
    const fresh = join(work, file);
    await writeDurably(fresh, data);
    const found = readMediaSegment(await readFile(fresh), this.#init);
    if (found.decodeTime !== start || found.duration !== samples) {
      throw new SegmentError(`${file} was not written as it should be`);
    }
    await rename(fresh, join(place, file));
    await syncDirectory(place);
    this.#segments.push(samples);
    this.#sizes.push(data.length);
  }

  /** Says on the disk what there is now. */
  async publish(ended: boolean): Promise<void> {
    await replaceFile(join(this.#options.place, this.#playlistName), this.playlist({ ended }));
  }

  /**
   * One that grows (EVENT) until the lesson is over. Who has had it before may leave out what it knows (`skip`, RFC
   * 8216bis 6.2.5.1): after an hour the whole weighs as much as the voice of half a minute.
   */
  playlist({ ended, skip = false }: { ended: boolean; skip?: boolean }): string {
    const { name, span } = this.#options;
    // Lengths are rounded before they are compared (8216 4.3.3.1); players ask as often as this says.
    const longest = Math.round(Math.max(span, ...this.#segments) / OPUS_RATE);
    const skipped = skip && !ended ? Math.max(0, this.count - SKIP_BEHIND) : 0;
    const lines = [
      ...['#EXTM3U', `#EXT-X-VERSION:${ended ? 7 : 9}`, `#EXT-X-TARGETDURATION:${longest}`],
      ...(ended ? [] : [`#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=${SKIP_BEHIND * longest}`]),
      `#EXT-X-PLAYLIST-TYPE:${ended ? 'VOD' : 'EVENT'}`,
      `#EXT-X-MAP:URI="${this.#initName}"`,
      ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
      ...this.#segments
        .map((samples, index) => [
          `#EXTINF:${Number((samples / OPUS_RATE).toFixed(4))},`,
          segmentName(name, index),
        ])
        .slice(skipped)
        .flat(),
      ...(ended ? ['#EXT-X-ENDLIST'] : []),
    ];
    return `${lines.join('\n')}\n`;
  }

  /** As a reading of all of it would find it: each segment was read when it was put there. */
  verified(expected: number): VerifiedPlaylist {
    const { name } = this.#options;
    const duration = (this.samples / OPUS_RATE) * 1000;
    checkLength(name, duration, expected);
    const playlist = this.playlist({ ended: true });
    const bytes = this.bytes + opusInitSegment().length + Buffer.byteLength(playlist);
    const rates = this.#segments.map(
      (samples, index) => ((this.#sizes[index] ?? 0) * 8 * OPUS_RATE) / samples,
    );
    const segments = this.#segments.map((_, index) => segmentName(name, index));
    return {
      ...{ name: this.#playlistName, codec: this.#init.codec, bytes, duration },
      files: [this.#playlistName, this.#initName, ...segments],
      peak: Math.ceil(rates.reduce((most, rate) => Math.max(most, rate), 0)),
      average: Math.ceil((bytes * 8000) / duration),
    };
  }

  get #initName(): string {
    return `${this.#options.name}-init.mp4`;
  }

  get #playlistName(): string {
    return `${this.#options.name}.m3u8`;
  }

  #durationOf(data: Buffer, start: number): number | null {
    try {
      const { decodeTime, duration } = readMediaSegment(data, this.#init);
      return decodeTime === start ? duration : null;
    } catch (error) {
      if (error instanceof SegmentError || error instanceof RangeError) return null; // torn: made again
      throw error;
    }
  }

  async #remove(keep: ReadonlySet<string>): Promise<void> {
    const { place, name } = this.#options;
    const names = await readdir(place).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    for (const file of names) {
      const mine = file === this.#playlistName || file.startsWith(`${name}-`);
      if (mine && !keep.has(file)) await rm(join(place, file));
    }
  }
}

/** The least that a delta may leave whole is six target durations (8216bis 4.4.3.8); a few more for who was away. */
const SKIP_BEHIND = 12;

async function writeDurably(path: string, data: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}
