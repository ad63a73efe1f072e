import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ffmpeg } from '../../recordings/ffmpeg.ts';
import { readInitSegment, readMediaSegment } from '../../recordings/fmp4.ts';
import { LessonFolder } from '../../recordings/lesson-folder.ts';
import { LiveAac, liveAacPlaylist } from '../../recordings/live-aac.ts';
import { OPUS_RATE, samplesOf } from '../../recordings/opus.ts';
import { OpusRow } from '../../recordings/opus-row.ts';
import { clip } from '../support/clip.ts';
import { quietLog } from '../support/log.ts';
import { oggPackets } from '../support/opus.ts';
import { FFMPEG, FFPROBE, probe } from './support.ts';

const run = promisify(execFile);
const WINDOW = 3 * OPUS_RATE;
const RATE = 24_000;
/** The last one is short, as when a lesson ends. */
const LENGTH_S = 13.3;

describe('the voice of a lesson that goes on, for devices without Opus', function () {
  this.timeout(60_000);
  let directory: string;
  let folder: LessonFolder;
  let row: OpusRow;
  let aac: LiveAac;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tongke-live-aac-'));
    folder = new LessonFolder(directory, 'lesson');
    await folder.create();
    row = new OpusRow({
      ...{ place: folder.renditions, work: folder.work('voice') },
      ...{ name: 'voice-live', span: WINDOW },
    });
    await row.resume();
    const ffmpeg = new Ffmpeg({ ffmpegBin: FFMPEG, ffprobeBin: FFPROBE, log: quietLog });
    aac = new LiveAac({ ffmpeg, signal: new AbortController().signal });
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** A voice without a pause, in windows as a lesson has them. */
  async function* windows(): AsyncGenerator<Buffer[]> {
    const sound = `aevalsrc=0.2*sin(2*PI*220*t)+0.1*sin(2*PI*660*t)*sin(PI*t):s=48000:d=${LENGTH_S}`;
    const ogg = await clip(`humming-${LENGTH_S}.ogg`, [
      ...['-f', 'lavfi', '-i', sound, '-ac', '1', '-c:a', 'libopus', '-b:a', '64k', '-frame_duration', '60'],
    ]);
    let window: Buffer[] = [];
    for (const packet of oggPackets(ogg).slice(2)) {
      window.push(packet);
      if (samplesOf(window) < WINDOW) continue;
      yield window;
      window = [];
    }
    if (window.length > 0) yield window;
  }

  const playlist = (ended = false) => row.playlist({ ended });
  const read = async (name: string, ended = false): Promise<Buffer> => {
    const path = await aac.file(folder, name, playlist(ended));
    assert.ok(path, `no ${name}`);
    return await readFile(path);
  };
  const names = (text: string) => [...text.matchAll(/^voice-live-aac-\d{5}\.m4s$/gm)].map(([name]) => name);

  it('is made segment by segment as it is asked for, and sounds as though it had been made in one go', async () => {
    for await (const packets of windows()) {
      await row.append(packets);
      const [latest = ''] = names(liveAacPlaylist(playlist())).slice(-1);
      if (row.count < 5) await read(latest);
    }
    const text = liveAacPlaylist(playlist(true));
    assert.equal(text.match(/#EXTINF/g)?.length, row.count);
    assert.match(text, /URI="voice-live-aac-init\.mp4"[\s\S]*#EXT-X-ENDLIST\n$/);
    const head = await read('voice-live-aac-init.mp4');
    const init = readInitSegment(head);
    assert.deepEqual([init.codec, init.timescale], ['mp4a.40.2', RATE]);
    const said = [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, seconds]) => Number(seconds));
    const parts: Buffer[] = [head];
    const joints: number[] = [];
    let at = 0;
    for (const [index, name] of names(text).entries()) {
      const data = await read(name, true);
      const { decodeTime, duration } = readMediaSegment(data, init);
      assert.equal(decodeTime, at, name);
      assert.ok(Math.abs(duration / RATE - (said[index] ?? 0)) < 0.0001, name);
      await writeFile(join(directory, name), Buffer.concat([head, data]));
      const { streams } = await probe(join(directory, name));
      assert.equal(streams[0]?.codec_name, 'aac', name);
      joints.push(at);
      at += duration;
      parts.push(data);
    }
    assert.ok(Math.abs(at / RATE - row.samples / OPUS_RATE) < 0.05, `${at / RATE} s`);

    const heard = await pcm('aac.mp4', Buffer.concat(parts), 'aac');
    const opus = await Promise.all(
      ['init.mp4', ...names(text).map((name) => name.slice(-9))].map((name) =>
        readFile(join(folder.renditions, `voice-live-${name}`)),
      ),
    );
    const spoken = await pcm('opus.mp4', Buffer.concat(opus), 'libopus');
    /** Of what differs, per frame: a click at a joint, or a sound that lies elsewhere, stands out. */
    const apart = (frame: number): number => {
      let sum = 0;
      for (let i = frame * 1024; i < (frame + 1) * 1024; i++)
        sum += ((heard[i] ?? 0) - (spoken[i] ?? 0)) ** 2;
      return Math.sqrt(sum / 1024) / 32768;
    };
    const first = 8;
    const last = Math.floor(spoken.length / 1024) - 4;
    const all = Array.from({ length: last - first }, (_, i) => apart(first + i));
    const usual = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 1;
    assert.ok(usual < 0.01, `usually ${usual} apart`);
    for (const joint of joints.slice(1)) {
      const frame = joint / 1024;
      const worst = Math.max(apart(frame - 1), apart(frame), apart(frame + 1));
      assert.ok(worst < usual * 3, `${worst} apart at ${joint / RATE} s, ${usual} elsewhere`);
    }
  });

  it('has nothing that the lesson has not', async () => {
    for await (const packets of windows()) await row.append(packets);
    assert.equal(await aac.file(folder, 'voice-live-aac-00099.m4s', playlist()), null);
    assert.equal(await aac.file(folder, 'voice-live-aac-x.m4s', playlist()), null);
    const delta = liveAacPlaylist(
      playlist().replace(/#EXTINF[\s\S]*voice-live-00001\.m4s\n/, '#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n'),
    );
    assert.match(delta, /SKIPPED-SEGMENTS=2\n#EXTINF:[\d.]+,\nvoice-live-aac-00002\.m4s\n/);
  });

  async function pcm(name: string, data: Buffer, decoder: string): Promise<Int16Array> {
    const path = join(directory, name);
    await writeFile(path, data);
    const { stdout } = await run(
      FFMPEG,
      ['-v', 'error', '-c:a', decoder, '-i', path, '-ac', '1', '-ar', String(RATE), '-f', 's16le', '-'],
      { encoding: 'buffer', maxBuffer: 2 ** 24 },
    );
    return new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
  }
});
