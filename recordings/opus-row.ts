import { appendFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { isMissing, readIfThere, replaceFile, syncDirectory } from './durable.ts';
import { type InitSegment, readInitSegment, readMediaSegment, SegmentError } from './fmp4.ts';
import { opusInitSegment, opusMediaSegment } from './fmp4-writer.ts';
import { checkLength, segmentName, type VerifiedPlaylist } from './hls.ts';
import { OPUS_RATE, samplesOf } from './opus.ts';
import { DRIFT } from './packet-line.ts';
import type { Sum } from './sums.ts';

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

interface Segment extends Sum {
  readonly samples: number;
}

/**
 * A growing row of Opus segments. Each is put in its place when it has been read back, so what is there is good;
 * after a crash the row goes on behind the last that follows without a gap. What was written has a checksum: a disk that
 * gives back something else is found out, whatever that looks like.
 */
export class OpusRow {
  readonly #options: OpusRowOptions;
  readonly #init: InitSegment = readInitSegment(opusInitSegment());
  #segments: Segment[] = [];

  constructor(options: OpusRowOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#segments.length;
  }

  /** Where the next segment begins. */
  get samples(): number {
    return this.#startOf(this.count);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Takes what an earlier run has made, as far as it follows without a gap; the rest is made again. */
  async resume(): Promise<void> {
    const { place, name, span } = this.#options;
    await mkdir(place, { recursive: true, mode: 0o700 });
    await replaceFile(join(place, this.#initName), opusInitSegment());
    const noted = await this.#noted();
    this.#segments = [];
    for (let end = 0; ; ) {
      const file = segmentName(name, this.count);
      const data = await readIfThere(join(place, file));
      const samples = data && this.#durationOf(data, end);
      // One that a lesson's end cut short, where the lesson then went on, is too short.
      if (!data || samples === null || end + samples < (this.count + 1) * span - DRIFT) break;
      const sum = { name: file, bytes: data.length, crc32: crc32(data) };
      const written = noted.get(file);
      if (written && !isSame(sum, written)) break;
      this.#segments.push({ ...sum, samples });
      end += samples;
    }
    await this.truncate(this.count);
  }

  /** Numbers of those segments that are not what was written. Reads all of them. */
  async damaged(): Promise<number[]> {
    const found: number[] = [];
    for (const [index, segment] of this.#segments.entries()) {
      const data = await readIfThere(join(this.#options.place, segment.name));
      if (!data || !isSame({ name: segment.name, bytes: data.length, crc32: crc32(data) }, segment))
        found.push(index);
    }
    return found;
  }

  /** Leaves only the first `count` segments. */
  async truncate(count: number): Promise<void> {
    this.#segments.length = Math.min(count, this.count);
    const known = this.#segments.map(({ name }) => name);
    await this.#remove(new Set([this.#initName, this.#playlistName, ...known]));
  }

  /** Removes everything. */
  async discard(): Promise<void> {
    this.#segments = [];
    await rm(this.#sumsPath, { force: true });
    await this.#remove(new Set());
  }

  /** On the disk, read back and found to be what was written, then given its name. */
  async append(packets: readonly Buffer[]): Promise<void> {
    await this.#put(this.count, packets);
  }

  /** In the place of one that is damaged. Where it lasts longer or shorter than that did, those behind it go. */
  async replace(index: number, packets: readonly Buffer[]): Promise<void> {
    if (samplesOf(packets) !== this.#segments[index]?.samples) await this.truncate(index);
    await this.#put(Math.min(index, this.count), packets);
  }

  async #put(index: number, packets: readonly Buffer[]): Promise<void> {
    const { place, work } = this.#options;
    const start = this.#startOf(index);
    const data = opusMediaSegment(index + 1, start, packets);
    const samples = samplesOf(packets);
    const name = segmentName(this.#options.name, index);
    await mkdir(work, { recursive: true, mode: 0o700 });
    const fresh = join(work, name);
    await writeDurably(fresh, data);
    const read = await readFile(fresh);
    const found = readMediaSegment(read, this.#init);
    if (found.decodeTime !== start || found.duration !== samples || !read.equals(data)) {
      throw new SegmentError(`${name} was not written as it should be`);
    }
    const segment = { name, bytes: data.length, crc32: crc32(data), samples };
    await appendFile(this.#sumsPath, `${name} ${segment.bytes} ${segment.crc32}\n`, { mode: 0o600 });
    await rename(fresh, join(place, name));
    await syncDirectory(place);
    this.#segments[index] = segment;
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
    const { span } = this.#options;
    // Lengths are rounded before they are compared (8216 4.3.3.1); players ask as often as this says.
    const longest = Math.round(Math.max(span, ...this.#segments.map(({ samples }) => samples)) / OPUS_RATE);
    const skipped = skip && !ended ? Math.max(0, this.count - SKIP_BEHIND) : 0;
    const lines = [
      ...['#EXTM3U', `#EXT-X-VERSION:${ended ? 7 : 9}`, `#EXT-X-TARGETDURATION:${longest}`],
      ...(ended ? [] : [`#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=${SKIP_BEHIND * longest}`]),
      `#EXT-X-PLAYLIST-TYPE:${ended ? 'VOD' : 'EVENT'}`,
      `#EXT-X-MAP:URI="${this.#initName}"`,
      ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
      ...this.#segments
        .map(({ name, samples }) => [`#EXTINF:${Number((samples / OPUS_RATE).toFixed(4))},`, name])
        .slice(skipped)
        .flat(),
      ...(ended ? ['#EXT-X-ENDLIST'] : []),
    ];
    return `${lines.join('\n')}\n`;
  }

  /** As a reading of all of it would find it: each segment was read when it was put there. */
  verified(expected: number): VerifiedPlaylist {
    const duration = (this.samples / OPUS_RATE) * 1000;
    checkLength(this.#options.name, duration, expected);
    const playlist = this.playlist({ ended: true });
    const bytes = this.bytes + opusInitSegment().length + Buffer.byteLength(playlist);
    const rates = this.#segments.map((segment) => (segment.bytes * 8 * OPUS_RATE) / segment.samples);
    const segments = this.#segments.map(({ name }) => name);
    return {
      ...{ name: this.#playlistName, codec: this.#init.codec, bytes, duration },
      files: [this.#playlistName, this.#initName, ...segments],
      peak: Math.ceil(rates.reduce((most, rate) => Math.max(most, rate), 0)),
      average: Math.ceil((bytes * 8000) / duration),
    };
  }

  /** Of its files that never change, as they were written. */
  get sums(): Sum[] {
    const init = opusInitSegment();
    const head = { name: this.#initName, bytes: init.length, crc32: crc32(init) };
    return [head, ...this.#segments.map(({ name, bytes, crc32: sum }) => ({ name, bytes, crc32: sum }))];
  }

  #startOf(index: number): number {
    return this.#segments.slice(0, index).reduce((sum, { samples }) => sum + samples, 0);
  }

  /** What earlier runs have written, one line each; of a segment that was made again the last one holds. */
  async #noted(): Promise<Map<string, Sum>> {
    const lines = ((await readIfThere(this.#sumsPath))?.toString() ?? '').split('\n').slice(0, -1);
    const sums = lines.map((line) => line.split(' '));
    return new Map(
      sums.map(([name = '', bytes, sum]) => [name, { name, bytes: Number(bytes), crc32: Number(sum) }]),
    );
  }

  get #sumsPath(): string {
    return join(this.#options.work, `${this.#options.name}.sums`);
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

function isSame(one: Sum, other: Sum): boolean {
  return one.bytes === other.bytes && one.crc32 === other.crc32;
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
