import assert from 'node:assert/strict';
import { openSession } from '../../client/lesson/session.ts';
import { memoryStorage } from '../../client/lesson/storage.ts';
import type { LessonSession, LessonView } from '../../client/lesson/types.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { digest, EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';
import type { DurableName, Input } from '../../protocol/requests.ts';
import { arrangePages, touchMarks } from './deeds.ts';
import { FuzzLine } from './line.ts';
import { MemoryStore } from './memory-store.ts';
import { FuzzServer, LESSON } from './server.ts';
import { type Random, VirtualTime } from './virtual-time.ts';

const CLIENTS = 8;
const ROUNDS = 2;
/** Of trouble in each round, and then of peace until everything has arrived at the latest; virtual ms. */
const TROUBLE_MS = 5_000;
const PEACE_MS = 120_000;
const PEN = { tool: 'pen', colour: '#1f2933', width: 6, grid: 1 } as const;

export interface FuzzReport {
  readonly operations: number;
  readonly entries: number;
  readonly kills: number;
  readonly cuts: number;
  readonly reloads: number;
}

/**
 * One seed of docs/board-invariants.md, 1 to 6: people write while lines break and servers die. Rejects with an
 * AssertionError that says which invariant did not hold.
 */
export async function fuzzBoard(seed: number): Promise<FuzzReport> {
  const time = new VirtualTime(seed);
  const restore = time.install();
  try {
    return await new Run(time, seed % 2 === 1).run();
  } finally {
    restore();
  }
}

class Run {
  readonly #time: VirtualTime;
  readonly #store: MemoryStore;
  readonly #server: FuzzServer;
  readonly #people: Person[];
  #calm = false;
  #kills = 0;
  #cuts = 0;

