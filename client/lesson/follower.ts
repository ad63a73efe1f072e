import type { ErrorBody } from '../../protocol/errors.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import type { Input, Notice, Output } from '../../protocol/requests.ts';
import { Agreement } from './agreement.ts';
import { Arrival, PartsFetcher } from './arrival.ts';
import type { Connection } from './connection.ts';
import { Fed } from './fed.ts';
import { entriesOf, Joining } from './joining.ts';
import { ConfirmedLog } from './log.ts';
import { MissedEntries } from './missed-entries.ts';

type You = Output<'lesson.join'>['you'];

export interface FollowerOptions {
  readonly lesson: string;
  readonly connection: Pick<Connection, 'connected' | 'ask' | 'early' | 'renew' | 'placed' | 'fed'>;
  /** One is in the lesson. */
  isJoined(): boolean;
  /** The lesson is out of reach of the socket, but what was missed may be had: media flow. */
  isCutOff(): boolean;
  /** The link has not been away lately. */
  isSteady(): boolean;
  /** What the server's clock says, and how long the answer took. */
  told(now: number, roundTripMs: number): void;
  /** The server's word has taken the place of the state: what happened between the two is not known. */
  restored(snapshot: LessonState): void;
  /** More is here of a long board. */
  arrived(): void;
  /** These entries are in the state now. */
  followed(entries: readonly LogEntry[]): void;
  joined(you: You, roundTripMs: number): Promise<void>;
  refused(error: ErrorBody): void;
  /** A train has shown what the link carries. */
  carries(kbps: number): void;
  report(error: unknown): void;
}

/**
 * The confirmed log, by whichever way it comes: with the answer to joining, in parts, over the socket or datagrams, and
 * over HTTP after a cut. Where it has a gap, or makes another state than the server's, one joins again.
 */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #log = new ConfirmedLog((mark) => this.#compared(this.#agreement.here(mark)));
  readonly #agreement = new Agreement();
  readonly #joining: Joining;
  readonly #parts: PartsFetcher;
  readonly #missed: MissedEntries;
  readonly #fed: Fed;

  constructor(options: FollowerOptions) {
    this.#options = options;
    const { lesson, connection, isJoined, isCutOff, refused, carries, report } = options;
    this.#joining = new Joining({
      ...{ lesson, connection, log: this.#log, isJoined, refused, report },
      answered: (answer, roundTripMs) => this.#onAnswered(answer, roundTripMs),
      joined: async (you, roundTripMs) => {
        await options.joined(you, roundTripMs);
        if (isJoined()) void this.#parts.run();
      },
    });
    this.#parts = new PartsFetcher({
      ...{ log: this.#log, report },
      ask: (name, input) => connection.ask(name, input),
      took: () => options.arrived(),
      gone: () => void this.#joining.join({ anew: true }),
    });
    this.#missed = new MissedEntries({
      ...{ lesson, report },
      known: () => this.#log.state?.seq ?? null,
      isWanted: isCutOff,
      isSteady: options.isSteady,
      took: (entries) => this.#applied(entries),
    });
    this.#fed = new Fed({
      ...{ carries, report },
      entries: (entries) => {
        connection.placed(entries);
        this.#applied(entries);
      },
      has: () => this.#log.state?.seq ?? 0,
      tell: (seq) => connection.fed(seq),
    });
  }

  /** Null before any of it is here. */
  get state(): LessonState | null {
    return this.#log.state;
  }

  /** Nothing of a long board is still on its way. */
  get isWhole(): boolean {
    return this.#log.arrival === null;
  }

  /** Ids of pages that are not all here yet. */
  get arriving(): readonly string[] {
    return this.#log.arrival?.open ?? [];
  }

  /** What was missed before media came back is here. */
  get isUpToDate(): boolean {
    return this.#missed.isHere;
  }

  /** How to join, for who connects; null where more is to be said. */
  ahead(): Input<'lesson.join'> | null {
    return this.#joining.ahead();
  }

  /** There is a connection, in place of any before. */
  connected(): void {
    this.#joining.connected();
  }

  /** Whether the line still lives, within this. */
  probe(timeoutMs: number): void {
    void this.#joining.join({ timeoutMs });
  }

  /** Media flow, or the socket has gone: the link may be there. */
  fetchMissed(): void {
    void this.#missed.fetch();
  }

  /** The lesson as it was when this device last saw it. Where the link is there soon, only what came after has to be brought. */
  begin(kept: LessonState): void {
    this.#log.restore(kept);
  }

  /** The socket brought these. */
  take(entries: readonly LogEntry[]): void {
    const isGap = (entries[0]?.seq ?? 0) > (this.#log.state?.seq ?? 0) + 1;
    this.#applied(entries);
    if (isGap && this.#log.hasGap && this.#options.isJoined()) this.#joining.mend('gap');
  }

  /** A datagram brought this. */
  feed(datagram: Uint8Array): void {
    if (this.#options.isJoined()) this.#fed.take(datagram);
  }

  /** What the server has made of the log. */
  compare(mark: Extract<Notice, { type: 'mark' }>): void {
    this.#compared(this.#agreement.there(mark));
  }

  close(): void {
    this.#joining.close();
    this.#missed.close();
    this.#fed.close();
  }

  #onAnswered(answer: Output<'lesson.join'>, roundTripMs: number): void {
    this.#options.told(answer.now, roundTripMs);
    const { snapshot, rest } = answer;
    if (snapshot) {
      this.#agreement.begin();
      const held = this.#log.restore(snapshot, rest && new Arrival(snapshot, rest));
      this.#options.restored(snapshot);
      this.#options.followed(held);
    }
    this.#applied(entriesOf(answer));
  }

  #applied(entries: readonly LogEntry[]): void {
    this.#options.followed(this.#log.take(entries));
  }

  /** A state that is not the log's is of no use, however it came about: one begins anew, and says so. */
  #compared(same: boolean): void {
    if (same) return;
    this.#options.report(new Error('This state is not what the log makes it: begun anew'));
    this.#joining.mend('difference');
  }
}
