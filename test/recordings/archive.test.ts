import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { ObjectStore } from '../../protocol/storage.ts';
import { type RecordingFile, RecordingFile as StateFile } from '../../recordings/lesson-folder.ts';
import type { Recorder } from '../../recordings/recorder.ts';
import { openS3Store } from '../../server/storage/s3.ts';
import { clip, clipPath } from '../support/clip.ts';
import { eventually } from '../support/eventually.ts';
import { startS3, type TestS3 } from '../support/s3.ts';
import { type Bench, createBench, FFPROBE, isReady, noMedia, untilRecorded } from './support.ts';

const SECONDS = 6;

describe('a recording in the store', function () {
  this.timeout(60_000);
  let bench: Bench;
  let s3: TestS3;
  let store: ObjectStore;
  let recorder: Recorder;
  /** SHA-256 of every file that is served, by name, from before it was moved. */
  const made = new Map<string, string>();

  before(async () => {
    bench = await createBench();
    s3 = await startS3();
    store = await openS3Store(s3.options);
    recorder = await bench.open(noMedia);
    await clip('stored.ogg', [
      ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${SECONDS}`],
      ...['-ac', '1', '-c:a', 'libopus', '-b:a', '24k'],
    ]);
    await clip('stored.ivf', [
      ...['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=15:duration=${SECONDS}`, '-g', '30'],
      ...['-c:v', 'libvpx', '-b:v', '300k', '-auto-alt-ref', '0'],
    ]);
    const by = { participant: 'dolma', part: 'lead', at: 0 } as const;
    await recorder.import({
      ...{ lesson: 'Stored', from: 0, to: SECONDS * 1000 },
      tracks: [
        { ...by, path: clipPath('stored.ogg'), source: 'mic' },
        { ...by, path: clipPath('stored.ivf'), source: 'camera' },
      ],
    });
    await untilRecorded(recorder, 'Stored', isReady);
    for (const name of await readdir(folder('renditions'))) {
      made.set(name, sha256(await readFile(join(folder('renditions'), name))));
    }
    recorder = await bench.open(noMedia, { store });
    await untilMoved();
  });
  after(async () => {
    await bench?.close();
    await s3?.close();
  });

  const folder = (name: string): string => join(bench.directory, 'Stored', name);
  const state = async (): Promise<RecordingFile> =>
    StateFile.parse(JSON.parse(await readFile(folder('recording.json'), 'utf8')));
  const isMoved = async () => {
    const { stored = [] } = await state();
    const names = (await readdir(join(bench.directory, 'Stored'))).filter((name) =>
      /^(tracks|renditions)/.test(name),
    );
    const left = await Promise.all(names.map((name) => readdir(folder(name))));
    return stored.length > 0 && stored.every(({ here }) => !here) && left.flat().length === 0;
  };
  const untilMoved = () => eventually(isMoved, 'moved', 30_000);
  const keys = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const key of store.keys('')) found.push(key);
    return found.sort();
  };

  async function read(name: string, range?: { from: number; to: number }): Promise<Buffer> {
    const file = await recorder.file('Stored', name);
    assert.ok(file && 'read' in file, `${name} is in the store`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of await file.read(range)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  it('is all there, some few objects, and no longer on the disk', async () => {
    assert.equal((await keys()).length, 5, 'voice, AAC, picture, and the tracks of both');
    for (const key of await keys()) assert.match(key, /^recordings\/[0-9a-f]{40}\/[a-z0-9-]+$/);
    assert.deepEqual(await readdir(folder('renditions')), []);
    for (const [name, hash] of made) assert.equal(sha256(await read(name)), hash, name);
    const init = await read('picture-144-init.mp4');
    assert.ok(init.subarray(4, 12).equals(await read('picture-144-init.mp4', { from: 4, to: 11 })));
  });

  it('plays from there as it did before', async () => {
    for (const [name, codec] of [
      ['voice-opus', 'opus'],
      ['voice-aac', 'aac'],
      ['picture-144', 'h264'],
    ] as const) {
      const segments = (await read(`${name}.m3u8`)).toString().match(/^[a-z]+-\w+-\d+\.m4s$/gm) ?? [];
      const parts = await Promise.all([`${name}-init.mp4`, ...segments].map((part) => read(part)));
      const path = join(bench.directory, `${name}.mp4`);
      await writeFile(path, Buffer.concat(parts));
      const args = ['-v', 'error', '-show_entries', 'stream=codec_name:packet=pts_time', '-of', 'json', path];
      const { stdout, stderr } = await promisify(execFile)(FFPROBE, args);
      const { streams, packets } = JSON.parse(stdout);
      assert.deepEqual([stderr, streams[0].codec_name], ['', codec]);
      assert.ok(Number(packets.at(-1).pts_time) > SECONDS - 0.3, name);
    }
  });

  it('is weighed wherever it lies', async () => {
    const space = await recorder.space('Stored');
    const { stored = [] } = await state();
    const sum = stored.reduce((bytes, pack) => bytes + pack.bytes, 0);
    assert.ok(space && space.voice > 0 && space.picture > 0 && space.tracks > 0);
    assert.equal(space.voice + space.picture + space.tracks, sum);
  });

  it('takes what a crash left here for what it is', async () => {
    const [leftover = ''] = [...made.keys()].filter((name) => name.startsWith('voice-opus-0'));
    const before = await state();
    await bench.open(noMedia);
    const { stored = [] } = before;
    await writeFile(
      folder('recording.json'),
      JSON.stringify({ ...before, stored: stored.map((p) => ({ ...p, here: true })) }),
    );
    await writeFile(join(folder('renditions'), leftover), 'half');
    await writeFile(join(folder('renditions'), 'voice.m3u8'), '#EXTM3U\n');
    recorder = await bench.open(noMedia, { store });
    await untilMoved();
    await eventually(async () => (await readdir(folder('renditions'))).length === 0, 'nothing left');
    assert.equal(sha256(await read(leftover)), made.get(leftover));
    assert.equal((await keys()).length, 5);
  });

  it('says so where the store does not answer, or is configured no longer', async () => {
    const away = { code: 'storage_unavailable' };
    assert.deepEqual([(await recorder.disk()).away, recorder.warnings()], [false, []]);
    const nobody = { ...s3.options, endpoint: 'http://127.0.0.1:9' };
    recorder = await bench.open(noMedia, { store: await openS3Store(nobody) });
    await eventually(async () => (await recorder.disk()).away, 'told, before anybody asks for anything');
    assert.match(recorder.warnings().join(), /the store does not answer/);
    const file = await recorder.file('Stored', 'voice-opus.m3u8');
    assert.ok(file && 'read' in file);
    await assert.rejects(file.read(), away);
    await assert.rejects(recorder.voiceFiles('Stored'), away);

    recorder = await bench.open(noMedia);
    assert.equal((await recorder.disk()).away, true);
    assert.match(recorder.warnings().join(), /1 lie in a store that is configured no longer/);
    await assert.rejects(recorder.file('Stored', 'voice-opus.m3u8'), away);

    recorder = await bench.open(noMedia, { store });
    assert.equal(sha256(await read('voice-opus.m3u8')), made.get('voice-opus.m3u8'));
    assert.deepEqual([(await recorder.disk()).away, recorder.warnings()], [false, []]);
  });

  it('comes back to be cut, and goes there again as it is then shown', async () => {
    const shown = (cut: number) =>
      recorder.cut('Stored', { revision: cut, from: 1000, to: 4000, hidden: [] });
    await shown(1);
    const recording = await untilRecorded(recorder, 'Stored', isReady);
    assert.deepEqual([recording.from, recording.to], [1000, 4000]);
    await untilMoved();
    const playlist = (await read('e1/voice-opus.m3u8')).toString();
    assert.match(playlist, /#EXTINF:(2\.9|3)/);
    assert.equal(sha256(await read('original/voice-opus.m3u8')), made.get('voice-opus.m3u8'));
  });

  it('leaves none of the files here that were made of it to be taken away', async () => {
    assert.equal((await recorder.voiceFiles('Stored')).length, 2);
    assert.ok(!(await isMoved()), 'whoever asked is at it now');
    recorder = await bench.open(noMedia, { store });
    await untilMoved();
  });

  it('goes there again once something of it has been erased', async () => {
    await recorder.erase('Stored', []);
    await untilMoved();
    assert.ok((await keys()).some((key) => key.includes('/tracks-voice')));
    assert.ok((await recorder.recording('Stored'))?.renditions.length);
  });

  it('leaves nothing of its picture, and then of anything, where that is deleted', async () => {
    await recorder.remove('Stored', 'picture');
    assert.ok(
      (await keys()).every((key) => !key.includes('picture')),
      'objects',
    );
    const recording = await recorder.recording('Stored');
    assert.deepEqual(
      recording?.renditions.map(({ kind }) => kind),
      ['voice'],
    );
    assert.equal((await recorder.space('Stored'))?.picture, 0);
    // As after a crash between the store's answer and the note of it.
    const place = (await keys())[0]?.split('/').slice(0, 2).join('/');
    for (const key of [`${place}/tracks-picture-0`, 'recordings/another/tracks-voice-0'])
      await store.put(key, Readable.from([Buffer.from('kept')]));
    await recorder.remove('Stored', 'everything');
    assert.deepEqual(await keys(), ['recordings/another/tracks-voice-0'], 'nothing, and nothing of others’');
    assert.equal(await recorder.recording('Stored'), null);
    assert.ok(!(await readdir(bench.directory)).includes('Stored'));
  });
});

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
