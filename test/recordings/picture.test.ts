import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readInitSegment, readMediaSegment } from '../../recordings/fmp4.ts';
import type { Recorder } from '../../recordings/recorder.ts';
import { clip, clipPath } from '../support/clip.ts';
import { eventually } from '../support/eventually.ts';
import {
  type Bench,
  createBench,
  fileIfMade,
  isReady,
  noMedia,
  playlistOf,
  probe,
  TestFeed,
  untilRecorded,
} from './support.ts';

const SECONDS = 46;
const HEIGHTS = [144, 240, 480];

describe('a picture in several sizes', function () {
  this.timeout(120_000);
  let bench: Bench;
  let recorder: Recorder;
  let video: string;

  before(async () => {
    bench = await createBench();
    const name = `ladder-${SECONDS}.ivf`;
    await clip(name, [
      ...['-f', 'lavfi', '-i', `testsrc2=size=640x480:rate=10:duration=${SECONDS}`, '-g', '1000'],
      ...['-c:v', 'libvpx', '-b:v', '300k', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0'],
    ]);
    video = clipPath(name);
  });
  after(() => bench?.close());

  const begin = (lesson: string) =>
    recorder.import({
      lesson,
      from: 1000,
      to: 1000 + SECONDS * 1000,
      tracks: [{ path: video, participant: 'dolma', part: 'lead', source: 'camera', at: 1000 }],
    });

  /** Resolves when another lesson's AAC is there, too, which is made for who asks for it. */
  const voiceOf = async (lesson: string): Promise<void> => {
    await recorder.import({ lesson, from: 0, to: 2000, tracks: [] });
    const isThere = async () => (await fileIfMade(recorder, lesson, 'voice-aac-00000.m4s')) !== null;
    await eventually(isThere, `the AAC of ${lesson}`, 20_000);
  };

  it('gives way to voices and to live lessons, and keeps no voice waiting with it', async () => {
    recorder = await bench.open(noMedia, { picturesWait: true });
    await begin('stopped');
    const { state } = await untilRecorded(recorder, 'stopped', (found) => found.state.progress > 0.3);
    await voiceOf('first');
    assert.equal((await recorder.recording('stopped'))?.state.picture, 'working');
    const feed = new TestFeed('live');
    recorder.follow(feed);
    feed.publish({ type: 'lesson.started', at: Date.now() });
    await feed.untilRecording('on');
    await voiceOf('second');
    await untilRecorded(recorder, 'second', isReady, 20_000); // it has no picture to wait with
    const waiting = await recorder.recording('stopped');
    assert.equal(waiting?.state.picture, 'working');
    assert.ok((waiting?.state.progress ?? 0) >= state.progress, 'it is said how far it is');
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
  });

  it('goes on at the segment it had reached when it was stopped', async () => {
    const work = join(bench.directory, 'stopped', 'work', 'picture');
    const reached = await wholeSegments(work);
    assert.ok(reached.size > 0);
    await untilRecorded(recorder, 'stopped', ({ state }) => state.progress > 0.6);
    await recorder.close();
    const before = await wholeSegments(work);
    assert.ok(before.size >= HEIGHTS.length, `only ${before.size} segments were there`);
    for (const height of HEIGHTS) {
      const name = `picture-${height}-00000.m4s`;
      assert.equal(before.get(name), reached.get(name), `${name} was made again after the lesson`);
    }

    recorder = await bench.open(noMedia);
    await untilRecorded(recorder, 'stopped', isReady, 100_000);
    const place = join(bench.directory, 'stopped', 'renditions');
    const kept = Math.min(...HEIGHTS.map((height) => countOf(before, height)));
    for (const height of HEIGHTS) {
      for (let index = 0; index < kept; index++) {
        const name = `picture-${height}-0000${index}.m4s`;
        assert.equal((await stat(join(place, name))).ino, before.get(name), `${name} was made again`);
      }
    }
    assert.ok(kept > 0);
  });

  it('has every size up to the source’s, in step, and says of each what it takes', async () => {
    const master = await readFile(await playlistOf(recorder, 'stopped', 'picture'), 'utf8');
    const variants = [...master.matchAll(/^#EXT-X-STREAM-INF:(.*)\n(.*)$/gm)];
    assert.deepEqual(
      variants.map(([, , uri]) => uri),
      HEIGHTS.map((height) => `picture-${height}.m3u8`),
    );
    const place = join(bench.directory, 'stopped', 'renditions');
    for (const [index, [, attributes = '', uri = '']] of variants.entries()) {
      const { streams, duration } = await probe(join(place, uri));
      assert.deepEqual(
        streams.map(({ codec_name, height }) => [codec_name, height]),
        [['h264', HEIGHTS[index]]],
      );
      assert.ok(Math.abs(duration - SECONDS) < 0.1);
      assert.match(attributes, /CODECS="avc1\.4D[0-9a-f]{4},mp4a\.40\.2"/i);
      const peak = Number(/(?:^|,)BANDWIDTH=(\d+)/.exec(attributes)?.[1]);
      assert.ok(peak >= Number(/AVERAGE-BANDWIDTH=(\d+)/.exec(attributes)?.[1]));
      await checkSegments(place, uri.slice(0, -'.m3u8'.length));
    }
  });
});

/** Every segment begins 4 s after the one before, to the tick, and all but the last are as long. */
async function checkSegments(place: string, name: string): Promise<void> {
  const init = readInitSegment(await readFile(join(place, `${name}-init.mp4`)));
  const names = (await readdir(place)).filter((file) => file.startsWith(`${name}-0`)).sort();
  assert.equal(names.length, Math.ceil(SECONDS / 4));
  for (const [index, file] of names.entries()) {
    const { decodeTime, duration } = readMediaSegment(await readFile(join(place, file)), init);
    assert.equal(decodeTime, index * 4 * init.timescale, file);
    if (index < names.length - 1) assert.equal(duration, 4 * init.timescale, file);
  }
}

/** Inodes of the segments that are there: one that is made again has another. */
async function wholeSegments(work: string): Promise<Map<string, number>> {
  const names = (await readdir(work)).filter((name) => name.endsWith('.m4s'));
  return new Map(
    await Promise.all(
      names.map(async (name): Promise<[string, number]> => [name, (await stat(join(work, name))).ino]),
    ),
  );
}

function countOf(segments: ReadonlyMap<string, number>, height: number): number {
  return [...segments.keys()].filter((name) => name.startsWith(`picture-${height}-`)).length;
}
