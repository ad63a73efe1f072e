import { isAtLeast, RUNGS, type Rung } from '../../protocol/link.ts';
import { highestRung, type Limits, STEPS, VOICE_AND_INK_KBPS } from './rungs.ts';

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

/** Where a receiver stands, and what it takes to move it. A value: `step` makes the next. */
export interface Ladder {
  readonly rung: Rung;
  /** What others are told: a climb that passes several rungs within seconds is told once, when it is done. */
  readonly told: Rung;
  readonly begunAt: number;
  readonly changedAt: number;
  /** When what the link carries last moved it, up or down; a choice or a ceiling does not count. */
  readonly movedAt: number;
  /** A choice or a ceiling has moved it: whoever decided sees each step. */
  readonly decided: boolean;
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
  /** When the voice last had small gaps that were not the link's fault. */
  readonly stutteredAt: number;
  /** The link at rest: what voice and ink alone meet. */
  readonly rest: { readonly roundTripMs: number | null; readonly loss: number | null };
  /** What the link carried when that was last known, kbit/s. */
  readonly carriesKbps: number | null;
  /** When its packets last stood in a queue; long ago where they never have. */
  readonly queuedAt: number;
  /** Since when the estimate, or the voice on the lower rungs, has not been what it must be. */
  readonly shortSince: number | null;
}

/** No step up within this time of any change before it, but where it goes on with a climb. */
const APART_MS = 60_000;
/** A step up so soon after another, before any setback, belongs to the same climb. */
const SAME_CLIMB_MS = 10_000;
/** A step up has been harmless for this long before the next one while settling. */
const SETTLE_MS = 2_000;
/** Before the first step, for a link of which nothing is known yet. */
const UNKNOWN_MS = 3_000;
/** On a satellite a picture that does not fit costs the voice seconds: joining is done first, and what is lost is known. */
export const FAR_TRIP_MS = 450;
const FAR_MS = 15_000;
const FAR_AND_LOSSY_MS = 60_000;
/** There and back over a satellite at rest; a queue that stands from the beginning is no rest. */
const FARTHEST_TRIP_MS = 800;
/** The first setback may have been joining itself, with all that loads then. */
const BACKOFF_FIRST_MS = APART_MS;
/** Later, two changes, up and down again, in no less than two minutes: one a minute on a link that does not change. */
const BACKOFF_MS = 120_000;
const BACKOFF_MOST_MS = 900_000;
/** A device that stutters is spared for a while, each time longer; its link needs no proving. */
const REST_MS = APART_MS;
const REST_MOST_MS = 300_000;
/** Small gaps count where they come again so soon, and not while a page is being opened, which keeps any device busy. */
const AGAIN_MS = 10_000;
const OPENING_MS = 10_000;
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
/** Nobody bears this for another second. */
const MUCH_CONCEALED = 0.25;
/** Voice and ink alone are too much where as much is made up for `SHORT_MS`. */
const CONCEALED_AT_REST = 0.07;
const SHORT_MS = 2_000;
/** The estimate starts at 45 kbit/s and needs time to find more. */
const GROWTH_MS = 8_000;
/** What a link must carry for the rung above: the voice in full and ink, and then the smallest picture. */
const NEEDS_KBPS: Readonly<Partial<Record<Rung, number>>> = {
  voice: VOICE_AND_INK_KBPS,
  ink: VOICE_AND_INK_KBPS + 40,
};
/** What a train must have shown for a climb straight to a picture: as much again as it takes, since trains measure roughly. */
const PROVES_KBPS = { thumbnail: 90, picture: 400 } as const;

/** `roundTripMs`: all that is known of the link as yet. */
export function beginLadder(at: number, roundTripMs = 0): Ladder {
  // A link so far away may be the thinnest: it begins with what each carries, which shows how it is at rest.
  const isFar = roundTripMs >= FAR_TRIP_MS;
  return {
    rung: isFar ? 'voice' : 'ink',
    told: isFar ? 'voice' : 'ink',
    begunAt: at,
    changedAt: at,
    movedAt: Number.NEGATIVE_INFINITY,
    decided: false,
    climbed: false,
    fresh: !isFar,
    settling: true,
    tryAt: at,
    backoffMs: BACKOFF_FIRST_MS,
    restUntil: at,
    restMs: REST_MS,
    stutteredAt: Number.NEGATIVE_INFINITY,
    rest: { roundTripMs: isFar ? roundTripMs : null, loss: null },
    ...{ carriesKbps: null, queuedAt: Number.NEGATIVE_INFINITY },
    shortSince: null,
  };
}

/**
 * Pure. Down at once and as far as needed; up one rung at a time, and after a setback later each time.
 *
 * On a link that does not change, whatever it carries, what is `told` goes up no sooner than a minute after any change,
 * up or down, from the beginning on. A trial that fails is ended at once, within its minute: a change of which the voice
 * has need. So there is one change a minute, and those falls. Choices, ceilings and pictures that begin or end hold at once.
 */
export function step(before: Ladder, sample: Sample, limits: Limits): Ladder {
  const highest = highestRung(limits);
  const after = stepped(learn(before, sample), sample, highest);
  return { ...after, told: toldOf(after, sample.at, highest) };
}

