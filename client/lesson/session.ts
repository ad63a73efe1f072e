import { isBoardEvent } from '../../protocol/board-events.ts';
import { type ErrorBody, TongkeError } from '../../protocol/errors.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import type {
  AheadRequest,
  DurableName,
  Input,
  Notice,
  Output,
  RequestName,
} from '../../protocol/requests.ts';
import { Listeners } from '../listeners.ts';
import { ConnectionLost } from './answer.ts';
import { audienceOf } from './audience.ts';
import { LessonClock } from './clock.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { defaultStorage, onReturn } from './environment.ts';
import { Follower } from './follower.ts';
import { KeptLesson } from './kept-lesson.ts';
import { CatchUp } from './late/catch-up.ts';
import { LinkReporter } from './link.ts';
import { Media } from './media.ts';
import { disturbs, eventOf } from './optimistic.ts';
import { type Operation, Outbox } from './outbox.ts';
import { NOTHING_YET, PendingView } from './pending-view.ts';
import type { LessonStorage } from './storage.ts';
import type { Count } from './traffic.ts';
import type { LessonSession, LessonView } from './types.ts';

export interface SessionOptions {
  readonly lesson: string;
  /** Who uses this page: whose board is kept on this device, and shown before one has joined. */
  readonly account?: string | null;
  /** The server; in a browser the page's own by default. */
  readonly url?: string;
  readonly storage?: LessonStorage;
  /** Only where there is no browser to send the cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What went wrong without anyone having asked for it; to the console by default. */
  readonly report?: (error: unknown) => void;
  /** Told of every byte of the lesson that comes and goes, as far as the browser says. */
  readonly count?: Count;
  /** The line to the server; a socket by default. */
  readonly connect?: (options: ConnectionOptions) => Line;
}

/** What a session needs of a connection. */
export type Line = Pick<
  Connection,
  'connected' | 'ask' | 'early' | 'deliver' | 'placed' | 'fed' | 'connectNow' | 'renew' | 'close'
>;

/** How long a connection that should be alive may take to say so when the network changes under it. */
const PROBE_TIMEOUT_MS = 3_000;
/** A lesson that is joined within this is shown as it is, without what was kept of it first. */
const KEPT_SHOWN_AFTER_MS = 700;

export function openSession(options: SessionOptions): LessonSession {
  return new Session(options);
}

class Session implements LessonSession {
  readonly media: Media;
  readonly #connection: Line;
  readonly #outbox: Outbox;
  readonly #kept: KeptLesson;
  readonly #link: LinkReporter;
  readonly #catchUp: CatchUp;
  readonly #clock = new LessonClock();
  readonly #follower: Follower;
  readonly #listeners = new Listeners();
  readonly #entryListeners = new Listeners<[entry: LogEntry]>();
  readonly #refusalListeners = new Listeners<[error: ErrorBody]>();
  readonly #leftOutListeners = new Listeners<[ms: number]>();
  readonly #unhook: () => void;
  #view = NOTHING_YET;
  #stale = false;
  readonly #pending = new PendingView();
  #begun: { readonly participant: string; readonly done: Promise<void> } | null = null;
  #closed = false;

