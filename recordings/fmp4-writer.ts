import { AAC_FRAME, AAC_RATE } from './growing-aac.ts';
import { OPUS_RATE, opusSamples } from './opus.ts';

/** Fragmented MP4 (ISO/IEC 14496-12) with Opus (Encapsulation of Opus in ISOBMFF) or AAC (14496-14) in it, as small as it gets. */

/** Most packets are 120 ms: those need no duration of their own. */
const USUAL_SAMPLES = 5760;
const TRACK = 1;
/** Depends on no other sample (14496-12, 8.8.3.1). */
const SYNC_SAMPLE = 0x0200_0000;

const DEFAULT_SIZE = 0x10;
const BASE_IS_MOOF = 0x02_0000;
const DATA_OFFSET = 0x01;
const SAMPLE_DURATION = 0x100;
const SAMPLE_SIZE = 0x200;

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(length), Buffer.from(type, 'latin1'), ...parts]);
}

function fullBox(type: string, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, u32(flags), ...parts);
}

const MATRIX = u32(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000);

/** A mono track at 48 kHz whose first sample is heard: it has nothing to skip. */
export function opusInitSegment(): Buffer {
  const dOps = box('dOps', Buffer.from([0, 1]), u16(0), u32(OPUS_RATE), u16(0), Buffer.from([0]));
  return initSegment(audioEntry('Opus', OPUS_RATE, dOps), OPUS_RATE, USUAL_SAMPLES);
}

/** A mono track of AAC-LC (14496-3) at 24 kHz. */
export function aacInitSegment(): Buffer {
  // Object type 2, rate 6, one channel; then, for decoders that would guess at it by the rate: there is no SBR.
  const config = descriptor(5, Buffer.from([0x13, 0x08, 0x56, 0xe5, 0x00]));
  // MPEG-4 audio, an audio stream, whose buffer and rates nobody reads.
  const decoder = descriptor(4, Buffer.from([0x40, 0x15, 0, 0, 0]), u32(0, 0), config);
  const esds = fullBox(
    'esds',
    0,
    descriptor(3, u16(TRACK), Buffer.from([0]), decoder, descriptor(6, Buffer.from([2]))),
  );
  return initSegment(audioEntry('mp4a', AAC_RATE, esds), AAC_RATE, AAC_FRAME);
}

/** Of 14496-1, 8.3.3; none here is longer than its one byte of length can say. */
function descriptor(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, body.length]), body]);
}

/** A mono track's sample entry. */
function audioEntry(type: string, rate: number, config: Buffer): Buffer {
  return box(type, u16(0, 0, 0, 1), u32(0, 0), u16(1, 16, 0, 0), u32(rate * 0x1_0000), config);
}

/** `usual`: what a packet lasts that says nothing of it, in samples. */
function initSegment(entry: Buffer, rate: number, usual: number): Buffer {
  const stbl = box(
    'stbl',
    fullBox('stsd', 0, u32(1), entry),
    fullBox('stts', 0, u32(0)),
    fullBox('stsc', 0, u32(0)),
    fullBox('stsz', 0, u32(0, 0)),
    fullBox('stco', 0, u32(0)),
  );
  const dinf = box('dinf', fullBox('dref', 0, u32(1), fullBox('url ', 1)));
  const minf = box('minf', fullBox('smhd', 0, u32(0)), dinf, stbl);
  const hdlr = fullBox('hdlr', 0, u32(0), Buffer.from('soun', 'latin1'), u32(0, 0, 0), Buffer.from([0]));
  // 0x55c4 is "und" in 15 bits: nobody has said in which language.
  const mdia = box('mdia', fullBox('mdhd', 0, u32(0, 0, rate, 0), u16(0x55c4, 0)), hdlr, minf);
  const tkhd = fullBox('tkhd', 3, u32(0, 0, TRACK, 0, 0, 0, 0), u16(0, 0, 0x100, 0), MATRIX, u32(0, 0));
  const mvhd = fullBox(
    'mvhd',
    0,
    u32(0, 0, 1000, 0, 0x1_0000),
    u16(0x100, 0),
    u32(0, 0),
    MATRIX,
    u32(0, 0, 0, 0, 0, 0, TRACK + 1),
  );
  const trex = fullBox('trex', 0, u32(TRACK, 1, usual, 0, SYNC_SAMPLE));
  const brands = Buffer.from('iso6cmfc', 'latin1');
  return Buffer.concat([
    box('ftyp', Buffer.from('iso6', 'latin1'), u32(0), brands),
    box('moov', mvhd, box('trak', tkhd, mdia), box('mvex', trex)),
  ]);
}

