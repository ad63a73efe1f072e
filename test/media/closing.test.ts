import assert from 'node:assert/strict';
import type { MediaNode } from '../../media/node.ts';
import type { MediaEvent } from '../../protocol/media.ts';
import { nextMediaEvent, startMediaNode } from '../support/media.ts';
import { RECEIVE_CAPABILITIES, signalDirectly, WebRtcClient } from '../support/webrtc.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

function closedConsumer(event: MediaEvent): string | undefined {
  return event.type === 'consumer.closed' ? event.consumer : undefined;
}

describe('closing media', () => {
  let media: MediaNode;
  let router: string;
  let teacher: WebRtcClient;
  let room: WebRtcClient;
  let events: MediaEvent[];

  before(async () => {
    media = await startMediaNode();
    media.on((event) => {
      if (event.type !== 'levels') events.push(event);
    });
  });
  after(() => media.close());

  beforeEach(async () => {
    ({ router } = await media.createRouter());
    teacher = new WebRtcClient(signalDirectly(media, router));
    room = new WebRtcClient(signalDirectly(media, router));
    events = [];
  });
  afterEach(async () => {
    await Promise.all([teacher.close(), room.close()]);
    await media.closeRouter(router);
    assert.equal(media.size, 0, 'ids are left over');
  });

  it('forgets all that was on a router, and tells nobody of each part', async () => {
    const stream = await teacher.sendVoice();
    await room.receive(stream);
    await room.receive(await teacher.sendPicture());
    await media.tap(stream, { ip: '127.0.0.1', port: 9 });
    // Router, two transports, two producers, two consumers, a tap.
    assert.equal(media.size, 8);
    await media.closeRouter(router);
    assert.equal(media.size, 0);
    assert.deepEqual(events, []);
  });

  it('closes a producer’s consumers and taps with it', async () => {
    const stream = await teacher.sendVoice();
    const heard = await room.receive(stream);
    const { id: tap } = await media.tap(stream, { ip: '127.0.0.1', port: 9 });
    const closed = nextMediaEvent(media, closedConsumer);
    await media.closeProducer(stream);
    assert.equal(await closed, heard.consumer);
    assert.deepEqual(events, [
      { type: 'producer.closed', router, producer: stream },
      { type: 'consumer.closed', router, consumer: heard.consumer },
    ]);
    await assert.rejects(media.resumeConsumer(heard.consumer), { code: 'stream_gone' });
    await assert.rejects(media.resumeTap(tap), { code: 'stream_gone' });
    assert.equal(media.size, 3);
  });

  it('closes a transport’s streams with it', async () => {
    const stream = await teacher.sendVoice();
    const heard = await room.receive(stream);
    const closed = nextMediaEvent(media, closedConsumer);
    const { id: transport } = await teacher.transport('send');
    await media.closeTransport(transport);
    assert.equal(await closed, heard.consumer);
    assert.deepEqual(events, [
      { type: 'producer.closed', router, producer: stream },
      { type: 'transport.closed', router, transport },
      { type: 'consumer.closed', router, consumer: heard.consumer },
    ]);
    assert.equal(media.size, 2);
  });

  it('says `stream_gone` for what is not known, and lets it be closed again', async () => {
    const unknown = [
      media.createTransport(UNKNOWN, {}),
      media.connectTransport(UNKNOWN, {}),
      media.restartIce(UNKNOWN),
      media.transportStats(UNKNOWN),
      media.produce(UNKNOWN, 'audio', {}),
      media.pauseProducer(UNKNOWN),
      media.resumeProducer(UNKNOWN),
      media.consume(UNKNOWN, UNKNOWN, {}),
      media.resumeConsumer(UNKNOWN),
      media.pauseConsumer(UNKNOWN),
      media.setPreferredLayers(UNKNOWN, { spatial: 0 }),
      media.tap(UNKNOWN, { ip: '127.0.0.1', port: 9 }),
      media.resumeTap(UNKNOWN),
      media.requestKeyFrame(UNKNOWN),
    ];
    for (const call of unknown) await assert.rejects(call, { code: 'stream_gone' });
    await media.closeRouter(UNKNOWN);
    await media.closeTransport(UNKNOWN);
    await media.closeProducer(UNKNOWN);
    await media.closeConsumer(UNKNOWN);
    await media.closeTap(UNKNOWN);
  });

  it('takes an id only for what it names', async () => {
    const stream = await teacher.sendVoice();
    await assert.rejects(media.restartIce(stream), { code: 'stream_gone' });
    await assert.rejects(media.resumeConsumer(router), { code: 'stream_gone' });
  });

  it('lets nobody hear a stream of another router', async () => {
    const stream = await teacher.sendVoice();
    const other = await media.createRouter();
    const { id } = await media.createTransport(other.router, {});
    await assert.rejects(media.consume(id, stream, RECEIVE_CAPABILITIES), { code: 'stream_gone' });
    await media.closeRouter(other.router);
  });

  it('ends its workers, however often it is asked to', async () => {
    const node = await startMediaNode({ workers: 2 });
    const pids = node.pids();
    assert.equal(pids.length, 2);
    await node.createRouter();
    await Promise.all([node.close(), node.close()]);
    assert.equal(node.size, 0);
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    await assert.rejects(node.createRouter(), { code: 'media_unavailable' });
  });
});
