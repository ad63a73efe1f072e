import { HIGHEST, isAtLeast, type LinkChoice, RUNGS, type Rung } from '../../protocol/link.ts';

/** What is known of a receiver's link at one moment; null for what was not measured. */
export interface Sample {
  /** Monotonic, milliseconds. */
  readonly at: number;
  /** What the SFU believes the link carries in pictures, bit/s. */
  readonly estimate: number | null;
  /** The estimate keeps back some of the pictures that there are. Where it does not, it says nothing: see `isThin`. */
  readonly keptBack: boolean;
  /** Share of packets that did not come at first, 0..1. */
  readonly loss: number | null;
  readonly roundTripMs: number | null;
  /** Share of the voice that was made up since the last sample, 0..1. */
  readonly concealed: number | null;
  /** What the link carries, by a train that came since the last sample, kbit/s. */
  readonly carriesKbps: number | null;
}

export interface Limits {
  readonly choice: LinkChoice;
  /** For everything the receiver is sent; null where nobody set one. */
  readonly ceilingKbps: number | null;
  /** Whether there is any picture that the receiver would take. */
  readonly pictures: boolean;
}

/** Where a receiver stands, and what it takes to move it. A value: `step` makes the next. */
export interface Ladder {
  readonly rung: Rung;
  readonly changedAt: number;
  /** The last change was a step up. */
  readonly climbed: boolean;
  /** Where it was begun: nothing has moved it yet. */
  readonly fresh: boolean;
  /** Not one setback yet: a good link is at its top within seconds of joining. */
  readonly settling: boolean;
  /** Earliest time for a step up after a setback. */
  readonly tryAt: number;
  readonly backoffMs: number;
  /** No step up before, after a setback that was not the link's fault; and how long the next one holds. */
  readonly restUntil: number;
  readonly restMs: number;
  /** The link at rest: what voice and ink alone meet. */
  readonly rest: { readonly roundTripMs: number | null; readonly loss: number | null };
  /** What the link carried when that was last known, kbit/s. */
  readonly carriesKbps: number | null;
  /** When its packets last stood in a queue; long ago where they never have. */
  readonly queuedAt: number;
  /** Since when the estimate, or the voice on the lower rungs, has not been what it must be. */
  readonly shortSince: number | null;
}

/** A step up has been harmless for this long before the next one while settling. */
const SETTLE_MS = 2_000;
/** Before the first step, for a link of which nothing is known yet. */
const UNKNOWN_MS = 3_000;
/** On a satellite a picture that does not fit costs the voice seconds: joining is done first, and what is lost is known. */
const FAR_TRIP_MS = 450;
const FAR_MS = 15_000;
const FAR_AND_LOSSY_MS = 60_000;
/** There and back over a satellite at rest; a queue that stands from the beginning is no rest. */
const FARTHEST_TRIP_MS = 800;
/** The first setback may have been joining itself, with all that loads then. */
const BACKOFF_FIRST_MS = 30_000;
/** Later, two changes, up and down again, in no less than two minutes: one a minute on a link that does not change. */
const BACKOFF_MS = 120_000;
const BACKOFF_MOST_MS = 900_000;
/** A device that stutters is spared for a while, each time longer; its link needs no proving. */
const REST_MS = 3_000;
const REST_MOST_MS = 60_000;
/** A setback within this time of a step up was the step's fault. */
const BLAME_MS = 45_000;
/** A step up that lasted was a good one. */
const LASTED_MS = 120_000;
/** Longer queues than this are ours: no link at rest swings so far. */
const QUEUE_MS = 400;
const EXTRA_LOSS = 0.1;
/** Trying costs the voice most where much is lost anyway: there the first setback counts in full. */
const LOSSY = 0.07;
/** Links of which hardly a packet is lost. */
const CLEAN = 0.02;
/** Listeners notice above this. */
const CONCEALED = 0.05;
/** Voice and ink alone are too much where as much is made up for `SHORT_MS`. */
const CONCEALED_AT_REST = 0.07;
const SHORT_MS = 2_000;
/** The estimate starts at 45 kbit/s and needs time to find more. */
const GROWTH_MS = 8_000;
/** Voice at 12 kbit/s in 60 ms frames is 20 on the wire; the board is 12 while somebody writes. */
const VOICE_AND_INK_KBPS = 32;

/** What a link must carry for the rung above: the voice in full and ink, and then the smallest picture. */
const NEEDS_KBPS: Readonly<Partial<Record<Rung, number>>> = {
  voice: VOICE_AND_INK_KBPS,
  ink: VOICE_AND_INK_KBPS + 40,
};

interface Step {
  /** Pictures may take so much, bit/s. */
  readonly most: number;
  /** An estimate below this cannot feed the rung. */
  readonly least: number;
  /** The estimate from which on the next rung is worth trying. */
  readonly promising: number;
}

