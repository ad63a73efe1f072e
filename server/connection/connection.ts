import type { Socket } from 'socket.io';
import { z } from 'zod';
import { WireError } from '../../protocol/bytes.ts';
import { own } from '../../protocol/common.ts';
import { type Answer, ErrorCode, TongkeError } from '../../protocol/errors.ts';
import { LogEntry, type OperationId } from '../../protocol/events.ts';
import { OperationsDecoder } from '../../protocol/operations-line.ts';
import {
  type AheadRequest,
  type ClientToServer,
  type Input,
  isRequestName,
  type LinkQuality,
  type Output,
  RequestEnvelope,
  type RequestName,
  requests,
  type ServerToClient,
} from '../../protocol/requests.ts';
import { can, type Subject } from '../../protocol/roles.ts';
import type { Lessons, OpenLesson } from '../lessons/lessons.ts';
import type { Log } from '../log.ts';
import type { Context, Handler } from './context.ts';
import { handlers } from './handlers/index.ts';
import { OperationOrder } from './operation-order.ts';
import { everyoneIn, isOfLesson, leadOf } from './rooms.ts';
import { TokenBucket } from './token-bucket.ts';

/** The answer to an operation that has become an entry. */
const Placed = z.object({ seq: z.number() });
const Seq = LogEntry.shape.seq;

export type TongkeSocket = Socket<ClientToServer, ServerToClient>;

/** A writer's batches are 8 a second; four pens, a laser and everything else still fit. A flood does not. */
const REQUESTS_PER_SECOND = 60;
const REMARKS_PER_SECOND = 1;
const REMARKS_AT_ONCE = 5; // everyone receives each of them, on links of 64 kbit/s too
const REQUESTS_AT_ONCE = 600; // an outbox of some minutes offline arrives in one go

export interface ConnectionOptions {
  readonly socket: TongkeSocket;
  readonly subject: Subject;
  /** The device, or the session, that this line was opened by. */
  readonly by: string;
  /** See `MediaUser`. */
  readonly roundTripMs: number;
  readonly lessons: Lessons;
  readonly log: Log;
  /** What the client asked together with connecting. */
  readonly ahead: readonly AheadRequest[];
  /** The server ended this line for good: the session is over, or the device's key is revoked. */
  isPutOut(): boolean;
  /** Told of a lesson that was asked for and is none of theirs. */
  onForeignLesson(lesson: string): void;
  /** Someone entered or left: called before anything more is told to those in the lesson. */
  audienceChanged(lesson: string): void;
  /** The client has every entry up to `seq`, by datagrams. */
  fed(lesson: string, seq: number): void;
}

/**
 * One client's line. Every request crosses `#answer` and nothing else: parsed by its schema, authorised by `can()`,
 * handled, answered. A failure is that request's alone.
 */
export class Connection {
  readonly #socket: TongkeSocket;
  readonly #subject: Subject;
  readonly #by: string;
  readonly #roundTripMs: number;
  readonly #lessons: Lessons;
  readonly #log: Log;
  readonly #isPutOut: () => boolean;
  readonly #onForeignLesson: (lesson: string) => void;
  readonly #audienceChanged: (lesson: string) => void;
  readonly #operations = new OperationsDecoder();
  readonly #bucket = new TokenBucket(REQUESTS_PER_SECOND, REQUESTS_AT_ONCE);
  readonly #remarks = new TokenBucket(REMARKS_PER_SECOND, REMARKS_AT_ONCE);
  readonly #order = new OperationOrder();
  #open: OpenLesson | null = null;
  /** The client goes by this line: of several that it tried beside one another, it took this one. */
  #isTaken = false;
  /** A join under way: what is asked behind it waits for it, so that a client need not wait for the answer. */
  #joining: Promise<unknown> = Promise.resolve();

