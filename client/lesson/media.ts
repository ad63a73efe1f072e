import { TongkeError } from '../../protocol/errors.ts';
import type { Stream, StreamSource } from '../../protocol/events.ts';
import type { Input, Notice } from '../../protocol/requests.ts';
import { Listeners } from '../listeners.ts';
import { Again } from './again.ts';
import { ConnectionLost, isGone } from './answer.ts';
import { type Audience, NOBODY, sameAudience } from './audience.ts';
import { EarlyVoice } from './early/early-voice.ts';
import type { Sound } from './encodings.ts';
import { makeIdentity } from './handshake.ts';
import type { Arrivals } from './late/arrivals.ts';
import type { LinkMeasure } from './link-meter.ts';
import { type Ask, type Direction, MediaPath, type PathEvents } from './media-path.ts';
import { sameView } from './media-view.ts';
import { type Opening, toReceive } from './opening.ts';
import { Outgoing, unavailable } from './outgoing.ts';
import { Playout } from './playout.ts';
import type { Count } from './traffic.ts';
import type { LessonMedia, MediaView } from './types.ts';
import { sendVoices } from './voices.ts';

/** Nearer than this, TCP repairs what it loses before anyone sees it. */
const FAR_MS = 200;
/** Longer than a break that WebRTC notices (5 s), and what comes after one. */
const STEADY_MS = 15_000;

type MediaNotice = Extract<Notice, { type: 'consumer.closed' | 'consumer.paused' | 'transport.closed' }>;

export interface MediaOptions {
  readonly lesson: string;
  readonly ask: Ask;
  /** A datagram with fresh entries of the lesson. */
  fed(datagram: Uint8Array): void;
  /** The way to receive is there (again); the socket need not be. */
  receiving(): void;
  readonly count?: Count;
  report(error: unknown): void;
}

/**
 * What should be sent and received, and one worker that makes it so. Everything that happens (a stream, a track, a cut,
 * a moved lesson) changes only what is wanted; the worker compares and acts, one step at a time, so that no
 * two operations race and a missed event is made up for by the next.
 */
export class Media implements LessonMedia {
  readonly #options: MediaOptions;
  readonly #listeners = new Listeners();
  readonly #outgoing = new Outgoing();
  readonly #again = new Again(() => void this.#reconcile());
  readonly #playout = new Playout();
  readonly #early: EarlyVoice | null;
  #streams: Readonly<Record<string, Stream>> = {};
  /** Streams that the server says are gone; their closing entries are on the way. */
  #gone = new Set<string>();
  #you: string | null = null;
  #path: MediaPath | null = null;
  #pathBroken = false;
  #toRestart = false;
  #opening: Promise<MediaPath | null> | null = null;
  /** A restart that was begun before the lesson was joined again; whether it was done. */
  #returning: Promise<boolean> | null = null;
  #working: Promise<void> | null = null;
  #dirty = false;
  #view: MediaView = { connection: 'off', received: {}, early: null, sending: {}, held: {} };
  #measured: LinkMeasure | null = null;
  #closed = false;
  #isFar = false;
  /** Pictures, and datagrams, wait for the first voice. */
  #isHeldUp = false;
  #audience = NOBODY;
  readonly #broken = new Set<Direction>();

