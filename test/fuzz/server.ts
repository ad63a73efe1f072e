import { eventOf } from '../../client/lesson/optimistic.ts';
import { EntriesDecoder } from '../../protocol/entries-line.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { LessonEvent, LogEntry, OperationId } from '../../protocol/events.ts';
import type { Mark } from '../../protocol/mark.ts';
import { OperationsDecoder } from '../../protocol/operations-line.ts';
import type { DurableName, Input } from '../../protocol/requests.ts';
import { type RequestEnvelope, requests } from '../../protocol/requests.ts';
import { Broadcast } from '../../server/connection/broadcast.ts';
import { OperationOrder } from '../../server/connection/operation-order.ts';
import { HeldBoards } from '../../server/lessons/held-boards.ts';
import { Lesson } from '../../server/lessons/lesson.ts';
import { quietLog } from '../support/log.ts';
import type { MemoryStore } from './memory-store.ts';
import type { VirtualTime } from './virtual-time.ts';

export const LESSON = 'lesson1';

/** So small that every board comes in many parts, letters of JSON. */
const FIRST_ROOM = 500;
const ROOM = 400;

/** The client's end of a connection, as the server reaches it. */
export interface Far {
  entries(bytes: Uint8Array | readonly LogEntry[]): void;
  performed(op: OperationId, answer: unknown): void;
  answer(id: number, answer: unknown): void;
  mark(mark: Mark): void;
  cut(): void;
}

/**
 * A server with one lesson: the real lesson, order of operations and coding of entries; connections, people and
 * permissions left out. It can be killed at any moment and started again over the same store.
 */
export class FuzzServer {
  readonly #time: VirtualTime;
  readonly #store: MemoryStore;
  /** Entries go as they are, so that a line may repeat and reorder them. */
  readonly #plain: boolean;
  #process: ServerProcess | null = null;

  constructor(time: VirtualTime, store: MemoryStore, plain: boolean) {
    this.#time = time;
    this.#store = store;
    this.#plain = plain;
  }

  get up(): boolean {
    return this.#process !== null;
  }

