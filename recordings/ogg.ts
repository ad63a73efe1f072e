import { type FileHandle, open } from 'node:fs/promises';
import { ByteReader } from './byte-reader.ts';
import { OPUS_RATE, opusSamples } from './opus.ts';

/** Ogg pages (RFC 3533) with Opus in them (RFC 7845): one voice, one logical stream. */

const PAGE_HEAD = 27;
const FIRST_PAGE = 2;
const LAST_PAGE = 4;
const CONTINUED = 1;
const MAX_SEGMENTS = 255;
/** A page holds about this many samples: a second, as the RFC recommends. */
const PAGE_SAMPLES = OPUS_RATE;
const WRITE_BYTES = 256 * 1024;
const SERIAL = 1;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x8000_0000 ? (value << 1) ^ 0x04c1_1db7 : value << 1;
  return value >>> 0;
});

/** Ogg's own CRC-32: the usual polynomial, not reflected, starting from zero. */
function oggCrc(page: Buffer): number {
  let crc = 0;
  for (const byte of page) crc = ((crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return crc;
}

/** Writes Opus packets so that the first sample of the first packet is second 0. */
export class OggOpusWriter {
  readonly #file: FileHandle;
  #packets: Buffer[] = [];
  #segments: number[] = [];
  #pageSamples = 0;
  #granule = 0;
  #page = 0;
  #out: Buffer[] = [];
  #outBytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
    const head = Buffer.alloc(19);
    head.write('OpusHead', 0, 'latin1');
    head.writeUInt8(1, 8); // version
    head.writeUInt8(1, 9); // channels; pre-skip, gain and mapping stay 0
    head.writeUInt32LE(OPUS_RATE, 12);
    this.#headerPage(head, FIRST_PAGE);
    const tags = Buffer.alloc(22);
    tags.write('OpusTags', 0, 'latin1');
    tags.writeUInt32LE(6, 8);
    tags.write('tongke', 12, 'latin1');
    this.#headerPage(tags, 0);
  }

  static async create(path: string): Promise<OggOpusWriter> {
    return new OggOpusWriter(await open(path, 'w', 0o600));
  }

  /** Samples written so far, at 48 kHz. */
  get samples(): number {
    return this.#granule + this.#pageSamples;
  }

  async write(packet: Buffer): Promise<void> {
    const laces = Math.floor(packet.length / 255) + 1;
    if (this.#segments.length + laces > MAX_SEGMENTS || this.#pageSamples >= PAGE_SAMPLES)
      await this.#flushPage(0);
    for (let lace = 1; lace < laces; lace++) this.#segments.push(255);
    this.#segments.push(packet.length % 255);
    this.#packets.push(packet);
    this.#pageSamples += opusSamples(packet);
  }

  async close(): Promise<void> {
    try {
      await this.#flushPage(LAST_PAGE);
      await this.#flushOut();
    } finally {
      await this.#file.close();
    }
  }

  /** Closes the file as it is, for when writing has failed. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }

  #headerPage(packet: Buffer, flags: number): void {
    this.#packets = [packet];
    this.#segments = [packet.length];
    this.#emitPage(flags);
  }

  async #flushPage(flags: number): Promise<void> {
    if (this.#segments.length === 0 && flags === 0) return;
    this.#granule += this.#pageSamples;
    this.#pageSamples = 0;
    this.#emitPage(flags);
    if (this.#outBytes >= WRITE_BYTES) await this.#flushOut();
  }

  #emitPage(flags: number): void {
    const head = Buffer.alloc(PAGE_HEAD);
    head.write('OggS', 0, 'latin1');
    head.writeUInt8(flags, 5);
    head.writeBigUInt64LE(BigInt(this.#granule), 6);
    head.writeUInt32LE(SERIAL, 14);
    head.writeUInt32LE(this.#page++, 18);
    head.writeUInt8(this.#segments.length, 26);
    const page = Buffer.concat([head, Buffer.from(this.#segments), ...this.#packets]);
    page.writeUInt32LE(oggCrc(page), 22);
    this.#packets = [];
    this.#segments = [];
    this.#out.push(page);
    this.#outBytes += page.length;
  }

  async #flushOut(): Promise<void> {
    await this.#file.appendFile(Buffer.concat(this.#out));
    this.#out = [];
    this.#outBytes = 0;
  }
}

/** The packets of an Ogg file with one logical stream, headers included. Throws on a damaged page. */
export async function* readOggPackets(path: string): AsyncGenerator<Buffer> {
  const reader = await ByteReader.open(path);
  try {
    let started: Buffer[] = [];
    for (let head = await reader.take(PAGE_HEAD); head; head = await reader.take(PAGE_HEAD)) {
      if (head.toString('latin1', 0, 4) !== 'OggS') throw new Error(`${path} is not an Ogg file`);
      const laces = await reader.take(head.readUInt8(26));
      const body = laces && (await reader.take(laces.reduce((sum, lace) => sum + lace, 0)));
      if (!laces || !body || !pageHolds(head, laces, body)) throw new Error(`${path} has a damaged page`);
      if (!(head.readUInt8(5) & CONTINUED)) started = [];
      let at = 0;
      for (const lace of laces) {
        started.push(body.subarray(at, at + lace));
        at += lace;
        if (lace === 255) continue;
        yield Buffer.concat(started);
        started = [];
      }
    }
  } finally {
    await reader.close();
  }
}

function pageHolds(head: Buffer, laces: Buffer, body: Buffer): boolean {
  const page = Buffer.concat([head, laces, body]);
  const declared = page.readUInt32LE(22);
  page.writeUInt32LE(0, 22);
  return oggCrc(page) === declared;
}

/** Samples at the beginning that a player leaves out (the encoder's delay), from the first packet. */
export function oggPreSkip(opusHead: Buffer): number {
  if (opusHead.toString('latin1', 0, 8) !== 'OpusHead') throw new Error('This Ogg file does not hold Opus');
  return opusHead.readUInt16LE(10);
}
