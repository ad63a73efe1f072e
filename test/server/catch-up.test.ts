import assert from 'node:assert/strict';
import { Connection } from '../../client/lesson/connection.ts';
import { entriesOf } from '../../client/lesson/joining.ts';
import { openSession, type SessionOptions } from '../../client/lesson/session.ts';
import type { LessonSession, LessonView } from '../../client/lesson/types.ts';
import type { LessonSummary } from '../../protocol/api.ts';
import { pageOf } from '../../protocol/board.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { digest } from '../../protocol/lesson.ts';
import { isMarked } from '../../protocol/mark.ts';
import type { Input } from '../../protocol/requests.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';

const PAGES = 12;
const STROKES_A_PAGE = 42;

const stroke = (page: string, id: string): Input<'ink.draw'> => ({
  ...{ stroke: id, page, data: 'A'.repeat(400), done: true },
  brush: { tool: 'pen', colour: '#1a1a1a', width: 6, grid: 1 },
});

describe('coming to a lesson that has gone on for long', () => {
  let server: TestServer;
  let lesson: string;
  let lead: TestClient;
  let count = 0;
  const sessions: LessonSession[] = [];
  const entries: LogEntry[] = [];

  before(async () => {
    server = await startTestServer();
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    lead = await TestClient.connect(server.url, cookie);
    lead.on('entry', (entry) => entries.push(entry));
    await lead.join(lesson);
    for (let page = 2; page <= PAGES; page++)
      await lead.perform('page.add', { page: { id: `page${page}`, kind: 'grid' } });
    await lead.perform('page.turn', { page: 'page6' });
    for (let page = 1; page <= PAGES; page++)
      await Promise.all(Array.from({ length: STROKES_A_PAGE }, () => draw(`page${page}`)));
  });

  after(async () => {
    for (const session of sessions) session.close();
    lead?.close();
    await server?.close();
  });

  const draw = (page: string) => lead.perform('ink.draw', stroke(page, `s${++count}`));

  async function open(more: Partial<SessionOptions> = {}): Promise<LessonSession> {
    const cookie = await signIn(server.url, DEMO.room, DEMO_PASSWORD);
    const headers = { cookie, origin: server.url };
    const session = openSession({ lesson, url: server.url, headers, report: () => {}, ...more });
    sessions.push(session);
    return session;
  }

  const agrees = (session: LessonSession) =>
    eventually(() => {
      const { state, arriving } = session.view();
      return state?.seq === lead.state.seq && arriving.length === 0 && digest(state) === digest(lead.state);
    }, 'the same state as everyone’s');

  it('shows the current page first and is whole in the end, whatever is written meanwhile (invariant 30)', async () => {
    const session = await open();
    const views: LessonView[] = [];
    session.subscribe(() => views.push(session.view()));
    await eventually(() => session.view().connection === 'joined', 'joined');
    const first = views.find(({ state }) => state !== null);
    assert.ok(first?.state && first.arriving.length > 0, 'not all came at once');
    assert.equal(Object.keys(pageOf(first.state.board, 'page6')?.strokes ?? {}).length, STROKES_A_PAGE);
    await Promise.all([draw('page6'), draw('page1'), lead.perform('ink.undo', { page: 'page1' })]);
    await agrees(session);
  });

  it('catches up by answers that a thin link brings in a second', async () => {
    const client = await TestClient.connect(
      server.url,
      await signIn(server.url, DEMO.secondRoom, DEMO_PASSWORD),
    );
    client.socket.off('entries'); // it knows of no parts
    let since = 1;
    const bytes: number[] = [];
    for (let more: true | undefined = true; more; ) {
      const answer = await client.request('lesson.join', { lesson, since, parts: true });
      const told = entriesOf(answer);
      assert.equal(told[0]?.seq, since + 1);
      bytes.push(answer.missed?.length ?? 0);
      since += told.length;
      more = answer.more;
    }
    assert.equal(since, lead.state.seq);
    assert.ok(bytes.length > 1 && Math.max(...bytes) < 8_000, `${bytes} bytes`);
    client.close();
  });

  /** A session whose line changes what the server says, as `tamper` does. */
  const tampered = (tamper: (entries: LogEntry[]) => LogEntry[]) =>
    open({
      connect: (options) => new Connection({ ...options, entries: (told) => options.entries(tamper(told)) }),
    });

  const resynced = (reason: string) =>
    entries.filter(({ event }) => event.type === 'participant.resynced' && event.reason === reason);

  it('finds that entries are missing, fetches them, and says so in the log (invariant 2)', async () => {
    let drop = false;
    const session = await tampered((told) => (drop ? [] : told));
    await agrees(session);
    drop = true;
    await draw('page6');
    drop = false;
    await draw('page6');
    await agrees(session);
    await eventually(() => resynced('gap').length === 1, 'the log says so');
  });

  it('finds that its state is not the log’s, begins anew, and says so in the log (invariant 2)', async () => {
    const session = await tampered((told) =>
      told.map((entry) =>
        entry.event.type === 'ink.drawn' && entry.event.stroke === 'bent'
          ? { ...entry, event: { ...entry.event, data: 'B' } }
          : entry,
      ),
    );
    await agrees(session);
    await lead.perform('ink.draw', stroke('page6', 'bent'));
    await eventually(() => session.view().state?.seq === lead.state.seq, 'it has the entry');
    const { state } = session.view();
    assert.ok(state && digest(state) !== digest(lead.state), 'and another stroke than everyone else');
    // Over a line of its own: what one line may ask for at once is used up.
    const other = await TestClient.connect(server.url, await signIn(server.url, DEMO.teacher, DEMO_PASSWORD));
    await other.join(lesson);
    while (!isMarked(lead.state.seq)) await other.perform('ink.draw', stroke('page7', `s${++count}`));
    other.close();
    await agrees(session);
    await eventually(() => resynced('difference').length === 1, 'the log says so');
  });
});
