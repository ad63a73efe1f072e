import type { Stream } from '../../protocol/events.ts';
import {
  isAtLeast,
  type LinkChoice,
  type LinkReport,
  RUNGS,
  type Rung,
  sparest,
} from '../../protocol/link.ts';
import type { MediaApi } from '../../protocol/media.ts';
import { encodeTrain } from '../../protocol/train-line.ts';
import type { Ceilings } from './ceilings.ts';
import { downloadRates } from './download-rates.ts';
import type { Downloads } from './downloads.ts';
import { type Given, givenTo, sameGiven } from './given.ts';
import { beginLadder, type Ladder, step } from './ladder.ts';
import type { Lesson } from './lesson.ts';
import type { MediaUser, Pace } from './media-notice.ts';
import { AT_ONCE, Pacer } from './pace.ts';
import { type Layers, lower, planPictures, sameLayers } from './picture-plan.ts';
import { Resends } from './resends.ts';
import { type Limits, pictureBitrate } from './rungs.ts';

const STEP_MS = 1_000;
/** Where nothing moves, statistics cost more than they tell: a measurement in so many steps. */
const QUIET_STEPS = 3;
const QUIET_AFTER_MS = 30_000;
/** 1 kB each: a third of a second of the thinnest link. Where nothing moves they grow rare. */
const TRAIN_EVERY_MS = 60_000;
const TRAIN_MOST_MS = 240_000;
/** Until one has told. */
const FIRST_TRAINS_MS = 6_000;
/** Among what queues it would tell of that. */
const TRAIN_REST_MS = 2_000;
/** A new step is measured by its own packets first. */
const PROBE_MS = 2_500;

type ReceivedStream = Stream & { readonly music?: true };

/** One consumer: what its client wants, and what was last asked of the media node. */
interface Received {
  readonly stream: ReceivedStream;
  wanted: boolean;
  /** The highest layer its client wants. */
  most: Layers;
  sent: Layers;
  /** What the client was last told; it expects to be sent what it wants. */
  toldPaused: boolean;
}

interface Receiver {
  readonly transport: string;
  readonly participant: string;
  /** See `MediaUser`. */
  readonly by: string;
  readonly consumers: Map<string, Received>;
  ladder: Ladder;
  readonly resends: Resends;
  report: LinkReport | null;
  bitrate: number | null;
  steps: number;
  readonly pacer: Pacer;
  pace: Pace;
  /** Trains so far, and when the last of them was sent. */
  trains: number;
  trainAt: number;
  trainEveryMs: number;
  /** When the media node last looked for more than it had found the link to carry. */
  probedAt: number;
  /** One change at a time: a pause must not overtake the resumption before it. */
  work: Promise<void>;
}

export interface ReceiversOptions {
  readonly lesson: Lesson;
  readonly media: MediaApi;
  /** A consumer is sent no more, or again. */
  paused(transport: string, consumer: string, paused: boolean): void;
  /** How the lesson's entries are to reach this receiver's owner. */
  paced(transport: string, pace: Pace): void;
  /** Work that nobody waits for. */
  discard(work: Promise<unknown>): void;
  readonly ceilings: Pick<Ceilings, 'arrived' | 'departed' | 'kbps' | 'allowed'>;
  readonly downloads: Pick<Downloads, 'limit' | 'isBusy'>;
}

/**
 * Gives every receiver of a lesson as much as its link carries: measures each transport, steps its ladder, and makes
 * the media node send that and no more. Voices are never held back.
 */
