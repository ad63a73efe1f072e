import { fromBase64url } from '../../protocol/base64.ts';
import { WireError } from '../../protocol/bytes.ts';
import { EntriesDecoder } from '../../protocol/entries-line.ts';
import { type ErrorBody, isPassing, TongkeError } from '../../protocol/errors.ts';
import type { LogEntry, ResyncReason } from '../../protocol/events.ts';
import type { Input, Output } from '../../protocol/requests.ts';
import { Again } from './again.ts';
import { ConnectionLost } from './answer.ts';
import type { Connection } from './connection.ts';
import type { ConfirmedLog } from './log.ts';

type Answer = Output<'lesson.join'>;

export interface JoiningOptions {
  readonly lesson: string;
  readonly connection: Pick<Connection, 'connected' | 'ask' | 'early' | 'renew'>;
  readonly log: ConfirmedLog;
  /** One is in the lesson, and joins only to mend what is amiss. */
  isJoined(): boolean;
  answered(answer: Answer, roundTripMs: number): void;
  /** Nothing more is to come with an answer. */
  joined(you: Answer['you'], roundTripMs: number): Promise<void>;
  /** For good. */
  refused(error: ErrorBody): void;
  report(error: unknown): void;
}

interface Manner {
  readonly timeoutMs?: number;
  /** What is here is not to be built on. */
  readonly anew?: boolean;
}

/** Joins a lesson: for the first time, after a cut, or to fetch what is missing; again until it has. */
export class Joining {
  readonly #options: JoiningOptions;
  readonly #again = new Again(() => void this.join());
  /** The next join says why it is made. */
  #resync: ResyncReason | null = null;
  #busy = false;
  /** Counts connections: what was asked over an earlier one says nothing of this one. */
  #connections = 0;
  #closed = false;

  constructor(options: JoiningOptions) {
    this.#options = options;
  }

  /** How to join, for who connects: the answer is then there a round trip sooner. Null where more is to be said. */
  ahead(): Input<'lesson.join'> | null {
    const { lesson, log } = this.#options;
    return this.#closed || this.#resync ? null : { lesson, since: log.state?.seq, parts: true };
  }

  /** There is a connection, in place of any before: the server knows nothing of it yet. */
  connected(): void {
    this.#connections += 1;
    void this.join();
  }

  /** Also shows whether the line still lives. */
  async join({ timeoutMs, anew = false }: Manner = {}): Promise<void> {
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    this.#again.cancel();
    const connections = this.#connections;
    const overtaken = () => connections !== this.#connections;
    try {
      for (let from = anew; await this.#joinFrom(from, timeoutMs); ) from = false;
      this.#again.reset();
    } catch (error) {
      if (!this.#closed && !overtaken()) this.#onFailed(error);
    } finally {
      this.#busy = false;
    }
    if (overtaken()) return this.join();
    const amiss = this.#options.log.hasGap || this.#resync !== null;
    if (amiss && this.#options.isJoined()) this.#again.later();
  }

  /** What is here is not the log: it is mended by joining again, which the log is told. */
  mend(reason: ResyncReason): void {
    if (this.#busy && reason === 'gap') return; // what is missing is on its way
    if (this.#resync !== 'difference') this.#resync = reason;
    if (this.#options.isJoined()) void this.join();
  }

  close(): void {
    this.#closed = true;
    this.#again.cancel();
  }

  /** Resolves with whether there are more entries than came at once. */
  async #joinFrom(anew: boolean, timeoutMs: number | undefined): Promise<boolean> {
    const { lesson, connection, log, answered, joined } = this.#options;
    const reason = this.#resync;
    const seq = log.state?.seq;
    const since = anew || reason === 'difference' ? undefined : seq;
    const resync = reason ? { reason, at: seq ?? 0 } : undefined;
    const early = resync || anew ? null : connection.early('lesson.join');
    const askedAt = early?.askedAt ?? performance.now();
    const input = { lesson, since, parts: true, ...(resync && { resync }) } as const;
    const answer = await (early?.answer ?? connection.ask('lesson.join', input, timeoutMs));
    const roundTripMs = performance.now() - askedAt;
    if (this.#resync === reason) this.#resync = null;
    answered(answer, roundTripMs);
    if (answer.more) return true;
    await joined(answer.you, roundTripMs);
    return false;
  }

  #onFailed(error: unknown): void {
    const { connection, refused, report } = this.#options;
    if (error instanceof ConnectionLost) {
      if (connection.connected) connection.renew(); // it was there, and did not answer
    } else if (error instanceof TongkeError && !isPassing(error.code)) {
      refused({ code: error.code, message: error.message });
    } else {
      report(error);
      this.#again.later();
    }
  }
}

/** What an answer brings of the log. Throws WireError. */
export function entriesOf({ entries, missed }: Answer): LogEntry[] {
  if (missed === undefined) return [...entries];
  const bytes = fromBase64url(missed);
  if (!bytes) throw new WireError('what was missed is not base64url');
  return new EntriesDecoder().decode(bytes);
}