  constructor({
    lesson,
    account = null,
    url,
    headers,
    storage = defaultStorage(),
    count,
    report = console.error,
    connect = (options) => new Connection(options),
  }: SessionOptions) {
    this.#outbox = new Outbox({
      lesson,
      storage,
      now: () => this.now(),
      send: (operation) => this.#send(operation),
      changed: (dropped) => this.#pendingChanged(dropped),
      refused: (error) => this.#refused(error),
      report,
    });
    this.#kept = new KeptLesson({
      ...{ lesson, account, storage, report },
      state: () => (this.#follower.isWhole ? this.#state : null),
    });
    this.media = new Media({
      lesson,
      ask: (name, input) => this.#connection.ask(name, input),
      fed: (datagram) => this.#follower.feed(datagram),
      receiving: () => this.#follower.fetchMissed(),
      count,
      report,
    });
    this.#connection = connect({
      url,
      headers,
      count,
      ahead: () => this.#ahead(),
      connected: () => this.#onConnected(),
      disconnected: () => this.#onDown(),
      refused: (code) => this.#onConnectionRefused(code),
      entries: (entries) => this.#follower.take(entries),
      notice: (notice) => this.#onNotice(notice),
      heard: () => this.#catchUp.heard(),
      isSteady: () => this.media.isSteady,
      report,
    });
    this.#follower = new Follower({
      ...{ lesson, connection: this.#connection, report },
      isJoined: () => this.#isJoined,
      isCutOff: () => this.#view.connection === 'lost' && this.media.isReceiving,
      isSteady: () => this.media.isSteady,
      told: (now, roundTripMs) => this.#clock.set(now, roundTripMs),
      restored: (snapshot) => this.#onRestored(snapshot),
      arrived: () => this.#onArrived(),
      followed: (entries) => this.#onFollowed(entries),
      joined: (you, roundTripMs) => this.#onJoined(you, roundTripMs),
      refused: (error) => this.#onLessonRefused(error),
      carries: (kbps) => this.#link.carries(kbps),
    });
    this.#link = new LinkReporter({
      connection: this.#connection,
      measure: () => this.media.measure(),
      report,
    });
    this.#catchUp = new CatchUp({
      ...{ lesson, media: this.media, report },
      now: () => this.now(),
      state: () => this.#state,
      you: () => this.#view.you,
      isJoined: () => this.#isJoined,
      isBehind: () => !this.#follower.isUpToDate,
      carriesKbps: () => this.#link.carried,
      linkBack: () => this.#connection.connectNow(),
      shown: (entries) => {
        this.#pending.reset(); // it was laid over the board before them
        this.#shown(entries);
      },
      leftOut: (ms) => this.#leftOutListeners.tell(ms),
      changed: () => this.#changed(),
    });
    this.#unhook = onReturn((networkChanged) => this.#onReturn(networkChanged));
    void this.#showKept();
  }

  view(): LessonView {
    if (this.#stale) {
      this.#stale = false;
      const { operations, unsent } = this.#outbox;
      const shown = this.#catchUp.over(this.#state);
      const state = this.#pending.state(shown, operations, this.#view.you?.participant);
      this.#view = { ...this.#view, state, unsent, behind: this.#catchUp.behind };
    }
    return this.#view;
  }

  readonly subscribe = this.#listeners.add;

  readonly onEntry = this.#entryListeners.add;

  readonly onRefusal = this.#refusalListeners.add;

  readonly onLeftOut = this.#leftOutListeners.add;

  request<N extends Exclude<RequestName, DurableName>>(name: N, input: Input<N>): Promise<Output<N>> {
    if (!this.#isJoined) return Promise.reject(new ConnectionLost());
    return this.#connection.ask(name, input);
  }

  perform(name: DurableName, input: Input<DurableName>): void {
    const { you } = this.#view;
    const event = eventOf(name, input);
    if (!you || !event) {
      this.#refused({ code: event ? 'not_in_lesson' : 'bad_request', message: `cannot perform '${name}'` });
      return;
    }
    // Who writes does so on the board as it is.
    if (isBoardEvent(event)) this.goLive();
    const effect = { event, t: this.now() };
    this.#pending.add(effect, this.#state, this.#outbox.operations, you.participant);
    this.#outbox.add(you.participant, name, input, effect);
    this.#changed();
  }

  goLive(): void {
    this.#catchUp.goLive();
  }

  now(): number {
    return this.#clock.now();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unhook();
    this.#follower.close();
    this.#link.stop();
    this.#catchUp.close();
    this.media.close();
    // Nobody waits for the answer: the connection ends with this.
    if (this.#isJoined) this.#connection.ask('lesson.leave', {}).catch(() => undefined);
    this.#connection.close();
    this.#outbox.close();
    this.#kept.close();
  }

  get #isJoined(): boolean {
    return this.#view.connection === 'joined';
  }

  /** Confirmed by the server. */
  get #state(): LessonState | null {
    return this.#follower.state;
  }

  #ahead(): AheadRequest[] {
    const join = this.#follower.ahead();
    if (!join) return [];
    const open = this.media.ahead();
    return [{ name: 'lesson.join', input: join }, ...(open ? [{ name: 'media.open', input: open }] : [])];
  }

  #onConnected(): void {
    this.#follower.connected();
    this.media.returning(this.#connection.early('media.open')?.answer ?? null);
  }

  /** Without a link: the lesson as it was when this device last saw it, to look at and to go on writing in. */
  async #showKept(): Promise<void> {
    const kept = await this.#kept.load();
    if (!kept || this.#state || this.#closed) return;
    this.#follower.begin(kept.state);
    this.#clock.atLeast(kept.state.t);
    await new Promise((resolve) => setTimeout(resolve, KEPT_SHOWN_AFTER_MS));
    if (this.#closed || this.#view.connection !== 'connecting') return;
    await this.#beginOutbox(kept.you.participant);
    if (!this.#closed && this.#view.connection === 'connecting')
      this.#change({ connection: 'lost', you: kept.you });
  }

  /** Once: what this tab and tabs before it have left undone. */
  #beginOutbox(participant: string): Promise<void> {
    const begin = async () => {
      await this.#outbox.begin(participant, this.#state?.operations ?? {});
      this.#outbox.confirmAll(this.#state?.operations ?? {});
      this.#pending.reset();
    };
    this.#begun ??= { participant, done: begin() };
    return this.#begun.done;
  }

  async #onJoined(you: NonNullable<LessonView['you']>, roundTripMs: number): Promise<void> {
    await this.#beginOutbox(you.participant);
    if (this.#closed || !this.#connection.connected) return;
    // Somebody else has signed in meanwhile: what was written here is not theirs.
    if (this.#begun?.participant !== you.participant) {
      this.#connection.close();
      return this.#onConnectionRefused('not_signed_in');
    }
    this.#kept.joined(you);
    const again = this.#isJoined;
    this.#change({ connection: 'joined', error: null, you });
    this.#outbox.resume();
    if (again) return;
    this.#link.start(roundTripMs);
    this.media.up(you.participant, this.#state?.streams ?? {}, roundTripMs);
    if (this.#state) this.#mediaFollows(this.#state);
    this.#catchUp.watch();
  }

  #onLessonRefused(error: ErrorBody): void {
    this.#connection.close();
    this.#onDown();
    this.#change({ connection: 'refused', error });
  }

  #onRestored(snapshot: LessonState): void {
    this.#catchUp.leaveOut(); // what was written meanwhile is not known, only what became of it
    this.#outbox.confirmAll(snapshot.operations);
    this.#mediaFollows(snapshot);
    this.#onArrived();
  }

  #onArrived(): void {
    this.#pending.reset();
    this.#kept.replaced();
    this.#change({ arriving: this.#follower.arriving });
  }

  /** These entries are in the confirmed state now. */
  #onFollowed(entries: readonly LogEntry[]): void {
    this.#kept.took(entries);
    for (const { op, event, t } of entries) {
      this.#clock.atLeast(t);
      const asLaid = op !== undefined && this.#outbox.confirm(op.client, op.n);
      if (!asLaid && disturbs(event)) this.#pending.reset();
    }
    const moved = entries.some(({ event }) => event.type === 'media.moved');
    if (moved) this.media.moved();
    if (this.#state) this.#mediaFollows(this.#state);
    if (!this.#catchUp.take(entries)) this.#shown(entries);
    else this.#changed();
  }

  /** These entries belong to what is heard now. */
  #shown(entries: readonly LogEntry[]): void {
    this.#changed();
    for (const entry of entries) this.#entryListeners.tell(entry);
  }

  #mediaFollows(state: LessonState): void {
    this.media.audience(audienceOf(state, this.#view.you?.participant));
    this.media.streams(state.streams);
  }

  #onNotice(notice: Notice): void {
    switch (notice.type) {
      case 'levels':
        this.#change({ levels: notice.levels });
        break;
      case 'links':
        this.#change({ links: { ...this.#view.links, ...notice.links } });
        break;
      case 'consumer.closed':
      case 'consumer.paused':
      case 'transport.closed':
        this.media.noticed(notice);
        break;
      case 'mark':
        this.#follower.compare(notice);
        break;
      case 'signed_out':
        this.#connection.close();
        this.#onConnectionRefused('not_signed_in');
        break;
      case 'shutting_down':
        break; // the disconnection follows, and coming back is quick
    }
  }

  #onDown(): void {
    this.#outbox.suspend();
    this.#link.stop();
    this.media.down();
    const { connection } = this.#view;
    this.#change({ connection: connection === 'joined' ? 'lost' : connection, levels: {} });
    this.#follower.fetchMissed(); // the link may be there
  }

  #onConnectionRefused(code: 'version_mismatch' | 'not_signed_in' | 'forbidden'): void {
    this.#onDown();
    const connection = {
      version_mismatch: 'outdated',
      not_signed_in: 'signed_out',
      forbidden: 'refused',
    } as const;
    this.#change({ connection: connection[code], error: { code, message: code } });
  }

  #onReturn(networkChanged: boolean): void {
    if (!this.#connection.connected) this.#connection.connectNow();
    else if (networkChanged && this.#isJoined) this.#follower.probe(PROBE_TIMEOUT_MS);
  }

  async #send({ client, n, name, input }: Operation): Promise<Output<DurableName> | ErrorBody | null> {
    try {
      return await this.#connection.deliver(name, input, { client, n });
    } catch (error) {
      if (error instanceof ConnectionLost) {
        // Answers of durable requests are never given up: without one, the line is dead.
        if (this.#connection.connected) this.#connection.renew();
        return null;
      }
      if (error instanceof TongkeError) return { code: error.code, message: error.message };
      throw error;
    }
  }

  #pendingChanged(dropped: boolean): void {
    if (dropped) this.#pending.reset();
    this.#changed();
  }

  #refused(error: ErrorBody): void {
    this.#refusalListeners.tell(error);
  }

  #change(patch: Partial<Omit<LessonView, 'state' | 'unsent' | 'behind'>>): void {
    this.#view = { ...this.#view, ...patch };
    this.#changed();
  }

  #changed(): void {
    this.#stale = true;
    this.#listeners.tell();
  }
}
