/** One way of a link. What is left out does not happen: no limit, no delay, no loss. */
export interface DirectionOptions {
  /** Of packets with their IP headers, kbit/s (1,000 bit). */
  readonly kbps?: number;
  /** One way, without the time spent in the queue, milliseconds. */
  readonly delayMs?: number;
  /** Added to the delay: evenly spread between 0 and this, milliseconds. Packets stay in order. */
  readonly jitterMs?: number;
  /** Packets lost after they took their time on the link, percent; each independently of the others. */
  readonly lossPct?: number;
  /** Packets held back so long that later ones overtake them, percent. */
  readonly reorderPct?: number;
  /** What the queue holds: bytes, or milliseconds at the link's rate. One bandwidth-delay product unless said. */
  readonly queueBytes?: number;
  readonly queueMs?: number;
}

export interface LinkOptions {
  /** From the servers to the client. */
  readonly down: DirectionOptions;
  readonly up: DirectionOptions;
  /** The same seed loses the same packets, counted in the order in which they are sent. */
  readonly seed?: number;
  /** How long `cut()` lasts when it is not told, milliseconds; without it, until `restore()`. */
  readonly cutMs?: number;
}

/** A direction with everything said. */
export interface Shape {
  readonly kbps: number;
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly lossPct: number;
  readonly reorderPct: number;
  readonly queueBytes: number;
}

/**
 * Four full packets: with fewer, a TCP sender never gets the three later acknowledgements that tell it of a loss, and
 * every loss costs it a timeout. A bandwidth-delay product is less than that on the thinnest links.
 */
const LEAST_QUEUE_BYTES = 6_000;

/** Throws a RangeError for a number that no link can have. */
export function shapeOf(direction: DirectionOptions, roundTripMs: number): Shape {
  const {
    kbps = Number.POSITIVE_INFINITY,
    delayMs = 0,
    jitterMs = 0,
    lossPct = 0,
    reorderPct = 0,
  } = direction;
  if (!(kbps > 0)) throw new RangeError(`kbps: ${kbps}`);
  for (const [name, value] of Object.entries({ delayMs, jitterMs }))
    if (!(value >= 0)) throw new RangeError(`${name}: ${value}`);
  for (const [name, value] of Object.entries({ lossPct, reorderPct }))
    if (!(value >= 0 && value <= 100)) throw new RangeError(`${name}: ${value}`);
  const bytes = direction.queueBytes ?? bytesIn(direction.queueMs, kbps) ?? defaultQueue(kbps, roundTripMs);
  return { kbps, delayMs, jitterMs, lossPct, reorderPct, queueBytes: bytes };
}

export function roundTripOf({ down, up }: LinkOptions): number {
  return (down.delayMs ?? 0) + (up.delayMs ?? 0);
}

function defaultQueue(kbps: number, roundTripMs: number): number {
  // An unlimited link never queues; and Infinity times no delay is not a number.
  if (kbps === Number.POSITIVE_INFINITY) return kbps;
  return Math.max(LEAST_QUEUE_BYTES, (kbps * roundTripMs) / 8);
}

function bytesIn(ms: number | undefined, kbps: number): number | undefined {
  return ms === undefined ? undefined : (kbps * ms) / 8;
}

function symmetric(downKbps: number, upKbps: number, roundTripMs: number, lossPct: number): LinkOptions {
  const both = { delayMs: roundTripMs / 2, lossPct };
  return { down: { kbps: downKbps, ...both }, up: { kbps: upKbps, ...both } };
}

const A = symmetric(1_000, 512, 60, 0);
const B = symmetric(256, 128, 150, 2);
const C = symmetric(128, 64, 600, 5);
const D = symmetric(64, 32, 600, 10);

/**
 * The links that a lesson is measured on: A a town's school, B mobile, C a satellite or a shared mobile link, D the
 * worst that is still taught over. E is D with a minute's outage, which `cut()` begins.
 */
export const LINKS = { A, B, C, D, E: { ...D, cutMs: 60_000 } } satisfies Record<string, LinkOptions>;
