/** Opus packets (RFC 6716) from outside: how long they are, and packets that say nothing. */

/** Opus counts in samples at 48 kHz, whatever it was coded at. */
export const OPUS_RATE = 48_000;
/** Shortest frame: 2.5 ms. Every length is a multiple of it. */
export const OPUS_QUANTUM = 120;

/** Frame lengths in samples, by the configuration number in the top five bits (RFC 6716 table 2). */
const SILK = [480, 960, 1920, 2880];
const HYBRID = [480, 960];
const CELT = [120, 240, 480, 960];

/** Samples in each frame of packets with this first byte. */
export function opusFrameSamples(toc: number): number {
  const config = toc >> 3;
  const lengths = config < 12 ? SILK : config < 16 ? HYBRID : CELT;
  return lengths[config < 12 ? config % 4 : config < 16 ? config % 2 : config % 4] ?? 0;
}

/** Samples in a packet; 0 for what is no Opus packet. */
export function opusSamples(packet: Buffer): number {
  const toc = packet[0];
  if (toc === undefined) return 0;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? (packet[1] ?? 0) & 0x3f : 2;
  const samples = frames * opusFrameSamples(toc);
  return samples <= 5760 ? samples : 0; // 120 ms at most (RFC 6716 R5)
}

/** Samples in packets that follow each other. */
export function samplesOf(packets: Iterable<Buffer>): number {
  let sum = 0;
  for (const packet of packets) sum += opusSamples(packet);
  return sum;
}

/** A frame that codes digital silence: CELT's silence flag, then nothing. */
const SILENT_FRAME = Buffer.from([0xff, 0xfe]);
/** CELT, full band, mono: 20, 10, 5 and 2.5 ms. */
const SILENT_LENGTHS = [
  { samples: 960, toc: 0xf8 },
  { samples: 480, toc: 0xf0 },
  { samples: 240, toc: 0xe8 },
  { samples: 120, toc: 0xe0 },
];
/** 6 x 20 ms: as much as a packet may hold. */
const LONG_SILENCE = Buffer.concat([
  Buffer.from([0xf8 | 3, 6]),
  ...Array.from({ length: 6 }, () => SILENT_FRAME),
]);
const LONG_SAMPLES = 5760;

/** Packets of silence, `samples` long altogether (rounded down to 2.5 ms). */
export function* silence(samples: number): Generator<Buffer> {
  let left = samples;
  for (; left >= LONG_SAMPLES; left -= LONG_SAMPLES) yield LONG_SILENCE;
  for (const { samples: length, toc } of SILENT_LENGTHS) {
    for (; left >= length; left -= length) yield Buffer.concat([Buffer.from([toc]), SILENT_FRAME]);
  }
}

/**
 * Packets without data after `last`: the decoder conceals a loss or goes on with the comfort noise of a pause,
 * which plain silence would turn into pumping. As many whole frames as fit into `samples`.
 */
export function* concealment(last: Buffer, samples: number): Generator<Buffer> {
  const toc = last[0];
  if (toc === undefined) return;
  const length = opusFrameSamples(toc);
  for (let left = samples; length > 0 && left >= length; left -= length) yield Buffer.from([toc & 0xfc]);
}

/**
 * A sender's pause (DTX): no packet with sound in it is as short. Those that are say only how to go on with the
 * comfort noise.
 */
const PAUSE_BYTES = 3;

/** Whether somebody is heard in a packet. */
export function isSpoken(packet: Buffer): boolean {
  return packet.length > PAUSE_BYTES;
}
