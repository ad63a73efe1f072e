import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from './durable.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { readInitSegment, readMediaSegment, SegmentError } from './fmp4.ts';
import { aacInitSegment, aacMediaSegment, opusInitSegment } from './fmp4-writer.ts';
import { AAC_BITRATE, AAC_FRAME, AAC_RATE } from './growing-aac.ts';
import { segmentName } from './hls.ts';
import type { LessonFolder } from './lesson-folder.ts';
import { OPUS_RATE } from './opus.ts';
import { LIVE_NAME, WINDOW_MS } from './voice-packager.ts';

const NAME = `${LIVE_NAME}-aac`;
export const LIVE_AAC_PLAYLIST = `${NAME}.m3u8`;
/** Whether a file is of this voice, by its name. */
export function isLiveAac(name: string): boolean {
  return name.startsWith(NAME);
}

const INIT = `${NAME}-init.mp4`;
/** A window's frames end so many before it does: the last one's other half lies behind it, and the encoder looks ahead. */
const BEHIND = 4;
/** Frames before the first one that is kept, in which an encoder has become what the one before it was at its end. */
const RUN_UP = 8;
/** Who catches up asks for one after the other: so many are made in one go, in a tenth of a second. */
const AT_ONCE = 10;
const PER_AAC = OPUS_RATE / AAC_RATE;

/** The frame with which a window's segment begins: an encoder's last frames need what comes behind them. */
function firstFrame(window: number): number {
  const frames = (window * WINDOW_MS * AAC_RATE) / 1000 / AAC_FRAME;
  return Math.max(0, Math.floor(frames) - BEHIND);
}

/** What there is of a lesson's voice, from its playlist in Opus. */
interface Windows {
  readonly count: number;
  /** Samples of AAC in all; null while it grows. */
  readonly length: number | null;
}