  async start(): Promise<void> {
    const lesson = await Lesson.open(LESSON, this.#store, quietLog);
    this.#process ??= new ServerProcess(lesson, this.#time, this.#plain, () => this.kill());
  }

  /** As `kill -9`: what it was doing to the database may happen or not, and nobody is told. */
  kill(): void {
    const dead = this.#process;
    this.#process = null;
    dead?.die();
    if (dead) setTimeout(() => void this.start(), this.#time.random.between(50, 2_000));
  }

  accept(participant: string, far: Far): Peer | null {
    return this.#process?.accept(participant, far) ?? null;
  }
}

class ServerProcess {
  readonly lesson: Lesson;
  readonly time: VirtualTime;
  /** The lesson can be written no more: whoever runs a server starts it anew. */
  readonly broken: () => void;
  readonly audience = new Set<Peer>();
  readonly broadcast: Broadcast;
  readonly boards = new HeldBoards(FIRST_ROOM);
  alive = true;
  readonly #all = new Set<Far>();

  constructor(lesson: Lesson, time: VirtualTime, plain: boolean, broken: () => void) {
    this.lesson = lesson;
    this.time = time;
    this.broken = broken;
    const plainly = new EntriesDecoder();
    this.broadcast = new Broadcast((_lesson, bytes) => {
      const told = plain ? plainly.decode(bytes) : bytes;
      for (const peer of this.audience) peer.far.entries(told);
    });
    lesson.subscribeBatches((entries) => {
      if (!this.alive) return;
      this.broadcast.send(LESSON, entries);
      const mark = lesson.mark();
      if (mark && entries.some(({ seq }) => seq === mark.seq))
        for (const peer of this.audience) peer.far.mark(mark);
    });
  }

  accept(participant: string, far: Far): Peer {
    this.#all.add(far);
    return new Peer(this, participant, far);
  }

  die(): void {
    this.alive = false;
    this.audience.clear();
    for (const far of this.#all) far.cut();
  }
}

/** The server's end of a connection. What is sent to it after the line broke may still arrive. */
export class Peer {
  readonly far: Far;
  readonly #process: ServerProcess;
  readonly #participant: string;
  readonly #operations = new OperationsDecoder();
  readonly #order = new OperationOrder();

  constructor(process: ServerProcess, participant: string, far: Far) {
    this.#process = process;
    this.#participant = participant;
    this.far = far;
  }

  leave(): void {
    this.#process.audience.delete(this);
    this.#process.broadcast.audienceChanged(LESSON);
  }

  async join(id: number, { since, resync }: Input<'lesson.join'>): Promise<void> {
    const { lesson, time, audience, broadcast, boards } = this.#process;
    audience.add(this);
    broadcast.audienceChanged(LESSON);
    await new Promise((resolve) => setTimeout(resolve, time.random.between(0, 40)));
    if (!this.#process.alive) return;
    if (resync) this.#tell({ type: 'participant.resynced', participant: this.#participant, ...resync });
    const { snapshot, entries } = lesson.catchUp(since);
    const you = { participant: this.#participant, part: 'lead' };
    const begun = snapshot ? boards.begin(snapshot) : {};
    const data = { you, now: lesson.now(), ...begun, entries: [...entries] };
    this.far.answer(id, { ok: true, data: JSON.parse(JSON.stringify(data)) });
  }

  parts(id: number, { of, wants }: Input<'lesson.parts'>): void {
    if (!this.#process.alive) return;
    try {
      const data = this.#process.boards.parts(of, wants, ROOM);
      this.far.answer(id, { ok: true, data: JSON.parse(JSON.stringify(data)) });
    } catch (error) {
      if (!(error instanceof TongkeError)) throw error;
      this.far.answer(id, { ok: false, error: { code: error.code, message: error.message } });
    }
  }

  #tell(event: LessonEvent): void {
    this.#process.lesson.publish(event, { actor: this.#participant }).catch(() => this.#process.broken());
  }

  /** `copies`: how often what was sent once arrives. */
  async perform(bytes: Uint8Array, copies: number): Promise<void> {
    if (!this.#process.alive) return;
    const envelope = this.#operations.decode(bytes);
    for (let i = 0; i < copies; i++) void this.#take(envelope);
  }

  async #take(envelope: RequestEnvelope & { op: OperationId }): Promise<void> {
    const { op } = envelope;
    const answer = await this.#answer(envelope);
    if (!this.#process.alive) return;
    const told = answer.ok && answer.data.seq !== undefined && this.#process.audience.has(this);
    if (!told) this.far.performed(op, answer);
  }

  /** As server/connection/connection.ts does, which says why. */
  async #answer({ name, input, op }: RequestEnvelope & { op: OperationId }) {
    const { lesson, time, broken } = this.#process;
    try {
      if (time.random.chance(0.01)) throw new TongkeError('too_many_requests');
      this.#order.check(op, lesson.state().operations[op.client]);
      const seq = await lesson.publish(logged(name, input), { actor: this.#participant, op });
      this.#order.settled(op);
      return { ok: true as const, data: seq > 0 ? { seq } : {} };
    } catch (error) {
      const { code, message } =
        error instanceof TongkeError ? error : new TongkeError('internal', String(error));
      this.#order.refused(op, code);
      if (code !== 'too_many_requests') broken();
      return { ok: false as const, error: { code, message } };
    }
  }
}

function isDurable(name: string): name is DurableName {
  return name in requests && 'durable' in requests[name as keyof typeof requests];
}

function logged(name: string, input: unknown): LessonEvent {
  const event = isDurable(name) ? eventOf(name, input) : null;
  if (!event) throw new Error(`'${name}' is not durable, or does not fit`);
  return event;
}
