import type { types } from 'mediasoup-client';
import { z } from 'zod';

/** How one's own uplink does; null for what was not measured. */
export interface UplinkSample {
  /** Monotonic, milliseconds. */
  readonly at: number;
  /** What the browser believes that it carries. */
  readonly availableKbps: number | null;
  readonly roundTripMs: number | null;
  /** The shortest of what is known of the path, as before anything was sent over it. */
  readonly shortestMs: number | null;
  /** Share of one's voice that did not arrive, 0..1. */
  readonly loss: number | null;
  /** How often the other end has answered so far, by a report or to a check of the path. */
  readonly answers: number | null;
}

/** How many layers of a picture are sent beside the voice: none, the smallest, and so on. */
const MOST = 3;
/** From the layers of a camera (encodings.ts) and the voice: below the least a number of layers starves, kbit/s. */
const LEAST_KBPS = [0, 45, 110, 300];
/** An estimate from which on one more layer may be tried at once; browsers find no more than twice of what is sent. */
const PROMISING_KBPS = [90, 260, 380];
const SETTLE_MS = 4_000;
/** An estimate does not grow where little is sent: after a while only trying tells. */
const TRY_MS = 30_000;
const BACKOFF_MOST_MS = 600_000;
/** A setback so soon after one layer more was that layer's fault. */
const BLAME_MS = 20_000;
const QUEUE_MS = 400;
const EXTRA_LOSS = 0.1;
/**
 * Nothing came back for so long: the way here is cut, and nobody can say what the way there carries. Reports come each
 * second, checks of the path every 2.5 s.
 */
const UNHEARD_MS = 3_500;

/** Decides how much of a picture goes out, so that the voice always does. Voices themselves are never touched. */
export class Uplink {
  #layers = 1;
  #changedAt: number | null = null;
  /** So many layers have done no harm. */
  #held = 1;
  #tryAt = 0;
  #backoffMs = TRY_MS;
  #rest: { roundTripMs: number | null; loss: number | null } = { roundTripMs: null, loss: null };
  #answered: { count: number | null; at: number } | null = null;