function stepped(ladder: Ladder, sample: Sample, highest: Rung): Ladder {
  const { at } = sample;
  // What people decide moves it at once, and back again.
  if (!isAtLeast(highest, ladder.rung))
    return { ...moved(ladder, highest, at), movedAt: Number.NEGATIVE_INFINITY, decided: true };
  const lower = setback(ladder, sample);
  if (lower && isInnocent(ladder, sample))
    return bears(ladder, sample) ? { ...ladder, stutteredAt: at } : spared(ladder, lower, at);
  if (lower) return fallen(ladder, lower, at);
  if (ladder.fresh && (ladder.rest.roundTripMs ?? 0) >= FAR_TRIP_MS) return moved(ladder, 'voice', at);
  if (ladder.rung === highest || !isTimeToClimb(ladder, at)) return ladder;
  const next = climbsTo(ladder, sample, highest);
  return next
    ? { ...moved(ladder, next, at), climbed: true, movedAt: at, tryAt: at + BACKOFF_MS / 2 }
    : ladder;
}

function isTimeToClimb(ladder: Ladder, at: number): boolean {
  return at - ladder.movedAt >= APART_MS || isClimbing(ladder, at);
}

/** Further steps may follow that belong to the last one. */
function isClimbing({ climbed, settling, changedAt, rest }: Ladder, at: number): boolean {
  const isNear = (rest.roundTripMs ?? 0) < FAR_TRIP_MS;
  return climbed && settling && isNear && at - changedAt < SAME_CLIMB_MS;
}

function toldOf(ladder: Ladder, at: number, highest: Rung): Rung {
  const isHeld =
    !ladder.decided &&
    isClimbing(ladder, at) &&
    ladder.rung !== highest &&
    isAtLeast(ladder.rung, ladder.told);
  return isHeld ? ladder.told : ladder.rung;
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

/** Small gaps, that may be the only ones. */
function bears({ begunAt, stutteredAt }: Ladder, { at, concealed }: Sample): boolean {
  if ((concealed ?? 0) > MUCH_CONCEALED) return false;
  return at - begunAt < OPENING_MS || at - stutteredAt > AGAIN_MS;
}

function spared(ladder: Ladder, rung: Rung, at: number): Ladder {
  const restMs = Math.min(REST_MOST_MS, ladder.restMs * 2);
  return { ...moved(ladder, rung, at), movedAt: at, restUntil: at + ladder.restMs, restMs };
}

function fallen(ladder: Ladder, rung: Rung, at: number): Ladder {
  const lossy = (ladder.rest.loss ?? 0) > LOSSY;
  const blamed = at - ladder.changedAt < BLAME_MS && (lossy || !ladder.settling);
  const backoffMs = blamed
    ? Math.min(BACKOFF_MOST_MS, Math.max(BACKOFF_MS, ladder.backoffMs * 2))
    : ladder.backoffMs;
  return { ...moved(ladder, rung, at), movedAt: at, settling: false, backoffMs, tryAt: at + backoffMs };
}

/** The rung to go up to, or null: the next one, or what a train has proved. */
function climbsTo(ladder: Ladder, sample: Sample, highest: Rung): Rung | null {
  const { at, loss, concealed } = sample;
  const { carriesKbps, rung } = ladder;
  if (at < ladder.restUntil || (concealed !== null && concealed > CONCEALED)) return null;
  if (loss !== null && loss > (ladder.rest.loss ?? loss) + EXTRA_LOSS / 2) return null;
  const needs = NEEDS_KBPS[rung];
  if (carriesKbps !== null && needs !== undefined && carriesKbps < needs) return null;
  const isKnown = carriesKbps !== null && rung === 'voice';
  // Where it is not known: the voice alone has filled it, or joining has, and more would, too.
  const after = rung === 'voice' && !isKnown ? FAR_AND_LOSSY_MS : SETTLE_MS;
  if (at - ladder.queuedAt < after) return null;
  const next = RUNGS[RUNGS.indexOf(rung) + 1] ?? null;
  if (isKnown && ladder.settling) return firstOf(ladder, at, highest, carriesKbps);
  // An estimate stays low where little is sent: after a while only trying tells.
  const unpromising = isThin(sample, STEPS[rung].promising);
  if (unpromising && at - ladder.changedAt < BACKOFF_MS) return null;
  const isTime = ladder.settling ? at - ladder.changedAt >= settleFor(ladder) : at >= ladder.tryAt;
  return isTime ? next : null;
}

/**
 * The first rung of a far link that is known. One step later there would be none for a minute, so where a picture is proved
 * it waits for what joining takes to be over. Where much is lost, a picture is tried later, by itself.
 */
function firstOf({ rest, changedAt }: Ladder, at: number, highest: Rung, carriesKbps: number): Rung | null {
  const since = at - changedAt;
  const proved = (['picture', 'thumbnail'] as const).find(
    (rung) => isAtLeast(highest, rung) && carriesKbps >= PROVES_KBPS[rung],
  );
  if (!proved || (rest.loss ?? 0) > LOSSY) return since >= SETTLE_MS ? 'ink' : null;
  if (since < FAR_MS) return null;
  return rest.loss === null ? 'ink' : proved;
}

function settleFor({ rung, rest, carriesKbps }: Ladder): number {
  if (rest.roundTripMs === null) return rung === 'ink' ? UNKNOWN_MS : SETTLE_MS;
  if (rest.roundTripMs < FAR_TRIP_MS) return SETTLE_MS;
  // Not known yet: taken for the worse. The voice in full, for the seconds that a trial takes, costs the thinnest its socket.
  const isUnknown = rest.loss === null || (rung === 'voice' && carriesKbps === null);
  return isUnknown || (rest.loss ?? 1) > LOSSY ? FAR_AND_LOSSY_MS : FAR_MS;
}

function moved(ladder: Ladder, rung: Rung, at: number): Ladder {
  return { ...ladder, rung, changedAt: at, climbed: false, fresh: false, shortSince: null };
}
