import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { Id, LessonTime } from '../protocol/common.ts';
import { Part, Stream, StreamSource } from '../protocol/events.ts';

/**
 * A track file: one stream as it arrived, append-only.
 *
 *     8 bytes  magic
 *     record   header, as JSON
 *     record*  frames, then one without payload and with END if the stream was closed in order
 *
 *     record:  u32 length of the body, u32 CRC-32 of the body, body
 *     frame:   u48 lesson time in microseconds, u48 RTP time past its wraps, u8 flags, payload
 *
 * All big-endian. What a crash leaves is a prefix of whole records and perhaps a torn one, which its length or its
 * checksum gives away: the file is good up to there.
 */
export const TRACK_MAGIC = Buffer.from('TKTRACK1', 'latin1');
export const RECORD_HEAD = 8;
export const FRAME_HEAD = 13;
/** No frame of a 360p to 1080p camera comes near; a longer length is not one that was written here. */
export const MAX_RECORD = 16 * 1024 * 1024;

const KEY_FRAME = 1;
const END = 2;

export const TrackHeader = z.object({
  version: z.literal(1),
  lesson: Id,
  stream: Stream.shape.id,
  participant: Id,
  part: Part,
  source: StreamSource,
  mimeType: z.string(),
  /** RTP ticks a second. */
  clockRate: z.number().int().positive(),
  /** Lesson time of the first frame. */
  from: LessonTime,
});
export type TrackHeader = z.infer<typeof TrackHeader>;

export interface TrackFrame {
  /** Lesson time, ms, to the microsecond. */
  readonly time: number;
  /** RTP time past its wraps: says which frames follow each other without a gap. */
  readonly timestamp: number;
  readonly keyFrame: boolean;
  /** Empty in the record that ends a track. */
  readonly payload: Buffer;
  readonly end: boolean;
}

export function encodeRecord(body: Buffer): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEAD + body.length);
  record.writeUInt32BE(body.length, 0);
  record.writeUInt32BE(crc32(body), 4);
  body.copy(record, RECORD_HEAD);
  return record;
}

export function encodeFrame(frame: TrackFrame): Buffer {
  const body = Buffer.allocUnsafe(FRAME_HEAD + frame.payload.length);
  body.writeUIntBE(Math.max(0, Math.round(frame.time * 1000)), 0, 6);
  body.writeUIntBE(frame.timestamp, 6, 6);
  body.writeUInt8((frame.keyFrame ? KEY_FRAME : 0) | (frame.end ? END : 0), 12);
  frame.payload.copy(body, FRAME_HEAD);
  return encodeRecord(body);
}

/** Of a body whose checksum was right. */
export function decodeFrame(body: Buffer): TrackFrame {
  const flags = body.readUInt8(12);
  return {
    time: body.readUIntBE(0, 6) / 1000,
    timestamp: body.readUIntBE(6, 6),
    keyFrame: (flags & KEY_FRAME) !== 0,
    end: (flags & END) !== 0,
    payload: body.subarray(FRAME_HEAD),
  };
}
