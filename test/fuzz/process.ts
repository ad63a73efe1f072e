import assert from 'node:assert/strict';
import { Connection, type ConnectionOptions } from '../../client/lesson/connection.ts';
import { openSession } from '../../client/lesson/session.ts';
import { memoryStorage } from '../../client/lesson/storage.ts';
import type { LessonSession } from '../../client/lesson/types.ts';
import type { LessonSummary, RouteOutput } from '../../protocol/api.ts';
import type { LogEntry, OperationId } from '../../protocol/events.ts';
import { digest, EMPTY_LESSON, reduce } from '../../protocol/lesson.ts';
import type { DurableName, Input } from '../../protocol/requests.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { ServerProcess } from '../e2e/support/server-process.ts';
import { get, signIn } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO } from '../support/server.ts';
import { Random } from './virtual-time.ts';

/** Four tabs of the teacher's, and four whom she lets write. */
const PEOPLE = [
  ...[DEMO.teacher, DEMO.teacher, DEMO.teacher, DEMO.teacher],
  ...[DEMO.local, DEMO.room, DEMO.secondRoom, DEMO.student],
];
const ROUNDS = 3;
const ROUND_MS = 4_000;
const SETTLE_MS = 120_000;
const PEN = { tool: 'pen', colour: '#1f2933', width: 6, grid: 1 } as const;

export interface ProcessReport {
  readonly operations: number;
  readonly entries: number;
  readonly kills: number;
  readonly cuts: number;
  readonly reloads: number;
}

/**
 * docs/board-invariants.md, 1 to 6 and 30, with the server as it runs: its process, its database, its sockets; killed with
 * `kill -9` in each round. What everyone does follows from the seed; when it arrives does not. Rejects with an AssertionError.
 */
export async function fuzzProcess(seed: number): Promise<ProcessReport> {
  const random = new Random(seed);
  const server = await ServerProcess.create();
  const writers: Writer[] = [];
  let [kills, cuts] = [0, 0];
  try {
    await server.start();
    const cookies = new Map<string, string>();
    for (const name of new Set(PEOPLE)) cookies.set(name, await signIn(server.url, name, DEMO_PASSWORD));
    const teacher = cookies.get(DEMO.teacher) ?? '';
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', teacher);
    const lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    for (const [i, name] of PEOPLE.entries()) {
      const cookie = cookies.get(name) ?? '';
      writers.push(
        new Writer(`w${i}`, { url: server.url, lesson, cookie, random, leads: name === DEMO.teacher }),
      );
    }
    const [lead] = writers;
    if (!lead) throw new Error('nobody leads');
    await eventually(() => writers.every((one) => one.isJoined), 'everyone has joined', SETTLE_MS);
    await lead.session.request('lesson.start', {});
    await lead.session.request('writers.change', { may: true });
    for (let round = 0; round < ROUNDS; round++) {
      const until = performance.now() + ROUND_MS;
      let dies: number | null = performance.now() + random.between(500, ROUND_MS - 500);
      while (performance.now() < until) {
        const one = random.pick(writers);
        if (random.chance(0.96)) one?.act();
        else if (random.chance(0.7)) {
          cuts++;
          one?.cut();
        } else one?.reload();
        await new Promise((resolve) => setTimeout(resolve, random.between(1, 12)));
        if (dies === null || performance.now() < dies) continue;
        dies = null;
        kills++;
        await server.kill();
        void server.start();
      }
      await settle(writers);
    }
    const { seq } = writers[0]?.session.view().state ?? EMPTY_LESSON;
    const states = writers.map(({ session }) => session.view().state ?? EMPTY_LESSON);
    await lead.session.request('lesson.end', {});
    const { entries: log } = await get<RouteOutput<'replay.log'>>(
      server.url,
      `/lessons/${lesson}/log`,
      teacher,
    );
    check(writers, log);
    const folded = digest(log.filter((entry) => entry.seq <= seq).reduce(reduce, EMPTY_LESSON));
    for (const [i, state] of states.entries())
      assert.equal(digest(state), folded, `invariant 2: ${writers[i]?.name}`);
    return {
      ...{
        operations: writers.reduce((sum, { performed }) => sum + performed.length, 0),
        entries: log.length,
      },
      ...{ kills, cuts, reloads: writers.reduce((sum, { reloads }) => sum + reloads, 0) },
    };
  } finally {
    for (const { session } of writers) session.close();
    await server.close();
  }
}

async function settle(writers: readonly Writer[]): Promise<void> {
  await eventually(
    () => {
      const views = writers.map(({ session }) => session.view());
      const quiet = views.every(
        ({ connection, unsent, arriving }) =>
          connection === 'joined' && unsent === 0 && arriving.length === 0,
      );
      return quiet && new Set(views.map(({ state }) => state?.seq)).size === 1;
    },
    'all has arrived everywhere',
    SETTLE_MS,
  );
}