export class Receivers {
  readonly #options: ReceiversOptions;
  readonly #receivers = new Map<string, Receiver>();
  /** What the log says, or is about to. */
  readonly #logged = new Map<string, Given>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReceiversOptions) {
    this.#options = options;
  }

  opened(transport: string, { participant, by, roundTripMs }: MediaUser): void {
    const ladder = beginLadder(performance.now(), roundTripMs);
    this.#receivers.set(transport, {
      ...{ transport, participant, by, ladder, consumers: new Map(), resends: new Resends(), report: null },
      ...{ bitrate: null, steps: 0, pacer: new Pacer(), pace: AT_ONCE, work: Promise.resolve() },
      ...{ trains: 0, trainAt: Number.NEGATIVE_INFINITY, trainEveryMs: TRAIN_EVERY_MS, probedAt: 0 },
    });
    this.#options.ceilings.arrived(participant);
    this.#timer ??= setInterval(() => this.#stepAll(), STEP_MS).unref();
    this.#log(participant); // who sends a thinner voice hears of it now
  }

  closed(transport: string): void {
    const receiver = this.#receivers.get(transport);
    if (!receiver) return;
    this.#receivers.delete(transport);
    this.#gone(receiver);
    if (this.#receivers.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const receiver of this.#receivers.values()) this.#gone(receiver);
    this.#receivers.clear();
  }

  #gone({ transport, participant, by }: Receiver): void {
    this.#options.ceilings.departed(participant);
    this.#options.downloads.limit(by, transport, null);
  }

  rungOf(transport: string): Rung | undefined {
    return this.#receivers.get(transport)?.ladder.rung;
  }

  /** Its client takes datagrams from `feed`. */
  fed(transport: string, feed: string): void {
    const receiver = this.#receivers.get(transport);
    if (receiver) receiver.pacer.feed = feed;
  }

  consuming(transport: string, consumer: string, stream: ReceivedStream): void {
    const received: Received = { stream, wanted: false, most: null, sent: null, toldPaused: false };
    this.#receivers.get(transport)?.consumers.set(consumer, received);
  }

  forget(transport: string, consumer: string): void {
    this.#receivers.get(transport)?.consumers.delete(consumer);
  }

  /** What the client wants of a consumer; resolves once it is sent as far as the link allows. */
  async want(transport: string, consumer: string, wanted: boolean, most: Layers): Promise<void> {
    const receiver = this.#receivers.get(transport);
    const received = receiver?.consumers.get(consumer);
    if (!receiver || !received) return;
    received.wanted = wanted;
    received.most = most;
    await this.#apply(receiver);
  }

  report(participant: string, report: LinkReport): void {
    for (const receiver of this.#of(participant)) {
      const carriesKbps = report.carriesKbps ?? receiver.report?.carriesKbps;
      receiver.report = { ...report, ...(carriesKbps !== undefined && { carriesKbps }) };
      if ((report.concealed ?? 0) > 0 || report.carriesKbps !== undefined)
        this.#options.discard(this.#step(receiver));
    }
  }

  /** They choose, or their ceiling is another: it holds at once. */
  async limitsChanged(participant: string): Promise<void> {
    await Promise.all(this.#of(participant).map((receiver) => this.#step(receiver)));
  }

  /** Tells a client that has come back, over a connection that knows nothing yet, how it stands. */
  returned(transport: string): void {
    const receiver = this.#receivers.get(transport);
    if (!receiver) return;
    this.#options.paced(transport, receiver.pace);
    for (const [consumer, { toldPaused }] of receiver.consumers)
      this.#options.paused(transport, consumer, toldPaused);
  }

  #of(participant: string): Receiver[] {
    return [...this.#receivers.values()].filter((receiver) => receiver.participant === participant);
  }

  #stepAll(): void {
    const now = performance.now();
    for (const receiver of this.#receivers.values()) {
      receiver.steps += 1;
      const quiet =
        now - receiver.ladder.changedAt > QUIET_AFTER_MS && isAtLeast('ink', receiver.ladder.rung);
      if (!quiet || receiver.steps % QUIET_STEPS === 0) this.#options.discard(this.#step(receiver));
    }
  }

  async #step(receiver: Receiver): Promise<void> {
    const { media } = this.#options;
    const stats = await media.transportStats(receiver.transport);
    if (this.#receivers.get(receiver.transport) !== receiver) return; // closed meanwhile
    const { report } = receiver;
    receiver.report = null;
    const loss = receiver.resends.read(stats.packetsSent, stats.packetsResent);
    receiver.pacer.learn(loss);
    const before = receiver.ladder;
    const limits = this.#limits(receiver);
    receiver.ladder = step(
      before,
      {
        at: performance.now(),
        // Without a picture the estimate is that of the last one.
        estimate: isAtLeast('ink', before.rung) ? null : stats.availableOutgoingBitrate,
        keptBack: stats.keptBack,
        loss,
        // A request's own trip is all that is known of a link at first; later it tells of the socket's queue.
        roundTripMs:
          greatest(stats.roundTripMs, report?.pathMs) ??
          (before.rest.roundTripMs === null ? (report?.roundTripMs ?? null) : null),
        concealed: report?.concealed ?? null,
        carriesKbps: report?.carriesKbps ?? null,
      },
      limits,
    );
    if (receiver.ladder.rung !== before.rung) receiver.trainEveryMs = TRAIN_EVERY_MS;
    if (stats.keptBack) await this.#probe(receiver, stats.availableOutgoingBitrate);
    this.#sendTrain(receiver);
    const { by, transport, ladder } = receiver;
    this.#options.downloads.limit(by, transport, downloadRates(ladder, limits));
    await this.#apply(receiver);
    this.#pace(receiver);
    this.#log(receiver.participant);
  }

  #limits(receiver: Receiver): Limits {
    const { participant, by, consumers } = receiver;
    const taken = [...consumers.values()].filter(({ wanted }) => wanted);
    return {
      choice: sparest(this.#choice(participant), this.#options.ceilings.allowed(participant)),
      ceilingKbps: this.#options.ceilings.kbps(participant),
      pictures: taken.some(({ stream }) => isPicture(stream)) || this.#willAskForPictures(receiver),
      music: taken.some(({ stream }) => stream.music),
      downloading: this.#options.downloads.isBusy(by),
    };
  }

  /** Far receivers ask for pictures once their link carries more than a voice. */
  #willAskForPictures({ participant, ladder, consumers }: Receiver): boolean {
    if (ladder.rung !== 'voice' || [...consumers.values()].some(({ stream }) => isPicture(stream)))
      return false;
    return Object.values(this.#options.lesson.state().streams).some(
      (stream) => isPicture(stream) && stream.participant !== participant,
    );
  }

  #choice(participant: string): LinkChoice {
    return this.#options.lesson.state().people[participant]?.choice ?? 'all';
  }

  #pace(receiver: Receiver): void {
    const pace = receiver.pacer.pace(receiver.ladder.rung);
    if (pace.everyMs === receiver.pace.everyMs && pace.feed === receiver.pace.feed) return;
    receiver.pace = pace;
    this.#options.paced(receiver.transport, pace);
  }

  /** Where no picture is sent nothing tells what the link carries. Only far ones take datagrams. */
  #sendTrain(receiver: Receiver): void {
    const { feed } = receiver.pacer;
    const now = performance.now();
    const { carriesKbps, queuedAt } = receiver.ladder;
    const every = carriesKbps === null ? FIRST_TRAINS_MS : receiver.trainEveryMs;
    const due = now - receiver.trainAt >= every && now - queuedAt >= TRAIN_REST_MS;
    if (feed === null || !due || !isAtLeast('ink', receiver.ladder.rung)) return;
    if (carriesKbps !== null) receiver.trainEveryMs = Math.min(TRAIN_MOST_MS, 2 * every);
    receiver.trainAt = now;
    receiver.trains += 1;
    const cars = encodeTrain(receiver.trains);
    this.#options.discard(Promise.all(cars.map((car) => this.#options.media.sendFeed(feed, car))));
  }

  /**
   * mediasoup looks for more when its limit is raised, with a few packets, and only then: where they were lost, or a
   * busy machine sent them late, its estimate would stay at the little that is sent. The limit is raised by `#apply`.
   */
  async #probe(receiver: Receiver, estimate: number | null): Promise<void> {
    const now = performance.now();
    if (receiver.bitrate === null || estimate === null || estimate >= receiver.bitrate) return;
    if (now - Math.max(receiver.probedAt, receiver.ladder.changedAt) < PROBE_MS) return;
    receiver.probedAt = now;
    receiver.bitrate = estimate;
    await this.#options.media.setMaxOutgoingBitrate(receiver.transport, estimate);
  }

  #apply(receiver: Receiver): Promise<void> {
    const applied = receiver.work.then(() => this.#applyNow(receiver));
    receiver.work = applied.catch(() => undefined); // rejected to who asked; the next change goes on
    return applied;
  }

  /** Makes the media node send what the rung says: less first, so that more finds room. */
  async #applyNow(receiver: Receiver): Promise<void> {
    const { media } = this.#options;
    const { rung } = receiver.ladder;
    const bitrate = pictureBitrate(rung, this.#limits(receiver));
    if (bitrate > 0 && bitrate !== receiver.bitrate) {
      receiver.bitrate = bitrate;
      await media.setMaxOutgoingBitrate(receiver.transport, bitrate);
    }
    const plan = this.#plan(receiver);
    const changes = [...plan].toSorted(([, a], [, b]) => Number(a !== null) - Number(b !== null));
    for (const [consumer, layers] of changes) await this.#send(receiver, consumer, layers);
  }

  #plan({ ladder, consumers, participant }: Receiver): Map<string, Layers> {
    const pictures = [...consumers].flatMap(([consumer, { stream, wanted, most }]) =>
      wanted && isPicture(stream) ? [{ consumer, most, ...stream }] : [],
    );
    const plan = new Map<string, Layers>();
    const thin = thinVoices(ladder.rung, consumers);
    for (const [consumer, { stream, wanted }] of consumers) {
      const isHeard = stream.source === 'mic' && thin.has(stream.participant) === (stream.thin === true);
      plan.set(consumer, wanted && isHeard ? { spatial: 0, temporal: 0 } : null);
    }
    for (const [{ consumer, most }, layers] of planPictures(ladder.rung, pictures, this.#main(participant)))
      plan.set(consumer, layers && lower(layers, most));
    return plan;
  }

  /** The teacher; for the teacher, whoever was called on last. */
  #main(participant: string): string | undefined {
    const { people, stage } = this.#options.lesson.state();
    const lead = Object.values(people).find(({ part }) => part === 'lead')?.id;
    return participant === lead ? stage.at(-1) : lead;
  }

  async #send({ transport, consumers }: Receiver, consumer: string, layers: Layers): Promise<void> {
    const received = consumers.get(consumer);
    if (!received) return;
    const ofPicture = isPicture(received.stream);
    // Of a voice that another takes over from, what is on its way is still heard.
    const paused = ofPicture && received.wanted && layers === null;
    if (paused !== received.toldPaused) {
      received.toldPaused = paused;
      this.#options.paused(transport, consumer, paused);
    }
    if (sameLayers(received.sent, layers)) return;
    const { media } = this.#options;
    if (layers && ofPicture) await media.setPreferredLayers(consumer, layers);
    if (layers && !received.sent) await media.resumeConsumer(consumer);
    if (!layers && received.sent) await media.pauseConsumer(consumer);
    received.sent = layers;
  }

  /** Into the lesson's log, where it is another than the log says. Several devices are as good as the worst. */
  #log(participant: string): void {
    const { lesson, discard } = this.#options;
    const person = lesson.state().people[participant];
    const rungs = this.#of(participant).map(({ ladder }) => ladder.told);
    const rung = RUNGS.find((each) => rungs.includes(each));
    if (!person?.online || !rung) return;
    const { ceilings } = this.#options;
    const given: Given = {
      rung,
      ceilingKbps: ceilings.kbps(participant),
      allowed: ceilings.allowed(participant),
    };
    const before = this.#logged.get(participant) ?? givenTo(person);
    if (sameGiven(before, given)) return;
    this.#logged.set(participant, given);
    const choice = this.#choice(participant);
    const limits = {
      ...(given.ceilingKbps !== null && { ceilingKbps: given.ceilingKbps }),
      ...(given.allowed !== 'all' && { allowed: given.allowed }),
    };
    discard(lesson.publish({ type: 'link.changed', participant, rung, choice, ...limits }));
  }
}

function isPicture({ source }: Stream): boolean {
  return source !== 'mic';
}

/** Whose thin voice this receiver gets in place of the other: there is one, its client takes it, and no more fits. */
function thinVoices(rung: Rung, consumers: ReadonlyMap<string, Received>): ReadonlySet<string> {
  if (rung !== 'voice') return new Set();
  const thin = [...consumers.values()].filter(({ stream, wanted }) => stream.thin && wanted);
  return new Set(thin.map(({ stream }) => stream.participant));
}

function greatest(a: number | null, b: number | undefined): number | null {
  return b === undefined ? a : Math.max(a ?? b, b);
}
