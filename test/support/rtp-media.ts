import { createSocket } from 'node:dgram';
import type { MediaApi, Tap } from '../../protocol/media.ts';
import { noMedia } from './lesson-feed.ts';
import { vp8Payloads } from './vp8.ts';

/** What one stream sends: at its own time, in ms of the lesson, one frame. */
export interface RtpSource {
  readonly kind: 'audio' | 'video';
  readonly frameMs: number;
  /** The frame of this number; null in a sender's pause. */
  frame(index: number): Buffer | null;
}

export interface RtpMedia {
  readonly api: MediaApi;
  /** From now on the stream can be tapped. */
  add(stream: string, source: RtpSource): void;
  close(): void;
}

export interface RtpMediaOptions {
  /** The lesson's clock, ms; it may run faster than the wall's. */
  readonly now: () => number;
  /** Called with every frame that has been sent. */
  readonly onSent?: (stream: string, index: number) => void;
}

interface OpenTap {
  readonly source: RtpSource;
  readonly tap: Tap;
  readonly port: number;
  next: number | null;
  sequence: number;
}

const TICK_MS = 1;

/** In place of a media node: sends real RTP to those who tap, in step with a clock that a benchmark may hurry. */
export function createRtpMedia({ now, onSent }: RtpMediaOptions): RtpMedia {
  const sources = new Map<string, RtpSource>();
  const taps = new Map<string, OpenTap>();
  const socket = createSocket('udp4');
  let count = 0;
  const send = (open: OpenTap): void => {
    const { source, tap, port } = open;
    for (; open.next !== null && open.next * source.frameMs <= now(); open.next++) {
      const frame = source.frame(open.next);
      if (!frame) continue;
      const payloads = source.kind === 'audio' ? [frame] : vp8Payloads(frame, open.next & 0x7fff);
      for (const [index, payload] of payloads.entries()) {
        const head = Buffer.alloc(12);
        head.writeUInt8(0x80, 0);
        head.writeUInt8(tap.payloadType | (index === payloads.length - 1 ? 0x80 : 0), 1);
        head.writeUInt16BE(open.sequence++ & 0xffff, 2);
        head.writeUInt32BE((open.next * source.frameMs * (tap.clockRate / 1000)) >>> 0, 4);
        head.writeUInt32BE(tap.ssrc, 8);
        socket.send(Buffer.concat([head, payload]), port, '127.0.0.1');
      }
      onSent?.(tap.id, open.next);
    }
  };
  const timer = setInterval(() => {
    for (const open of taps.values()) send(open);
  }, TICK_MS);
  const api: MediaApi = {
    ...noMedia,
    async tap(stream, { port }) {
      const source = sources.get(stream);
      if (!source) throw new Error(`${stream} is not sent`);
      const voice = source.kind === 'audio';
      const tap: Tap = {
        id: `${stream}-${++count}`,
        kind: source.kind,
        mimeType: voice ? 'audio/opus' : 'video/VP8',
        payloadType: voice ? 111 : 96,
        ssrc: 1000 + count,
        clockRate: voice ? 48_000 : 90_000,
      };
      taps.set(tap.id, { source, tap, port, next: null, sequence: 0 });
      return tap;
    },
    async resumeTap(id) {
      const open = taps.get(id);
      if (open) open.next = Math.ceil(now() / open.source.frameMs);
    },
    async requestKeyFrame() {},
    async closeTap(id) {
      taps.delete(id);
    },
  };
  return {
    api,
    add: (stream, source) => void sources.set(stream, source),
    close() {
      clearInterval(timer);
      socket.close();
    },
  };
}
