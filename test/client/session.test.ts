import assert from 'node:assert/strict';
import { openSession } from '../../client/lesson/session.ts';
import { memoryStorage, type SharedMemory, sharedMemory } from '../../client/lesson/storage.ts';
import type { LessonSession, LessonView } from '../../client/lesson/types.ts';
import { type ErrorBody, TongkeError } from '../../protocol/errors.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { encodeInk } from '../../protocol/ink.ts';
import { digest } from '../../protocol/lesson.ts';
import { ProtocolServer } from './protocol-server.ts';

const brush = { tool: 'pen', colour: '#112233', width: 6, grid: 1 } as const;
const page = 'page1';

/** One whole stroke. */
const ink = (stroke: string) => ({
  ...{ stroke, page, brush, done: true as const },
  data: encodeInk(
    [],
    [
      [10, 10, 0, 128],
      [20, 20, 15, 128],
    ],
  ),
});

const strokesOf = ({ state }: LessonView) => Object.keys(state?.board.pages[0]?.strokes ?? {});

/** Resolves with the first view, now or later, for which `test` holds. */
function until(session: LessonSession, test: (view: LessonView) => boolean): Promise<LessonView> {
  return new Promise((resolve) => {
    const check = () => {
      if (!test(session.view())) return;
      stop();
      resolve(session.view());
    };
    const stop = session.subscribe(check);
    check();
  });
}

const joined = (session: LessonSession) => until(session, ({ connection }) => connection === 'joined');
const settled = (session: LessonSession) =>
  until(session, ({ connection, unsent }) => connection === 'joined' && unsent === 0);

