import { type ErrorBody, isPassing, TongkeError } from '../../protocol/errors.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { FeedReader } from '../../protocol/feed-line.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import type { DurableName, Input, Notice, Output, RequestName } from '../../protocol/requests.ts';
import { ConnectionLost } from './answer.ts';
import { LessonClock } from './clock.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { defaultStorage, onReturn } from './environment.ts';
import { LinkReporter } from './link.ts';
import { ConfirmedLog } from './log.ts';
import { Media } from './media.ts';
import { disturbs, eventOf } from './optimistic.ts';
import { type Operation, Outbox } from './outbox.ts';
import { PendingView } from './pending-view.ts';
import type { LessonStorage } from './storage.ts';
import type { LessonSession, LessonView } from './types.ts';

export interface SessionOptions {
  readonly lesson: string;
  /** The server; in a browser the page's own by default. */
  readonly url?: string;
  readonly storage?: LessonStorage;
  /** Only where there is no browser to send the cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What went wrong without anyone having asked for it; to the console by default. */
  readonly report?: (error: unknown) => void;
  /** The line to the server; a socket by default. */
  readonly connect?: (options: ConnectionOptions) => Line;
}

/** What a session needs of a connection. */
export type Line = Pick<Connection, 'connected' | 'ask' | 'deliver' | 'connectNow' | 'renew' | 'close'>;

/** How long a connection that should be alive may take to say so when the network changes under it. */
const PROBE_TIMEOUT_MS = 3_000;
const REJOIN_FIRST_MS = 300;
const REJOIN_MOST_MS = 5_000;

export function openSession(options: SessionOptions): LessonSession {
  return new Session(options);
}

type Patch = Partial<Omit<LessonView, 'state' | 'unsent'>>;