  /** Down at once, to the voice alone where it suffers or nothing is heard of it; up one layer at a time. */
  step({ at, availableKbps, roundTripMs, shortestMs, loss, answers }: UplinkSample): number {
    this.#changedAt ??= at;
    if (!this.#answered || answers !== this.#answered.count) this.#answered = { count: answers, at };
    if (answers !== null && at - this.#answered.at > UNHEARD_MS) {
      if (this.#layers === 0) return 0;
      this.#held = this.#layers; // it has done no harm: it may come back as soon as anything is heard
      this.#set(0, at);
      return 0;
    }
    const rest = this.#rest;
    const queueing =
      roundTripMs !== null && rest.roundTripMs !== null && roundTripMs > rest.roundTripMs + QUEUE_MS;
    const losing = loss !== null && rest.loss !== null && loss > rest.loss + EXTRA_LOSS;
    const since = at - this.#changedAt;
    const starving =
      since > SETTLE_MS && availableKbps !== null && availableKbps < (LEAST_KBPS[this.#layers] ?? 0);
    this.#learn(shortestMs, loss);
    if (this.#layers > 0 && (queueing || losing || starving)) this.#fall(at, queueing || losing);
    else if (this.#layers < MOST && this.#mayRise(at, since, availableKbps)) this.#set(this.#layers + 1, at);
    return this.#layers;
  }

  #learn(shortestMs: number | null, loss: number | null): void {
    this.#rest = {
      roundTripMs:
        shortestMs === null
          ? this.#rest.roundTripMs
          : Math.min(this.#rest.roundTripMs ?? shortestMs, shortestMs),
      loss: loss === null ? this.#rest.loss : Math.min(this.#rest.loss ?? loss, loss) * 0.9 + loss * 0.1,
    };
  }

  #mayRise(at: number, since: number, availableKbps: number | null): boolean {
    if (since < SETTLE_MS) return false;
    // Back to what held before; more than that only when its time has come.
    if (this.#layers < this.#held) return true;
    if (at < this.#tryAt) return false;
    return (availableKbps ?? 0) >= (PROMISING_KBPS[this.#layers] ?? 0) || since >= TRY_MS;
  }

  #fall(at: number, suffers: boolean): void {
    const blamed = at - (this.#changedAt ?? at) < BLAME_MS;
    this.#backoffMs = blamed ? Math.min(BACKOFF_MOST_MS, this.#backoffMs * 2) : TRY_MS;
    this.#tryAt = at + this.#backoffMs;
    this.#held = this.#layers - 1;
    this.#set(suffers ? Math.max(0, this.#layers - 2) : this.#layers - 1, at);
  }

  #set(layers: number, at: number): void {
    this.#layers = layers;
    this.#changedAt = at;
  }
}

/** The fields read of the browser's statistics: https://www.w3.org/TR/webrtc-stats/ */
const Remote = z.object({
  type: z.literal('remote-inbound-rtp'),
  timestamp: z.number().default(0),
  kind: z.enum(['audio', 'video']),
  roundTripTime: z.number().optional(),
  roundTripTimeMeasurements: z.number().optional(),
  fractionLost: z.number().optional(),
});
const Pair = z.object({
  type: z.literal('candidate-pair'),
  nominated: z.boolean().optional(),
  availableOutgoingBitrate: z.number().optional(),
  currentRoundTripTime: z.number().optional(),
  responsesReceived: z.number().optional(),
});

export function readUplink(stats: Iterable<unknown>, at = performance.now()): UplinkSample {
  const all = [...stats];
  const pairs = all.flatMap((stat) => Pair.safeParse(stat).data ?? []);
  const pair = pairs.find(({ nominated }) => nominated);
  const reports = all.flatMap((stat) => Remote.safeParse(stat).data ?? []);
  const voices = reports.filter(({ kind }) => kind === 'audio');
  const counts = [
    ...reports.flatMap(({ roundTripTimeMeasurements }) => roundTripTimeMeasurements ?? []),
    ...pairs.flatMap(({ responsesReceived }) => responsesReceived ?? []),
  ];
  const losses = voices.flatMap(({ fractionLost }) => fractionLost ?? []);
  // A picture is reported on more often than a voice; what is no longer sent keeps its last report.
  const latest = reports
    .filter(({ roundTripTime }) => roundTripTime !== undefined)
    .toSorted((one, other) => other.timestamp - one.timestamp)[0];
  const tripS = latest?.roundTripTime ?? pair?.currentRoundTripTime;
  const trips = [
    ...reports.flatMap(({ roundTripTime }) => roundTripTime ?? []),
    ...pairs.flatMap(({ currentRoundTripTime }) => currentRoundTripTime ?? []),
  ];
  return {
    at,
    availableKbps:
      pair?.availableOutgoingBitrate === undefined ? null : pair.availableOutgoingBitrate / 1_000,
    roundTripMs: tripS === undefined ? null : 1_000 * tripS,
    shortestMs: trips.length > 0 ? 1_000 * Math.min(...trips) : null,
    loss: losses.length > 0 ? Math.max(...losses) : null,
    answers: counts.length > 0 ? counts.reduce((a, b) => a + b, 0) : null,
  };
}

/** Sends so many layers of a picture, the smallest first, and nothing of it with 0. */
export async function limitLayers({ rtpSender }: types.Producer, layers: number): Promise<void> {
  const parameters = rtpSender?.getParameters();
  if (!rtpSender || !parameters?.encodings?.some(({ active }, i) => active !== i < layers)) return;
  for (const [i, encoding] of parameters.encodings.entries()) encoding.active = i < layers;
  await rtpSender.setParameters(parameters);
}
