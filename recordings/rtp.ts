/** RTP (RFC 3550), as much of it as a receiver on the same host needs. */

export interface RtpPacket {
  readonly marker: boolean;
  readonly payloadType: number;
  /** 16 bits; wraps. */
  readonly sequence: number;
  /** 32 bits, in units of the stream's clock rate; wraps. */
  readonly timestamp: number;
  readonly ssrc: number;
  /** A view into the datagram: copy what is kept. */
  readonly payload: Buffer;
}

const FIXED_HEADER = 12;

/** RTP and RTCP share the port: RTCP's packet types 192..223 lie where RTP has its payload type (RFC 5761). */
export function isRtcp(datagram: Buffer): boolean {
  const type = datagram[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** Null for what is no RTP packet. */
export function parseRtp(datagram: Buffer): RtpPacket | null {
  if (datagram.length < FIXED_HEADER) return null;
  const first = datagram.readUInt8(0);
  if (first >> 6 !== 2) return null;
  const second = datagram.readUInt8(1);
  let start = FIXED_HEADER + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (datagram.length < start + 4) return null;
    start += 4 + 4 * datagram.readUInt16BE(start + 2);
  }
  const padding = first & 0x20 ? datagram.readUInt8(datagram.length - 1) : 0;
  const end = datagram.length - padding;
  if (start > end) return null;
  return {
    marker: (second & 0x80) !== 0,
    payloadType: second & 0x7f,
    sequence: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    ssrc: datagram.readUInt32BE(8),
    payload: datagram.subarray(start, end),
  };
}

/** Continues a counter of `bits` bits past its wraps: each value is taken as the nearest to the one before. */
export class Unwrapper {
  readonly #modulus: number;
  #last: number | undefined;

  constructor(bits: 16 | 32) {
    this.#modulus = 2 ** bits;
  }

  unwrap(value: number): number {
    // One turn ahead of zero, so that what comes a little before the first value isn't negative.
    if (this.#last === undefined) this.#last = value + this.#modulus;
    const base = this.#last - (this.#last % this.#modulus);
    let nearest = base + value;
    if (nearest - this.#last > this.#modulus / 2) nearest -= this.#modulus;
    else if (this.#last - nearest > this.#modulus / 2) nearest += this.#modulus;
    this.#last = nearest;
    return nearest;
  }
}
