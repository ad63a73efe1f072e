import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { RtpPacket } from 'werift';
import type { MediaNode } from '../../media/node.ts';
import { startMediaNode } from '../support/media.ts';
import { opusVoice } from '../support/opus.ts';
import { isKeyFrame } from '../support/vp8.ts';
import { signalDirectly, WebRtcClient } from '../support/webrtc.ts';

/** RTCP shares the port; its packet types are 192 to 223: RFC 5761 section 4. */
function isRtp(datagram: Buffer): boolean {
  const type = datagram.readUInt8(1);
  return type < 192 || type > 223;
}

describe('a tap', () => {
  let media: MediaNode;
  let router: string;
  let teacher: WebRtcClient;
  let recorder: Socket;
  let received: RtpPacket[];

  before(async () => {
    media = await startMediaNode();
  });
  after(() => media.close());

  beforeEach(async () => {
    ({ router } = await media.createRouter());
    teacher = new WebRtcClient(signalDirectly(media, router));
    received = [];
    recorder = createSocket('udp4').on('message', (datagram) => {
      if (isRtp(datagram)) received.push(RtpPacket.deSerialize(datagram));
    });
    recorder.bind(0, '127.0.0.1');
    await once(recorder, 'listening');
  });
  afterEach(async () => {
    recorder.close();
    await teacher.close();
    await media.closeRouter(router);
  });

  async function untilReceived(count: number): Promise<void> {
    const signal = AbortSignal.timeout(8000);
    while (received.length < count) await once(recorder, 'message', { signal });
  }

  it('sends a voice’s packets to the recorder once resumed, as it said', async () => {
    const clip = await opusVoice();
    const stream = await teacher.sendVoice(clip);
    const tap = await media.tap(stream, { ip: '127.0.0.1', port: recorder.address().port });
    assert.equal(tap.kind, 'audio');
    assert.equal(tap.mimeType, 'audio/opus');
    assert.equal(tap.clockRate, 48_000);

    const listener = new WebRtcClient(signalDirectly(media, router));
    await (await listener.receive(stream)).next(3);
    assert.equal(received.length, 0, 'packets before the tap was resumed');
    await media.resumeTap(tap.id);
    await untilReceived(5);
    for (const { header, payload } of received) {
      assert.equal(header.ssrc, tap.ssrc);
      assert.equal(header.payloadType, tap.payloadType);
      assert.ok(clip.packets.some((packet) => packet.equals(payload)));
    }
    await listener.close();
  });

  it('begins a picture with a key frame, and brings another when asked', async () => {
    const stream = await teacher.sendPicture();
    const tap = await media.tap(stream, { ip: '127.0.0.1', port: recorder.address().port });
    assert.equal(tap.mimeType, 'video/VP8');
    await media.resumeTap(tap.id);
    await untilReceived(1);
    assert.ok(received[0] && isKeyFrame(received[0].payload.subarray(4)), 'does not begin with a key frame');

    const requests = () => teacher.outgoing(stream)?.keyFrameRequests ?? 0;
    const before = requests();
    await media.requestKeyFrame(tap.id);
    const signal = AbortSignal.timeout(8000);
    while (requests() === before) await once(recorder, 'message', { signal });
  });

  it('ends when closed', async () => {
    const stream = await teacher.sendVoice();
    const tap = await media.tap(stream, { ip: '127.0.0.1', port: recorder.address().port });
    await media.resumeTap(tap.id);
    await untilReceived(2);
    await media.closeTap(tap.id);
    await assert.rejects(media.resumeTap(tap.id), { code: 'stream_gone' });
  });

  it('is refused for what is no address', async () => {
    const stream = await teacher.sendVoice();
    const known = media.size;
    await assert.rejects(media.tap(stream, { ip: 'recorder', port: 5004 }), { code: 'bad_request' });
    assert.equal(media.size, known);
  });
});