/** What packets last, in samples. */
interface Timing {
  readonly lasts: (packet: Buffer) => number;
  readonly usual: number;
}

interface Run {
  readonly packets: Buffer[];
  /** Whether each says its own duration; else all have the usual one. */
  readonly timed: boolean;
}

/** A run's own head, and what a packet's entry takes in it, bytes. */
const RUN_HEAD = 20;
const ENTRY = 4;

/** Packets in runs so that their entries are small: a duration is said only where it is worth it. */
function runsOf(packets: readonly Buffer[], { lasts, usual }: Timing): Run[] {
  const runs: Run[] = [];
  for (const packet of packets) {
    const timed = lasts(packet) !== usual;
    const last = runs.at(-1);
    if (last?.timed === timed) last.packets.push(packet);
    else runs.push({ packets: [packet], timed });
  }
  // A usual stretch between two others is worth a run of its own only if its durations weigh more than two heads.
  return runs.reduce<Run[]>((joined, run, index) => {
    const last = joined.at(-1);
    const between = index > 0 && index < runs.length - 1;
    const short = run.packets.length * ENTRY < (between ? 2 : 1) * RUN_HEAD;
    if (last?.timed && (run.timed || short)) last.packets.push(...run.packets);
    else joined.push({ packets: [...run.packets], timed: run.timed });
    return joined;
  }, []);
}

/** Packets one after the other. `decodeTime`: samples before the first one, of the whole. */
export function opusMediaSegment(sequence: number, decodeTime: number, packets: readonly Buffer[]): Buffer {
  return mediaSegment(sequence, decodeTime, packets, { lasts: opusSamples, usual: USUAL_SAMPLES });
}

/** The same of AAC, whose packets are frames of one length. */
export function aacMediaSegment(sequence: number, decodeTime: number, packets: readonly Buffer[]): Buffer {
  return mediaSegment(sequence, decodeTime, packets, { lasts: () => AAC_FRAME, usual: AAC_FRAME });
}

function mediaSegment(
  sequence: number,
  decodeTime: number,
  packets: readonly Buffer[],
  timing: Timing,
): Buffer {
  const [size = 0] = packets.map(({ length }) => length);
  const sameSize = packets.every(({ length }) => length === size);
  const tfhd = fullBox(
    'tfhd',
    BASE_IS_MOOF | (sameSize ? DEFAULT_SIZE : 0),
    u32(TRACK),
    ...(sameSize ? [u32(size)] : []),
  );
  // Version 1 has 64 bits: a day of samples does not fit into 32.
  const tfdt =
    decodeTime < 2 ** 32
      ? fullBox('tfdt', 0, u32(decodeTime))
      : box('tfdt', u32(0x0100_0000), u32(Math.floor(decodeTime / 2 ** 32), decodeTime % 2 ** 32));
  const runs = runsOf(packets, timing);
  const moof = (offset: number): Buffer => {
    let at = offset;
    const truns = runs.map((run) => {
      // Each run says where its data is: that it follows the one before is not understood by ffmpeg.
      const flags = DATA_OFFSET | (run.timed ? SAMPLE_DURATION : 0) | (sameSize ? 0 : SAMPLE_SIZE);
      const entries = run.packets.flatMap((packet) => [
        ...(run.timed ? [timing.lasts(packet)] : []),
        ...(sameSize ? [] : [packet.length]),
      ]);
      const trun = fullBox('trun', flags, u32(run.packets.length, at), u32(...entries));
      at += run.packets.reduce((sum, { length }) => sum + length, 0);
      return trun;
    });
    return box('moof', fullBox('mfhd', 0, u32(sequence)), box('traf', tfhd, tfdt, ...truns));
  };
  const head = moof(0).length + 8;
  return Buffer.concat([moof(head), box('mdat', ...packets)]);
}