/** From the layers of a camera (client/lesson/encodings.ts): 50, 150 and 500 kbit/s. */
const STEPS: Readonly<Record<Rung, Step>> = {
  voice: { most: 0, least: 0, promising: 0 },
  ink: { most: 0, least: 0, promising: 0 },
  thumbnail: { most: 60_000, least: 0, promising: 32_000 },
  picture: { most: 350_000, least: 90_000, promising: 180_000 },
  everyone: { most: 4_000_000, least: 180_000, promising: Number.POSITIVE_INFINITY },
};

/** `roundTripMs`: all that is known of the link as yet. */
export function beginLadder(at: number, roundTripMs = 0): Ladder {
  // A link so far away may be the thinnest: it begins with what each carries, which shows how it is at rest.
  const isFar = roundTripMs >= FAR_TRIP_MS;
  return {
    rung: isFar ? 'voice' : 'ink',
    changedAt: at,
    climbed: false,
    fresh: !isFar,
    settling: true,
    tryAt: at,
    backoffMs: BACKOFF_FIRST_MS,
    restUntil: at,
    restMs: REST_MS,
    rest: { roundTripMs: isFar ? roundTripMs : null, loss: null },
    ...{ carriesKbps: null, queuedAt: Number.NEGATIVE_INFINITY },
    shortSince: null,
  };
}

/** What pictures may take together on this rung, bit/s. */
export function pictureBitrate(rung: Rung, { ceilingKbps }: Limits): number {
  const { most } = STEPS[rung];
  return ceilingKbps === null ? most : Math.min(most, budgetUnder(ceilingKbps));
}

/** Pure. Down at once and as far as needed; up one rung at a time, and after a setback later each time. */
export function step(before: Ladder, sample: Sample, limits: Limits): Ladder {
  const ladder = learn(before, sample);
  const highest = highestRung(limits);
  if (!isAtLeast(highest, ladder.rung)) return moved(ladder, highest, sample.at);
  const lower = setback(ladder, sample);
  if (lower)
    return isInnocent(ladder, sample) ? spared(ladder, lower, sample.at) : fallen(ladder, lower, sample.at);
  if (ladder.fresh && (ladder.rest.roundTripMs ?? 0) >= FAR_TRIP_MS) return moved(ladder, 'voice', sample.at);
  if (ladder.rung !== highest && mayClimb(ladder, sample)) {
    const next = RUNGS[RUNGS.indexOf(ladder.rung) + 1];
    if (next) return { ...moved(ladder, next, sample.at), climbed: true, tryAt: sample.at + BACKOFF_MS / 2 };
  }
  return ladder;
}

function budgetUnder(ceilingKbps: number): number {
  return Math.max(0, ceilingKbps - VOICE_AND_INK_KBPS) * 1_000;
}

function highestRung({ choice, ceilingKbps, pictures }: Limits): Rung {
  const rungs = RUNGS.filter((rung) => {
    if (!isAtLeast(HIGHEST[choice], rung)) return false;
    if (rung === 'voice') return true;
    if (rung === 'ink') return ceilingKbps === null || ceilingKbps >= VOICE_AND_INK_KBPS;
    if (!pictures) return false;
    // mediasoup cannot be held to less than 30 kbit/s: below it there is no picture.
    return ceilingKbps === null || budgetUnder(ceilingKbps) >= Math.max(30_000, STEPS[rung].least * 1.5);
  });
  return rungs.at(-1) ?? 'voice';
}

/**
 * Whether the estimate is of a link that carries less than `least`. mediasoup's grows only to 1.35 times of what senders
 * send: with small pictures it is small on any link. It speaks of the link where it keeps something back.
 */
function isThin({ estimate, keptBack }: Sample, least: number): boolean {
  return keptBack && estimate !== null && estimate < least;
}

function learn(ladder: Ladder, sample: Sample): Ladder {
  const { at, loss, roundTripMs, concealed } = sample;
  const { rest } = ladder;
  const bare = isAtLeast('ink', ladder.rung);
  const short = bare
    ? concealed !== null
      ? concealed > CONCEALED_AT_REST || isQueueing(ladder, roundTripMs)
      : ladder.shortSince !== null || isQueueing(ladder, roundTripMs)
    : isThin(sample, STEPS[ladder.rung].least);
  // Waiting after a fall proves nothing.
  const lasted = ladder.climbed && at - ladder.changedAt > LASTED_MS;
  return {
    ...ladder,
    backoffMs: lasted ? Math.min(BACKOFF_MS, ladder.backoffMs) : ladder.backoffMs,
    restMs: lasted ? REST_MS : ladder.restMs,
    rest: {
      roundTripMs:
        roundTripMs === null ? rest.roundTripMs : Math.min(rest.roundTripMs ?? roundTripMs, roundTripMs),
      // Only what voice alone loses tells of the link; the rest may be our own doing.
      loss: loss === null || !bare ? rest.loss : (rest.loss ?? loss) * 0.8 + loss * 0.2,
    },
    carriesKbps: sample.carriesKbps ?? ladder.carriesKbps,
    queuedAt: isQueueing(ladder, roundTripMs) ? at : ladder.queuedAt,
    shortSince: short ? (ladder.shortSince ?? at) : null,
  };
}

