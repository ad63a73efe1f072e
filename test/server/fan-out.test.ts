import assert from 'node:assert/strict';
import type { LessonSummary } from '../../protocol/api.ts';
import { digest } from '../../protocol/lesson.ts';
import type { Input } from '../../protocol/requests.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { DEMO_PASSWORD } from '../../server/demo/demo.ts';
import { get, signIn, TestClient } from '../support/client.ts';
import { DEMO, startTestServer, type TestServer } from '../support/server.ts';

const stroke = (id: string): Input<'ink.draw'> => ({
  ...{ stroke: id, page: 'page1', data: 'AAAA' },
  brush: { tool: 'pen', colour: '#1a1a1a', width: 6, grid: 1 },
});

/** Twelve kilobytes on the wire, since a Tibetan letter is three. */
const text = (item: string): Input<'item.add'> => ({
  ...{ page: 'page1', item },
  content: {
    ...{ kind: 'text', at: [0, 0], width: 800, size: 40, colour: '#1a1a1a', breaks: [] },
    text: 'ཀ'.repeat(4_000),
  },
});

describe('entries to everyone', () => {
  let server: TestServer;
  let lesson: string;
  let lead: TestClient;
  const others: TestClient[] = [];

  before(async () => {
    server = await startTestServer();
    const cookie = await signIn(server.url, DEMO.teacher, DEMO_PASSWORD);
    const { lessons } = await get<{ lessons: LessonSummary[] }>(server.url, '/lessons', cookie);
    lesson = lessons.find(({ state, part }) => state === 'ready' && part === 'lead')?.id ?? '';
    lead = await TestClient.connect(server.url, cookie);
    await lead.join(lesson);
  });

  after(async () => {
    for (const client of [lead, ...others]) client?.close();
    await server?.close();
  });

  it('come in one order, short ones and long ones, over whatever line', async () => {
    const cookie = await signIn(server.url, DEMO.room, DEMO_PASSWORD);
    for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']] as const) {
      const client = await TestClient.connect(server.url, cookie, PROTOCOL_VERSION, [...transports]);
      others.push(client);
      await client.join(lesson);
    }
    const writing = Array.from({ length: 60 }, (_, i) =>
      // A long one is compressed first, which takes a moment in which a short one could overtake it.
      i % 3 === 0 ? lead.perform('item.add', text(`t${i}`)) : lead.perform('ink.draw', stroke(`s${i}`)),
    );
    await Promise.all(writing);
    const { seq } = lead.state;
    for (const client of others) {
      const state = await client.until((known) => known.seq >= seq);
      assert.equal(digest(state.board), digest(lead.state.board));
    }
  });

  it('wait for a reader who does not read, but not without end', async () => {
    const cookie = await signIn(server.url, DEMO.secondRoom, DEMO_PASSWORD);
    const url = `${server.url}/socket.io/?EIO=4&transport=polling`;
    const headers = { cookie, origin: server.url };
    const ask = async (sid: string, body?: string) => {
      const method = body === undefined ? 'GET' : 'POST';
      const response = await fetch(`${url}&sid=${sid}`, { method, headers, body });
      return { ok: response.ok, text: await response.text() };
    };
    const hello = await (await fetch(url, { headers })).text();
    const sid = /"sid":"([^"]+)"/.exec(hello)?.[1] ?? '';
    await ask(sid, `40${JSON.stringify({ version: PROTOCOL_VERSION })}`);
    await ask(sid);
    await ask(sid, `420${JSON.stringify(['request', { name: 'lesson.join', input: { lesson } }])}`);
    let heard = '';
    while (!heard.includes('430[')) heard += (await ask(sid)).text;
    // From here on it asks for nothing more, until far more has been written than is kept for anybody.
    const began = performance.now();
    for (let i = 0; i < 250; i++) await lead.perform('item.add', text(`more${i}`));
    let backlog = 0;
    let answer = await ask(sid);
    for (; answer.ok; answer = await ask(sid)) backlog += answer.text.length;
    assert.ok(backlog < 1_800_000, `${backlog} of 4,000,000 letters were kept for it`);
    assert.ok(performance.now() - began < 9_000, 'put out before its ping was missed');
  });
});
