/** Fragmented MP4 (ISO/IEC 14496-12) from outside: what a segment holds, and whether it holds together. */

interface Box {
  readonly type: string;
  /** Without the header. */
  readonly body: Buffer;
}

export interface InitSegment {
  /** For a playlist's CODECS (RFC 6381). */
  readonly codec: string;
  /** Ticks a second. */
  readonly timescale: number;
  readonly defaultDuration: number;
}

export interface MediaSegment {
  /** In the track's ticks. */
  readonly decodeTime: number;
  readonly duration: number;
  readonly samples: number;
}

export class SegmentError extends Error {
  override readonly name = 'SegmentError';
}

/** Boxes side by side. Throws where they don't fill `data` exactly: a file that was cut. */
function boxes(data: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < data.length; ) {
    if (at + 8 > data.length) throw new SegmentError('a box header is cut off');
    let length = data.readUInt32BE(at);
    let head = 8;
    if (length === 1 && at + 16 <= data.length) {
      length = Number(data.readBigUInt64BE(at + 8));
      head = 16;
    }
    const type = data.toString('latin1', at + 4, at + 8);
    if (length < head || at + length > data.length) throw new SegmentError(`the box ${type} is cut off`);
    found.push({ type, body: data.subarray(at + head, at + length) });
    at += length;
  }
  return found;
}

function child(data: Buffer, ...path: readonly string[]): Buffer {
  let body = data;
  for (const type of path) {
    const box = boxes(body).find((candidate) => candidate.type === type);
    if (!box) throw new SegmentError(`there is no ${type}`);
    body = box.body;
  }
  return body;
}

/** Of one track, as renditions here have. Throws a SegmentError. */
export function readInitSegment(data: Buffer): InitSegment {
  const mdia = child(data, 'moov', 'trak', 'mdia');
  const mdhd = child(mdia, 'mdhd');
  const timescale = mdhd.readUInt32BE(mdhd.readUInt8(0) === 1 ? 20 : 12);
  const [entry] = boxes(child(mdia, 'minf', 'stbl', 'stsd').subarray(8));
  if (!entry) throw new SegmentError('the track has no sample description');
  const defaultDuration = child(data, 'moov', 'mvex', 'trex').readUInt32BE(12);
  return { codec: codecOf(entry), timescale, defaultDuration };
}

/** Length of a visual sample entry's fixed part (14496-12, 12.1.3). */
const VISUAL_ENTRY = 78;

function codecOf({ type, body }: Box): string {
  switch (type) {
    case 'avc1': {
      const avcC = child(body.subarray(VISUAL_ENTRY), 'avcC');
      return `avc1.${avcC.toString('hex', 1, 4)}`;
    }
    case 'mp4a':
      return 'mp4a.40.2'; // AAC-LC, the only kind that is made here
    case 'Opus':
      return 'opus';
    default:
      throw new SegmentError(`unexpected codec ${type}`);
  }
}

/** Walks every box and counts every sample. Throws a SegmentError. */
export function readMediaSegment(data: Buffer, init: InitSegment): MediaSegment {
  const top = boxes(data);
  const moofs = top.filter(({ type }) => type === 'moof');
  const payload = top.reduce((sum, { type, body }) => (type === 'mdat' ? sum + body.length : sum), 0);
  let decodeTime: number | undefined;
  let duration = 0;
  let samples = 0;
  let bytes = 0;
  for (const { body } of moofs) {
    const traf = child(body, 'traf');
    decodeTime ??= readDecodeTime(child(traf, 'tfdt'));
    const defaults = readDefaults(child(traf, 'tfhd'), init);
    for (const { type, body: run } of boxes(traf)) {
      if (type !== 'trun') continue;
      const counted = readRun(run, defaults);
      duration += counted.duration;
      samples += counted.samples;
      bytes += counted.bytes;
    }
  }
  if (decodeTime === undefined || samples === 0) throw new SegmentError('there is nothing to play');
  if (payload !== bytes) throw new SegmentError(`${payload} bytes of media where ${bytes} are announced`);
  return { decodeTime, duration, samples };
}

/** Moves a segment on its track's clock: the first run of samples to `decodeTime`, those behind it as far. In place. */
export function moveSegment(data: Buffer, decodeTime: number): void {
  const top = boxes(data);
  const first = top.find(({ type }) => type === 'moof');
  if (!first) throw new SegmentError('there is no moof');
  const by = decodeTime - readDecodeTime(child(first.body, 'traf', 'tfdt'));
  for (const { type, body } of top) {
    // Version 1 of either has 64 bits for its time, which in an index (8.16.3) comes after two other fields.
    if (type === 'moof') addTime(child(body, 'traf', 'tfdt'), 4, by);
    if (type === 'sidx') addTime(body, 12, by);
  }
}

function addTime(body: Buffer, at: number, by: number): void {
  if (body.readUInt8(0) === 1) body.writeBigUInt64BE(body.readBigUInt64BE(at) + BigInt(by), at);
  else body.writeUInt32BE(body.readUInt32BE(at) + by, at);
}

function readDecodeTime(tfdt: Buffer): number {
  return tfdt.readUInt8(0) === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4);
}

interface Defaults {
  readonly duration: number;
  readonly size: number;
}

/** 14496-12, 8.8.7: optional fields in this order. */
function readDefaults(tfhd: Buffer, init: InitSegment): Defaults {
  const flags = tfhd.readUIntBE(1, 3);
  let at = 8;
  if (flags & 0x01) at += 8;
  if (flags & 0x02) at += 4;
  let { defaultDuration: duration } = init;
  let size = 0;
  if (flags & 0x08) {
    duration = tfhd.readUInt32BE(at);
    at += 4;
  }
  if (flags & 0x10) size = tfhd.readUInt32BE(at);
  return { duration, size };
}

/** 14496-12, 8.8.8: optional fields for the run, then for each sample. */
function readRun(trun: Buffer, defaults: Defaults): { duration: number; samples: number; bytes: number } {
  const flags = trun.readUIntBE(1, 3);
  const samples = trun.readUInt32BE(4);
  let at = 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0);
  let duration = 0;
  let bytes = 0;
  const next = (): number => {
    if (at + 4 > trun.length) throw new SegmentError('a run of samples is cut off');
    at += 4;
    return trun.readUInt32BE(at - 4);
  };
  for (let sample = 0; sample < samples; sample++) {
    duration += flags & 0x100 ? next() : defaults.duration;
    bytes += flags & 0x200 ? next() : defaults.size;
    at += (flags & 0x400 ? 4 : 0) + (flags & 0x800 ? 4 : 0);
  }
  return { duration, samples, bytes };
}