describe('a lesson session', () => {
  const server = new ProtocolServer();
  let open: LessonSession[] = [];
  let reported: unknown[] = [];

  const openTab = (shared: SharedMemory = sharedMemory()) => {
    const storage = memoryStorage(shared);
    const report = (error: unknown) => void reported.push(error);
    const session = openSession({ lesson: 'lesson1', url: server.url, storage, report });
    open.push(session);
    return session;
  };

  beforeEach(async () => {
    Object.assign(server, new ProtocolServer(), { log: [], received: [] });
    open = [];
    reported = [];
    await server.start();
  });

  afterEach(async () => {
    for (const session of open) session.close();
    await server.stop();
    assert.deepEqual(reported, []);
  });

  it('joins with a snapshot and follows', async () => {
    server.publish({ type: 'page.added', page: { id: 'page2', kind: 'grid' } });
    const session = openTab();
    const view = await joined(session);
    assert.equal(view.state?.board.current, 'page2');
    assert.deepEqual(view.you, { participant: 'teacher', part: 'lead' });
    server.publish({ type: 'page.turned', page });
    const turned = await until(session, ({ state }) => state?.board.current === page);
    assert.ok(turned.state && digest(turned.state) === digest(server.state));
    assert.ok(Math.abs(session.now() - server.now()) < 50);
  });

  it('shows at once what is performed, and keeps it until the journal has it', async () => {
    const shared = sharedMemory();
    const session = openTab(shared);
    await joined(session);
    server.acknowledges = false;
    session.perform('ink.draw', ink('s1'));
    assert.deepEqual(strokesOf(session.view()), ['s1']);
    assert.equal(session.view().unsent, 1);
    await until(session, ({ state }) => state?.seq === 1);
    assert.equal(session.view().unsent, 0); // its entry says so as well as an acknowledgement does
    assert.equal(shared.operations.size, 0);
  });

  it('gives the same view as long as nothing changed', async () => {
    const session = openTab();
    await joined(session);
    session.perform('chat.say', { text: 'hello' });
    const view = session.view();
    assert.equal(session.view(), view);
    assert.equal(view.state?.chat.at(-1)?.text, 'hello');
    assert.notEqual(await until(session, ({ unsent }) => unsent === 0), view);
  });

  it('comes back after a cut, sends what was not acknowledged, and nothing takes effect twice', async () => {
    const session = openTab();
    await joined(session);
    server.acknowledges = false;
    session.perform('ink.draw', ink('s1'));
    await until(session, () => server.received.length === 1 && server.log.length === 1);
    await server.stop();
    await until(session, ({ connection }) => connection === 'lost');
    session.perform('ink.draw', ink('s2'));
    session.perform('ink.draw', ink('s3'));
    assert.deepEqual(strokesOf(session.view()), ['s1', 's2', 's3']);
    server.acknowledges = true;
    await server.start();
    const view = await settled(session);
    assert.deepEqual(
      server.log.map(({ op }) => op?.n),
      [1, 2, 3],
    );
    assert.ok(view.state && digest(view.state) === digest(server.state));
  });

  it('an operation that arrived but whose acknowledgement and entry were lost is taken once', async () => {
    const session = openTab();
    await joined(session);
    server.acknowledges = false;
    server.passes = () => false;
    session.perform('ink.draw', ink('s1'));
    while (server.log.length === 0) await new Promise(setImmediate);
    server.acknowledges = true;
    server.passes = () => true;
    server.cut();
    await settled(session);
    assert.equal(server.log.length, 1);
    assert.deepEqual(strokesOf(session.view()), ['s1']);
  });

  it('fetches what is missing when it finds a gap, and tells of every entry once and in order', async () => {
    const session = openTab();
    const told: number[] = [];
    session.onEntry((entry: LogEntry) => void told.push(entry.seq));
    await joined(session);
    server.publish({ type: 'chat.said', text: 'one' }, 'student');
    server.passes = ({ seq }) => seq !== 2 && seq !== 3;
    for (const text of ['two', 'three', 'four']) server.publish({ type: 'chat.said', text }, 'student');
    const view = await until(session, ({ state }) => state?.seq === 4);
    assert.deepEqual(told, [1, 2, 3, 4]);
    assert.equal(server.joins, 2);
    assert.ok(view.state && digest(view.state) === digest(server.state));
  });

  it('ignores what comes twice', async () => {
    const session = openTab();
    const told: number[] = [];
    session.onEntry(({ seq }) => void told.push(seq));
    await joined(session);
    server.copies = 3;
    for (const text of ['one', 'two']) server.publish({ type: 'chat.said', text }, 'student');
    await until(session, ({ state }) => state?.seq === 2);
    server.copies = 1;
    server.publish({ type: 'chat.said', text: 'three' }, 'student');
    const view = await until(session, ({ state }) => state?.seq === 3);
    assert.deepEqual(told, [1, 2, 3]);
    assert.equal(view.state?.chat.length, 3);
  });

  it('takes back what is refused, and says so', async () => {
    const session = openTab();
    await joined(session);
    const refusals: ErrorBody[] = [];
    session.onRefusal((error) => void refusals.push(error));
    server.refuse = (_name, { n }) => {
      if (n === 1) throw new TongkeError('forbidden');
    };
    session.perform('ink.draw', ink('s1'));
    session.perform('ink.draw', ink('s2'));
    assert.deepEqual(strokesOf(session.view()), ['s1', 's2']);
    const view = await settled(session);
    assert.deepEqual(strokesOf(view), ['s2']);
    assert.deepEqual(
      refusals.map(({ code }) => code),
      ['forbidden'],
    );
  });

  it('asks again, in order, what is refused only for the moment', async () => {
    const session = openTab();
    await joined(session);
    let away = 3;
    server.refuse = () => {
      if (away-- > 0) throw new TongkeError('database_unavailable');
    };
    for (const id of ['s1', 's2', 's3']) session.perform('ink.draw', ink(id));
    const view = await settled(session);
    assert.deepEqual(strokesOf(view), ['s1', 's2', 's3']);
    assert.deepEqual(
      server.log.map(({ op }) => op?.n),
      [1, 2, 3],
    );
  });

  it('keeps its own pending ink over what others do meanwhile', async () => {
    const session = openTab();
    await joined(session);
    await server.stop();
    await until(session, ({ connection }) => connection === 'lost');
    session.perform('ink.draw', ink('s1'));
    session.perform('page.add', { page: { id: 'page2', kind: 'blank' } });
    server.publish({ type: 'ink.drawn', ...ink('other') }, 'local');
    await server.start();
    const view = await settled(session);
    assert.deepEqual(strokesOf(view), ['other', 's1']);
    assert.equal(view.state?.board.current, 'page2');
    assert.ok(view.state && digest(view.state) === digest(server.state));
  });

  it('adopts the outbox of a tab that is gone: under its own numbers, before its own, and once', async () => {
    const shared = sharedMemory();
    const first = openTab(shared);
    await joined(first);
    first.perform('ink.draw', ink('s1'));
    await settled(first);
    await server.stop();
    await until(first, ({ connection }) => connection === 'lost');
    first.perform('ink.draw', ink('s2'));
    first.perform('ink.draw', ink('s3'));
    while (shared.operations.size < 2) await new Promise(setImmediate);
    first.close(); // what is kept of a tab that closes is what is kept of one that loses its power
    const [orphan] = shared.operations.values();

    await server.start();
    const second = openTab(shared);
    await joined(second);
    second.perform('ink.draw', ink('s4'));
    await settled(second);
    assert.deepEqual(strokesOf(second.view()), ['s1', 's2', 's3', 's4']);
    const clients = server.log.map(
      ({ op }) => `${op?.client === orphan?.client ? 'first' : 'second'} ${op?.n}`,
    );
    assert.deepEqual(clients, ['first 1', 'first 2', 'first 3', 'second 1']);
    assert.equal(shared.operations.size, 0);
  });

  it('leaves the outbox of a tab that lives, and that of another account, alone', async () => {
    const shared = sharedMemory();
    const kept = { lesson: 'lesson1', n: 1, name: 'ink.draw', input: ink('x') } as const;
    shared.operations.set('a', { ...kept, client: 'calive', by: 'teacher' });
    shared.operations.set('b', { ...kept, client: 'cother', by: 'somebody' });
    shared.claims.add('calive');
    const session = openTab(shared);
    await settled(session);
    session.perform('ink.draw', ink('s1'));
    const view = await settled(session);
    assert.deepEqual(strokesOf(view), ['s1']);
    assert.deepEqual([...shared.operations.keys()], ['a', 'b']);
  });

  it('says that the page is outdated, or that one has to sign in, and stops asking', async () => {
    server.version = 99;
    assert.equal(
      (await until(openTab(), ({ connection }) => connection !== 'connecting')).connection,
      'outdated',
    );
    server.version = new ProtocolServer().version;
    server.signedIn = false;
    const view = await until(openTab(), ({ connection }) => connection !== 'connecting');
    assert.equal(view.connection, 'signed_out');
    assert.equal(view.error?.code, 'not_signed_in');
  });

  it('refuses to perform before it has joined, or what does not fit', async () => {
    const session = openTab();
    const refusals: string[] = [];
    session.onRefusal(({ code }) => void refusals.push(code));
    session.perform('chat.say', { text: 'too soon' });
    await joined(session);
    session.perform('chat.say', { text: '' });
    assert.deepEqual(refusals, ['not_in_lesson', 'bad_request']);
    assert.equal(session.view().unsent, 0);
  });
});
