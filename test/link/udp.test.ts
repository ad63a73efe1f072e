import assert from 'node:assert/strict';
import type { RemoteInfo } from 'node:dgram';
import { setTimeout as wait } from 'node:timers/promises';
import { createLink, type Link } from '../support/link/link.ts';
import { type DirectionOptions, LINKS } from '../support/link/options.ts';
import type { Endpoint } from '../support/link/udp-relay.ts';
import { type Arrival, Inbox, numbered, numbersOf } from './echo.ts';

/** IPv4 and UDP. */
const HEADERS = 28;

function intervals(arrivals: readonly Arrival[]): number[] {
  return arrivals.slice(1).map(({ at }, index) => at - (arrivals[index]?.at ?? 0));
}

describe('a thin link, UDP', () => {
  let link: Link;
  let client: Inbox;
  let server: Inbox;

  /** A link with `up` as its way to the server, and where it begins. */
  async function open(up: DirectionOptions, down: DirectionOptions = {}, seed = 1): Promise<Endpoint> {
    link = createLink({ up, down, seed });
    [client, server] = await Promise.all([Inbox.open(), Inbox.open()]);
    return await link.relayUdp({ target: server.endpoint });
  }

  afterEach(() => Promise.all([link.close(), client.close(), server.close()]));

  it('carries 8,000 B/s at 64 kbit/s, headers included', async () => {
    const entrance = await open({ kbps: 64, queueBytes: 100_000 });
    const bytes = 200;
    const count = 121; // the first begins the clock; the other 120 take 3 s
    for (let number = 0; number < count; number++) client.send(numbered(number, bytes - HEADERS), entrance);
    const arrivals = await server.take(count);
    const seconds = ((arrivals.at(-1)?.at ?? 0) - (arrivals[0]?.at ?? 0)) / 1000;
    const rate = ((count - 1) * bytes) / seconds;
    assert.ok(Math.abs(rate - 8_000) < 8_000 * 0.03, `${rate.toFixed(0)} B/s`);
    assert.deepEqual(
      numbersOf(arrivals),
      Array.from({ length: count }, (_, number) => number),
    );
  });

  it('delays each way by what it says, and answers each client at its own address', async () => {
    const entrance = await open({ delayMs: 40 }, { delayMs: 110 });
    server.socket.on('message', (message, from) => server.socket.send(message, from.port, from.address));
    const other = await Inbox.open();
    const trips: number[] = [];
    for (let number = 0; number < 5; number++) {
      const sent = performance.now();
      client.send(numbered(number, 100), entrance);
      other.send(numbered(1_000 + number, 100), entrance);
      trips.push(((await client.take(number + 1)).at(-1)?.at ?? 0) - sent);
      await other.take(number + 1);
    }
    await other.close();
    const median = trips.sort((a, b) => a - b)[2] ?? 0;
    assert.ok(median > 149 && median < 160, `${median.toFixed(1)} ms`);
    assert.ok(numbersOf(client.arrivals).every((number) => number < 1_000));
    assert.ok(numbersOf(other.arrivals).every((number) => number >= 1_000));
  });

  it('loses its share, and with the same seed the same packets', async () => {
    const survivors = async (seed: number) => {
      const entrance = await open({ lossPct: 10 }, {}, seed);
      for (let number = 0; number < 2_000; number++) {
        client.send(numbered(number, 20), entrance);
        if (number % 50 === 0) await wait(1); // the kernel's own buffers must lose nothing
      }
      const counts = () => link.stats().up.udp;
      while (counts().lost.packets + counts().delivered.packets < 2_000) await wait(1);
      const numbers = numbersOf(await server.take(counts().delivered.packets));
      await Promise.all([link.close(), client.close(), server.close()]);
      return numbers;
    };
    const first = await survivors(7);
    // Two standard deviations of 2,000 draws are 27.
    assert.ok(Math.abs(first.length - 1_800) < 40, `${first.length} of 2,000`);
    assert.deepEqual(await survivors(7), first);
    assert.notDeepEqual(await survivors(8), first);
    await open({});
  });

  it('drops what does not fit the queue, and tells how long the queue is', async () => {
    const entrance = await open({ kbps: 64, queueBytes: 2_000 });
    for (let number = 0; number < 20; number++) client.send(numbered(number, 200 - HEADERS), entrance);
    while (link.stats().up.udp.sent.packets < 20) await wait(1);
    const { queueMs, queueBytes, udp } = link.stats().up;
    assert.equal(udp.dropped.packets, 10);
    assert.equal(queueBytes, 2_000);
    assert.ok(queueMs > 200 && queueMs <= 250, `${queueMs} ms`);
    assert.deepEqual(numbersOf(await server.take(10)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(link.stats().up.queueBytes, 0);
  });

  it('has a queue of one bandwidth-delay product unless told otherwise, but of four packets at least', async () => {
    await open({});
    const links = [1_000, 64].map((kbps) => {
      const half = { kbps, delayMs: 300 };
      return createLink({ up: half, down: half });
    });
    const held = await Promise.all(
      links.map(async (thin) => {
        const entrance = await thin.relayUdp({ target: server.endpoint });
        for (let number = 0; number < 120; number++) client.send(numbered(number, 1_000 - HEADERS), entrance);
        while (thin.stats().up.udp.sent.packets < 120) await wait(1);
        const { dropped, delivered } = thin.stats().up.udp;
        await thin.close();
        return 120 - dropped.packets - delivered.packets;
      }),
    );
    // A few may have left the faster one while they were being sent.
    assert.ok((held[0] ?? 0) >= 75 && (held[0] ?? 0) <= 80, `${held[0]} of 1,000 B`);
    assert.equal(held[1], 6);
  });

  it('jitters without reordering, and reorders when asked', async () => {
    const entrance = await open({ delayMs: 10, jitterMs: 60 });
    for (let number = 0; number < 50; number++) {
      client.send(numbered(number, 100), entrance);
      await wait(5);
    }
    const jittered = await server.take(50);
    assert.deepEqual(
      numbersOf(jittered),
      [...numbersOf(jittered)].sort((a, b) => a - b),
    );
    assert.ok(Math.max(...intervals(jittered)) > 12, 'no jitter');

    link.setUp({ jitterMs: 0, reorderPct: 20 });
    for (let number = 50; number < 100; number++) {
      client.send(numbered(number, 100), entrance);
      await wait(5);
    }
    const numbers = numbersOf(await server.take(100)).slice(50);
    const overtaken = numbers.filter((number, index) => number < Math.max(...numbers.slice(0, index)));
    assert.ok(overtaken.length >= 3 && overtaken.length <= 20, `${overtaken.length} overtaken`);
  });

  it('loses everything in a cut, and carries on after it', async () => {
    const entrance = await open({ kbps: 64, delayMs: 20 });
    client.send(numbered(0, 100), entrance);
    await server.take(1);
    client.send(numbered(1, 400), entrance);
    while (link.stats().up.udp.sent.packets < 2) await wait(1);
    const from = performance.now();
    link.cut(300);
    for (let number = 2; server.arrivals.length < 2; number++) {
      client.send(numbered(number, 100), entrance);
      await wait(10);
    }
    const gap = (server.arrivals[1]?.at ?? 0) - from;
    assert.ok(gap > 300 && gap < 600, `${gap.toFixed(0)} ms`);
    const resumed = numbersOf(server.arrivals)[1] ?? 0;
    assert.ok(resumed > 10, 'something crossed the cut');
    for (let number = 3_000; number < 3_003; number++) client.send(numbered(number, 100), entrance);
    while (!numbersOf(server.arrivals).includes(3_002)) await wait(1);
    const since = numbersOf(server.arrivals).slice(1);
    assert.deepEqual(
      since.filter((number) => number < 3_000),
      Array.from({ length: since.length - 3 }, (_, index) => resumed + index),
    );
    assert.ok(link.stats().up.udp.cut.packets >= 20, 'the packet in the queue was not lost');

    link.cut();
    client.send(numbered(1_000, 100), entrance);
    const { packets } = link.stats().up.udp.cut;
    while (link.stats().up.udp.cut.packets === packets) await wait(1);
    link.restore();
    client.send(numbered(1_001, 100), entrance);
    while (!numbersOf(server.arrivals).includes(1_001)) await wait(1);
    assert.ok(!numbersOf(server.arrivals).includes(1_000));
  });

  it('changes its rate even for the packet that is just leaving', async () => {
    const entrance = await open({ kbps: 1 });
    client.send(numbered(0, 1_000), entrance); // 8 s at this rate
    while (link.stats().up.queueBytes === 0) await wait(1);
    const from = performance.now();
    link.setUp({ kbps: 100 });
    const [arrival] = await server.take(1);
    const took = (arrival?.at ?? 0) - from;
    assert.ok(took > 70 && took < 1_000, `${took.toFixed(0)} ms`);
  });

  it('has the reference links as presets, and refuses what no link can be', async () => {
    await open({});
    for (const options of Object.values(LINKS)) await createLink(options).close();
    assert.throws(() => createLink({ up: { kbps: 0 }, down: {} }), RangeError);
    assert.throws(() => createLink({ up: {}, down: { lossPct: 101 } }), RangeError);
    assert.throws(() => link.setUp({ delayMs: -1 }), RangeError);
  });

  it('brings a client that moves to another address, and nothing to the one before', async () => {
    const entrance = await open({});
    const senders: RemoteInfo[] = [];
    server.socket.on('message', (_, from) => senders.push(from));
    client.send(numbered(0, 100), entrance);
    await server.take(1);
    await link.move();
    client.send(numbered(1, 100), entrance);
    await server.take(2);
    const [before, after] = senders;
    assert.ok(before && after && before.port !== after.port, 'another address');
    for (const [number, { address, port }] of [before, after].entries())
      server.send(numbered(number, 100), { host: address, port });
    assert.deepEqual(numbersOf(await client.take(1)), [1]);
  });
});