class Session implements LessonSession {
  readonly media: Media;
  readonly #lesson: string;
  readonly #connection: Line;
  readonly #outbox: Outbox;
  readonly #link: LinkReporter;
  readonly #clock = new LessonClock();
  readonly #log = new ConfirmedLog();
  #feed = new FeedReader();
  readonly #report: (error: unknown) => void;
  readonly #listeners = new Set<() => void>();
  readonly #entryListeners = new Set<(entry: LogEntry) => void>();
  readonly #refusalListeners = new Set<(error: ErrorBody) => void>();
  readonly #unhook: () => void;
  #view: LessonView = {
    ...{ connection: 'connecting', error: null, you: null, state: null, unsent: 0, levels: {}, links: {} },
  };
  #stale = false;
  readonly #pending = new PendingView();
  #joining = false;
  #rejoin: { timer: ReturnType<typeof setTimeout> | undefined; delay: number } = {
    timer: undefined,
    delay: 0,
  };
  #closed = false;

  constructor({
    lesson,
    url,
    headers,
    storage = defaultStorage(),
    report = console.error,
    connect = (options) => new Connection(options),
  }: SessionOptions) {
    this.#lesson = lesson;
    this.#report = report;
    this.#outbox = new Outbox({
      lesson,
      storage,
      now: () => this.now(),
      send: (operation) => this.#send(operation),
      changed: (dropped) => this.#pendingChanged(dropped),
      refused: (error) => this.#refused(error),
      report,
    });
    this.#connection = connect({
      url,
      headers,
      connected: () => this.#onConnected(),
      disconnected: () => this.#onDown(),
      refused: (code) => this.#onConnectionRefused(code),
      entries: (entries) => this.#onEntries(entries),
      notice: (notice) => this.#onNotice(notice),
      report,
    });
    this.media = new Media({
      ask: (name, input) => this.#connection.ask(name, input),
      fed: (datagram) => this.#onFed(datagram),
      report,
    });
    this.#link = new LinkReporter({
      connection: this.#connection,
      measure: () => this.media.measure(),
      report,
    });
    this.#unhook = onReturn((networkChanged) => this.#onReturn(networkChanged));
  }

  view(): LessonView {
    if (this.#stale) {
      this.#stale = false;
      const { operations, unsent } = this.#outbox;
      const state = this.#pending.state(this.#log.state, operations, this.#view.you?.participant);
      this.#view = { ...this.#view, state, unsent };
    }
    return this.#view;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onEntry(listener: (entry: LogEntry) => void): () => void {
    this.#entryListeners.add(listener);
    return () => this.#entryListeners.delete(listener);
  }

  onRefusal(listener: (error: ErrorBody) => void): () => void {
    this.#refusalListeners.add(listener);
    return () => this.#refusalListeners.delete(listener);
  }

  request<N extends Exclude<RequestName, DurableName>>(name: N, input: Input<N>): Promise<Output<N>> {
    if (this.#view.connection !== 'joined') return Promise.reject(new ConnectionLost());
    return this.#connection.ask(name, input);
  }

  perform(name: DurableName, input: Input<DurableName>): void {
    const { you } = this.#view;
    const event = eventOf(name, input);
    if (!you || !event) {
      this.#refused({ code: event ? 'not_in_lesson' : 'bad_request', message: `cannot perform '${name}'` });
      return;
    }
    const effect = { event, t: this.now() };
    this.#pending.add(effect, this.#log.state, this.#outbox.operations, you.participant);
    this.#outbox.add(you.participant, name, input, effect);
    this.#changed();
  }

  now(): number {
    return this.#clock.now();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unhook();
    clearTimeout(this.#rejoin.timer);
    this.#link.stop();
    this.media.close();
    // Nobody waits for the answer: the connection ends with this.
    if (this.#view.connection === 'joined') this.#connection.ask('lesson.leave', {}).catch(() => undefined);
    this.#connection.close();
    this.#outbox.close();
  }

  #onConnected(): void {
    void this.#join();
    this.media.returning();
  }

  /** Joins, for the first time, after a cut, or to fetch what is missing. Also shows whether the line still lives. */
  async #join(timeoutMs?: number): Promise<void> {
    if (this.#joining || this.#closed) return;
    this.#joining = true;
    clearTimeout(this.#rejoin.timer);
    try {
      const asked = performance.now();
      const since = this.#log.state?.seq;
      const answer = await this.#connection.ask('lesson.join', { lesson: this.#lesson, since }, timeoutMs);
      const roundTripMs = performance.now() - asked;
      this.#clock.set(answer.now, roundTripMs);
      if (answer.snapshot) this.#restore(answer.snapshot);
      this.#applied([...answer.entries]);
      await this.#beginOutbox(answer.you.participant);
      this.#onJoined(answer.you, roundTripMs);
    } catch (error) {
      this.#onJoinFailed(error);
    } finally {
      this.#joining = false;
    }
    if (this.#log.hasGap && this.#view.connection === 'joined') this.#joinLater();
  }

  /** Once: what this tab and tabs before it have left undone. */
  async #beginOutbox(participant: string): Promise<void> {
    if (this.#view.you) return;
    await this.#outbox.begin(participant, this.#log.state?.operations ?? {});
    this.#outbox.confirmAll(this.#log.state?.operations ?? {});
    this.#pending.reset();
  }

  #onJoined(you: LessonView['you'], roundTripMs: number): void {
    if (this.#closed || !this.#connection.connected) return;
    const again = this.#view.connection === 'joined';
    this.#rejoin.delay = 0;
    this.#change({ connection: 'joined', error: null, you });
    this.#outbox.resume();
    if (again || !you) return;
    this.#link.start(roundTripMs);
    this.media.up(you.participant, this.#log.state?.streams ?? {}, roundTripMs);
  }

  #onJoinFailed(error: unknown): void {
    if (this.#closed) return;
    if (error instanceof ConnectionLost) {
      if (this.#connection.connected) this.#connection.renew(); // it was there, and did not answer
    } else if (error instanceof TongkeError && !isPassing(error.code)) {
      this.#connection.close();
      this.#onDown();
      this.#change({ connection: 'refused', error: { code: error.code, message: error.message } });
    } else {
      this.#report(error);
      this.#joinLater();
    }
  }

  #joinLater(): void {
    this.#rejoin.delay = Math.min(REJOIN_MOST_MS, Math.max(REJOIN_FIRST_MS, this.#rejoin.delay * 2));
    clearTimeout(this.#rejoin.timer);
    this.#rejoin.timer = setTimeout(() => void this.#join(), this.#rejoin.delay * (0.5 + Math.random()));
  }

  #restore(snapshot: LessonState): void {
    const held = this.#log.restore(snapshot);
    this.#outbox.confirmAll(snapshot.operations);
    this.#pending.reset();
    this.media.streams(snapshot.streams);
    this.#followed(held);
  }

  #onEntries(entries: LogEntry[]): void {
    const isGap = (entries[0]?.seq ?? 0) > (this.#log.state?.seq ?? 0) + 1;
    this.#applied(entries);
    if (isGap && this.#log.hasGap && this.#view.connection === 'joined') void this.#join();
  }

  /** Fresh entries, before the socket brings them; what is missing between comes over the socket. */
  #onFed(datagram: Uint8Array): void {
    if (this.#view.connection !== 'joined') return;
    try {
      this.#applied(this.#feed.read(datagram));
    } catch (error) {
      this.#report(error);
    }
  }

  #applied(entries: LogEntry[]): void {
    this.#followed(this.#log.take(entries));
  }

  /** These entries are in the confirmed state now. */
  #followed(entries: readonly LogEntry[]): void {
    for (const { op, event, t } of entries) {
      this.#clock.atLeast(t);
      const asLaid = op !== undefined && this.#outbox.confirm(op.client, op.n);
      if (!asLaid && disturbs(event)) this.#pending.reset();
    }
    const moved = entries.some(({ event }) => event.type === 'media.moved');
    if (moved) this.media.moved();
    this.media.streams(this.#log.state?.streams ?? {});
    this.#changed();
    for (const entry of entries) for (const listener of this.#entryListeners) listener(entry);
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
        this.media.consumerClosed(notice.consumer);
        break;
      case 'consumer.paused':
        this.media.consumerPaused(notice.consumer, notice.paused);
        break;
      case 'transport.closed':
        this.media.transportClosed(notice.transport);
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
    else if (networkChanged && this.#view.connection === 'joined') void this.#join(PROBE_TIMEOUT_MS);
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
    for (const listener of this.#refusalListeners) listener(error);
  }

  #change(patch: Patch): void {
    this.#view = { ...this.#view, ...patch };
    this.#changed();
  }

  #changed(): void {
    this.#stale = true;
    for (const listener of this.#listeners) listener();
  }
}