/** What everyone performed is in the log, once and in order, and nothing else is. */
function check(writers: readonly Writer[], log: readonly LogEntry[]): void {
  for (const [i, { seq }] of log.entries()) assert.equal(seq, i + 1, 'invariant 1: no gaps');
  const logged = new Map<string, string[]>();
  for (const { op, event } of log) {
    if (!op) continue;
    const { type: _type, ...told } = event;
    logged.set(op.client, [...(logged.get(op.client) ?? []), JSON.stringify(told)]);
  }
  const lists = (all: Iterable<readonly string[]>) => [...all].map((list) => list.join('\n')).sort();
  assert.deepEqual(
    lists(logged.values()),
    lists(writers.map(({ performed }) => performed)),
    'invariants 3 to 6: what each did, once and in order',
  );
  for (const { name, trouble } of writers) assert.deepEqual(trouble, [], `${name} was refused`);
}

interface WriterOptions {
  readonly url: string;
  readonly lesson: string;
  readonly cookie: string;
  readonly random: Random;
  readonly leads: boolean;
}

/** A line that sends some operations twice. */
class RepeatingConnection extends Connection {
  readonly #random: Random;

  constructor(options: ConnectionOptions, random: Random) {
    super(options);
    this.#random = random;
  }

  override deliver(name: DurableName, input: unknown, op: OperationId) {
    // The answer to either is that of both.
    if (this.#random.chance(0.05)) super.deliver(name, input, op).catch(() => undefined);
    return super.deliver(name, input, op);
  }
}

/** Someone in a tab of their own, who writes at random. */
class Writer {
  readonly name: string;
  readonly performed: string[] = [];
  readonly trouble: unknown[] = [];
  reloads = 0;
  session: LessonSession;
  readonly #options: WriterOptions;
  readonly #storage = memoryStorage();
  #connection: Connection | null = null;
  #strokes: string[] = [];
  #open: string[] = [];
  #count = 0;

  constructor(name: string, options: WriterOptions) {
    this.name = name;
    this.#options = options;
    this.session = this.#openSession();
  }

  get isJoined(): boolean {
    return this.session.view().connection === 'joined';
  }

  cut(): void {
    this.#connection?.renew();
  }

  reload(): void {
    this.reloads++;
    this.session.close();
    this.session = this.#openSession();
  }

  act(): void {
    const { random, leads } = this.#options;
    const { state, you } = this.session.view();
    if (!state || !you) return;
    const { pages, current } = state.board;
    const chance = random.next();
    const open = random.pick(this.#open);
    const own = random.pick(this.#strokes);
    if (open !== undefined && chance < 0.35) this.#draw(open, null);
    else if (chance < 0.6) this.#draw(`${this.name}-${++this.#count}`, random.pick(pages)?.id ?? current);
    else if (chance < 0.68 && own) this.#perform('ink.erase', { page: current, strokes: [own] });
    else if (chance < 0.76 && own) {
      this.#perform('marks.move', { page: current, marks: [own], matrix: [1, 0, 0, 1, 10, 5] });
    } else if (chance < 0.86) this.#perform('ink.undo', { page: current });
    else if (chance < 0.92 || !leads) this.#perform('ink.redo', { page: current });
    else if (chance < 0.94) {
      this.#perform('page.add', {
        page: { id: `${this.name}-p${++this.#count}`, kind: 'grid' },
        after: current,
      });
    } else if (chance < 0.96) {
      this.#perform('page.move', { page: current, after: random.pick(pages)?.id ?? null });
    } else this.#perform('page.turn', { page: random.pick(pages)?.id ?? current });
  }

  #draw(stroke: string, page: string | null): void {
    const { random } = this.#options;
    const done = random.chance(0.5) || this.#open.length > 2;
    this.#open = this.#open.filter((id) => id !== stroke);
    if (!done) this.#open.push(stroke);
    if (page !== null) this.#strokes.push(stroke);
    const data = random.pick(['AAAA', 'AQID', 'BAUGBw']) ?? '';
    const start = page === null ? {} : { page, brush: PEN };
    this.#perform('ink.draw', { stroke, ...start, data, ...(done ? { done: true as const } : {}) });
  }

  #perform<N extends DurableName>(name: N, input: Input<N>): void {
    this.performed.push(JSON.stringify(input));
    this.session.perform(name, input);
  }

  #openSession(): LessonSession {
    const { url, lesson, cookie, random } = this.#options;
    const session = openSession({
      ...{ lesson, url, storage: this.#storage, headers: { cookie, origin: url } },
      report: () => {}, // lines break here: what matters is what becomes of it
      connect: (options) => {
        this.#connection = new RepeatingConnection(options, random);
        return this.#connection;
      },
    });
    session.onRefusal((error) => this.trouble.push(error));
    return session;
  }
}
