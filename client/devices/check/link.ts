import type { DeviceAgent } from '../agent.ts';
import type { LinkMeasures } from './judge.ts';

type Probing = Pick<DeviceAgent, 'ask'>;

/** At 64 kbit/s six seconds; at 1 Mbit/s a third of one. */
const PROBE_DOWN = 48 * 1024;
const PROBE_UP = 16 * 1024;

export interface MeasuredLink {
  readonly link: LinkMeasures;
  readonly clockOffMs: number;
}

/**
 * Capacity both ways, round trip, clock, and what gets lost. While a lesson runs, round trip and clock alone, by a few small
 * packets: on a thin link the lesson needs the rest, and measures it itself.
 */
export async function measureLink(agent: Probing, inLesson: boolean): Promise<MeasuredLink> {
  const exchanges = await exchange(agent, inLesson ? EXCHANGES_GENTLE : EXCHANGES);
  const quickestFirst = [...exchanges].sort((a, b) => a.tookMs - b.tookMs);
  const roundTripMs = quickestFirst[Math.floor(quickestFirst.length / 2)]?.tookMs ?? 0;
  const clockOffMs = quickestFirst[0]?.clockOffMs ?? 0; // the quickest says it best
  if (inLesson) return { link: { roundTripMs }, clockOffMs };
  const rate = async (bytes: number, input: { bytes: number; fill?: string }) => {
    const asked = performance.now();
    await agent.ask('device.probe', input);
    const ms = Math.max(1, performance.now() - asked - roundTripMs);
    return (bytes * 8) / ms; // bits a millisecond are kbit/s
  };
  const loss = lossIn(exchanges);
  const downKbps = await rate(PROBE_DOWN, { bytes: PROBE_DOWN });
  const upKbps = await rate(PROBE_UP, { bytes: 0, fill: 'x'.repeat(PROBE_UP) });
  return { link: { roundTripMs, downKbps, upKbps, loss }, clockOffMs };
}

/** In which losses are counted, one at a time, so that none waits for a packet of another; one lost is no poor link. */
const EXCHANGES = 12;
const EXCHANGES_GENTLE = 4;
/** Losses come in bursts: spread over a second and more, what is seen is less by chance. Milliseconds. */
const PAUSE_MS = 50;

/** How long an answer took, how far the clock is off by it, and whether the page itself stood still. Milliseconds. */
export interface Exchange {
  readonly clockOffMs: number;
  readonly tookMs: number;
  readonly stalled: boolean;
}

async function exchange(agent: Probing, count: number): Promise<Exchange[]> {
  const pulse = startPulse();
  const done: Exchange[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const asked = performance.now();
      const { now } = await agent.ask('device.probe', { bytes: 0 });
      const tookMs = performance.now() - asked;
      const clockOffMs = Date.now() - (now + tookMs / 2);
      done.push({ tookMs, clockOffMs, stalled: pulse.stalledSince(asked) });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return done;
  } finally {
    pulse.stop();
  }
}

const PULSE_MS = 20;
const STALL_MS = 80;

/** Knows when the page was too busy to take an answer: that is not the link's. */
function startPulse() {
  let beat = performance.now();
  let stalledAt = Number.NEGATIVE_INFINITY;
  const look = () => {
    const now = performance.now();
    if (now - beat > STALL_MS) stalledAt = now;
    beat = now;
  };
  const timer = setInterval(look, PULSE_MS);
  return {
    stalledSince(time: number): boolean {
      look();
      return stalledAt >= time;
    },
    stop: () => clearInterval(timer),
  };
}

/** A packet that is lost is sent again a round trip later, and not before this in Linux and Windows. */
const LEAST_LATE_MS = 150;
const LATE_ROUND_TRIPS = 0.6;
/** One each way. */
const PACKETS = 2;

/** What share of the packets was lost, as far as TCP shows it: whatever is lost makes its answer late. */
export function lossIn(exchanges: readonly Omit<Exchange, 'clockOffMs'>[]): number {
  const sorted = exchanges.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length / 4)] ?? 0;
  const late = usual + Math.max(LEAST_LATE_MS, usual * LATE_ROUND_TRIPS);
  const lost = exchanges.filter(({ tookMs, stalled }) => !stalled && tookMs > late).length;
  return lost / (exchanges.length * PACKETS);
}