function windowsOf(opus: string): Windows {
  const lines = [...opus.matchAll(/^#EXTINF:([\d.]+),\nvoice-live-(\d{5})\.m4s$/gm)];
  const seconds = lines.reduce((sum, [, lasts]) => sum + Number(lasts), 0);
  const ended = opus.includes('#EXT-X-ENDLIST');
  return {
    count: Number(lines.at(-1)?.[2] ?? -1) + 1,
    length: ended ? Math.round(seconds * AAC_RATE) : null,
  };
}

/** Of a window's segment: from the first of its frames to before the last. */
function framesOf(window: number, { count, length }: Windows): { begin: number; end: number } {
  const isLast = length !== null && window === count - 1;
  const begin = firstFrame(window);
  return { begin, end: isLast ? Math.max(begin + 1, Math.ceil(length / AAC_FRAME)) : firstFrame(window + 1) };
}

/** The playlist in AAC, with segment for segment what the one in Opus has, left out what that leaves out. */
export function liveAacPlaylist(opus: string): string {
  const windows = windowsOf(opus);
  return opus
    .replace(/^#EXTINF:[\d.]+,\nvoice-live-(\d{5})\.m4s$/gm, (_line, index: string) => {
      const { begin, end } = framesOf(Number(index), windows);
      const seconds = ((end - begin) * AAC_FRAME) / AAC_RATE;
      return `#EXTINF:${Number(seconds.toFixed(4))},\n${segmentName(NAME, Number(index))}`;
    })
    .replace(`${LIVE_NAME}-init.mp4`, INIT);
}

export interface LiveAacOptions {
  readonly ffmpeg: Ffmpeg;
  readonly signal: AbortSignal;
}

/**
 * The voice of lessons that go on for devices without Opus: made of a window's segment when somebody asks for it, one encoder at a
 * time whoever asks, at the lowest priority. Each run begins a little earlier than what is kept of it, on one grid of
 * frames, so that a decoder goes from one run's frames to the next one's as though they were of the same.
 */
export class LiveAac {
  readonly #options: LiveAacOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LiveAacOptions) {
    this.#options = options;
  }

  /** Resolves when nothing is being made any more. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  /** Where a file of it lies; null where there is none. `opus`: the whole playlist of the lesson's windows. */
  async file(folder: LessonFolder, name: string, opus: string): Promise<string | null> {
    const path = join(folder.renditions, name);
    const index = Number(/^voice-live-aac-(\d{5})\.m4s$/.exec(name)?.[1] ?? Number.NaN);
    const windows = windowsOf(opus);
    if (name !== INIT && !(index < windows.count)) return null;
    const made = this.#turn.then(async () => {
      if ((await readIfThere(path)) !== null) return;
      if (name === INIT) await put(folder, name, aacInitSegment());
      else await this.#make(folder, index, windows);
    });
    this.#turn = made.catch(() => undefined); // told to whoever asked
    await made;
    return path;
  }

  async #make(folder: LessonFolder, first: number, windows: Windows): Promise<void> {
    const last = Math.min(first + AT_ONCE, windows.count) - 1;
    const begin = framesOf(first, windows).begin;
    const runUp = Math.min(RUN_UP, begin);
    const frames = await this.#encode(folder, { first, last, at: begin - runUp });
    const init = readInitSegment(aacInitSegment());
    for (let window = first; window <= last; window++) {
      const span = framesOf(window, windows);
      // The encoder's first frame is the half that lies before its first sample.
      const own = frames.slice(span.begin - begin + runUp + 1, span.end - begin + runUp + 1);
      const data = aacMediaSegment(window + 1, span.begin * AAC_FRAME, own);
      const name = segmentName(NAME, window);
      if (own.length !== span.end - span.begin)
        throw new SegmentError(`${name} has ${own.length} frames, not ${span.end - span.begin}`);
      readMediaSegment(data, init);
      await put(folder, name, data);
    }
  }

  /** Frames of AAC of some windows, the first of which begins with the sample before frame `at`. */
  async #encode(
    folder: LessonFolder,
    { first, last, at }: { first: number; last: number; at: number },
  ): Promise<Buffer[]> {
    const { ffmpeg, signal } = this.#options;
    const opus = readInitSegment(opusInitSegment());
    const parts: Buffer[] = [opusInitSegment()];
    // Of the window before, too: Opus has learnt the voice when the run-up begins.
    for (let window = Math.max(0, first - 1); window <= last; window++)
      parts.push(await readFile(join(folder.renditions, segmentName(LIVE_NAME, window))));
    const start = readMediaSegment(parts[1] ?? Buffer.alloc(0), opus).decodeTime / PER_AAC;
    const source = join(folder.work('voice'), `${NAME}.mp4`);
    const made = join(folder.work('voice'), `${NAME}.aac`);
    const trim = `aresample=${AAC_RATE},atrim=start_sample=${Math.round(at * AAC_FRAME - start)}`;
    try {
      await mkdir(folder.work('voice'), { recursive: true, mode: 0o700 });
      await writeFile(source, Buffer.concat(parts));
      await ffmpeg.run(
        [
          ...['-c:a', 'libopus', '-i', source],
          // A lesson's last frames reach behind its end.
          ...[
            '-af',
            `aformat=channel_layouts=mono,${trim},asetpts=PTS-STARTPTS,apad=pad_len=${BEHIND * AAC_FRAME}`,
          ],
          ...['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', String(AAC_BITRATE), '-f', 'adts', made],
        ],
        { signal },
      );
      return adtsFrames(await readFile(made));
    } finally {
      await rm(source, { force: true });
      await rm(made, { force: true });
    }
  }
}

/** A name only once it is whole. It need not outlive a power cut: it can be made again. */
async function put(folder: LessonFolder, name: string, data: Buffer): Promise<void> {
  const fresh = join(folder.work('voice'), name);
  await mkdir(folder.work('voice'), { recursive: true, mode: 0o700 });
  await writeFile(fresh, data);
  await rename(fresh, join(folder.renditions, name));
}

/** Frames without their headers (13818-7, 6.2): seven bytes, of which 13 bits say a frame's length with them. */
function adtsFrames(data: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const length = data.length - at < 7 ? 0 : (data.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
    if (data.readUInt16BE(at) >> 4 !== 0xfff || length < 7 || at + length > data.length)
      throw new SegmentError('a frame of AAC is cut off');
    frames.push(data.subarray(at + 7, at + length));
    at += length;
  }
  return frames;
}