  constructor({ socket, subject, by, lessons, log, ahead, ...told }: ConnectionOptions) {
    this.#socket = socket;
    this.#isPutOut = told.isPutOut;
    this.#onForeignLesson = told.onForeignLesson;
    this.#subject = subject;
    this.#by = by;
    this.#roundTripMs = told.roundTripMs;
    this.#lessons = lessons;
    this.#log = log;
    this.#audienceChanged = told.audienceChanged;
    for (const [place, envelope] of ahead.entries())
      void this.#answer(envelope).then((answer) => socket.emit('answered', place, answer));
    socket.on('request', (envelope, acknowledge) => {
      this.#isTaken = true;
      // A client that wants no answer still gets no exception.
      const answer = typeof acknowledge === 'function' ? acknowledge : () => {};
      void this.#answer(envelope).then(answer);
    });
    socket.on('perform', (bytes) => this.#onPerform(bytes));
    socket.on('fed', (seq) => {
      const has = Seq.safeParse(seq);
      if (this.#open && has.success) told.fed(this.#open.record.id, has.data);
    });
    socket.on('disconnect', () => this.#leave(true));
  }

  /** What cannot be read breaks the line: everything after it would be misread too. */
  #onPerform(bytes: unknown): void {
    try {
      if (!(bytes instanceof Uint8Array)) throw new WireError('an operation travels as bytes');
      const envelope = this.#operations.decode(bytes);
      void this.#performed(envelope, this.#open);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#log.warn({ err: error, account: this.#subject.id }, 'a client sent what cannot be read');
      this.#socket.disconnect(true);
    }
  }

  /** An operation's own entry has told its sender already that it is in the journal, where the sender is still there. */
  async #performed(envelope: RequestEnvelope & { op: OperationId }, open: OpenLesson | null): Promise<void> {
    const answer = await this.#answer(envelope);
    const told = answer.ok && Placed.safeParse(answer.data).success && open !== null && open === this.#open;
    if (!told) this.#socket.emit('performed', envelope.op, answer);
  }

  async #answer(raw: unknown): Promise<Answer<unknown>> {
    const envelope = RequestEnvelope.safeParse(raw);
    const op = envelope.data?.op;
    try {
      if (!this.#bucket.take()) throw new TongkeError('too_many_requests');
      if (!envelope.success) throw new TongkeError('bad_request', 'not a request');
      const { name } = envelope.data;
      if (!isRequestName(name)) throw new TongkeError('unknown_request', `there is no request '${name}'`);
      if (op) this.#order.check(op, this.#loggedOf(op));
      const performed = this.#perform(name, envelope.data);
      if (name === 'lesson.join') this.#joining = performed.catch(() => undefined); // refused to who asked
      const data = await performed;
      if (op) this.#order.settled(op);
      return { ok: true, data };
    } catch (error) {
      const refusal = this.#explain(error);
      if (op) this.#order.refused(op, refusal.code);
      return { ok: false, error: refusal };
    }
  }

  #loggedOf({ client }: OperationId): number {
    return own(this.#open?.lesson.state().operations ?? {}, client) ?? 0;
  }

  async #perform<N extends RequestName>(name: N, { input: raw, op }: RequestEnvelope): Promise<Output<N>> {
    const spec = requests[name];
    const parsed = spec.input.safeParse(raw);
    if (!parsed.success) throw new TongkeError('bad_request', parsed.error.issues[0]?.message);
    if ('durable' in spec !== (op !== undefined))
      throw new TongkeError('bad_request', 'op goes with durable requests');
    // One lookup, one handler: both sides are indexed by the same N, which the checker cannot follow through zod.
    const input = parsed.data as Input<N>;
    if (name !== 'lesson.join') await this.#joining;
    const open = await this.#lessonOf(name, input);
    if (!can(this.#subject, spec.may, { members: open.record.members, state: open.lesson.state() })) {
      throw new TongkeError(spec.may === 'lesson.speak' ? 'not_on_stage' : 'forbidden');
    }
    const over = open.lesson.state().phase === 'ended';
    if (over && name !== 'lesson.join' && name !== 'lesson.leave') throw new TongkeError('lesson_ended');
    if (spec.may === 'lesson.respond' && !this.#remarks.take()) throw new TongkeError('too_many_requests');
    const handler: Handler<N> = handlers[name];
    const output = await handler(this.#context(open, op), input);
    if (!this.#socket.connected) this.#letGoOfMedia(open); // of what was opened while the line broke, too
    return output;
  }

  /** Joining names its lesson, and is refused before that lesson is opened for someone it does not concern. */
  async #lessonOf(name: RequestName, input: unknown): Promise<OpenLesson> {
    if (name !== 'lesson.join') {
      if (!this.#open) throw new TongkeError('not_in_lesson');
      return this.#open;
    }
    const { lesson } = requests['lesson.join'].input.parse(input);
    const { members } = await this.#lessons.record(lesson);
    // The same answer as for a lesson that does not exist: knowing an id must tell nothing.
    if (!can(this.#subject, 'lesson.attend', { members })) {
      this.#onForeignLesson(lesson);
      throw new TongkeError('not_found');
    }
    return this.#lessons.open(lesson);
  }

  #context(open: OpenLesson, op: Context['op']): Context {
    return {
      subject: this.#subject,
      user: {
        ...{ participant: this.#subject.id, connection: this.#socket.id },
        ...{ by: this.#by, roundTripMs: this.#roundTripMs },
      },
      open,
      op,
      lessons: this.#lessons,
      enter: (entered) => this.#enter(entered),
      leave: () => this.#leave(false),
      reportLink: (quality) => this.#reportLink(open, quality),
    };
  }

  #enter(open: OpenLesson): void {
    if (!this.#socket.connected) throw new TongkeError('connection_lost'); // nobody would ever leave
    if (this.#open && this.#open !== open) this.#leave(false);
    this.#open = open;
    void this.#socket.join(everyoneIn(open.record.id));
    this.#audienceChanged(open.record.id);
    if (open.record.members.lead === this.#subject.id) void this.#socket.join(leadOf(open.record.id));
  }

  #leave(broken: boolean): void {
    const open = this.#open;
    if (!open) return;
    this.#open = null;
    for (const room of this.#socket.rooms)
      if (isOfLesson(room, open.record.id)) void this.#socket.leave(room);
    this.#audienceChanged(open.record.id);
    this.#letGoOfMedia(open);
    open.attendance.depart(this.#subject.id, this.#socket.id, broken);
  }

  /** Where there is no coming back, nothing of theirs is heard or seen from here on; nor is a line that was never used. */
  #letGoOfMedia(open: OpenLesson): void {
    if (this.#isPutOut() || !this.#isTaken) open.media.putOut(this.#socket.id);
    else open.media.connectionLost(this.#socket.id);
  }

  #reportLink(open: OpenLesson, quality: LinkQuality): void {
    const links = { [this.#subject.id]: quality };
    this.#socket.to(leadOf(open.record.id)).volatile.emit('notice', { type: 'links', links });
    this.#socket.emit('notice', { type: 'links', links });
  }

  #explain(error: unknown): { code: ErrorCode; message: string } {
    if (error instanceof TongkeError) return { code: error.code, message: error.message };
    this.#log.error({ err: error, account: this.#subject.id }, 'a request failed');
    return { code: ErrorCode.enum.internal, message: 'internal error' };
  }
}
