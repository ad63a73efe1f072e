/** RFC 8285: the two ways of writing header extensions into a packet. */
const ONE_BYTE = 0xbede;
const TWO_BYTE = 0x1000;

/** The level (RFC 6464) that a sender wrote into this voice packet, dBov (-127..0), or null where there is none. */
export function audioLevel(packet: Buffer, extension: number): number | null {
  const value = headerExtension(packet, extension)?.[0];
  return value === undefined ? null : -(value & 0x7f);
}

/** When this was said, on its sender's clock of the codec's rate. */
export function timestampOf(packet: Buffer): number {
  return packet.readUInt32BE(4);
}

/** What is coded in it; empty for a packet that is cut short. */
export function payloadOf(packet: Buffer): Buffer {
  const [first = 0] = packet;
  let start = 12 + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (packet.length < start + 4) return packet.subarray(packet.length);
    start += 4 + 4 * packet.readUInt16BE(start + 2);
  }
  const padding = (first & 0x20) === 0 ? 0 : (packet.at(-1) ?? 0);
  return packet.subarray(start, Math.max(start, packet.length - padding));
}

/** The value of one header extension, or undefined where the packet has none of it or is cut short. */
function headerExtension(packet: Buffer, wanted: number): Buffer | undefined {
  const csrcs = (packet[0] ?? 0) & 0x0f;
  const start = 12 + 4 * csrcs;
  if (((packet[0] ?? 0) & 0x10) === 0 || packet.length < start + 4) return undefined;
  const profile = packet.readUInt16BE(start);
  const oneByte = profile === ONE_BYTE;
  if (!oneByte && (profile & 0xfff0) !== TWO_BYTE) return undefined;
  const end = Math.min(packet.length, start + 4 + 4 * packet.readUInt16BE(start + 2));
  for (let at = start + 4; at < end; ) {
    const head = packet[at] ?? 0;
    if (head === 0) {
      at += 1; // padding between extensions
      continue;
    }
    const id = oneByte ? head >> 4 : head;
    const length = oneByte ? (head & 0x0f) + 1 : (packet[at + 1] ?? 0);
    const from = at + (oneByte ? 1 : 2);
    if (from + length > end) return undefined;
    if (id === wanted) return packet.subarray(from, from + length);
    at = from + length;
  }
  return undefined;
}
