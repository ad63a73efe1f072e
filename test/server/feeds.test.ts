import assert from 'node:assert/strict';
import { toBase64url } from '../../protocol/base64.ts';
import { EntriesDecoder, EntriesEncoder } from '../../protocol/entries-line.ts';
import type { LogEntry } from '../../protocol/events.ts';
import { encodeFeed, FeedReader } from '../../protocol/feed-line.ts';
import { Backlog } from '../../server/connection/backlog.ts';
import { Feeds } from '../../server/connection/feeds.ts';
import { eventually } from '../support/eventually.ts';
import { randomFrom } from '../support/link/random.ts';

const ink = (seq: number): LogEntry => ({
  seq,
  t: seq * 100,
  actor: 'teacher',
  op: { client: 'pen', n: seq },
  event: {
    type: 'ink.drawn',
    stroke: `s${Math.floor(seq / 5)}`,
    ...(seq % 5 === 0 && { page: 'p1', brush: { tool: 'pen', colour: '#000000', width: 3, grid: 1 } }),
    data: toBase64url(new Uint8Array([seq & 255, 1, 2, 3])),
  },
});

describe('fresh entries over datagrams', () => {
  const told: { feed: string; datagram: Uint8Array }[] = [];
  const brought: { connections: readonly string[]; seqs: number[] }[] = [];
  const gone = new Set<string>();
  let feeds: Feeds;

  beforeEach(() => {
    told.length = 0;
    brought.length = 0;
    gone.clear();
    feeds = new Feeds({
      send: (feed, datagram) => told.push({ feed, datagram }),
      bring: (connections, entries) =>
        brought.push({ connections: [...connections], seqs: entries.map(({ seq }) => seq) }),
      isThere: (connection) => !gone.has(connection),
    });
  });

  it('reach all who take them, are repeated twice, and stop', async () => {
    feeds.join('lesson', 'a', 'feed a');
    feeds.join('lesson', 'b', 'feed b');
    feeds.send('lesson', [ink(1), ink(2)]);
    await eventually(() => told.length === 6, 'three datagrams for two');
    const reader = new FeedReader();
    assert.deepEqual(
      told.filter(({ feed }) => feed === 'feed b').map(({ datagram }) => reader.read(datagram)),
      [[ink(1), ink(2)], [], []],
    );
    gone.add('a');
    feeds.send('lesson', [ink(3)]);
    await eventually(() => told.length === 7, 'one that is there');
    assert.equal(told.at(-1)?.feed, 'feed b');
    feeds.heard('lesson', 'b', 2);
    feeds.end('lesson');
    assert.deepEqual(brought, [
      { connections: ['a'], seqs: [1, 2, 3] },
      { connections: ['b'], seqs: [3] },
    ]);
  });

  it('come over the socket where nobody says that they have come', async () => {
    feeds.join('lesson', 'a', 'feed');
    feeds.send('lesson', [ink(1), ink(2)]);
    await eventually(() => brought.length > 0, 'the socket');
    assert.deepEqual(brought, [{ connections: ['a'], seqs: [1, 2] }]);
    feeds.end('lesson');
    assert.equal(brought.length, 1);
  });

  it('leave what is too long for a datagram to the socket, and go on after it', async () => {
    feeds.join('lesson', 'a', 'feed');
    const reader = new FeedReader();
    feeds.send('lesson', [{ seq: 1, t: 1, event: { type: 'chat.said', text: 'x'.repeat(1_100) } }]);
    let sentAt = performance.now();
    await eventually(() => {
      // As a pen would: one at a time, the first of them after the tick that the long one had to itself.
      if (performance.now() - sentAt > 500) {
        feeds.send('lesson', [ink(2)]);
        sentAt = performance.now();
      }
      return told.length > 0;
    }, 'a datagram after it');
    assert.equal(reader.read(told[0]?.datagram ?? new Uint8Array())[0]?.seq, 2);
    feeds.end('lesson');
  });
});

describe('what the socket brings behind datagrams', () => {
  let backlog: Backlog;
  const due = (now: number) => {
    const { connections, entries } = backlog.due(now);
    return { connections, seqs: entries.map(({ seq }) => seq) };
  };
  const nothing = { connections: [], seqs: [] };

  beforeEach(() => {
    backlog = new Backlog();
    backlog.join('a');
    backlog.join('b');
    backlog.add([ink(7), ink(8)], 0);
    backlog.add([ink(9)], 2_000);
  });

  it('is nothing of what its receivers say that they have', () => {
    backlog.heard('a', 9);
    backlog.heard('b', 9);
    assert.ok(backlog.isEmpty);
    assert.deepEqual(due(10_000), nothing);
  });

  it('is all that one lacks, once something of it is late, and that once', () => {
    backlog.heard('a', 8);
    assert.deepEqual(due(2_300), nothing);
    assert.deepEqual(due(2_400), { connections: ['b'], seqs: [7, 8, 9] });
    assert.deepEqual(due(4_300), nothing);
    assert.deepEqual(due(4_400), { connections: ['a'], seqs: [9] });
    assert.ok(backlog.isEmpty);
  });

  it('begins for who comes with what is told from then on, and for who leaves with what may be lacking', () => {
    backlog.join('c');
    backlog.heard('a', 8);
    assert.deepEqual(
      backlog.leave('a').map(({ seq }) => seq),
      [9],
    );
    assert.deepEqual(backlog.leave('c'), []);
    assert.deepEqual(due(9_000), { connections: ['b'], seqs: [7, 8, 9] });
  });

  it('goes by no number that was never told', () => {
    backlog.heard('a', 1e9);
    backlog.heard('nobody', 3);
    backlog.add([ink(10)], 3_000);
    assert.deepEqual(due(5_400), { connections: ['a', 'b'], seqs: [7, 8, 9, 10] });
  });
});

describe('a reader of datagrams', () => {
  /** As a server would tell it, but at once: `count` messages of one entry each. */
  function datagrams(count: number): Uint8Array[] {
    const made: Uint8Array[] = [];
    let encoder = new EntriesEncoder();
    let parts: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      if (i % 12 === 0) {
        encoder = new EntriesEncoder();
        parts = [];
      }
      parts = [...parts, encoder.encode([ink(i + 1)])].slice(-3);
      made.push(encodeFeed({ epoch: Math.floor(i / 12), first: (i % 12) + 1 - parts.length, parts }));
    }
    return made;
  }

  it('misses one in a thousand at 10% loss, and reads nothing twice or out of order', () => {
    const random = randomFrom(4);
    const reader = new FeedReader();
    const read = datagrams(2_000).flatMap((datagram) => (random() < 0.1 ? [] : reader.read(datagram)));
    const seqs = read.map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      [...new Set(seqs)].sort((a, b) => a - b),
    );
    assert.ok(seqs.length > 1_960, `${seqs.length} of 2000`);
    for (const entry of read) assert.deepEqual(entry, ink(entry.seq));
  });

  it('waits for the next epoch where it has lost the thread', () => {
    const all = datagrams(24);
    const reader = new FeedReader();
    assert.equal(reader.read(all[0] ?? new Uint8Array()).length, 1);
    for (const datagram of all.slice(4, 12)) assert.deepEqual(reader.read(datagram), []);
    assert.deepEqual(
      all.slice(12).flatMap((datagram) => reader.read(datagram).map(({ seq }) => seq)),
      [13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24],
    );
    assert.deepEqual(reader.read(all[5] ?? new Uint8Array()), [], 'overtaken on the way');
    assert.throws(() => new EntriesDecoder().decode(new Uint8Array([0])));
    assert.throws(() => reader.read(new Uint8Array([255])));
  });
});
