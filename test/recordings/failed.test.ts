import assert from 'node:assert/strict';
import { readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Faults } from '../../recordings/faults.ts';
import { NOTHING_LEFT, RecordingFile } from '../../recordings/lesson-folder.ts';
import type { Recorder, RecorderOptions } from '../../recordings/recorder.ts';
import { clip, clipPath } from '../support/clip.ts';
import { eventually } from '../support/eventually.ts';
import { quietLog } from '../support/log.ts';
import { type Bench, createBench, FFMPEG, FFPROBE, isReady, noMedia, untilRecorded } from './support.ts';

const SECONDS = 4;
/** More often than a rendition may fail by itself. */
const TIMES = 5;
const LESSON = 'failing';

describe('a rendition that does not come off', function () {
  this.timeout(60_000);
  let bench: Bench;

  before(async () => {
    await clip('failing.ogg', [
      ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${SECONDS}`],
      ...['-ac', '1', '-c:a', 'libopus', '-b:a', '24k'],
    ]);
    await clip('failing.ivf', [
      ...['-f', 'lavfi', '-i', `testsrc2=size=256x144:rate=10:duration=${SECONDS}`, '-g', '20'],
      ...['-c:v', 'libvpx', '-b:v', '100k', '-auto-alt-ref', '0'],
    ]);
  });
  beforeEach(async () => {
    bench = await createBench();
  });
  afterEach(() => bench.close());

  async function record(options: Partial<RecorderOptions>): Promise<Recorder> {
    const recorder = await bench.open(noMedia, { renditionRetryMs: 10, ...options });
    const by = { participant: 'dolma', part: 'lead', at: 0 } as const;
    await recorder.import({
      ...{ lesson: LESSON, from: 0, to: SECONDS * 1000 },
      tracks: [
        { ...by, path: clipPath('failing.ogg'), source: 'mic' },
        { ...by, path: clipPath('failing.ivf'), source: 'camera' },
      ],
    });
    return recorder;
  }

  const stateFile = () => join(bench.directory, LESSON, 'recording.json');
  const state = async () => RecordingFile.parse(JSON.parse(await readFile(stateFile(), 'utf8')));
  const failed = ({ state: { picture } }: { state: { picture: string } }) => picture === 'failed';
  const found = (recorder: Recorder) => recorder.damage().map(({ what, outcome }) => `${what} ${outcome}`);

  for (const [what, command] of [
    ['that is killed', 'kill -9 $$'],
    ['that is told to end', 'echo "Exiting normally, received signal 15." >&2; exit 255'],
    ['that finds no room', 'echo "av_interleaved_write_frame(): No space left on device" >&2; exit 228'],
  ])
    it(`is made all the same by an encoder ${what} again and again`, async () => {
      const ran = join(bench.directory, '.ran');
      const encoder = join(bench.directory, '.ffmpeg');
      const script = `#!/bin/sh\necho >> ${ran}\n[ $(wc -l < ${ran}) -le ${TIMES} ] && { ${command}; }\nexec ${FFMPEG} "$@"\n`;
      await writeFile(encoder, script, { mode: 0o755 });
      const recorder = await record({ ffmpegBin: encoder });
      await untilRecorded(recorder, LESSON, isReady);
      assert.equal((await state()).aac.failures, 0, 'that was not its own fault');
      assert.deepEqual([found(recorder), recorder.warnings()], [[], []]);
    });

  it('is made once there is room where a full disk did not even take that it had failed', async () => {
    const blocking = `${stateFile()}.new`;
    const encoder = join(bench.directory, '.ffmpeg');
    const script = `#!/bin/sh\n[ -e ${encoder}.ran ] && exec ${FFMPEG} "$@"\ntouch ${encoder}.ran; mkdir ${blocking}; exit 1\n`;
    await writeFile(encoder, script, { mode: 0o755 });
    const unnoted = Promise.withResolvers<void>();
    let times = 0;
    const error = (fields: object, text: string): void => {
      quietLog.error(fields, text);
      if (/not be noted/.test(text) && ++times > 1) unnoted.resolve();
    };
    const recorder = await record({ ffmpegBin: encoder, log: { ...quietLog, error } });
    await unnoted.promise;
    await rmdir(blocking);
    await untilRecorded(recorder, LESSON, isReady);
  });

  it('is tried ever more rarely, and not never', () => {
    const faults = new Faults();
    const waits = Array.from({ length: 12 }, () => faults.brokenOff(LESSON, 'voice', 15_000));
    assert.deepEqual(waits.slice(0, 4), [15_000, 30_000, 60_000, 120_000]);
    assert.equal(waits.at(-1), 15 * 60_000);
    assert.equal(faults.brokenOff(LESSON, 'picture', 15_000), 15_000, 'each for itself');
    faults.made(LESSON, 'voice');
    assert.equal(faults.brokenOff(LESSON, 'voice', 15_000), 15_000);
  });

  it('is told to the technician, and tried again with the next start', async () => {
    const recorder = await record({ ffprobeBin: '/bin/false' });
    await untilRecorded(recorder, LESSON, failed);
    assert.deepEqual(found(recorder), ['aac failed'], 'once, and not of what would be made of it');
    assert.match(recorder.warnings().join(), /1 could not be made/);
    const again = await bench.open(noMedia);
    await untilRecorded(again, LESSON, isReady);
    assert.deepEqual([found(again), again.warnings()], [[], []]);
    assert.equal((await state()).picture.playlist, 'picture.m3u8');
  });

  /** Asks in vain until `mend` is called. */
  async function brokenProbe() {
    const mended = join(bench.directory, '.mended');
    const ffprobeBin = join(bench.directory, '.ffprobe');
    await writeFile(ffprobeBin, `#!/bin/sh\n[ -e ${mended} ] && exec ${FFPROBE} "$@"\nexit 1\n`, {
      mode: 0o755,
    });
    return { ffprobeBin, mend: () => writeFile(mended, '') };
  }
  const made = ({ state: { picture } }: { state: { picture: string } }) => picture === 'ready';

  it('is made when somebody says so, and is told of until then', async () => {
    const { ffprobeBin, mend } = await brokenProbe();
    const recorder = await record({ ffprobeBin });
    await untilRecorded(recorder, LESSON, failed);
    assert.equal(await recorder.tryAgain('unknown'), false);
    await mend();
    assert.equal(await recorder.tryAgain(LESSON), true);
    assert.deepEqual(found(recorder), ['aac trying']);
    await untilRecorded(recorder, LESSON, made);
    assert.deepEqual([found(recorder), recorder.warnings()], [[], []]);
  });

  it('is told of once more where it fails again', async () => {
    const recorder = await record({ ffprobeBin: '/bin/false' });
    await untilRecorded(recorder, LESSON, failed);
    assert.equal(await recorder.tryAgain(LESSON), true);
    await untilRecorded(recorder, LESSON, failed);
    assert.deepEqual(found(recorder), ['aac failed']);
  });

  it('is made by itself in the end', async () => {
    const { ffprobeBin, mend } = await brokenProbe();
    const recorder = await record({ ffprobeBin, againMs: 50 });
    await untilRecorded(recorder, LESSON, failed);
    await mend();
    await untilRecorded(recorder, LESSON, made);
    assert.deepEqual([found(recorder), recorder.warnings()], [[], []]);
  });

  it('is made again of its tracks where the state of its recording was damaged', async () => {
    await untilRecorded(await record({}), LESSON, isReady);
    const text = await readFile(stateFile(), 'utf8');
    await bench.open(noMedia); // which closes the one before
    await writeFile(stateFile(), text.slice(0, text.length / 2));
    const again = await bench.open(noMedia, { orphanMs: 50 });
    const { gaps, to } = await untilRecorded(again, LESSON, isReady);
    assert.deepEqual([gaps, found(again)], [[], ['voice mended']]);
    assert.ok(to > (SECONDS - 0.5) * 1000);
  });

  it('is told of as lost where that has no tracks, costs the others nothing, and can be deleted', async () => {
    await untilRecorded(await record({}), LESSON, isReady);
    await bench.open(noMedia);
    await rm(join(bench.directory, LESSON, 'tracks'), { recursive: true });
    await writeFile(stateFile(), JSON.stringify({ ...(await state()), to: 'x' }));
    for (const _ of ['found', 'still there']) {
      const again = await bench.open(noMedia, { orphanMs: 50 });
      assert.deepEqual([await again.recording(LESSON), await again.space(LESSON)], [null, null]);
      await eventually(() => found(again).join() === 'voice lost', 'it is told');
      assert.match(again.warnings().join(), /1 damaged/);
      assert.ok((await readdir(join(bench.directory, LESSON))).includes('recording.json.damaged'));
    }
    const last = await bench.open(noMedia);
    await last.remove(LESSON, 'everything');
    assert.deepEqual([found(last), (await readdir(bench.directory)).includes(LESSON)], [[], false]);
  });

  it('is not told of any more once it is deleted', async () => {
    const recorder = await record({ ffprobeBin: '/bin/false' });
    await untilRecorded(recorder, LESSON, failed);
    await recorder.remove(LESSON, 'everything');
    assert.deepEqual([found(recorder), recorder.warnings()], [[], []]);
  });

  for (const [what, reason, isLost] of [
    ['whose track is gone', 'ended with 1', true],
    ['that was given up for want of anything to make it of', NOTHING_LEFT, false],
  ] as const)
    it(`is left as it is, ${what}`, async () => {
      const recorder = await record({});
      await untilRecorded(recorder, LESSON, isReady);
      await recorder.close();
      const file = await state();
      const track = file.tracks.find(({ source }) => source === 'camera');
      if (isLost) await rm(join(bench.directory, LESSON, 'tracks', track?.file ?? ''));
      const picture = { state: 'failed', failures: 3, bytes: 0, reason };
      await writeFile(stateFile(), JSON.stringify({ ...file, picture }));
      const again = await bench.open(noMedia);
      assert.equal(await again.tryAgain(LESSON), false);
      assert.equal((await again.recording(LESSON))?.state.picture, 'failed');
    });
});
