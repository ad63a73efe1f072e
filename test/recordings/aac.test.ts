import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ReplayFile } from '../../protocol/recording.ts';
import { readInitSegment, readMediaSegment } from '../../recordings/fmp4.ts';
import type { Recorder } from '../../recordings/recorder.ts';
import { eventually } from '../support/eventually.ts';
import { type Bench, createBench, FFMPEG, fileIfMade, noMedia, pathOf, untilRecorded } from './support.ts';

/** Encoded in a second or two, which is long enough to watch it. */
const MINUTES = 10;
const LENGTH_MS = MINUTES * 60_000 + 2345;

describe('a voice for devices without Opus', function () {
  this.timeout(60_000);
  let bench: Bench;
  let recorder: Recorder;

  before(async () => {
    bench = await createBench();
    recorder = await bench.open(noMedia);
  });
  after(() => bench?.close());

  const voiceReady = (lesson: string) =>
    untilRecorded(recorder, lesson, ({ state }) => state.voice === 'ready');
  /** Asks again for what is coming, as players do. */
  const read = async (lesson: string, name: string): Promise<Buffer> => {
    const isMade = async () => (await fileIfMade(recorder, lesson, name)) !== null;
    await eventually(isMade, `no ${name}`, 30_000);
    const file = await recorder.file(lesson, name);
    assert.ok(file);
    return await contentOf(file);
  };

  const untilMade = (lesson: string) =>
    eventually(
      async () => 'path' in ((await recorder.file(lesson, 'voice-aac.m3u8')) ?? {}),
      'all of it',
      30_000,
    );

  it('is not made of a lesson without a picture before somebody asks for it', async () => {
    await recorder.import({ lesson: 'unasked', from: 0, to: 20_000, tracks: [] });
    await untilRecorded(recorder, 'unasked', ({ state }) => state.picture === 'ready');
    const made = async () =>
      (await readdir(join(bench.directory, 'unasked', 'renditions'))).filter((name) => name.includes('aac'));
    assert.deepEqual(await made(), []);
    assert.match((await read('unasked', 'voice.m3u8')).toString(), /^voice-aac\.m3u8$/m);
    const names = (await read('unasked', 'voice-aac.m3u8')).toString().match(/^voice-aac-\d+\.m4s$/gm) ?? [];
    assert.deepEqual(await made(), [], 'nor before a segment is asked for');
    const init = readInitSegment(await read('unasked', 'voice-aac-init.mp4'));
    const last = readMediaSegment(await read('unasked', names.at(-1) ?? ''), init);
    assert.ok(Math.abs((last.decodeTime + last.duration) / init.timescale - 20) < 0.05);
    await untilMade('unasked');
    const master = await readFile(await pathOf(recorder, 'unasked', 'voice.m3u8'), 'utf8');
    assert.equal(master.match(/^voice-/gm)?.length, 2);
    recorder = await bench.open(noMedia);
    await untilMade('unasked');
  });

  it('is played as soon as Opus is there, to its end, and is then what was said of it', async () => {
    await recorder.import({ lesson: 'long', from: 500, to: 500 + LENGTH_MS, tracks: [] });
    await voiceReady('long');
    const master = (await read('long', 'voice.m3u8')).toString();
    assert.match(
      master,
      /CODECS="opus",SCORE=2\nvoice-opus\.m3u8\n#EXT-X-STREAM-INF:.*"mp4a\.40\.2",SCORE=1\nvoice-aac\.m3u8\n$/,
    );
    const said = (await read('long', 'voice-aac.m3u8')).toString();
    assert.match(said, /#EXT-X-ENDLIST\n$/);
    const names = [...said.matchAll(/^voice-aac-\d+\.m4s$/gm)].map(([name]) => name);
    assert.equal(await recorder.file('long', 'voice-aac-00999.m4s'), null, 'at once');
    const order: string[] = [];
    const [head, ...segments] = await Promise.all(
      ['voice-aac-init.mp4', ...names].map(async (name) => {
        const data = await read('long', name);
        order.push(name);
        return data;
      }),
    );
    assert.ok(head);
    const ready = await recorder.file('long', 'voice-aac.m3u8');
    assert.ok(ready && 'text' in ready, 'all of it was served before it was installed');
    const place = (name = '') => order.indexOf(name);
    assert.ok(place(names[0]) < place(names.at(-1)), 'the first one first');
    const init = readInitSegment(head);
    const ticks = segments.reduce((sum, data) => sum + readMediaSegment(data, init).duration, 0);
    assert.ok(Math.abs(ticks / init.timescale - LENGTH_MS / 1000) < 0.05, `${ticks}`);

    await untilMade('long');
    const made = await readFile(await pathOf(recorder, 'long', 'voice-aac.m3u8'), 'utf8');
    const lengths = (text: string) =>
      [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, s]) => Number(s).toFixed(2));
    assert.deepEqual(lengths(made), lengths(said));
    const rates = (text: string) => Number(/BANDWIDTH=(\d+),[^\n]*mp4a/.exec(text)?.[1]);
    const final = await readFile(await pathOf(recorder, 'long', 'voice.m3u8'), 'utf8');
    assert.ok(rates(final) <= rates(master), `${rates(final)} bit/s, ${rates(master)} was said`);
  });

  it('is said to be coming, not missing, where its makers are busy with other lessons', async () => {
    const hanging = join(bench.directory, 'hanging-ffmpeg');
    // An encoder of AAC that never comes to its turn.
    await writeFile(
      hanging,
      `#!/bin/sh\ncase " $* " in *" aac "*) exec sleep 600;; esac\nexec ${FFMPEG} "$@"\n`,
      {
        mode: 0o755,
      },
    );
    recorder = await bench.open(noMedia, { ffmpegBin: hanging });
    const lessons = ['busy1', 'busy2', 'busy3', 'busy4', 'fifth'];
    for (const lesson of lessons) {
      await recorder.import({ lesson, from: 0, to: 20_000, tracks: [] });
      await untilRecorded(recorder, lesson, ({ state }) => state.picture === 'ready');
    }
    const asked = await Promise.allSettled(
      lessons.map((lesson) => recorder.file(lesson, 'voice-aac-00000.m4s')),
    );
    for (const one of asked) {
      assert.equal(one.status, 'rejected');
      assert.equal((one.reason as { code?: unknown }).code, 'replay_part_coming');
    }
    assert.equal(await recorder.file('fifth', 'voice-aac-00999.m4s'), null, 'what never comes is missing');
    recorder = await bench.open(noMedia);
    await untilMade('fifth');
  });
});

async function contentOf(file: ReplayFile): Promise<Buffer> {
  if ('text' in file) return Buffer.from(file.text);
  if ('path' in file) return await readFile(file.path);
  return await buffer(await file.read());
}
