import assert from 'node:assert/strict';
import type { MediaNode } from '../../media/node.ts';
import { levels, nextMediaEvent, startMediaNode } from '../support/media.ts';
import { opusVoice } from '../support/opus.ts';
import { isKeyFrame, vp8Picture } from '../support/vp8.ts';
import { signalDirectly, WebRtcClient } from '../support/webrtc.ts';

describe('media streams', () => {
  let media: MediaNode;
  let router: string;
  let teacher: WebRtcClient;
  let room: WebRtcClient;

  before(async () => {
    media = await startMediaNode();
  });
  after(() => media.close());

  beforeEach(async () => {
    ({ router } = await media.createRouter());
    teacher = new WebRtcClient(signalDirectly(media, router));
    room = new WebRtcClient(signalDirectly(media, router));
  });
  afterEach(async () => {
    await Promise.all([teacher.close(), room.close()]);
    await media.closeRouter(router);
  });

  it('carries a voice unchanged, in frames of 60 ms', async () => {
    const clip = await opusVoice();
    const heard = await room.receive(await teacher.sendVoice(clip));
    const packets = await heard.next(10);
    for (const { payload } of packets) {
      assert.ok(
        clip.packets.some((packet) => packet.equals(payload)),
        'an Opus packet that was never sent',
      );
    }
    const steps = packets.slice(1).map(({ timestamp }, i) => timestamp - (packets[i]?.timestamp ?? 0));
    assert.deepEqual(new Set(steps), new Set([48 * 60]));
    assert.equal(heard.reception.lost, 0);
  });

  it('sends a far receiver twice what it asks for again, and all else once', async () => {
    const stream = await teacher.sendVoice();
    const far = new WebRtcClient(signalDirectly(media, router, { isFar: true }));
    const heard = await far.prepare(stream);
    const came = new Map<number, number>();
    const link = await far.transport('receive');
    let unlucky: number | undefined;
    link.loses = ({ header: { timestamp } }) => {
      if (came.size === 2) unlucky ??= timestamp;
      came.set(timestamp, (came.get(timestamp) ?? 0) + 1);
      return timestamp === unlucky && came.get(timestamp) === 1;
    };
    await far.resume(heard);
    while (heard.reception.repaired < 1) await heard.next(1);
    await heard.next(24); // 1.25 s and more
    assert.equal(came.get(unlucky ?? 0), 3, 'lost, sent again, and once more');
    assert.deepEqual(
      new Set([...came.values()].toSpliced([...came.keys()].indexOf(unlucky ?? 0), 1)),
      new Set([1]),
    );

    await media.pauseProducer(stream);
    await assert.rejects(heard.next(3, 400), /of 3 audio packets/);
    await media.resumeProducer(stream);
    await heard.next(2);
    const closed = nextMediaEvent(media, (event) =>
      event.type === 'consumer.closed' ? event.consumer : undefined,
    );
    await media.closeProducer(stream);
    assert.equal(await closed, heard.consumer);
    await far.close();
  });

  it('sends a far receiver what was lost 1.14 s ago', async () => {
    const stream = await teacher.sendVoice();
    const far = new WebRtcClient(signalDirectly(media, router, { isFar: true }));
    const heard = await far.prepare(stream);
    const link = await far.transport('receive');
    const lost = new Set<number>();
    let before = 2;
    link.loses = ({ header: { timestamp } }) => {
      if (before > 0) before -= 1;
      else if (lost.size < 19) return Boolean(lost.add(timestamp));
      return false;
    };
    await far.resume(heard);
    while (heard.reception.repaired < 19) await heard.next(1);
    await far.close();
  });

  it('carries a picture from a key frame on', async () => {
    const clip = await vp8Picture();
    const stream = await teacher.sendPicture(clip);
    const seen = await room.prepare(stream);
    const first = seen.next(1);
    await room.resume(seen);
    const [packet] = await first;
    assert.ok(packet && isKeyFrame(packet.payload.subarray(4)), 'the first packet belongs to no key frame');
    await seen.next(20);
    assert.ok((teacher.outgoing(stream)?.keyFrameRequests ?? 0) > 0, 'no key frame was asked for');
  });

  it('sends nothing before the consumer is resumed, nor while the producer is paused', async () => {
    const stream = await teacher.sendVoice();
    const heard = await room.prepare(stream);
    const reference = await room.receive(stream);
    await reference.next(5);
    assert.equal(heard.reception.packets, 0);

    await room.resume(heard);
    await heard.next(2);
    await media.pauseProducer(stream);
    await assert.rejects(heard.next(3, 400), /of 3 audio packets/);
    await media.resumeProducer(stream);
    await heard.next(2);
  });

  for (const direction of ['sent', 'received'] as const) {
    it(`repairs a voice of which packets were lost when ${direction}`, async () => {
      const heard = await room.receive(await teacher.sendVoice());
      await heard.next(3);
      const lossy = direction === 'sent' ? teacher.transport('send') : room.transport('receive');
      (await lossy).lose[direction] = 2;
      while (heard.reception.repaired < 2) await heard.next(1);
      assert.equal(heard.reception.lost, 0);
    });
  }

  it('tells levels of voices while they are heard, and silence once', async () => {
    const voice = await opusVoice();
    const heard = nextMediaEvent(media, levels(true));
    const stream = await teacher.sendVoice(voice, -23);
    assert.deepEqual(await heard, [{ producer: stream, dBov: -23 }]);

    const times: number[] = [];
    const stop = media.on((event) => {
      if (event.type === 'levels') times.push(performance.now());
    });
    const silence = nextMediaEvent(media, levels(false));
    teacher.stop(stream);
    await silence;
    await assert.rejects(nextMediaEvent(media, levels(false), 700), /no such media event/);
    stop();
    for (const [i, time] of times.slice(1).entries()) assert.ok(time - (times[i] ?? 0) > 250);
  });

  it('counts what a link carries', async () => {
    const heard = await room.receive(await teacher.sendVoice());
    await heard.next(10);
    const receiving = await room.transport('receive');
    const stats = await media.transportStats(receiving.id);
    assert.ok(stats.bytesSent > 300, `${stats.bytesSent} bytes sent`);
    assert.equal(stats.availableOutgoingBitrate, null);
    assert.equal(stats.loss, 0);
  });

  it('goes on over a new path after an ICE restart', async () => {
    const heard = await room.receive(await teacher.sendVoice());
    await heard.next(2);
    const { id } = await room.transport('receive');
    const [one, other] = [await media.restartIce(id), await media.restartIce(id)];
    assert.notEqual(one.usernameFragment, other.usernameFragment);
    assert.notEqual(one.password, other.password);
    await room.restartIce('receive');
    await heard.next(3);
  });
});
