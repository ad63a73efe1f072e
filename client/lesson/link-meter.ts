import { z } from 'zod';

/** How a link has done since it was read last. */
export interface LinkMeasure {
  /** Share of packets that never came. */
  readonly loss: number;
  /** Requests to send something again, for each packet that came: none on a clean link. */
  readonly asked: number;
  /** Share of the voice that was made up; null where no voice was due. */
  readonly concealed: number | null;
  readonly pathMs: number | null;
  readonly receivedKbps: number;
  /** Pictures a second of the best picture; null without one. */
  readonly frames: number | null;
}

/** The fields read of the browser's statistics: https://www.w3.org/TR/webrtc-stats/ */
const Inbound = z.object({
  type: z.literal('inbound-rtp'),
  id: z.string().default(''),
  kind: z.string(),
  packetsLost: z.number().default(0),
  packetsReceived: z.number().default(0),
  /** Requests, which browsers repeat: more than packets were lost. */
  nackCount: z.number().default(0),
  bytesReceived: z.number().default(0),
  concealedSamples: z.number().default(0),
  silentConcealedSamples: z.number().default(0),
  totalSamplesReceived: z.number().default(0),
  framesPerSecond: z.number().optional(),
});

const Pair = z.object({
  type: z.literal('candidate-pair'),
  nominated: z.literal(true),
  currentRoundTripTime: z.number(),
});

/** At 48 kHz, five seconds: until a voice's buffer has filled, what it lacks says nothing of the link. */
const WARM_UP = 240_000;

interface Counts {
  readonly lost: number;
  readonly asked: number;
  readonly received: number;
  readonly bytes: number;
  readonly samples: number;
}

const NOTHING: Counts = { lost: 0, asked: 0, received: 0, bytes: 0, samples: 0 };

/** Reads a receiving transport's counters as rates. */
export class LinkMeter {
  #before = NOTHING;
  readonly #voices = new VoiceMeter();
  #at = performance.now();

  /** Null where nothing has come since. */
  read(stats: Iterable<unknown>, at = performance.now()): LinkMeasure | null {
    const all = [...stats];
    const now = all.reduce<Counts>((sum, stat) => add(sum, Inbound.safeParse(stat).data), NOTHING);
    const since = (field: keyof Counts) => Math.max(0, now[field] - this.#before[field]);
    const seconds = (at - this.#at) / 1_000;
    const measure = {
      loss: share(since('lost'), since('lost') + since('received')),
      asked: share(since('asked'), since('received')),
      concealed: this.#voices.read(all),
      pathMs: pathOf(all),
      receivedKbps: seconds > 0 ? (8 * since('bytes')) / 1_000 / seconds : 0,
      frames: framesOf(all),
    };
    const any = since('received') + since('lost') + since('samples') > 0;
    this.#before = now;
    this.#at = at;
    return any ? measure : null;
  }
}

function add(sum: Counts, stat: z.output<typeof Inbound> | undefined): Counts {
  if (!stat) return sum;
  return {
    lost: sum.lost + stat.packetsLost,
    asked: sum.asked + stat.nackCount,
    received: sum.received + stat.packetsReceived,
    bytes: sum.bytes + stat.bytesReceived,
    samples: sum.samples + stat.totalSamplesReceived,
  };
}

/** How much of the voices that come is made up. */
class VoiceMeter {
  #before = new Map<string, z.output<typeof Inbound>>();

  /** Share since it was read last; null where none was due. */
  read(stats: readonly unknown[]): number | null {
    const voices = stats.flatMap((stat) => {
      const voice = Inbound.safeParse(stat).data;
      return voice?.kind === 'audio' ? [voice] : [];
    });
    const due = voices.map((now) => {
      const before = this.#before.get(now.id);
      const since = (of: (voice: z.output<typeof Inbound>) => number) =>
        Math.max(0, of(now) - (before ? of(before) : 0));
      return {
        came: since(({ packetsReceived }) => packetsReceived) > 0,
        isWarm: now.totalSamplesReceived > WARM_UP,
        samples: since(({ totalSamplesReceived }) => totalSamplesReceived),
        // Silence that is made up is what discontinuous transmission sends: nothing is missing.
        concealed: since(
          ({ concealedSamples, silentConcealedSamples }) => concealedSamples - silentConcealedSamples,
        ),
      };
    });
    this.#before = new Map(voices.map((voice) => [voice.id, voice]));
    // One that another has taken over from lacks nothing; where none comes at all, all do.
    const coming = due.some(({ came }) => came) ? due.filter(({ came }) => came) : due;
    const sum = (of: 'samples' | 'concealed') =>
      coming.reduce((all, voice) => all + (voice.isWarm ? voice[of] : 0), 0);
    return sum('samples') > 0 ? share(sum('concealed'), sum('samples')) : null;
  }
}

function framesOf(stats: readonly unknown[]): number | null {
  const rates = stats.flatMap((stat) => Inbound.safeParse(stat).data?.framesPerSecond ?? []);
  return rates.length > 0 ? Math.max(...rates) : null;
}

function pathOf(stats: readonly unknown[]): number | null {
  const trips = stats.flatMap((stat) => Pair.safeParse(stat).data?.currentRoundTripTime ?? []);
  return trips.length > 0 ? 1_000 * Math.min(...trips) : null;
}

const share = (part: number, whole: number) => (whole > 0 ? Math.min(1, part / whole) : 0);
