import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { MediaNode } from '../../media/node.ts';
import type { Recorder } from '../../recordings/recorder.ts';
import { isRtcp, parseRtp } from '../../recordings/rtp.ts';
import { startMediaNode } from '../support/media.ts';
import { vp8Picture } from '../support/vp8.ts';
import { signalDirectly, WebRtcClient } from '../support/webrtc.ts';
import {
  type Bench,
  brightness,
  createBench,
  isReady,
  loudness,
  onset,
  pathOf,
  playlistOf,
  probe,
  TestFeed,
  untilRecorded,
  voiceAfterSilence,
} from './support.ts';

/** What goes into a replay may be this far from where it was said. */
const SYNC_MS = 100;

describe('a recorded lesson', function () {
  this.timeout(60_000);
  let media: MediaNode;
  let bench: Bench;
  let recorder: Recorder;
  let router: string;

  before(async () => {
    media = await startMediaNode();
    bench = await createBench();
    recorder = await bench.open(media);
    ({ router } = await media.createRouter());
  });
  after(async () => {
    await bench?.close();
    await media?.close();
  });

  it('is heard and seen in its replay when it was said and shown', async () => {
    const feed = new TestFeed('first');
    feed.join('dolma', 'lead');
    feed.join('room1', 'room');
    const teacher = new WebRtcClient(signalDirectly(media, router));
    const room = new WebRtcClient(signalDirectly(media, router));
    const packets = await voiceAfterSilence(1, 5);
    const tone = packets[50]; // the first packet with sound in it: 1 s of silence in packets of 20 ms
    assert.ok(tone);

    const voice = await teacher.sendVoice({ frameMs: 20, packets });
    feed.publish({ type: 'stream.opened', stream: { id: voice, participant: 'dolma', source: 'mic' } });
    const heard = arrival(media, voice, tone, () => feed.now());
    await heard.listening;
    feed.publish({ type: 'lesson.started', at: Date.now() });
    recorder.follow(feed);
    await feed.untilRecording('on');
    const camera = await teacher.sendPicture(await vp8Picture());
    feed.publish({ type: 'stream.opened', stream: { id: camera, participant: 'dolma', source: 'camera' } });
    const toneAt = await heard.at;

    const answer = await room.sendVoice();
    feed.publish({ type: 'stream.opened', stream: { id: answer, participant: 'room1', source: 'mic' } });
    await delay(2500);
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    const { startedAt, endedAt } = feed.state();
    assert.ok(startedAt !== null && endedAt !== null);
    const recording = await untilRecorded(recorder, 'first', isReady);
    await teacher.close();
    await room.close();

    assert.equal(recording.from, startedAt);
    assert.equal(recording.to, endedAt);
    assert.deepEqual(recording.gaps, []);
    assert.equal(recording.state.progress, 1);
    assert.deepEqual(
      recording.renditions.map(({ kind }) => kind),
      ['voice', 'picture'],
    );
    const length = (endedAt - startedAt) / 1000;
    for (const name of ['voice-opus.m3u8', 'voice-aac.m3u8']) {
      const path = await pathOf(recorder, 'first', name);
      assert.ok(Math.abs((await probe(path)).duration - length) < 0.15, `${name} is not ${length} s long`);
      const found = onset(await loudness(path));
      const expected = toneAt - startedAt;
      assert.ok(Math.abs(found - expected) < SYNC_MS, `${name}: heard at ${found}, said at ${expected}`);
    }
    const picture = await playlistOf(recorder, 'first', 'picture');
    const { streams, duration } = await probe(picture);
    assert.deepEqual(streams.map(({ codec_name }) => codec_name).sort(), ['aac', 'h264']);
    assert.ok(Math.abs(duration - length) < 0.15);
    const [atStart = 255, later = 0] = await brightness(picture, [0, length - 1]);
    assert.ok(atStart < 40, 'dark before the camera');
    assert.ok(later > 60, 'the camera’s picture is shown');
  });

  it('shows the screen while one is shared, and any size or shape the sender changes to', async () => {
    const feed = new TestFeed('shown');
    feed.join('dolma', 'lead');
    const teacher = new WebRtcClient(signalDirectly(media, router));
    feed.publish({ type: 'lesson.started', at: Date.now() });
    recorder.follow(feed);
    await feed.untilRecording('on');
    const sent: { source: 'camera' | 'screen'; at: number; id: string }[] = [];
    const show = async (source: 'camera' | 'screen', size: { width: number; height: number }) => {
      const id = await teacher.sendPicture(await vp8Picture(size), source);
      feed.publish({ type: 'stream.opened', stream: { id, participant: 'dolma', source } });
      sent.push({ source, at: feed.now(), id });
      await delay(1500);
      return id;
    };
    await show('camera', { width: 320, height: 180 });
    const screen = await show('screen', { width: 180, height: 180 });
    teacher.stop(screen);
    feed.publish({ type: 'stream.closed', stream: screen });
    await delay(1500);
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    const { from, to } = await untilRecorded(recorder, 'shown', isReady);
    await teacher.close();

    const path = await playlistOf(recorder, 'shown', 'picture');
    const moments = sent.map(({ at }) => (at - from + 900) / 1000);
    const last = (to - from - 400) / 1000;
    // A square screen leaves the sides of the picture dark, the camera fills them.
    const [camera = 0, square = 255, again = 0] = await brightness(
      path,
      [...moments, last],
      'scale=640:360,crop=80:360:0:0',
    );
    assert.ok(camera > 60 && again > 60, `the camera fills the picture: ${camera}, ${again}`);
    assert.ok(square < 40, `the screen is square: ${square}`);
    const [middle = 0] = await brightness(path, [moments[1] ?? 0], 'scale=640:360,crop=80:200:280:80');
    assert.ok(middle > 60, `the screen is shown: ${middle}`);
  });

  it('goes on after its media has moved, marks where nobody was heard, and leaves pictures out where there is no space for them', async () => {
    const feed = new TestFeed('moved');
    feed.join('dolma', 'lead');
    const teacher = new WebRtcClient(signalDirectly(media, router));
    const clip = { frameMs: 20, packets: await voiceAfterSilence(0, 4) };
    const open = async () => {
      const id = await teacher.sendVoice(clip);
      feed.publish({ type: 'stream.opened', stream: { id, participant: 'dolma', source: 'mic' } });
    };
    feed.publish({ type: 'lesson.started', at: Date.now() });
    recorder.follow(feed, () => false);
    await open();
    await feed.untilRecording('voice');
    const camera = await teacher.sendPicture(await vp8Picture());
    feed.publish({ type: 'stream.opened', stream: { id: camera, participant: 'dolma', source: 'camera' } });
    await delay(1500);
    await media.closeRouter(router);
    await teacher.reset();
    const { t: movedAt } = feed.publish({ type: 'media.moved' });
    ({ router } = await media.createRouter());
    await delay(1000);
    const back = new WebRtcClient(signalDirectly(media, router));
    const id = await back.sendVoice(clip);
    const { t: backAt } = feed.publish({
      type: 'stream.opened',
      stream: { id, participant: 'dolma', source: 'mic' },
    });
    await delay(1500);
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    const { gaps, from, renditions } = await untilRecorded(recorder, 'moved', isReady);
    await back.close();
    assert.deepEqual(
      renditions.map(({ kind }) => kind),
      ['voice'],
    );
    assert.equal(gaps.length, 1);
    assert.ok(
      Math.abs((gaps[0]?.from ?? 0) - movedAt) < 50 && Math.abs((gaps[0]?.to ?? 0) - backAt) < 300,
      JSON.stringify({ gaps, movedAt, backAt }),
    );
    const levels = await loudness(await playlistOf(recorder, 'moved', 'voice'));
    assert.ok(onset(levels, 0.02, movedAt - from + 300) - (backAt - from) < 300);
  });
});

/** Lesson time at which a packet comes out of the media node, seen by a tap of the test's own. */
function arrival(media: MediaNode, stream: string, wanted: Buffer, now: () => number) {
  const socket = createSocket('udp4');
  const at = new Promise<number>((resolve) => {
    socket.on('message', (datagram) => {
      if (isRtcp(datagram) || !parseRtp(datagram)?.payload.equals(wanted)) return;
      resolve(now());
      socket.close();
    });
  });
  const listening = (async () => {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const tap = await media.tap(stream, { ip: '127.0.0.1', port: socket.address().port });
    await media.resumeTap(tap.id);
  })();
  return { listening, at };
}
