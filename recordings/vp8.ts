import type { Depacketizer, DepacketizerInput, EncodedFrame } from './depacketizer.ts';

/** Length of the VP8 payload descriptor (RFC 7741 section 4.2) and whether a frame begins here; null: malformed. */
export function readVp8Descriptor(payload: Buffer): { length: number; startsFrame: boolean } | null {
  const first = payload[0];
  if (first === undefined) return null;
  let length = 1;
  if (first & 0x80) {
    const extension = payload[1];
    if (extension === undefined) return null;
    length = 2;
    if (extension & 0x80) length += (payload[length] ?? 0) & 0x80 ? 2 : 1; // picture id, 7 or 15 bits
    if (extension & 0x40) length += 1; // TL0PICIDX
    if (extension & 0x30) length += 1; // TID, Y, KEYIDX
  }
  if (length >= payload.length) return null;
  const startOfPartition = (first & 0x10) !== 0;
  return { length, startsFrame: startOfPartition && (first & 0x07) === 0 };
}

/** Width and height that a key frame declares (RFC 6386 section 9.1); null for any other frame. */
export function vp8KeyFrameSize(frame: Buffer): { width: number; height: number } | null {
  if (frame.length < 10 || ((frame[0] ?? 1) & 1) !== 0) return null;
  if (frame[3] !== 0x9d || frame[4] !== 0x01 || frame[5] !== 0x2a) return null;
  return { width: frame.readUInt16LE(6) & 0x3fff, height: frame.readUInt16LE(8) & 0x3fff };
}

export class Vp8Depacketizer implements Depacketizer {
  #parts: Buffer[] = [];
  #timestamp = 0;
  #needsKeyFrame = true;

  get needsKeyFrame(): boolean {
    return this.#needsKeyFrame;
  }

  push({ timestamp, marker, payload }: DepacketizerInput, lost: boolean): EncodedFrame | null {
    if (lost) this.#drop();
    if (payload.length === 0) return null; // padding: mediasoup and browsers probe the path with it
    const descriptor = readVp8Descriptor(payload);
    if (!descriptor) {
      this.#drop();
      return null;
    }
    if (descriptor.startsFrame) {
      this.#parts = [];
      this.#timestamp = timestamp;
    } else if (this.#parts.length === 0 || timestamp !== this.#timestamp) {
      this.#drop(); // the frame's beginning is missing
      return null;
    }
    this.#parts.push(Buffer.from(payload.subarray(descriptor.length)));
    return marker ? this.#finish() : null;
  }

  #finish(): EncodedFrame | null {
    const frame = Buffer.concat(this.#parts);
    this.#parts = [];
    const keyFrame = ((frame[0] ?? 1) & 1) === 0;
    if (keyFrame) this.#needsKeyFrame = false;
    return this.#needsKeyFrame ? null : { timestamp: this.#timestamp, keyFrame, payload: frame };
  }

  /** What refers to a missing frame would smear: nothing until a frame that refers to none. */
  #drop(): void {
    this.#parts = [];
    this.#needsKeyFrame = true;
  }
}
