import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ObjectStore } from '../../protocol/storage.ts';
import { readInitSegment, readMediaSegment } from '../../recordings/fmp4.ts';
import type { Recorder } from '../../recordings/recorder.ts';
import { openFolderStore } from '../../server/storage/folder.ts';
import { clip, clipPath } from '../support/clip.ts';
import { eventually } from '../support/eventually.ts';
import { type Bench, createBench, loudness, noMedia, probe, untilRecorded } from './support.ts';

/** Three segments of the replay, the last of them short. */
const SECONDS = 70;
/** Hidden afterwards, across the joint of two segments. */
const HIDDEN = { from: 20_000, to: 40_000 };

describe('all of a lesson that is cut, for an administrator without Opus', function () {
  this.timeout(60_000);
  let bench: Bench;
  let directory: string;
  let store: ObjectStore;
  let recorder: Recorder;

  before(async () => {
    bench = await createBench();
    directory = await mkdtemp(join(tmpdir(), 'tongke-original-'));
    store = openFolderStore(join(directory, 'store'));
    recorder = await bench.open(noMedia);
    await clip('original.ogg', [
      ...['-f', 'lavfi', '-i', `sine=frequency=330:sample_rate=48000:duration=${SECONDS}`],
      ...['-ac', '1', '-c:a', 'libopus', '-b:a', '24k', '-frame_duration', '60'],
    ]);
    const track = { participant: 'dolma', part: 'lead', source: 'mic', at: 0 } as const;
    const tracks = [{ ...track, path: clipPath('original.ogg') }];
    await recorder.import({ lesson: 'cut', from: 0, to: SECONDS * 1000, tracks });
    await untilRecorded(recorder, 'cut', ({ state }) => state.picture === 'ready');
    assert.deepEqual(await filesOf('renditions', 'aac'), [], 'nobody has asked for AAC');
    await recorder.cut('cut', { revision: 1, from: null, to: null, hidden: [HIDDEN] });
    await untilRecorded(recorder, 'cut', ({ state }) => state.picture === 'ready');
  });
  after(async () => {
    await bench?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const filesOf = async (folder: string, like: string) =>
    (await readdir(join(bench.directory, 'cut', folder))).filter((name) => name.includes(like));

  async function read(name: string): Promise<Buffer> {
    const file = await recorder.file('cut', name);
    assert.ok(file, `no ${name}`);
    if ('text' in file) return Buffer.from(file.text);
    return 'path' in file ? await readFile(file.path) : await buffer(await file.read());
  }

  async function isHeard(): Promise<void> {
    const master = (await read('original/voice.m3u8')).toString();
    assert.match(master, /^#EXT-X-STREAM-INF:[^\n]*"mp4a\.40\.2"[^\n]*\nvoice-aac\.m3u8$/m);
    const playlist = (await read('original/voice-aac.m3u8')).toString();
    assert.match(playlist, /URI="voice-aac-init\.mp4"[\s\S]*#EXT-X-ENDLIST\n$/);
    const lines = [...playlist.matchAll(/^#EXTINF:([\d.]+),\n(voice-aac-\d+\.m4s)$/gm)];
    assert.equal(lines.length, 3);
    const head = await read('original/voice-aac-init.mp4');
    const init = readInitSegment(head);
    const segments = new Map<string, Buffer>();
    // As one who seeks asks for them.
    for (const [, , name = ''] of lines.toReversed()) segments.set(name, await read(`original/${name}`));
    let at = 0;
    for (const [, seconds, name = ''] of lines) {
      const { decodeTime, duration } = readMediaSegment(segments.get(name) ?? Buffer.alloc(0), init);
      assert.equal(decodeTime, at, name);
      assert.ok(Math.abs(duration / init.timescale - Number(seconds)) < 0.0001, name);
      at += duration;
    }
    const path = join(directory, 'original.mp4');
    const parts = lines.map(([, , name = '']) => segments.get(name) ?? Buffer.alloc(0));
    await writeFile(path, Buffer.concat([head, ...parts]));
    const { streams, duration } = await probe(path);
    assert.equal(streams[0]?.codec_name, 'aac');
    assert.ok(Math.abs(duration - SECONDS) < 0.1, `${duration} s`);
    const levels = (await loudness(path)).slice(30, -20);
    const [least, most] = [Math.min(...levels), Math.max(...levels)];
    assert.ok(least > 0.05 && most < least * 1.3, `an even tone, hidden or not: ${least} to ${most}`);
  }

  it('is heard in AAC, of which nothing is kept', async () => {
    await isHeard();
    assert.deepEqual(await filesOf('renditions', 'aac'), []);
    for (const name of ['voice-aac-00003.m4s', 'voice-aac-x.m4s', 'voice-live-aac-00000.m4s'])
      assert.equal(await recorder.file('cut', `original/${name}`), null, name);
  });

  it('is heard from the store, too', async () => {
    recorder = await bench.open(noMedia, { store });
    await eventually(async () => (await filesOf('renditions', 'voice')).length === 0, 'moved', 30_000);
    await isHeard();
  });

  it('is heard by nobody once it is erased', async () => {
    await recorder.erase('cut', [HIDDEN]);
    for (const name of ['voice.m3u8', 'voice-aac.m3u8', 'voice-aac-init.mp4', 'voice-aac-00000.m4s'])
      assert.equal(await recorder.file('cut', `original/${name}`), null, name);
  });
});