function isQueueing({ rest }: Ladder, roundTripMs: number | null): boolean {
  if (roundTripMs === null || rest.roundTripMs === null) return false;
  return roundTripMs > Math.min(rest.roundTripMs, FARTHEST_TRIP_MS) + QUEUE_MS;
}

/** The rung to go down to, or null where all is well. */
function setback(ladder: Ladder, { at, estimate, loss, roundTripMs, concealed }: Sample): Rung | null {
  const { rung, rest, shortSince, changedAt } = ladder;
  const short = shortSince !== null && at - shortSince >= SHORT_MS;
  // One report alone may speak of a cut that is over.
  if (isAtLeast('ink', rung)) {
    const known = concealed !== null || isQueueing(ladder, roundTripMs);
    return rung === 'ink' && short && known ? 'voice' : null;
  }
  if (concealed !== null && concealed > CONCEALED) return 'ink';
  const queueing = isQueueing(ladder, roundTripMs);
  const losing = loss !== null && loss > (rest.loss ?? 0) + EXTRA_LOSS;
  const starving = short && at - changedAt >= GROWTH_MS;
  return queueing || losing || starving ? fitting(rung, estimate) : null;
}

/** The highest rung below `rung` that `estimate` feeds. */
function fitting(rung: Rung, estimate: number | null): Rung {
  const below = RUNGS.slice(RUNGS.indexOf('ink'), RUNGS.indexOf(rung));
  const fed = below.filter((lower) => estimate === null || estimate >= STEPS[lower].least);
  return fed.at(-1) ?? 'ink';
}

/**
 * A voice that has gaps though nothing was lost, nothing queues and no picture is kept back: it is the device that is too
 * busy, not the link.
 */
function isInnocent(ladder: Ladder, { loss, roundTripMs, keptBack }: Sample): boolean {
  const isClean = (loss ?? 0) < CLEAN && (ladder.rest.loss ?? 0) < CLEAN;
  return isClean && !keptBack && roundTripMs !== null && !isQueueing(ladder, roundTripMs);
}

function spared(ladder: Ladder, rung: Rung, at: number): Ladder {
  const restMs = Math.min(REST_MOST_MS, ladder.restMs * 2);
  return { ...moved(ladder, rung, at), restUntil: at + ladder.restMs, restMs };
}

function fallen(ladder: Ladder, rung: Rung, at: number): Ladder {
  const lossy = (ladder.rest.loss ?? 0) > LOSSY;
  const blamed = at - ladder.changedAt < BLAME_MS && (lossy || !ladder.settling);
  const backoffMs = blamed
    ? Math.min(BACKOFF_MOST_MS, Math.max(BACKOFF_MS, ladder.backoffMs * 2))
    : ladder.backoffMs;
  return { ...moved(ladder, rung, at), settling: false, backoffMs, tryAt: at + backoffMs };
}

function mayClimb(ladder: Ladder, sample: Sample): boolean {
  const { at, loss, concealed } = sample;
  if (at < ladder.restUntil || (concealed !== null && concealed > CONCEALED)) return false;
  if (loss !== null && loss > (ladder.rest.loss ?? loss) + EXTRA_LOSS / 2) return false;
  const { carriesKbps } = ladder;
  const needs = NEEDS_KBPS[ladder.rung];
  if (carriesKbps !== null && needs !== undefined && carriesKbps < needs) return false;
  const isKnown = carriesKbps !== null && ladder.rung === 'voice';
  // Where it is not known: the voice alone has filled it, or joining has, and more would, too.
  const after = ladder.rung === 'voice' && !isKnown ? FAR_AND_LOSSY_MS : SETTLE_MS;
  if (at - ladder.queuedAt < after) return false;
  if (isKnown && ladder.settling) return at - ladder.changedAt >= SETTLE_MS;
  // An estimate stays low where little is sent: after a while only trying tells.
  const unpromising = isThin(sample, STEPS[ladder.rung].promising);
  if (unpromising && at - ladder.changedAt < BACKOFF_MS) return false;
  return ladder.settling ? at - ladder.changedAt >= settleFor(ladder) : at >= ladder.tryAt;
}

function settleFor({ rung, rest }: Ladder): number {
  if (rest.roundTripMs === null) return rung === 'ink' ? UNKNOWN_MS : SETTLE_MS;
  if (rest.roundTripMs < FAR_TRIP_MS) return SETTLE_MS;
  return (rest.loss ?? 1) > LOSSY ? FAR_AND_LOSSY_MS : FAR_MS; // not known yet: taken for the worse
}

function moved(ladder: Ladder, rung: Rung, at: number): Ladder {
  return { ...ladder, rung, changedAt: at, climbed: false, fresh: false, shortSince: null };
}
