import { z } from 'zod';

/** What has come of the voices so far. */
export interface Arrivals {
  readonly packets: number;
  /** Packets that are known to have been sent and have not come. */
  readonly lost: number;
  /** From a voice's reaching the server to its being heard, of late; null before one was. */
  readonly delayMs: number | null;
}

/** The fields read of the browser's statistics: https://www.w3.org/TR/webrtc-stats/ */
const Voice = z.object({
  type: z.literal('inbound-rtp'),
  kind: z.literal('audio'),
  packetsReceived: z.number().default(0),
  packetsLost: z.number().default(0),
  /** Seconds, summed over samples. */
  jitterBufferDelay: z.number().default(0),
  jitterBufferEmittedCount: z.number().default(0),
});
const Pair = z.object({
  type: z.literal('candidate-pair'),
  nominated: z.literal(true),
  currentRoundTripTime: z.number(),
});

/** Reads a receiving transport's counters: what came, and how late it is heard. */
export class ArrivalMeter {
  #before = { waited: 0, emitted: 0 };
  #delayMs: number | null = null;

  read(stats: Iterable<unknown>): Arrivals {
    const sum = { packets: 0, lost: 0, waited: 0, emitted: 0 };
    let roundTrip = 0;
    for (const stat of stats) {
      const voice = Voice.safeParse(stat).data;
      sum.packets += voice?.packetsReceived ?? 0;
      sum.lost += voice?.packetsLost ?? 0;
      sum.waited += voice?.jitterBufferDelay ?? 0;
      sum.emitted += voice?.jitterBufferEmittedCount ?? 0;
      roundTrip = Pair.safeParse(stat).data?.currentRoundTripTime ?? roundTrip;
    }
    const emitted = sum.emitted - this.#before.emitted;
    if (emitted > 0) {
      const waited = (sum.waited - this.#before.waited) / emitted;
      this.#delayMs = 1_000 * (waited + roundTrip / 2);
    }
    this.#before = { waited: sum.waited, emitted: sum.emitted };
    const { packets, lost } = sum;
    return { packets, lost, delayMs: this.#delayMs };
  }
}
