import { randomInt } from 'node:crypto';
import {
  GenericNack,
  PictureLossIndication,
  RtcpPayloadSpecificFeedback,
  RtcpSenderInfo,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
  RtpHeader,
} from 'werift';
import type { Opaque } from '../../protocol/media.ts';
import type { VoiceClip } from './opus.ts';
import { isKeyFrame, type PictureClip, vp8Payloads } from './vp8.ts';
import type { WebRtcTransport } from './webrtc-transport.ts';

const LEVEL_EXTENSION = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1 };
/** Packets kept to be sent again: some eight seconds of voice. */
const KEPT = 128;
/** How often the sender's clock is told to receivers, milliseconds. */
const REPORT_INTERVAL = 1000;
/** Seconds between 1900, where NTP counts from, and 1970: RFC 3550 section 4. */
const NTP_EPOCH = 2_208_988_800;

interface Format {
  readonly payloadType: number;
  readonly clockRate: number;
}

interface Frame {
  readonly payloads: readonly Buffer[];
  /** dBov, for voices. */
  readonly level?: number;
}

/** A stream that is sent frame by frame at its own pace, answers NACK, and reports its clock. */
export class OutgoingStream {
  readonly ssrc = randomInt(1, 2 ** 32 - 1);
  /** What to declare to `produce`. */
  readonly rtpParameters: Opaque;
  /** Receivers that asked for a key frame, so far. */
  keyFrameRequests = 0;
  packets = 0;
  bytes = 0;
  #sequence = randomInt(0, 2 ** 15);
  #timestamp = randomInt(0, 2 ** 31);
  readonly #format: Format;
  readonly #frameMs: number;
  readonly #nextFrame: (keyFrame: boolean) => Frame;
  readonly #sent = new Map<number, { header: RtpHeader; payload: Buffer }>();
  #keyFrameAsked = false;
  #timer: NodeJS.Timeout | null = null;
  #stopListening: () => void = () => {};

  private constructor(
    codec: { mimeType: string; channels?: number; parameters?: Opaque; rtcpFeedback: Opaque[] } & Format,
    headerExtensions: readonly Opaque[],
    frameMs: number,
    nextFrame: (keyFrame: boolean) => Frame,
  ) {
    this.#format = codec;
    this.#frameMs = frameMs;
    this.#nextFrame = nextFrame;
    this.rtpParameters = {
      codecs: [codec],
      headerExtensions,
      encodings: [{ ssrc: this.ssrc }],
      rtcp: { cname: `test${this.ssrc}`, reducedSize: true },
    };
  }

  /** `level` is what the packets say of the voice's loudness, dBov. */
  static voice(clip: VoiceClip, level = -20): OutgoingStream {
    let at = 0;
    const codec = {
      mimeType: 'audio/opus',
      payloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { useinbandfec: 1, usedtx: 1 },
      rtcpFeedback: [{ type: 'nack' }],
    };
    return new OutgoingStream(codec, [LEVEL_EXTENSION], clip.frameMs, () => {
      const packet = clip.packets[at++ % clip.packets.length];
      return { payloads: packet ? [packet] : [], level };
    });
  }

  static picture(clip: PictureClip): OutgoingStream {
    let at = 0;
    let pictureId = 0;
    const codec = {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    };
    return new OutgoingStream(codec, [], 1000 / clip.framesPerSecond, (keyFrame) => {
      if (keyFrame) {
        const ahead = clip.frames.findIndex((frame, index) => index >= at && isKeyFrame(frame));
        at = Math.max(0, ahead);
      }
      const frame = clip.frames[at];
      at = (at + 1) % clip.frames.length;
      pictureId = (pictureId + 1) % 2 ** 15;
      return { payloads: frame ? vp8Payloads(frame, pictureId) : [] };
    });
  }

  /** Sends until stopped. */
  start(transport: WebRtcTransport): void {
    this.stop();
    this.#stopListening = transport.onRtcp((packet) => this.#answer(transport, packet));
    const startedAt = performance.now();
    let frames = 0;
    let reportedAt = Number.NEGATIVE_INFINITY;
    const tick = (): void => {
      const now = performance.now();
      // Late timers are made up for, so that the pace on average is the clip's own.
      while (startedAt + frames * this.#frameMs <= now) {
        this.#sendFrame(transport);
        frames += 1;
      }
      if (now - reportedAt >= REPORT_INTERVAL) {
        reportedAt = now;
        this.#report(transport);
      }
      this.#timer = setTimeout(tick, Math.max(1, startedAt + frames * this.#frameMs - performance.now()));
    };
    tick();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#stopListening();
  }

  #sendFrame(transport: WebRtcTransport): void {
    const { payloads, level } = this.#nextFrame(this.#keyFrameAsked);
    this.#keyFrameAsked = false;
    payloads.forEach((payload, index) => {
      const marker = this.#format.clockRate === 90_000 && index === payloads.length - 1;
      this.#sendPacket(transport, payload, marker, level);
    });
    this.#timestamp =
      (this.#timestamp + Math.round((this.#frameMs * this.#format.clockRate) / 1000)) % 2 ** 32;
  }

  #sendPacket(transport: WebRtcTransport, payload: Buffer, marker: boolean, level: number | undefined): void {
    const header = new RtpHeader({
      ssrc: this.ssrc,
      payloadType: this.#format.payloadType,
      sequenceNumber: this.#sequence,
      timestamp: this.#timestamp,
      marker,
      extension: level !== undefined,
      extensions:
        level === undefined ? [] : [{ id: LEVEL_EXTENSION.id, payload: Buffer.from([0x80 | -level]) }],
    });
    this.#sent.set(this.#sequence, { header, payload });
    this.#sent.delete((this.#sequence - KEPT + 2 ** 16) % 2 ** 16);
    this.#sequence = (this.#sequence + 1) % 2 ** 16;
    this.packets += 1;
    this.bytes += payload.length;
    transport.sendRtp(header, payload);
  }

  #report(transport: WebRtcTransport): void {
    const seconds = Date.now() / 1000 + NTP_EPOCH;
    const ntpTimestamp = (BigInt(Math.floor(seconds)) << 32n) | BigInt(Math.floor((seconds % 1) * 2 ** 32));
    const senderInfo = new RtcpSenderInfo({
      ntpTimestamp,
      rtpTimestamp: this.#timestamp,
      packetCount: this.packets,
      octetCount: this.bytes,
    });
    transport.sendRtcp([new RtcpSrPacket({ ssrc: this.ssrc, senderInfo })]);
  }

  #answer(transport: WebRtcTransport, packet: unknown): void {
    if (packet instanceof RtcpTransportLayerFeedback && packet.feedback instanceof GenericNack) {
      if (packet.feedback.mediaSourceSsrc !== this.ssrc) return;
      for (const sequence of packet.feedback.lost) {
        const lost = this.#sent.get(sequence);
        if (lost) transport.sendRtp(lost.header, lost.payload);
      }
    } else if (
      packet instanceof RtcpPayloadSpecificFeedback &&
      packet.feedback instanceof PictureLossIndication
    ) {
      if (packet.feedback.mediaSsrc !== this.ssrc) return;
      this.keyFrameRequests += 1;
      this.#keyFrameAsked = true;
    }
  }
}
