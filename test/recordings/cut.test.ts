import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Recording, RecordingCut } from '../../protocol/recording.ts';
import { IvfWriter } from '../../recordings/ivf.ts';
import type { Recorder } from '../../recordings/recorder.ts';
import { readFrames } from '../../recordings/track-reader.ts';
import { clip } from '../support/clip.ts';
import { ivfFrames, vp8Picture } from '../support/vp8.ts';
import { type Bench, createBench, FFMPEG, isReady, loudness, noMedia, untilRecorded } from './support.ts';

const FROM = 1000;
const SECONDS = 12;
const TO = FROM + SECONDS * 1000;

/** A low tone for the teacher and a high one for the child: each is measured by itself. */
const TEACHER = 'lowpass=f=400,lowpass=f=400';
const CHILD = 'highpass=f=1500,highpass=f=1500';

const hasVoice = ({ state }: Recording): boolean => state.voice === 'ready';

/** Mean brightness (0..255) of every frame. */
async function brightnessOfAll(path: string): Promise<number[]> {
  const args = [
    '-v',
    'error',
    '-i',
    path,
    '-vf',
    'scale=1:1:flags=area',
    '-pix_fmt',
    'gray',
    '-f',
    'rawvideo',
    '-',
  ];
  const { stdout } = await promisify(execFile)(FFMPEG, args, { encoding: 'buffer' });
  return [...stdout];
}

