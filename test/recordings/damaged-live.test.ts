import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '../../recordings/durable.ts';
import { eventually } from '../support/eventually.ts';
import { createRtpMedia, type RtpMedia } from '../support/rtp-media.ts';
import { type Bench, createBench, isReady, TestFeed, untilRecorded, voiceAfterSilence } from './support.ts';

/** The lesson's clock goes so many times as fast as the wall's. */
const SPEED = 8;

describe('a voice that a disk damages while the lesson goes on', function () {
  this.timeout(60_000);
  let bench: Bench;
  let media: RtpMedia | undefined;

  before(async () => {
    bench = await createBench();
  });
  after(async () => {
    media?.close();
    await bench?.close();
  });

  /** In the midst of its sound, where no box says that anything is wrong. */
  async function damage(path: string): Promise<void> {
    const file = await open(path, 'r+');
    await file.write(randomBytes(300), 0, 300, Math.floor((await file.stat()).size / 2));
    await file.close();
  }

  it('is made again at the bell, as it was written, and its checksums are those of what was written', async () => {
    const origin = performance.now();
    const now = () => (performance.now() - origin) * SPEED;
    media = createRtpMedia({ now });
    const packets = await voiceAfterSilence(0, 4);
    media.add('teacher', { kind: 'audio', frameMs: 20, frame: (index) => packets[index % 150] ?? null });
    const recorder = await bench.open(media.api);
    const feed = new TestFeed('damaged', [], now);
    feed.join('teacher', 'lead');
    feed.publish({ type: 'lesson.started', at: Date.now() });
    recorder.follow(feed);
    feed.publish({
      type: 'stream.opened',
      stream: { id: 'teacher', participant: 'teacher', source: 'mic' },
    });
    const place = join(bench.directory, 'damaged', 'renditions');
    const [group, window] = ['voice-opus-00000.m4s', 'voice-live-00004.m4s'];
    // The second group has begun.
    const hasBegun = async () => (await readIfThere(join(place, 'voice-live-00011.m4s'))) !== null;
    await eventually(hasBegun, 'twelve windows', 30_000);
    const written = await Promise.all([group, window].map((name) => readFile(join(place, name))));
    for (const name of [group, window]) await damage(join(place, name));
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    await untilRecorded(recorder, 'damaged', isReady);

    for (const [index, name] of [group, window].entries())
      assert.ok(written[index]?.equals(await readFile(join(place, name))), `${name} is what was written`);
    const end = await readFile(join(place, 'voice-opus-00001.m4s'));
    assert.ok(end.length > 0);
    await damage(join(place, 'voice-opus-00001.m4s'));
    assert.equal(await recorder.scrub(), true);
    await untilRecorded(recorder, 'damaged', isReady);
    assert.ok(end.equals(await readFile(join(place, 'voice-opus-00001.m4s'))), 'the checksums are there');
  });
});
