import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { createLink, type Link } from '../support/link/link.ts';
import type { DirectionOptions } from '../support/link/options.ts';
import { Inbox, Line, numbered } from './echo.ts';

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Resolves when the socket has got `count` bytes more. */
async function got(socket: Socket, count: number): Promise<void> {
  for (let missing = count; missing > 0; ) {
    const [chunk]: unknown[] = await once(socket, 'data');
    missing -= Buffer.isBuffer(chunk) ? chunk.length : 0;
  }
}

describe('a thin link, TCP', () => {
  let link: Link;
  let line: Line;

  async function open(up: DirectionOptions, down: DirectionOptions) {
    link = createLink({ up, down, seed: 3 });
    line = await Line.open(link);
    return await line.connect();
  }

  afterEach(async () => {
    await line.close();
    await link.close();
  });

  it('brings 200 KB whole through 5% loss, both ways at once, and closes', async () => {
    const way = { kbps: 2_000, delayMs: 5, lossPct: 5 };
    const { client, server } = await open(way, way);
    const [up, down] = [randomBytes(200_000), randomBytes(200_000)];
    client.end(up);
    server.end(down);
    const [atServer, atClient] = await Promise.all([buffer(server), buffer(client)]);
    assert.equal(sha(atServer), sha(up));
    assert.equal(sha(atClient), sha(down));
    const { tcp } = link.stats().down;
    assert.ok(tcp.lost.packets > 0 && tcp.lost.bytes > 0);
    // What was lost was paid for, and paid for again.
    assert.ok(tcp.sent.bytes > 200_000 + tcp.lost.bytes, `${tcp.sent.bytes} B sent`);
    while (link.stats().connections > 0) await wait(1);
  });

  it('takes the time of the handshake, then of the rate', async () => {
    const begun = performance.now();
    const { client, server } = await open({ delayMs: 100 }, { kbps: 512, delayMs: 100, queueBytes: 100_000 });
    const accepted = performance.now() - begun;
    assert.ok(accepted > 99 && accepted < 200, `accepted after ${accepted.toFixed(0)} ms`);
    const bytes = 64_000;
    server.end(Buffer.alloc(bytes));
    assert.equal((await buffer(client)).length, bytes);
    const took = performance.now() - begun;
    // 200 ms of handshake, 100 ms to the last byte, and 1,029 ms of the rate: ten segments fill the pipe at once.
    assert.ok(took > 1_320 && took < 1_500 + link.stats().worstLateMs, `${took.toFixed(0)} ms`);
  });

  it('makes what follows a lost segment wait for it', async () => {
    const { client, server } = await open({ delayMs: 50 }, { delayMs: 50 });
    client.on('data', () => {});
    server.write('first');
    await got(client, 5);
    await wait(100); // the acknowledgement
    link.setDown({ lossPct: 100 });
    server.write('lost.');
    while (link.stats().down.tcp.lost.packets === 0) await wait(1);
    link.setDown({ lossPct: 0 });
    const begun = performance.now();
    for (let number = 0; number < 4; number++) {
      server.write('later');
      await wait(5);
    }
    await got(client, 25);
    const took = performance.now() - begun;
    // The third of the later ones is acknowledged a round trip after it was sent, and the lost one takes half another:
    // earlier than by a timeout, which is 200 ms more than the round trip.
    assert.ok(took > 155 && took < 300, `${took.toFixed(0)} ms`);
  });

  it('holds a sender back once the buffers in between are full', async () => {
    const { client, server } = await open({}, { kbps: 64, delayMs: 50 });
    client.on('data', () => {});
    let taken = 0;
    const chunk = Buffer.alloc(16 << 10);
    while (server.writableLength < 64 << 10 && taken < 64 << 20) {
      server.write(chunk, () => (taken += chunk.length));
      await wait(1);
    }
    // The kernel's own buffers on the loopback device hold some 4 MB of it.
    assert.ok(taken < 8 << 20, `${taken} B were taken at once`);
  });

  it('keeps a reader that does not read from filling the memory', async () => {
    const { client, server } = await open({}, {});
    client.pause();
    let taken = 0;
    const chunk = Buffer.alloc(64 << 10);
    while (server.writableLength < 1 << 20 && taken < 64 << 20) {
      server.write(chunk, () => (taken += chunk.length));
      await wait(1);
    }
    assert.ok(taken < 16 << 20, `${taken} B`);
    client.resume();
    client.on('data', () => {});
    while (server.writableLength > 0) await once(server, 'drain');
  });

  it('stalls in a cut and goes on by itself', async () => {
    const { client, server } = await open({ delayMs: 20 }, { delayMs: 20 });
    client.write('a');
    await got(server, 1);
    link.cut(400);
    const begun = performance.now();
    client.write('b');
    await got(server, 1);
    const took = performance.now() - begun;
    assert.ok(took > 400 && took < 1_600, `${took.toFixed(0)} ms`);
  });

  it('ends connections at both ends when a cut resets them', async () => {
    const { client, server } = await open({}, {});
    const codes = Promise.all([client, server].map((socket) => once(socket, 'error')));
    link.cut(10, { reset: true });
    for (const [error] of await codes)
      assert.ok(error instanceof Error && 'code' in error && error.code === 'ECONNRESET', String(error));
    assert.equal(link.stats().connections, 0);
  });

  it('goes on over new connections only, once the client has moved', async () => {
    const { client, server } = await open({}, {});
    const told: string[] = [];
    for (const socket of [client, server])
      for (const event of ['data', 'end', 'error', 'close']) socket.on(event, () => told.push(event));
    await link.move();
    client.write('lost');
    server.write('lost');
    const next = await line.connect();
    next.client.write('there');
    await got(next.server, 5);
    assert.deepEqual(told, []);
  });

  it('passes on half-closed ends, resets and refusals', async () => {
    const { client, server } = await open({ delayMs: 10 }, { delayMs: 10 });
    client.end('question');
    assert.equal((await buffer(server)).toString(), 'question');
    server.end('answer');
    assert.equal((await buffer(client)).toString(), 'answer');

    const second = await line.connect();
    const broken = once(second.client, 'error');
    link.setDown({ lossPct: 100 });
    second.server.resetAndDestroy();
    while (link.stats().down.tcp.lost.packets === 0) await wait(1);
    link.setDown({ lossPct: 0 });
    await broken;

    // Nobody listens there: what has been free a moment ago.
    const nobody = await Line.open(link);
    const target = nobody.endpoint;
    await nobody.close();
    const refused = dial(await link.relayTcp({ target }));
    await assert.rejects(once(refused, 'data'), { code: 'ECONNRESET' });
    while (link.stats().connections > 0) await wait(1);
  });

  it('shares one rate and one queue with UDP', async () => {
    const { client, server } = await open({}, { kbps: 256, delayMs: 20, queueMs: 150 });
    const [udpClient, udpServer] = await Promise.all([Inbox.open(), Inbox.open()]);
    const entrance = await link.relayUdp({ target: udpServer.endpoint });
    udpServer.socket.once('message', (_, from) => {
      const voice = setInterval(
        () => udpServer.send(numbered(0, 172), { host: from.address, port: from.port }),
        20,
      );
      udpServer.socket.once('close', () => clearInterval(voice));
    });
    udpClient.send(numbered(0, 10), entrance);
    client.on('data', () => {});
    server.write(Buffer.alloc(2 << 20));
    await wait(800);
    const before = link.stats().down;
    const begun = performance.now();
    await wait(1_500);
    const after = link.stats().down;
    const ms = performance.now() - begun;
    await Promise.all([udpClient.close(), udpServer.close()]);
    const rate = (kind: 'udp' | 'tcp') =>
      ((after[kind].delivered.bytes - before[kind].delivered.bytes) * 8) / ms;
    assert.ok(rate('udp') > 40 && rate('udp') <= 82, `UDP ${rate('udp').toFixed(1)} of 80 kbit/s`);
    assert.ok(rate('tcp') > 100, `TCP ${rate('tcp').toFixed(1)} kbit/s`);
    const both = rate('udp') + rate('tcp');
    assert.ok(both > 230 && both < 264, `${both.toFixed(1)} of 256 kbit/s`);
    assert.ok(after.udp.dropped.packets > 0, 'TCP never filled the queue that it shares with the voice');
  });
});
