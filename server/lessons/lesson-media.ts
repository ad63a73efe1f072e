import { own } from '../../protocol/common.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { Stream } from '../../protocol/events.ts';
import type { LinkReport } from '../../protocol/link.ts';
import {
  type ConsumerOptions,
  type FeedOptions,
  kindOf,
  type MediaApi,
  type MediaEvent,
  type MediaKind,
  type Opaque,
  type TransportOptions,
} from '../../protocol/media.ts';
import type { Input } from '../../protocol/requests.ts';
import type { Log } from '../log.ts';
import type { Lesson } from './lesson.ts';
import type { LessonMediaOptions, MediaNotice, MediaUser } from './media-notice.ts';
import { Receivers } from './receivers.ts';
import { Ways } from './ways.ts';

/**
 * A frame of 120 ms is missed when the next comes, asked for, and sent again after a round trip; a second resend is a round
 * trip more away, and mediasoup keeps a voice for a second.
 */
const TOO_FAR_TO_ASK_TWICE_MS = 440;

export interface OpenStream extends Stream {
  /** A voice that is coded for song and instruments: it takes twice the bits. */
  readonly music?: true;
  readonly transport: string;
  /** Its sender has silenced it. */
  held: boolean;
}

/**
 * One lesson's media: its router, and which transport, stream and consumer is whose. Everything a client names is
 * checked to be its own here; the media node knows no users.
 */
export class LessonMedia {
  readonly #lesson: Lesson;
  readonly #media: MediaApi;
  readonly #log: Log;
  readonly #notify: (notice: MediaNotice) => void;
  readonly #off: () => void;
  readonly #ways = new Ways((id) => this.#discard(this.#media.closeTransport(id)));
  readonly #streams = new Map<string, OpenStream>();
  readonly #consumers = new Map<string, { readonly transport: string }>();
  readonly #receivers: Receivers;
  #router: Promise<{ router: string; rtpCapabilities: Opaque }> | null = null;
  #routerId: string | null = null;
  #lastLevels = '';