  constructor(time: VirtualTime, disorderly: boolean) {
    this.#time = time;
    this.#store = new MemoryStore(time.random);
    this.#server = new FuzzServer(time, this.#store, disorderly);
    this.#people = Array.from(
      { length: CLIENTS },
      (_, i) => new Person(`person${i}`, { time, server: this.#server, disorderly }),
    );
  }

  async run(): Promise<FuzzReport> {
    await Promise.race([this.#server.start(), this.#time.pass(1_000)]);
    for (const person of this.#people) this.#keepBusy(person);
    this.#keepTroubled();
    for (let round = 0; round < ROUNDS; round++) {
      this.#calm = false;
      this.#store.trouble = 0.05;
      await this.#time.pass(TROUBLE_MS);
      this.#calm = true;
      this.#store.trouble = 0;
      this.#check(await this.#settle());
    }
    for (const person of this.#people) person.session.close();
    const { entries } = await this.#log();
    return {
      operations: this.#people.reduce((sum, { performed }) => sum + performed.length, 0),
      entries: entries.length,
      ...{ kills: this.#kills, cuts: this.#cuts },
      reloads: this.#people.reduce((sum, { reloads }) => sum + reloads, 0),
    };
  }

  #keepBusy(person: Person): void {
    const { random } = this.#time;
    const act = () => {
      if (!this.#calm) person.act();
      setTimeout(act, random.between(20, 500));
    };
    setTimeout(act, random.between(0, 1_000));
  }

  #keepTroubled(): void {
    const { random } = this.#time;
    const strike = () => {
      if (!this.#calm) this.#strike();
      setTimeout(strike, random.between(100, 900));
    };
    setTimeout(strike, 500);
  }

  #strike(): void {
    const { random } = this.#time;
    const person = random.pick(this.#people);
    if (random.chance(0.2)) {
      this.#kills++;
      this.#server.kill();
    } else if (random.chance(0.8)) {
      this.#cuts++;
      person?.cut();
    } else person?.reload();
  }

  /** Resolves with the log once everyone has all of it. */
  async #settle(): Promise<LogEntry[]> {
    const end = this.#time.now + PEACE_MS;
    while (this.#time.now < end) {
      await this.#time.pass(2_000);
      const { entries } = await this.#log();
      const isDone = ({ connection, unsent, arriving, state }: LessonView) =>
        connection === 'joined' && unsent === 0 && arriving.length === 0 && state?.seq === entries.length;
      if (this.#server.up && this.#people.every(({ session }) => isDone(session.view()))) return entries;
    }
    assert.fail(`not all arrived: ${this.#people.map((person) => person.describe()).join('; ')}`);
  }

  #check(entries: readonly LogEntry[]): void {
    const state = entries.reduce(reduce, EMPTY_LESSON);
    for (const [i, { seq }] of entries.entries()) assert.equal(seq, i + 1, 'invariant 1: no gaps');
    for (const person of this.#people) {
      const logged = entries
        .filter(({ actor, op }) => op && actor === person.name)
        .map(({ event }) => told(event));
      assert.deepEqual(
        logged,
        person.performed,
        `invariants 3 to 5: what ${person.name} did, once and in order`,
      );
      const view = person.session.view().state;
      assert.ok(view);
      assert.equal(digest(view), digest(state), `invariant 2: ${person.name} sees what the log says`);
      assert.deepEqual(person.trouble, [], `${person.name} was told of trouble`);
    }
  }

  async #log(): Promise<{ entries: LogEntry[] }> {
    const reading = this.#store.read(LESSON);
    await this.#time.pass(100);
    return reading;
  }
}

const told = ({ type: _type, ...event }: LogEntry['event']) => JSON.stringify(event);

/** Someone who writes at random, and may lose their line or their power at any moment. */
class Person {
  readonly name: string;
  /** What was performed, as it should stand in the log. */
  readonly performed: string[] = [];
  readonly trouble: unknown[] = [];
  reloads = 0;
  session: LessonSession;
  readonly #context: { time: VirtualTime; server: FuzzServer; disorderly: boolean };
  readonly #storage = memoryStorage();
  #line: FuzzLine | null = null;
  #open: string[] = [];
  #count = 0;

  constructor(name: string, context: { time: VirtualTime; server: FuzzServer; disorderly: boolean }) {
    this.name = name;
    this.#context = context;
    this.session = this.#openSession();
  }

  cut(): void {
    this.#line?.cut();
  }

  reload(): void {
    this.reloads++;
    this.session.close();
    this.session = this.#openSession();
  }

  describe(): string {
    const { connection, unsent, state } = this.session.view();
    return `${this.name} ${connection}, ${unsent} unsent, at ${state?.seq}`;
  }

  get random(): Random {
    return this.#context.time.random;
  }

  act(): void {
    const { random } = this.#context.time;
    const { state, you } = this.session.view();
    if (!state || !you) return;
    const { current } = state.board;
    const chance = random.next();
    const open = random.pick(this.#open);
    if (open !== undefined && chance < 0.35) this.#draw(open, false);
    else if (chance < 0.55) this.#draw(this.newId(), true);
    else if (chance < 0.82) touchMarks(state.board, this);
    else if (chance < 0.9) this.perform('ink.undo', { page: current });
    else if (chance < 0.94) this.perform('ink.redo', { page: current });
    else arrangePages(state.board, this);
  }

  newId(): string {
    return `${this.name}-${++this.#count}`;
  }

  /** Two strokes at once, as two pens draw them. */
  #draw(stroke: string, begins: boolean): void {
    const { random } = this.#context.time;
    const page = random.pick(this.session.view().state?.board.pages ?? [])?.id ?? 'page1';
    const done = random.chance(0.5) || this.#open.length > 2;
    this.#open = this.#open.filter((id) => id !== stroke);
    if (!done) this.#open.push(stroke);
    const data = random.pick(['AAAA', 'AQID', 'BAUGBw']) ?? '';
    const start = begins ? { page, brush: PEN } : {};
    this.perform('ink.draw', { stroke, ...start, data, ...(done ? { done: true as const } : {}) });
  }

  perform<N extends DurableName>(name: N, input: Input<N>): void {
    this.performed.push(JSON.stringify(input));
    this.session.perform(name, input);
  }

  #openSession(): LessonSession {
    const session = openSession({
      lesson: LESSON,
      account: this.name, // after a reload the board that was kept is written on before the line is there
      storage: this.#storage,
      report: (error) => this.trouble.push(error),
      connect: (options) => {
        this.#line = new FuzzLine(options, { ...this.#context, participant: this.name });
        return this.#line;
      },
    });
    session.onRefusal((error) => this.trouble.push(error));
    return session;
  }
}