  constructor(options: MediaOptions) {
    this.#options = options;
    makeIdentity();
    this.#early = EarlyVoice.open({
      ...options,
      isHeard: () => this.#path?.isHeard ?? false,
      changed: () => this.#show(),
    });
  }

  view(): MediaView {
    return this.#view;
  }

  readonly subscribe = this.#listeners.add;

  async send(source: StreamSource, track: MediaStreamTrack | null, sound: Sound = 'speech'): Promise<void> {
    if (!track) {
      this.#outgoing.takeBack(source);
      return this.#reconcile();
    }
    if (this.#closed) throw unavailable(new Error('the lesson was left'));
    const sent = this.#outgoing.want(source, track, sound);
    void this.#reconcile();
    return sent;
  }

  async hold(source: StreamSource, held: boolean): Promise<void> {
    if (this.#outgoing.hold(source, held)) await this.#reconcile();
  }

  /** For who connects: the way to receive, where there is none yet and it is known how to ask for it. */
  ahead(): Input<'media.open'> | null {
    if (this.#path || this.#closed || !('RTCPeerConnection' in globalThis)) return null;
    return toReceive();
  }

  /**
   * The socket is back, and the lesson is being joined over it: finding the path anew need not wait for that. `opening`:
   * the answer to what was asked ahead.
   */
  returning(opening: Opening | null): void {
    const path = this.#path;
    if (!path) {
      void this.#opening?.then((unused) => unused?.close()); // of the connection before
      if ('RTCPeerConnection' in globalThis && !this.#closed) this.#opening = this.#openEarly(opening);
      return;
    }
    if (this.#pathBroken) return;
    this.#returning = path.restart().then(
      () => true,
      () => false, // tried again once joined, and reported then
    );
  }

  /** The socket carries requests of this lesson (again). */
  up(you: string, streams: Readonly<Record<string, Stream>>, roundTripMs: number): void {
    this.#isFar ||= roundTripMs > FAR_MS;
    this.#playout.expect(roundTripMs);
    this.#you = you;
    this.#streams = streams;
    this.#gone.clear();
    this.#toRestart = this.#path !== null;
    this.#again.reset();
    void this.#reconcile();
  }

  /** The socket is gone; media may well flow on. */
  down(): void {
    this.#you = null;
    this.#again.cancel();
  }

  /** All streams of the lesson, one's own among them. */
  streams(streams: Readonly<Record<string, Stream>>): void {
    if (streams === this.#streams) return;
    const before = this.#streams;
    this.#streams = streams;
    for (const source of this.#outgoing.sources) {
      const id = this.#path?.producer(source)?.id;
      if (!id || !before[id] || streams[id]) continue;
      // Another window of the same person speaks now: sending again would take it back from there, for ever.
      const { participant } = before[id];
      const takenOver = Object.values(streams).some(
        (s) => s.participant === participant && s.source === source && !s.thin,
      );
      if (takenOver) void this.send(source, null);
      // Ended by the server. Sent again if one still may; if not, the refusal ends it here too.
      else void this.#path?.stop(source, false);
    }
    const thin = this.#path?.producer('thin')?.id;
    if (thin && before[thin] && !streams[thin]) void this.#path?.stop('thin', false);
    void this.#reconcile();
  }

  /** What the links of the lesson ask of voices. */
  audience(audience: Audience): void {
    if (sameAudience(audience, this.#audience)) return;
    this.#audience = audience;
    void this.#reconcile();
  }

  /** Another worker has the lesson: all transports are gone, and what was sent is sent again. */
  moved(): void {
    this.#breakPath();
  }

  /** What the server says of something that is received or sent. */
  noticed(notice: MediaNotice): void {
    if (notice.type === 'consumer.closed') this.#consumerClosed(notice.consumer);
    else if (notice.type === 'consumer.paused') this.#consumerPaused(notice.consumer, notice.paused);
    else {
      const direction = this.#path?.directionOf(notice.transport);
      if (direction) this.#breakWay(direction);
    }
  }

  #consumerClosed(consumer: string): void {
    const stream = this.#path?.streamOf(consumer);
    if (stream === undefined) return;
    this.#path?.forget(stream);
    void this.#reconcile();
  }

  /** The server has stopped sending it, or sends it again, as one's link allows. */
  #consumerPaused(consumer: string, paused: boolean): void {
    this.#path?.setPaused(consumer, paused);
    this.#show();
  }

  /** How one's own link has done since last asked; null where nothing is received. */
  async measure(): Promise<LinkMeasure | null> {
    this.#measured = (await this.#path?.measure()) ?? null;
    return this.#measured;
  }

  measured(): LinkMeasure | null {
    return this.#measured;
  }

  /** What has come of the voices so far; null where none is received. */
  async arrivals(): Promise<Arrivals | null> {
    return (await this.#path?.arrivals()) ?? null;
  }

  close(): void {
    this.#closed = true;
    void this.#opening?.then((path) => path?.close());
    this.#again.cancel();
    this.#outgoing.close();
    this.#early?.close();
    this.#path?.close();
    this.#path = null;
    this.#show();
  }

  /** What is received says nothing of what is sent: each way is given up alone. */
  #breakWay(direction: Direction): void {
    this.#broken.add(direction);
    void this.#reconcile();
  }

  #breakPath(): void {
    this.#pathBroken = true;
    void this.#reconcile();
  }

  /** The way to receive is there. */
  get isReceiving(): boolean {
    return this.#path?.isReceiving ?? false;
  }

  /** The link is there and has been: what does not come by the socket is on its way, or waits for TCP to send it again. */
  get isSteady(): boolean {
    return (this.#path?.receivingMs ?? 0) > STEADY_MS;
  }

  /** Resolves once what is wanted now has been tried. */
  #reconcile(): Promise<void> {
    this.#dirty = true;
    this.#working ??= this.#work();
    return this.#working;
  }

  async #work(): Promise<void> {
    await Promise.resolve(); // what changes in this very tick is one change
    try {
      while (this.#dirty && !this.#closed) await this.#round();
    } finally {
      this.#working = null; // in the same tick as the last look: whoever comes after it begins anew
    }
  }

  async #round(): Promise<void> {
    this.#dirty = false;
    try {
      if (this.#you !== null) await this.#step(this.#you);
      this.#again.reset();
    } catch (error) {
      this.#onFailure(error);
    }
    this.#show();
  }

  async #step(you: string): Promise<void> {
    const toReceive = Object.values(this.#streams).filter(
      ({ id, participant, thin }) =>
        participant !== you && !this.#gone.has(id) && (!thin || this.#audience.takesThin),
    );
    if (this.#pathBroken) this.#closePath();
    for (const direction of this.#broken) this.#path?.drop(direction);
    this.#broken.clear();
    if (!this.#path && toReceive.length === 0 && this.#outgoing.isEmpty) return;
    if (!('RTCPeerConnection' in globalThis)) throw new TongkeError('media_unavailable', 'no WebRTC here');
    const path = this.#path ?? (await this.#openPath());
    if (this.#toRestart) await this.#restart(path);
    if (this.#pathBroken) return;
    for (const source of ['mic', 'screen', 'camera'] as const) await this.#outgoing.send(path, source);
    await sendVoices(path, this.#outgoing.microphone, this.#audience, this.#options.report);
    for (const stream of path.consumers.keys()) if (!this.#streams[stream]) path.forget(stream);
    // Voices before pictures: on a thin link the first to be asked for is the first to be heard.
    const voicesFirst = toReceive.toSorted((a, b) => Number(b.source === 'mic') - Number(a.source === 'mic'));
    const lacking = voicesFirst.filter(({ id }) => !path.consumers.has(id));
    const missing = this.#mayAskForPictures(path)
      ? lacking
      : lacking.filter(({ source }) => source === 'mic');
    this.#isHeldUp = this.#isFar && !path.isReceiving;
    for (const stream of missing) path.askFor(stream);
    for (const stream of missing) await this.#receive(path, stream);
    if (this.#isFar && path.isReceiving) await path.openFeed();
  }

  /**
   * Over a far link even to ask for a picture holds up what makes the first voice heard. And where a link carries no more
   * than a voice, mediasoup looks for room for a picture that waits with five packets every five seconds.
   */
  #mayAskForPictures(path: MediaPath): boolean {
    const hasVoice = Object.values(this.#streams).some(({ source, participant }) => {
      return source === 'mic' && participant !== this.#you;
    });
    return !this.#isFar || !hasVoice || (this.#audience.takesMore && path.isReceiving);
  }

  /** Beside joining: on a satellite every answer that is not waited for is 600 ms. Null: tried again once joined. */
  async #openEarly(opening: Opening | null): Promise<MediaPath | null> {
    try {
      return await this.#makePath({ opening });
    } catch {
      return null; // the same again, with what to do about it, as soon as there is something to receive
    }
  }

  async #openPath(): Promise<MediaPath> {
    const early = await this.#opening;
    this.#opening = null;
    const path = early ?? (await this.#makePath());
    if (this.#closed) path.close();
    this.#path = path;
    return path;
  }

  #makePath(early?: { readonly opening: Opening | null }): Promise<MediaPath> {
    const events: PathEvents = {
      changed: () => this.#onPathChanged(),
      broken: (direction) => this.#breakWay(direction),
      fed: this.#options.fed,
      receiving: this.#options.receiving,
      count: this.#options.count,
      trackEnded: (source) => void this.send(source, null),
      report: this.#options.report,
    };
    return MediaPath.open(this.#options.ask, this.#playout, events, early);
  }

  #onPathChanged(): void {
    if (this.#path?.isReceiving) this.#early?.enough();
    this.#show();
    if (this.#isHeldUp && this.#path?.isReceiving) void this.#reconcile();
  }

  #closePath(): void {
    this.#path?.close();
    this.#path = null;
    this.#pathBroken = false;
    this.#toRestart = false;
    this.#dirty = true;
  }

  /** After a cut the transports are still there for a while; where they are not, others take their place. */
  async #restart(path: MediaPath): Promise<void> {
    this.#toRestart = false;
    const done = await this.#returning;
    this.#returning = null;
    if (done) return;
    try {
      await path.restart();
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      this.#closePath();
      this.#pathBroken = true;
    }
  }

  async #receive(path: MediaPath, stream: Stream): Promise<void> {
    try {
      await path.consume(stream);
      this.#show();
    } catch (error) {
      if (!isGone(error)) throw error;
      this.#gone.add(stream.id);
    }
  }

  #onFailure(error: unknown): void {
    this.#outgoing.failed(error);
    if (error instanceof ConnectionLost) return; // `up` begins again
    this.#options.report(error);
    this.#pathBroken = !(error instanceof TongkeError);
    this.#again.later();
  }

  #show(): void {
    const received: Record<string, MediaStreamTrack> = {};
    for (const [stream, { track, paused }] of this.#path?.consumers ?? [])
      if (!paused) received[stream] = track;
    const early = this.#early?.track ?? null;
    const connection = this.#path?.state ?? 'off';
    const view: MediaView = { connection, received, early, ...this.#outgoing.view() };
    if (sameView(view, this.#view)) return;
    this.#view = view;
    this.#listeners.tell();
  }
}
