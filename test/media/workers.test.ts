import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { MediaNode } from '../../media/node.ts';
import type { MediaEvent } from '../../protocol/media.ts';
import { nextMediaEvent, startMediaNode } from '../support/media.ts';
import { signalDirectly, WebRtcClient } from '../support/webrtc.ts';

function died(router: string) {
  return (event: MediaEvent) => (event.type === 'router.died' && event.router === router) || undefined;
}

function theOnly(pids: readonly number[]): number {
  const [pid] = pids;
  assert.ok(pid !== undefined && pids.length === 1, `${pids.length} workers`);
  return pid;
}

describe('media workers', () => {
  let media: MediaNode;
  const clients: WebRtcClient[] = [];

  function join(router: string): WebRtcClient {
    const client = new WebRtcClient(signalDirectly(media, router));
    clients.push(client);
    return client;
  }

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await media.close();
  });

  it('are replaced when killed, and media flows again on a new router at once', async () => {
    media = await startMediaNode();
    const pid = theOnly(media.pids());
    const first = await media.createRouter();
    const heard = await join(first.router).receive(await join(first.router).sendVoice());
    await heard.next(2);

    const events: MediaEvent[] = [];
    media.on((event) => events.push(event));
    const gone = nextMediaEvent(media, died(first.router));
    process.kill(pid, 'SIGKILL');
    await gone;
    assert.equal(media.size, 0);
    assert.deepEqual(
      events.filter(({ type }) => type !== 'levels'),
      [{ type: 'router.died', router: first.router }],
    );
    await assert.rejects(media.createTransport(first.router, {}), { code: 'stream_gone' });

    const second = await media.createRouter();
    assert.notEqual(theOnly(media.pids()), pid);
    const again = await join(second.router).receive(await join(second.router).sendVoice());
    await again.next(3);
  });

  it('give a router even to who asks while one is dying', async () => {
    media = await startMediaNode();
    process.kill(theOnly(media.pids()), 'SIGKILL');
    const { router } = await media.createRouter();
    await media.createTransport(router, {});
  });

  it('come back however often they are killed, and none is left when the node closes meanwhile', async () => {
    media = await startMediaNode();
    for (let i = 0; i < 3; i++) {
      const { router } = await media.createRouter();
      const gone = nextMediaEvent(media, died(router));
      process.kill(theOnly(media.pids()), 'SIGKILL');
      await gone;
    }
    await media.close();
    assert.deepEqual(media.pids(), []);
  });

  it('tell only the routers of the one that died', async () => {
    media = await startMediaNode({ workers: 2 });
    const routers = [await media.createRouter(), await media.createRouter()];
    const deaths: string[] = [];
    media.on((event) => {
      if (event.type === 'router.died') deaths.push(event.router);
    });
    const any = nextMediaEvent(media, (event) => event.type === 'router.died' || undefined);
    process.kill(media.pids()[0] ?? 0, 'SIGKILL');
    await any;
    assert.equal(deaths.length, 1);
    const living = routers.filter(({ router }) => !deaths.includes(router));
    assert.equal(living.length, 1, 'both routers were on one worker');
    for (const { router } of living) await media.createTransport(router, {});
  });

  it('keep the port that the firewall knows, before and after', async () => {
    const probe = createSocket('udp4').bind(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    await once(probe, 'close');

    media = await startMediaNode({ port, announcedAddresses: ['192.0.2.7', '127.0.0.1'] });
    const addresses = async () => {
      const { router } = await media.createRouter();
      const { iceCandidates } = await media.createTransport(router, {});
      return iceCandidates.map(({ protocol, ip, port }) => `${protocol} ${ip}:${port}`);
    };
    const announced = ['192.0.2.7', '127.0.0.1'].map((ip) => `${ip}:${port}`);
    const expected = [...announced.map((at) => `udp ${at}`), ...announced.map((at) => `tcp ${at}`)];
    assert.deepEqual(await addresses(), expected);
    const { router } = await media.createRouter();
    const gone = nextMediaEvent(media, died(router));
    process.kill(theOnly(media.pids()), 'SIGKILL');
    await gone;
    assert.deepEqual(await addresses(), expected);

    await assert.rejects(startMediaNode({ port }), /Port \d+ of 127\.0\.0\.1 .* MEDIA_PORT/);
  });

  it('are a sentence where there is no binary', async () => {
    media = await startMediaNode();
    await assert.rejects(startMediaNode({ workerBin: '/nowhere/mediasoup-worker' }), /cannot be started/);
  });
});