describe('a recording that is cut', function () {
  this.timeout(90_000);
  let bench: Bench;
  let directory: string;
  let recorder: Recorder;

  before(async () => {
    bench = await createBench();
    directory = await mkdtemp(join(tmpdir(), 'tongke-cut-'));
    recorder = await bench.open(noMedia);
    await recorder.import({
      lesson: 'cut',
      from: FROM,
      to: TO,
      tracks: [
        { path: await tone('teacher', 220), participant: 'dolma', part: 'lead', source: 'mic', at: FROM },
        { path: await tone('child', 2500), participant: 'pema', part: 'room', source: 'mic', at: FROM },
        { path: await bars(), participant: 'dolma', part: 'lead', source: 'camera', at: FROM },
      ],
    });
    await untilRecorded(recorder, 'cut', isReady);
  });
  after(async () => {
    await bench?.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function tone(name: string, frequency: number): Promise<string> {
    const source = `sine=frequency=${frequency}:sample_rate=48000:duration=${SECONDS}`;
    const path = join(directory, `${name}.ogg`);
    const coded = [
      '-ac',
      '1',
      '-c:a',
      'libopus',
      '-b:a',
      '32k',
      '-frame_duration',
      '60',
      '-fec',
      '1',
      '-packet_loss',
      '10',
    ];
    await writeFile(path, await clip(`cut-${name}.ogg`, ['-f', 'lavfi', '-i', source, ...coded]));
    return path;
  }

  /** Bars, and white from 4 to 8 s of the lesson: what is hidden is brighter than all that is not. */
  async function bars(): Promise<string> {
    const { frames } = await vp8Picture();
    const white = ivfFrames(
      await clip('cut-white.ivf', [
        ...[
          '-f',
          'lavfi',
          '-i',
          'color=c=white:size=320x180:rate=10:duration=4',
          '-c:v',
          'libvpx',
          '-g',
          '10',
        ],
      ]),
    );
    const path = join(directory, 'bars.ivf');
    const ivf = await IvfWriter.create(path, 'VP80', { width: 320, height: 180 });
    for (const [index, frame] of [...frames.slice(0, 30), ...white, ...frames].entries())
      await ivf.write(index * 100, frame);
    await ivf.close();
    return path;
  }

  /** Cuts it, and waits for the voice. */
  async function made(cut: RecordingCut): Promise<void> {
    await recorder.cut('cut', cut);
    await untilRecorded(recorder, 'cut', hasVoice);
  }

  const cut = (revision: number, more: Partial<RecordingCut>): RecordingCut => ({
    ...{ revision, from: null, to: null, hidden: [] },
    ...more,
  });
  const place = async (name: string): Promise<string> => {
    const file = await recorder.file('cut', name);
    return file && 'path' in file ? file.path : assert.fail(name);
  };
  /** Loudest of 10 ms between two lesson times. */
  const loudest = (levels: readonly number[], from: number, to: number, zero = FROM): number =>
    Math.max(...levels.slice((from - zero) / 10, (to - zero) / 10));

  it('serves nothing of what was made before, from the moment it is told', async () => {
    const first = cut(1, { hidden: [{ from: 4000, to: 8000 }] });
    const full = join(bench.directory, 'cut', 'recording.json.new');
    await symlink('/dev/full', full);
    await assert.rejects(recorder.cut('cut', first), { code: 'storage_full' });
    await rm(full);
    assert.ok(await recorder.file('cut', 'voice-opus-00000.m4s'));
    await recorder.cut('cut', first);
    const now = await recorder.recording('cut');
    assert.deepEqual([now?.revision, now?.renditions], [1, []]);
    for (const name of [
      'voice.m3u8',
      'voice-opus-00000.m4s',
      'voice-aac.m3u8',
      'picture.m3u8',
      'picture-144.m3u8',
    ])
      assert.equal(await recorder.file('cut', name), null, name);
    await untilRecorded(recorder, 'cut', isReady);
    assert.equal(await recorder.file('cut', 'voice-opus-00000.m4s'), null);
    assert.deepEqual((await recorder.recording('cut'))?.gaps, [{ from: 4000, to: 8000, hidden: true }]);
  });

  it('has neither sound nor picture in a hidden passage, and both around it', async () => {
    for (const name of ['voice-opus.m3u8', 'voice-aac.m3u8']) {
      const levels = await loudness(await place(`e1/${name}`));
      assert.ok(loudest(levels, 4000, 8000) < 0.001, `${name}: ${loudest(levels, 4000, 8000)}`);
      assert.ok(loudest(levels, 2000, 3500) > 0.05, name);
      assert.ok(loudest(levels, 8500, 12_000) > 0.05, name);
    }
    const frames = await brightnessOfAll(await place('e1/picture-144.m3u8'));
    assert.ok(Math.max(...frames) < 200, `no frame of what is hidden: ${Math.max(...frames)}`);
    assert.ok(Math.min(...frames.slice(0, 30)) > 60 && Math.min(...frames.slice(-30)) > 60, 'bars around it');
  });

  it('keeps the others where one child’s voice is hidden', async () => {
    await made(cut(2, { hidden: [{ from: 4000, to: 8000, participant: 'pema' }] }));
    const path = await place('e2/voice-opus.m3u8');
    const [child, teacher] = [await loudness(path, CHILD), await loudness(path, TEACHER)];
    assert.ok(loudest(child, 4100, 7900) < 0.01, `${loudest(child, 4100, 7900)}`);
    assert.ok(loudest(child, 8500, 12_000) > 0.03);
    assert.ok(Math.min(...teacher.slice(310, 690)) > 0.02, 'the teacher is heard all along');
    assert.deepEqual((await recorder.recording('cut'))?.gaps, []);
    const stale = await readdir(join(bench.directory, 'cut'));
    assert.ok(!stale.includes('renditions-1'), 'what an earlier cut made is gone');
  });

  it('begins and ends where it was trimmed to', async () => {
    await made(cut(3, { from: 3000, to: 9000 }));
    const { from, to } = (await recorder.recording('cut')) ?? assert.fail();
    assert.deepEqual([from, to], [3000, 9000]);
    const levels = await loudness(await place('e3/voice-opus.m3u8'));
    assert.ok(Math.abs(levels.length * 10 - 6000) < 150, `${levels.length}`);
  });

  it('is all there again, at once, when nothing is hidden any more', async () => {
    await recorder.cut('cut', cut(4, {}));
    const now = (await recorder.recording('cut')) ?? assert.fail();
    assert.deepEqual([now.state.voice, now.state.picture, now.from, now.to], ['ready', 'ready', FROM, TO]);
    assert.ok(loudest(await loudness(await place('e4/voice-opus.m3u8')), 4000, 8000) > 0.05);
  });

  it('gives the original to whoever asks for it by name, until it is erased', async () => {
    const due = { from: 4000, to: 8000 };
    await made(cut(5, { hidden: [due, { from: 9000, to: 10_000 }] }));
    assert.equal((await recorder.original('cut'))?.renditions.length, 2);
    assert.ok(loudest(await loudness(await place('original/voice-opus.m3u8')), 4000, 8000) > 0.05);
    await recorder.erase('cut', [due]);
    assert.equal(await recorder.original('cut'), null);
    assert.equal(await recorder.file('cut', 'original/voice-opus.m3u8'), null);
    const tracks = join(bench.directory, 'cut', 'tracks');
    for (const file of await readdir(tracks)) {
      for await (const { time } of readFrames(join(tracks, file)))
        assert.ok(time < 4000 || time >= 8000, `${file} at ${time}`);
    }
    await made(cut(6, {}));
    const levels = await loudness(await place('e6/voice-opus.m3u8'));
    assert.ok(loudest(levels, 4000, 8000) < 0.001);
    assert.ok(loudest(levels, 9000, 10_000) > 0.05, 'what is hidden besides can be shown again');
  });

  it('is cut once by all who find at the same time that it is to be', async () => {
    const voice = { participant: 'dolma', part: 'lead', source: 'mic', at: FROM } as const;
    await recorder.import({
      ...{ lesson: 'twice', from: FROM, to: TO },
      tracks: [{ path: await tone('twice', 220), ...voice }],
    });
    await untilRecorded(recorder, 'twice', isReady);
    const place = join(bench.directory, 'twice', 'renditions');
    const live = async () => (await readdir(place)).filter((name) => name.includes('live'));
    // As they are left by a lesson that was followed live.
    for (let i = 100; i < 300; i++) await writeFile(join(place, `voice-live-00${i}.m4s`), '');
    const wanted = cut(2, { hidden: [{ from: 4000, to: 8000 }] });
    const first = recorder.cut('twice', wanted);
    while ((await live()).length === 200);
    await Promise.all([first, recorder.cut('twice', wanted)]);
    assert.deepEqual(await live(), []);
    await untilRecorded(recorder, 'twice', isReady);
    await recorder.cut('twice', wanted);
    const { state, revision } = (await recorder.recording('twice')) ?? assert.fail();
    assert.deepEqual([state.voice, revision], ['ready', 2], 'it is not made again');
  });

  it('is made after a restart, where that was cut short', async () => {
    await recorder.cut('cut', cut(7, { hidden: [{ from: 10_000, to: 12_000 }] }));
    recorder = await bench.open(noMedia);
    await untilRecorded(recorder, 'cut', hasVoice);
    assert.ok(loudest(await loudness(await place('e7/voice-opus.m3u8')), 10_000, 12_000) < 0.001);
  });
});
