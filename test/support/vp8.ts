import { createVp8PayloadDescriptor } from 'werift';
import { clip } from './clip.ts';

export interface PictureClip {
  readonly framesPerSecond: number;
  /** VP8 frames (RFC 6386) in order, the first a key frame; the last is followed by the first. */
  readonly frames: readonly Buffer[];
}

/** A moving test picture in real VP8 frames, a key frame every second. */
export async function vp8Picture({
  width = 320,
  height = 180,
  framesPerSecond = 10,
  seconds = 4,
} = {}): Promise<PictureClip> {
  const ivf = await clip(`picture-${width}x${height}-${framesPerSecond}fps-${seconds}s.ivf`, [
    ...['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${framesPerSecond}:duration=${seconds}`],
    ...['-c:v', 'libvpx', '-b:v', '150k', '-deadline', 'realtime', '-auto-alt-ref', '0'],
    ...['-g', String(framesPerSecond)],
  ]);
  return { framesPerSecond, frames: ivfFrames(ivf) };
}

/** The frames of an IVF file: a header of 32 bytes, then length (4 bytes), time (8 bytes) and data of each frame. */
export function ivfFrames(file: Buffer): Buffer[] {
  if (file.toString('latin1', 0, 4) !== 'DKIF') throw new Error('not an IVF file');
  const frames: Buffer[] = [];
  for (let at = file.readUInt16LE(6); at < file.length; ) {
    const length = file.readUInt32LE(at);
    frames.push(file.subarray(at + 12, at + 12 + length));
    at += 12 + length;
  }
  return frames;
}

/** Whether a frame can be shown without those before it: RFC 6386 section 9.1. */
export function isKeyFrame(frame: Buffer): boolean {
  return frame.length > 0 && (frame.readUInt8(0) & 1) === 0;
}

/** Fits an RTP packet with its SRTP tag into the smallest path of 1,280 bytes. */
const PAYLOAD_SIZE = 1100;

/** One frame as the payloads of its RTP packets: RFC 7741 section 4. */
export function vp8Payloads(frame: Buffer, pictureId: number): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = 0; at < frame.length; at += PAYLOAD_SIZE) {
    const descriptor = createVp8PayloadDescriptor({ start: at === 0, pictureId });
    payloads.push(Buffer.concat([descriptor, frame.subarray(at, at + PAYLOAD_SIZE)]));
  }
  return payloads;
}
