import type { DeviceAgent } from '../agent.ts';
import type { LinkMeasures } from './judge.ts';

type Probing = Pick<DeviceAgent, 'ask'>;

const ROUND_TRIPS = 4;
/** At 64 kbit/s six seconds; at 1 Mbit/s a third of one. */
const PROBE_DOWN = 48 * 1024;
const PROBE_UP = 16 * 1024;
/** While a lesson runs: two packets, a tenth of a second of a thin link. */
const PROBE_GENTLE = 2_400;

export interface MeasuredLink {
  readonly link: LinkMeasures;
  readonly clockOffMs: number;
}

/** Capacity both ways, round trip and clock; and, while no lesson runs, which measures it itself, what gets lost. */
export async function measureLink(agent: Probing, inLesson: boolean): Promise<MeasuredLink> {
  const trips: number[] = [];
  let clockOffMs = 0;
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const asked = performance.now();
    const { now } = await agent.ask('device.probe', { bytes: 0 });
    const trip = performance.now() - asked;
    trips.push(trip);
    clockOffMs = Date.now() - (now + trip / 2);
  }
  const roundTripMs = trips.sort((a, b) => a - b)[Math.floor(ROUND_TRIPS / 2)] ?? 0;
  const rate = async (bytes: number, input: { bytes: number; fill?: string }) => {
    const asked = performance.now();
    await agent.ask('device.probe', input);
    const ms = Math.max(1, performance.now() - asked - roundTripMs);
    return (bytes * 8) / ms; // bits a millisecond are kbit/s
  };
  const [down, up] = inLesson ? [PROBE_GENTLE, PROBE_GENTLE] : [PROBE_DOWN, PROBE_UP];
  const loss = inLesson ? undefined : lossIn(await sendTrain(agent));
  const downKbps = await rate(down, { bytes: down });
  const upKbps = await rate(up, { bytes: 0, fill: 'x'.repeat(up) });
  return { link: { roundTripMs, downKbps, upKbps, ...(loss !== undefined && { loss }) }, clockOffMs };
}

/** 25 kbit/s for a second and a half. */
const TRAIN = 24;
const TRAIN_EVERY_MS = 60;

/** One probe of a train: how long its answer took, and whether the page itself stood still meanwhile. Milliseconds. */
export interface Probe {
  readonly tookMs: number;
  readonly stalled: boolean;
}

async function sendTrain(agent: Probing): Promise<Probe[]> {
  const pulse = startPulse();
  const send = async (): Promise<Probe> => {
    const asked = performance.now();
    await agent.ask('device.probe', { bytes: 0 });
    return { tookMs: performance.now() - asked, stalled: pulse.stalledSince(asked) };
  };
  const probes: Promise<Probe>[] = [];
  for (let i = 0; i < TRAIN; i++) {
    probes.push(send());
    await new Promise((resolve) => setTimeout(resolve, TRAIN_EVERY_MS));
  }
  try {
    return await Promise.all(probes);
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

/** A packet that is sent again comes a round trip later, and Linux waits at least so long where it hears of nothing. */
const LEAST_HELD_MS = 150;
const HELD_ROUND_TRIPS = 0.6;
/** A packet each way. */
const PACKETS_A_PROBE = 2;

/**
 * What share of a train's packets was lost, as far as TCP shows it: a lost one holds up its answer and those behind
 * it, so each time that answers begin to be late one packet was lost, at least.
 */
export function lossIn(train: readonly Probe[]): number {
  // The quickest: on a link that loses much most answers are late.
  const usual = Math.min(...train.map(({ tookMs }) => tookMs));
  const late = usual + Math.max(LEAST_HELD_MS, usual * HELD_ROUND_TRIPS);
  const lost = train.filter(({ tookMs, stalled }, i) => {
    const before = train[i - 1]?.tookMs ?? usual;
    return !stalled && tookMs > late && tookMs > before + LEAST_HELD_MS;
  });
  return lost.length / (train.length * PACKETS_A_PROBE);
}
