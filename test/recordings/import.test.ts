import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IvfWriter } from '../../recordings/ivf.ts';
import { clip } from '../support/clip.ts';
import { vp8Picture } from '../support/vp8.ts';
import {
  type Bench,
  brightness,
  createBench,
  isReady,
  loudness,
  noMedia,
  onset,
  playlistOf,
  probe,
  untilRecorded,
} from './support.ts';

describe('an imported recording', function () {
  this.timeout(60_000);
  let bench: Bench;
  let directory: string;

  before(async () => {
    bench = await createBench();
    directory = await mkdtemp(join(tmpdir(), 'tongke-import-'));
  });
  after(async () => {
    await bench?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('keeps its time where a simulcast layer changes the size of the picture', async () => {
    const path = join(directory, 'layers.ivf');
    const ivf = await IvfWriter.create(path, 'VP80', { width: 320, height: 180 });
    let index = 0;
    // Small, large, small again, four seconds each; bars of testsrc2 fill every one of them.
    for (const size of [
      { width: 320, height: 180 },
      { width: 640, height: 360 },
      { width: 160, height: 90 },
    ]) {
      for (const frame of (await vp8Picture(size)).frames) await ivf.write(index++ * 100, frame);
    }
    await ivf.close();
    const recorder = await bench.open(noMedia);
    const track = { path, participant: 'dolma', part: 'lead' as const, source: 'camera' as const, at: 3000 };
    await recorder.import({ lesson: 'layers', from: 1000, to: 20_000, tracks: [track] });
    await untilRecorded(recorder, 'layers', isReady);
    const picture = await playlistOf(recorder, 'layers', 'picture');
    assert.ok(Math.abs((await probe(picture)).duration - 19) < 0.15);
    const [before = 255, ...shown] = await brightness(
      picture,
      [1.8, 2.2, 5, 7, 9, 11, 13],
      'scale=640:360,crop=80:360:560:0',
    );
    assert.ok(before < 40, 'dark before the first frame');
    for (const level of shown) assert.ok(level > 60, `the whole width is filled: ${shown}`);
  });

  it('becomes one with another, which both stay as they were', async () => {
    const path = join(directory, 'said.ogg');
    const said = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=3'];
    const late = ['-af', `volume=0:enable='lt(t,1)'`, '-ac', '1', '-c:a', 'libopus', '-b:a', '24k'];
    await writeFile(path, await clip('said-after-one-second.ogg', [...said, ...late]));
    const recorder = await bench.open(noMedia);
    for (const [lesson, from] of [
      ['former', 1000],
      ['latter', 9000],
    ] as const) {
      const track = { path, participant: 'dolma', part: 'lead' as const, source: 'mic' as const, at: from };
      await recorder.import({ lesson, from, to: from + 4000, tracks: [track] });
    }
    const parts = [
      { lesson: 'former', shift: 0 },
      { lesson: 'latter', shift: -4000 },
    ];
    for (let again = 0; again < 2; again++) await recorder.join({ lesson: 'both', parts });
    const { from, to, gaps } = await untilRecorded(recorder, 'both', isReady);
    assert.deepEqual([from, to, gaps], [1000, 9000, []]);
    const levels = await loudness(await playlistOf(recorder, 'both', 'voice'));
    for (const second of [1, 5])
      assert.ok(Math.abs(onset(levels, 0.02, (second - 1) * 1000 + 100) - second * 1000) < 60, `${second} s`);
    assert.ok(Math.max(...levels.slice(320, 480)) < 0.02, 'silent where the first one was over');
    assert.ok(await recorder.recording('latter'));
    await assert.rejects(recorder.join({ lesson: 'none', parts: [{ lesson: 'absent', shift: 0 }] }));
  });

  it('is refused where a file is not what it should be', async () => {
    const path = join(directory, 'voice.ogg');
    await writeFile(path, 'this is no voice of anybody, however long it goes on');
    const recorder = await bench.open(noMedia);
    const track = { path, participant: 'dolma', part: 'lead' as const, source: 'mic' as const, at: 0 };
    await assert.rejects(
      recorder.import({ lesson: 'bad', from: 0, to: 5000, tracks: [track] }),
      /not an Ogg file/,
    );
    assert.equal(await recorder.recording('bad'), null);
  });
});
