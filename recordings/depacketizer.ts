import { H264Depacketizer } from './h264.ts';
import { Vp8Depacketizer } from './vp8.ts';

/** A coded frame as an encoder made it: an Opus packet, a VP8 frame, an H.264 access unit with start codes. */
export interface EncodedFrame {
  /** RTP time, past its wraps. */
  readonly timestamp: number;
  readonly keyFrame: boolean;
  readonly payload: Buffer;
}

export interface DepacketizerInput {
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Buffer;
}

/** Turns packets in order into frames. */
export interface Depacketizer {
  /** `lost`: packets before this one are missing. The result is a copy. */
  push(packet: DepacketizerInput, lost: boolean): EncodedFrame | null;
  /** Frames are being dropped until a key frame comes. */
  readonly needsKeyFrame: boolean;
}

/** RFC 7587: a packet is a frame, and every one can be decoded. */
class OpusDepacketizer implements Depacketizer {
  readonly needsKeyFrame = false;

  push({ timestamp, payload }: DepacketizerInput): EncodedFrame | null {
    return payload.length > 0 ? { timestamp, keyFrame: true, payload: Buffer.from(payload) } : null;
  }
}

/** Null where the recorder cannot read this codec. */
export function createDepacketizer(mimeType: string): Depacketizer | null {
  switch (mimeType.toLowerCase()) {
    case 'audio/opus':
      return new OpusDepacketizer();
    case 'video/vp8':
      return new Vp8Depacketizer();
    case 'video/h264':
      return new H264Depacketizer();
    default:
      return null;
  }
}