  constructor({ lesson, media, log, notify, ceilings, downloads }: LessonMediaOptions) {
    this.#lesson = lesson;
    this.#media = media;
    this.#log = log;
    this.#notify = notify;
    this.#receivers = new Receivers({
      lesson,
      media,
      paused: (transport, consumer, paused) =>
        this.#tellOwner(transport, (connection) => ({ type: 'paused', connection, consumer, paused })),
      paced: (transport, pace) =>
        this.#tellOwner(transport, (connection) => ({ type: 'paced', connection, ...pace })),
      discard: (work) => this.#discard(work),
      ceilings,
      downloads,
    });
    this.#off = media.on((event) => {
      if ('router' in event && event.router === this.#routerId) this.#onMediaEvent(event);
    });
  }

  async rtpCapabilities(): Promise<Opaque> {
    return (await this.#openRouter()).rtpCapabilities;
  }

  async openTransport(user: MediaUser, options: Input<'media.open'>): Promise<TransportOptions> {
    const { router } = await this.#openRouter();
    const opened = await this.#media.createTransport(router, { datagrams: options.datagrams });
    this.#ways.add(opened.id, user, options);
    if (options.direction === 'receive') this.#receivers.opened(opened.id, user);
    if (options.dtlsParameters) await this.connectTransport(user, opened.id, options.dtlsParameters);
    return opened;
  }

  async connectTransport(user: MediaUser, transport: string, dtlsParameters: Opaque): Promise<void> {
    this.#ways.own(user, transport);
    await this.#media.connectTransport(transport, dtlsParameters);
  }

  async openFeed(user: MediaUser, transport: string): Promise<FeedOptions> {
    this.#ways.own(user, transport);
    const feed = await this.#media.openFeed(transport);
    // Its datagrams go in by the producer's id.
    this.#receivers.fed(transport, feed.dataProducerId);
    return feed;
  }

  /** Also how a transport passes to its owner's next connection. */
  async restartIce(user: MediaUser, transport: string): Promise<Opaque> {
    this.#ways.pass(user, transport);
    this.#receivers.returned(transport);
    return this.#media.restartIce(transport);
  }

  /**
   * One stream per source and person: a new microphone takes the place of the old. Rejects with `not_on_stage` where
   * they may not send any more once the stream is there.
   */
  async produce(
    user: MediaUser,
    transport: string,
    { music, ...what }: Pick<OpenStream, 'source' | 'thin' | 'music'>,
    rtpParameters: Opaque,
    may: () => boolean,
  ): Promise<Stream> {
    this.#ways.own(user, transport);
    const id = await this.#media.produce(transport, kindOf(what.source), rtpParameters);
    if (!may()) {
      await this.#media.closeProducer(id);
      throw new TongkeError('not_on_stage');
    }
    const former = [...this.#streams.values()].filter(
      ({ participant, source, thin }) =>
        participant === user.participant && source === what.source && thin === what.thin,
    );
    const stream: Stream = { id, participant: user.participant, ...what };
    const open: OpenStream = { ...stream, music, transport, held: false };
    this.#streams.set(id, open);
    await this.#letThrough(open);
    // The new one is told before the old one goes: its sender sees that another window has taken over.
    await this.#lesson.publish({ type: 'stream.opened', stream }, { actor: user.participant });
    for (const { id: old } of former) await this.#closeStream(old);
    return stream;
  }

  async hold(user: MediaUser, stream: string, held: boolean): Promise<void> {
    const open = this.#ownStream(user, stream);
    open.held = held;
    await this.#letThrough(open);
  }

  async closeOwn(user: MediaUser, stream: string): Promise<void> {
    this.#ownStream(user, stream);
    await this.#closeStream(stream);
  }

  /** `given`: what can be received of the stream's kind; without, what the transport's client gave before. */
  async consume(
    user: MediaUser,
    transport: string,
    stream: string,
    given?: Opaque,
  ): Promise<ConsumerOptions> {
    const { capabilities: known } = this.#ways.own(user, transport);
    const source = this.#streams.get(stream);
    if (!source) {
      if (given) known[kindIn(given)] ??= given; // the next question goes without
      throw new TongkeError('stream_gone');
    }
    const kind = kindOf(source.source);
    if (given) known[kind] = given;
    const capabilities = known[kind];
    if (!capabilities) throw new TongkeError('bad_request', `what of ${kind} can be received?`);
    const options = await this.#media.consume(transport, stream, capabilities, {
      isFar: user.roundTripMs >= TOO_FAR_TO_ASK_TWICE_MS,
    });
    this.#consumers.set(options.id, { transport });
    this.#receivers.consuming(transport, options.id, source);
    return options;
  }

  async receive(
    user: MediaUser,
    consumer: string,
    want: { paused: boolean; layers?: { spatial: number; temporal: number } },
  ): Promise<void> {
    const record = this.#consumers.get(consumer);
    if (!record) throw new TongkeError('stream_gone');
    this.#ways.own(user, record.transport);
    await this.#receivers.want(record.transport, consumer, !want.paused, want.layers ?? null);
  }

  /** The voices of others that one is to receive over this transport. */
  voicesFor(user: MediaUser, transport: string): string[] {
    const isThinnest = this.#receivers.rungOf(transport) === 'voice';
    return [...this.#streams.values()].flatMap(({ id, participant, source, thin }) =>
      source === 'mic' && participant !== user.participant && (!thin || isThinnest) ? [id] : [],
    );
  }

  /** What a participant measures of their own link. */
  linkReported(participant: string, report: LinkReport): void {
    this.#receivers.report(participant, report);
  }

  /** Their choice is in the log, or their ceiling is another: it holds at once. */
  async limitsChanged(participant: string): Promise<void> {
    await this.#receivers.limitsChanged(participant);
  }

  /** After the lead has muted someone, or a break began or ended: the server stops what must not be heard. */
  async letThroughAll(): Promise<void> {
    for (const stream of [...this.#streams.values()]) await this.#letThrough(stream);
  }

  /** Not while its sender holds it, the lead has muted the voice, or the lesson has a break. */
  async #letThrough(stream: OpenStream): Promise<void> {
    const { phase, people } = this.#lesson.state();
    const muted = stream.source === 'mic' && own(people, stream.participant)?.muted === true;
    const silent = stream.held || muted || phase === 'paused';
    await (silent ? this.#media.pauseProducer(stream.id) : this.#media.resumeProducer(stream.id));
  }

  /** Sent back to their seat, or gone: nothing of theirs is heard or seen any more. */
  async closeStreamsOf(participant: string): Promise<void> {
    for (const stream of [...this.#streams.values()]) {
      if (stream.participant === participant) await this.#closeStream(stream.id);
    }
  }

  /** Their voice still comes: of a link only what leads to them may be cut. */
  isHeard(participant: string): boolean {
    const voices = [...this.#streams.values()].filter(
      (stream) => stream.participant === participant && stream.source === 'mic',
    );
    return voices.some(({ id }) => {
      let packets = 0;
      try {
        this.#media.listen(id, () => packets++)();
      } catch (error) {
        if (!isGone(error)) throw error;
      }
      return packets > 0;
    });
  }

  connectionLost(connection: string): void {
    this.#ways.connectionLost(connection);
  }

  /** Who may no longer be here is not waited for: their transports end now, and their streams with them. */
  putOut(connection: string): void {
    this.#ways.putOut(connection);
  }

  /** Nothing that was opened in the name of this device or session goes on, not even while its owner is away. */
  endOf(by: string): void {
    this.#ways.endOf(by);
  }

  async close(): Promise<void> {
    this.#off();
    this.#forgetAll();
    const router = this.#routerId;
    this.#router = null;
    this.#routerId = null;
    if (router) await this.#media.closeRouter(router);
  }

  #openRouter(): Promise<{ router: string; rtpCapabilities: Opaque }> {
    this.#router ??= this.#media.createRouter().then(
      (opened) => {
        this.#routerId = opened.router;
        return opened;
      },
      (error: unknown) => {
        this.#router = null; // the next one who asks tries again
        throw error;
      },
    );
    return this.#router;
  }

  #onMediaEvent(event: MediaEvent): void {
    switch (event.type) {
      case 'router.died':
        this.#forgetAll();
        this.#router = null;
        this.#routerId = null;
        this.#discard(this.#lesson.publish({ type: 'media.moved' }));
        return;
      case 'producer.closed':
        this.#forgetStream(event.producer);
        return;
      case 'transport.closed': {
        this.#tellOwner(event.transport, (connection) => ({
          ...{ type: 'closed', connection, what: 'transport', id: event.transport },
        }));
        this.#forgetTransport(event.transport);
        return;
      }
      case 'consumer.closed': {
        const transport = this.#consumers.get(event.consumer)?.transport;
        this.#consumers.delete(event.consumer);
        if (!transport) return;
        this.#receivers.forget(transport, event.consumer);
        this.#tellOwner(transport, (connection) => ({
          ...{ type: 'closed', connection, what: 'consumer', id: event.consumer },
        }));
        return;
      }
      case 'levels':
        this.#onLevels(event.levels);
        return;
      case 'transport.disconnected':
        return; // its client notices too, and asks for an ICE restart
    }
  }

  /** Told in steps of 6 dB and only when they change: on a thin link this must cost next to nothing. */
  #onLevels(heard: readonly { producer: string; dBov: number }[]): void {
    const levels: Record<string, number> = {};
    for (const { producer, dBov } of heard) {
      const stream = this.#streams.get(producer);
      if (stream) levels[stream.participant] = Math.round(dBov / 6) * 6;
    }
    const text = JSON.stringify(levels);
    if (text === this.#lastLevels) return;
    this.#lastLevels = text;
    this.#notify({ type: 'levels', levels });
  }

  async #closeStream(id: string): Promise<void> {
    this.#forgetStream(id);
    try {
      await this.#media.closeProducer(id);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  #forgetStream(id: string): void {
    if (this.#streams.delete(id)) this.#discard(this.#lesson.publish({ type: 'stream.closed', stream: id }));
  }

  #tellOwner(transport: string, notice: (connection: string) => MediaNotice): void {
    const owner = this.#ways.ownerOf(transport);
    if (owner) this.#notify(notice(owner));
  }

  #forgetTransport(id: string): void {
    this.#receivers.closed(id);
    this.#ways.forget(id);
    for (const [consumer, { transport }] of this.#consumers)
      if (transport === id) this.#consumers.delete(consumer);
    for (const stream of [...this.#streams.values()])
      if (stream.transport === id) this.#forgetStream(stream.id);
  }

  #forgetAll(): void {
    this.#receivers.close();
    this.#ways.clear();
    this.#streams.clear();
    this.#consumers.clear();
  }

  #ownStream(user: MediaUser, stream: string): OpenStream {
    const record = this.#streams.get(stream);
    if (!record || record.participant !== user.participant) throw new TongkeError('stream_gone');
    return record;
  }

  /** For what nobody waits for: a failure is told to the operator, since there is no one else to tell. */
  #discard(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.#log.warn({ err: error, lesson: this.#lesson.lesson }, 'media bookkeeping failed');
    });
  }
}

/** Of capabilities; clients say those of one kind at a time. */
function kindIn({ codecs }: Opaque): MediaKind {
  const isPicture = (codec: unknown) =>
    typeof codec === 'object' && codec !== null && 'kind' in codec && codec.kind === 'video';
  return Array.isArray(codecs) && codecs.some(isPicture) ? 'video' : 'audio';
}

/** It has closed meanwhile. */
function isGone(error: unknown): boolean {
  return error instanceof TongkeError && error.code === 'stream_gone';
}
