import { z } from 'zod';

/** Bytes since they were last told. */
export type Count = (traffic: { readonly received: number; readonly sent: number }) => void;

/** The fields read of the browser's statistics: https://www.w3.org/TR/webrtc-stats/ */
const Whole = z.object({
  type: z.literal('transport'),
  bytesReceived: z.number(),
  bytesSent: z.number(),
});
const Stream = z.discriminatedUnion('type', [
  z.object({ type: z.literal('inbound-rtp'), bytesReceived: z.number() }),
  z.object({ type: z.literal('outbound-rtp'), bytesSent: z.number() }),
]);

interface Totals {
  readonly received: number;
  readonly sent: number;
}

/** Tells what a transport has moved since it was last read. */
export class TrafficMeter {
  readonly #before = new WeakMap<object, Totals>();

  /** `transport`: whose statistics they are, which begin at nothing with each. */
  read(transport: object, stats: Iterable<unknown>): Totals {
    const now = totals([...stats]);
    const before = this.#before.get(transport) ?? { received: 0, sent: 0 };
    this.#before.set(transport, now);
    // A stream that ends takes its bytes out of the sum where there is no other.
    return {
      received: Math.max(0, now.received - before.received),
      sent: Math.max(0, now.sent - before.sent),
    };
  }
}

function totals(stats: readonly unknown[]): Totals {
  const wholes = stats.flatMap((stat) => Whole.safeParse(stat).data ?? []);
  if (wholes.length > 0) {
    const sum = (field: 'bytesReceived' | 'bytesSent') =>
      wholes.reduce((all, whole) => all + whole[field], 0);
    return { received: sum('bytesReceived'), sent: sum('bytesSent') };
  }
  // Browsers that do not count transports count streams.
  let received = 0;
  let sent = 0;
  for (const stat of stats) {
    const stream = Stream.safeParse(stat).data;
    if (stream?.type === 'inbound-rtp') received += stream.bytesReceived;
    else if (stream) sent += stream.bytesSent;
  }
  return { received, sent };
}

interface Packets {
  on(event: 'packet' | 'packetCreate', listener: (packet: { data?: unknown }) => void): unknown;
}

/** Counts what goes over a socket, by its packets. */
export function countPackets(engine: Packets, count: Count): void {
  engine.on('packet', ({ data }) => count({ received: sizeOf(data), sent: 0 }));
  engine.on('packetCreate', ({ data }) => count({ received: 0, sent: sizeOf(data) }));
}

/** The packet's kind is a byte of its own. */
function sizeOf(data: unknown): number {
  if (typeof data === 'string') return 1 + data.length;
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return 1 + data.byteLength;
  return 1;
}
