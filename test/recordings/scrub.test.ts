import assert from 'node:assert/strict';
import { cp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { LessonFolder } from '../../recordings/lesson-folder.ts';
import type { Recorder } from '../../recordings/recorder.ts';
import { comparedWithSums } from '../../recordings/sums.ts';
import { readFrames } from '../../recordings/track-reader.ts';
import { openFolderStore } from '../../server/storage/folder.ts';
import { clip, clipPath } from '../support/clip.ts';
import { eventually } from '../support/eventually.ts';
import {
  type Bench,
  createBench,
  isReady,
  loudness,
  noMedia,
  pathOf,
  TestFeed,
  untilRecorded,
} from './support.ts';

const SECONDS = 40;
const ROUND_MS = 15 * 86_400_000;
const SECOND_SEGMENT = 'voice-opus-00001.m4s';

describe('recordings read over', function () {
  this.timeout(60_000);
  let bench: Bench;
  let recorder: Recorder;
  let now = Date.UTC(2026, 10, 27);

  before(async () => {
    bench = await createBench();
    await clip('scrubbed.ogg', [
      ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${SECONDS}`],
      ...['-ac', '1', '-c:a', 'libopus', '-b:a', '12k'],
    ]);
    await clip('scrubbed.ivf', [
      ...['-f', 'lavfi', '-i', 'testsrc2=size=256x144:rate=10:duration=4', '-g', '20'],
      ...['-c:v', 'libvpx', '-b:v', '100k', '-auto-alt-ref', '0'],
    ]);
    recorder = await bench.open(noMedia, { scrubClock: () => now });
    const by = { participant: 'dolma', part: 'lead', at: 0 } as const;
    await recorder.import({
      ...{ lesson: 'old', from: 0, to: SECONDS * 1000 },
      tracks: [
        { ...by, path: clipPath('scrubbed.ogg'), source: 'mic' },
        { ...by, path: clipPath('scrubbed.ivf'), source: 'camera' },
      ],
    });
    await untilRecorded(recorder, 'old', isReady);
  });
  after(() => bench?.close());

  const folder = () => new LessonFolder(bench.directory, 'old');
  const rendition = (name: string) => join(bench.directory, 'old', 'renditions', name);
  const settled = () =>
    untilRecorded(recorder, 'old', (found) => found.state.progress === 1 && isReady(found));
  const round = async (): Promise<readonly string[]> => {
    now += ROUND_MS;
    await eventually(() => recorder.scrub(), 'all is read');
    return recorder
      .damage()
      .filter(({ at }) => at === now)
      .map(({ what, outcome }) => `${what} ${outcome}`);
  };
  /** One bit of what is heard or seen; the file is as long, and holds together, as before. */
  const rot = async (path: string): Promise<void> => {
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, Math.floor(size * 0.7));
    byte[0] = (byte[0] ?? 0) ^ 4;
    await file.write(byte, 0, 1, Math.floor(size * 0.7));
    await file.close();
  };

  it('are left alone where they are what they were, and while a lesson is live', async () => {
    assert.deepEqual(await round(), []);
    const before = await readFile(rendition(SECOND_SEGMENT));
    await rot(rendition(SECOND_SEGMENT));
    const feed = new TestFeed('live');
    recorder.follow(feed);
    feed.publish({ type: 'lesson.started', at: Date.now() });
    await feed.untilRecording('on');
    now += ROUND_MS;
    assert.equal(await recorder.scrub(), false);
    assert.deepEqual(recorder.damage(), []);
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    await eventually(() => recorder.scrub(), 'the same round goes on');
    assert.deepEqual(
      recorder.damage().map(({ lesson, what, outcome }) => [lesson, what, outcome]),
      [['old', 'voice', 'mended']],
    );
    await settled();
    assert.deepEqual(await readFile(rendition(SECOND_SEGMENT)), before);
    assert.match(recorder.warnings().join(), /made again/);
  });

  it('have their state written again where a disk has damaged what is still known', async () => {
    const path = join(bench.directory, 'old', 'recording.json');
    const before = await readFile(path, 'utf8');
    await writeFile(path, '');
    assert.deepEqual(await round(), ['voice mended']);
    assert.equal(await readFile(path, 'utf8'), before);
    assert.ok(await recorder.isIntact('old'));
  });

  it('are made again where a bit of AAC or picture has changed, or a file is gone', async () => {
    await rot(rendition('voice-aac-00003.m4s'));
    await rm(rendition('picture-144-00002.m4s'));
    assert.deepEqual((await round()).toSorted(), ['aac mended', 'picture mended']);
    await settled();
    for (const kind of ['voice', 'aac', 'picture'] as const)
      assert.deepEqual(await comparedWithSums(folder(), kind, async () => {}), [], kind);
    assert.ok(await recorder.file('old', 'picture-144-00002.m4s'));
  });

  it('are not missed where they were deleted, and not mistaken where others took their place', async () => {
    let count = 0;
    const bring = async (...left: string[]) => {
      const directory = join(bench.directory, '.brought');
      await cp(rendition('.'), directory, { recursive: true });
      for (const name of left) await rm(join(directory, name));
      const renditions = [{ kind: 'voice' as const, url: 'voice.m3u8', bytes: 1 }];
      await recorder.bring({
        lesson: 'brought',
        revision: ++count,
        from: 0,
        to: SECONDS * 1000,
        gaps: [],
        renditions,
        directory,
      });
    };
    await bring();
    assert.deepEqual(await round(), []);
    await bring('picture-144-00002.m4s');
    await recorder.remove('old', 'picture');
    assert.deepEqual(await round(), []);
  });

  it('come back from the store, where that has lost an object', async () => {
    const store = openFolderStore(join(bench.directory, '.store'));
    recorder = await bench.open(noMedia, { scrubClock: () => now, store });
    const away = async () => (await folder().read())?.stored?.filter(({ here }) => !here) ?? [];
    await eventually(async () => (await away()).length >= 3, 'it is in the store', 20_000);
    assert.deepEqual(await round(), []);
    const voice = (await away()).find((pack) => pack.folder === 'renditions' && pack.kind === 'voice');
    await store.remove(voice?.key ?? '');
    assert.deepEqual(await round(), ['voice mended']);
    await eventually(
      async () => (await away()).some(({ key }) => key === voice?.key),
      'it is there again',
      20_000,
    );
    const { key = '', bytes = 0 } = voice ?? {};
    const before = await buffer(Readable.from((await store.read(key)) ?? []));
    await eventually(() => recorder.isIntact('old'), 'all of it is there', 20_000);
    await store.put(key, Readable.from([before.fill(0xff, bytes >> 1, (bytes >> 1) + 200)]));
    assert.equal(await recorder.isIntact('old'), false, 'nothing is to be made of it');
    await eventually(() => recorder.isIntact('old'), 'it is made again', 20_000);
    recorder = await bench.open(noMedia, { scrubClock: () => now });
  });

  it('lose no more of a track than the frame that does not hold, and of a voice without tracks no more than a segment', async () => {
    await recorder.import({
      ...{ lesson: 'frail', from: 2000, to: 2000 + SECONDS * 1000 },
      tracks: [
        { participant: 'dolma', part: 'lead', at: 2000, path: clipPath('scrubbed.ogg'), source: 'mic' },
      ],
    });
    await untilRecorded(recorder, 'frail', isReady);
    const frail = new LessonFolder(bench.directory, 'frail');
    const [track] = (await frail.read())?.tracks ?? [];
    const path = join(frail.tracks, track?.file ?? '');
    const frames = async () => {
      let count = 0;
      for await (const _ of readFrames(path)) count++;
      return count;
    };
    const before = await frames();
    await rot(path);
    assert.equal(await frames(), before - 1);
    assert.deepEqual(await round(), ['tracks lost']);

    await rm(path);
    await rot(join(frail.renditions, SECOND_SEGMENT));
    assert.deepEqual((await round()).toSorted(), ['tracks lost', 'voice lost']);
    const { gaps, state } = (await recorder.recording('frail')) ?? {};
    assert.deepEqual(gaps, [{ from: 32_000, to: 42_000 }]);
    assert.equal(state?.voice, 'ready');
    const levels = await loudness(await pathOf(recorder, 'frail', 'voice-opus.m3u8'));
    const loudest = (from: number, to: number) => Math.max(...levels.slice(from / 10, to / 10));
    assert.ok(loudest(1000, 29_000) > 0.05 && loudest(30_500, 39_000) < 0.01, 'heard before, and silence');
    assert.deepEqual(await round(), ['tracks lost'], 'what was done is done');
    await recorder.remove('frail', 'everything');
    assert.deepEqual(recorder.damage(), []);
  });
});
