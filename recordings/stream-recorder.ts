import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { TongkeError } from '../protocol/errors.ts';
import type { Part, Stream } from '../protocol/events.ts';
import type { MediaApi, Tap } from '../protocol/media.ts';
import { createDepacketizer, type Depacketizer } from './depacketizer.ts';
import { JitterBuffer, type ReleasedPacket } from './jitter-buffer.ts';
import { LessonClock } from './lesson-clock.ts';
import { type TrackSummary, trackName } from './lesson-folder.ts';
import type { RecorderLog } from './log.ts';
import { isRtcp, parseRtp, Unwrapper } from './rtp.ts';
import type { TrackHeader } from './track-format.ts';
import { TrackWriter } from './track-writer.ts';

/** Half a second of a 1080p screen's key frames; the system grants what it allows (`net.core.rmem_max`). */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
const TICK_MS = 100;
/** A sender needs a round trip to make a key frame: asking more often only burdens its link. */
const ASK_EVERY_MS = 2000;

export interface StreamRecorderOptions {
  readonly media: MediaApi;
  readonly stream: Stream;
  readonly lesson: string;
  /** Who the sender is in the lesson. */
  readonly part: Part;
  /** Where the track file goes. */
  readonly directory: string;
  /** The lesson's clock, ms. */
  readonly now: () => number;
  readonly log: RecorderLog;
  /** The disk refused the track; called once. */
  readonly onError: (error: unknown) => void;
}

/** One stream on its way from the media node into a track file. */
export class StreamRecorder {
  readonly stream: Stream;
  readonly #options: StreamRecorderOptions;
  readonly #socket: Socket;
  readonly #tap: Tap;
  readonly #depacketizer: Depacketizer;
  readonly #jitter = new JitterBuffer();
  readonly #sequence = new Unwrapper(16);
  readonly #timestamp = new Unwrapper(32);
  readonly #clock: LessonClock;
  readonly #timer: NodeJS.Timeout;
  #writer: TrackWriter | undefined;
  #header: TrackHeader | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #closed: Promise<void> | undefined;

  private constructor(options: StreamRecorderOptions, socket: Socket, tap: Tap, depacketizer: Depacketizer) {
    this.stream = options.stream;
    this.#options = options;
    this.#socket = socket;
    this.#tap = tap;
    this.#depacketizer = depacketizer;
    this.#clock = new LessonClock(tap.clockRate);
    socket.on('message', (datagram) => this.#receive(datagram));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Null where the stream is gone already or cannot be recorded; both are in the log. */
  static async open(options: StreamRecorderOptions): Promise<StreamRecorder | null> {
    const { media, stream, log } = options;
    const socket = await bindSocket(options);
    let recorder: StreamRecorder | undefined;
    try {
      const tap = await media.tap(stream.id, { ip: '127.0.0.1', port: socket.address().port });
      const depacketizer = createDepacketizer(tap.mimeType);
      if (!depacketizer) {
        log.warn({ stream, mimeType: tap.mimeType }, 'a stream in a codec that cannot be recorded');
        await media.closeTap(tap.id);
        socket.close();
        return null;
      }
      recorder = new StreamRecorder(options, socket, tap, depacketizer);
      await media.resumeTap(tap.id);
      return recorder;
    } catch (error) {
      if (recorder) await recorder.close();
      else socket.close();
      if (!(error instanceof TongkeError)) throw error;
      log.info({ stream, err: error }, 'a stream was gone before it could be recorded');
      return null;
    }
  }

  /** Asks for a frame from which the picture can be decoded, now. */
  refresh(): void {
    if (this.#tap.kind === 'video') this.#askForKeyFrame();
  }

  /** Resolves when what arrived so far can be read from its file. */
  async written(): Promise<void> {
    await this.#writer?.written();
  }

  /** What its track has taken so far. */
  get bytes(): number {
    return this.#writer?.totals?.bytes ?? 0;
  }

  /** Of the track, once closed; null where there is none, or it was not written whole. */
  get summary(): TrackSummary | null {
    const totals = this.#writer?.totals;
    if (!this.#writer || !this.#header || !totals) return null;
    const { version: _version, lesson: _lesson, ...header } = this.#header;
    return { ...header, file: basename(this.#writer.path), ...totals };
  }

  /** Stops; resolves when what arrived is on the disk. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    this.#socket.close();
    this.#write(this.#jitter.flush());
    this.#writer?.append({
      time: this.#options.now(),
      timestamp: 0,
      keyFrame: false,
      end: true,
      payload: Buffer.alloc(0),
    });
    const closing = this.#options.media.closeTap(this.#tap.id);
    await Promise.all([closing.catch((error: unknown) => this.#mediaRefused(error)), this.#writer?.close()]);
  }

  #receive(datagram: Buffer): void {
    if (isRtcp(datagram)) return;
    const packet = parseRtp(datagram);
    // Only what the media node said it would send here: anything on this host can write to a port.
    if (packet?.ssrc !== this.#tap.ssrc || packet.payloadType !== this.#tap.payloadType) return;
    const timestamp = this.#timestamp.unwrap(packet.timestamp);
    this.#clock.observe(timestamp, this.#options.now());
    const { marker, payload } = packet;
    const sequence = this.#sequence.unwrap(packet.sequence);
    this.#write(this.#jitter.push({ sequence, timestamp, marker, payload }, performance.now()));
  }

  #write(released: readonly ReleasedPacket[]): void {
    for (const { packet, lost } of released) {
      const frame = this.#depacketizer.push(packet, lost > 0);
      if (!frame) continue;
      const time = this.#clock.at(frame.timestamp);
      this.#writer ??= this.#openTrack(time);
      this.#writer.append({ ...frame, time, end: false });
    }
  }

  /** Made with the first frame, so that a stream that sent nothing leaves nothing. */
  #openTrack(time: number): TrackWriter {
    const { lesson, part, stream, directory, now, onError } = this.#options;
    const { mimeType, clockRate } = this.#tap;
    const { id, participant, source } = stream;
    const from = Math.max(0, Math.round(time));
    const header = {
      version: 1,
      lesson,
      stream: id,
      participant,
      part,
      source,
      mimeType,
      clockRate,
      from,
    } as const;
    this.#header = header;
    return new TrackWriter(join(directory, trackName(id, now())), header, onError);
  }

  #tick(): void {
    if (this.#jitter.pending) this.#write(this.#jitter.expire(performance.now()));
    if (this.#depacketizer.needsKeyFrame && performance.now() - this.#askedAt > ASK_EVERY_MS) {
      this.#askForKeyFrame();
    }
  }

  #askForKeyFrame(): void {
    this.#askedAt = performance.now();
    this.#options.media.requestKeyFrame(this.#tap.id).catch((error: unknown) => this.#mediaRefused(error));
  }

  /** Streams close at any moment, and the log's `stream.closed` is on its way: worth no more than a line. */
  #mediaRefused(error: unknown): void {
    this.#options.log.info(
      { stream: this.stream, err: error },
      'the media node refused a recorder’s request',
    );
  }
}

async function bindSocket({ log, stream }: StreamRecorderOptions): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('error', (error) => log.warn({ stream, err: error }, 'a recorder’s socket failed'));
  return socket;
}
