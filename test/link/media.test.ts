import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { MediaNode } from '../../media/node.ts';
import { sdpThroughLink, signalThroughLink, throughLink } from '../support/link/ice.ts';
import { createLink, type Link } from '../support/link/link.ts';
import { startMediaNode } from '../support/media.ts';
import { signalDirectly, WebRtcClient } from '../support/webrtc.ts';

describe('a thin link, media', () => {
  let media: MediaNode;
  let router: string;
  let link: Link;
  const clients: WebRtcClient[] = [];

  before(async () => {
    media = await startMediaNode();
    ({ router } = await media.createRouter());
  });
  after(() => media.close());

  beforeEach(() => {
    link = createLink({ down: { kbps: 128, delayMs: 50 }, up: { kbps: 64, delayMs: 50 } });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await link.close();
  });

  function join(signalling = signalDirectly(media, router)): WebRtcClient {
    const client = new WebRtcClient(signalling);
    clients.push(client);
    return client;
  }

  it('carries ICE, DTLS and SRTP both ways', async () => {
    const overLink = () => join(signalThroughLink(signalDirectly(media, router), link));
    const heard = await overLink().receive(await overLink().sendVoice());
    await heard.next(10);
    const { up, down } = link.stats();
    assert.ok(up.udp.delivered.packets > 10 && down.udp.delivered.packets > 10);
    // And nothing goes around the link.
    link.cut();
    await wait(150);
    const { packets } = heard.reception;
    await wait(200);
    assert.equal(heard.reception.packets, packets);
    link.restore();
    await heard.next(5);
  });

  it('leaves the candidates of the protocols that its network lets through', async () => {
    const options = await media.createTransport(router, {});
    const direct = options.iceCandidates.map(({ protocol, port }) => ({ protocol, port }));
    assert.deepEqual(
      direct.map(({ protocol }) => protocol),
      ['udp', 'tcp'],
    );
    const both = await throughLink(link, options);
    assert.equal(both.iceCandidates.length, 2);
    for (const [index, { port }] of both.iceCandidates.entries()) assert.notEqual(port, direct[index]?.port);
    assert.deepEqual((await throughLink(link, options)).iceCandidates, both.iceCandidates);
    const tcp = await throughLink(link, options, ['tcp']);
    assert.deepEqual(
      tcp.iceCandidates.map(({ protocol }) => protocol),
      ['tcp'],
    );
  });

  it('rewrites the candidates of a description, and nothing else of it', async () => {
    const { port } = await link.relayUdp({ target: { host: '192.0.2.1', port: 4444 } });
    const sdp = (udp: string) =>
      [
        'v=0',
        'm=audio 7 UDP/TLS/RTP/SAVPF 111',
        `a=candidate:udpcandidate 1 udp 1076302079 ${udp} typ host`,
        'a=candidate:tcpcandidate 1 tcp 1076276479 192.0.2.1 4444 typ host tcptype passive',
        'a=end-of-candidates',
        '',
      ].join('\r\n');
    const rewritten = await sdpThroughLink(link, sdp('192.0.2.1 4444'), ['udp']);
    assert.equal(rewritten, sdp(`127.0.0.1 ${port}`).replace(/a=candidate:tcp.*\r\n/, ''));
  });
});
