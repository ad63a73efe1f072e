import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recording } from '../../protocol/recording.ts';
import type { Recorder } from '../../recordings/recorder.ts';
import { eventually } from '../support/eventually.ts';
import { createRtpMedia, type RtpMedia, type RtpSource } from '../support/rtp-media.ts';
import {
  type Bench,
  createBench,
  FFMPEG,
  isReady,
  loudness,
  pathOf,
  TestFeed,
  untilRecorded,
  voiceAfterSilence,
} from './support.ts';

/** A class waits no longer than this. */
const BELL_MS = 2000;
const WINDOWS = 3;

describe('the bell of a lesson in which two are heard at once', function () {
  this.timeout(60_000);
  let bench: Bench;
  let place: string;
  let held: string;
  let runs: string;
  let media: RtpMedia | undefined;

  before(async () => {
    bench = await createBench();
    place = await mkdtemp(join(tmpdir(), 'tongke-bell-'));
    held = join(place, 'held');
    runs = join(place, 'runs');
  });
  after(async () => {
    await rm(held, { force: true });
    media?.close();
    await bench?.close();
    await rm(place, { recursive: true, force: true });
  });

  /** An ffmpeg that does nothing while `held` is there, as on a machine that has no time for it, and notes with which priority it works. */
  async function slowFfmpeg(): Promise<string> {
    const path = join(place, 'ffmpeg');
    const lines = [
      '#!/bin/sh',
      `echo "began $*" >> ${runs}`,
      `while [ -e ${held} ]; do sleep 0.05; done`,
      // Its priority is changed once it runs.
      'sleep 0.1',
      `echo "nice $(ps -o ni= -p $$) $*" >> ${runs}`,
      `exec ${FFMPEG} "$@"`,
    ];
    await writeFile(path, `${lines.join('\n')}\n`);
    await chmod(path, 0o755);
    return path;
  }

  const runsOf = async (word: string): Promise<string[]> =>
    (await readFile(runs, 'utf8').catch(() => '')).split('\n').filter((line) => line.startsWith(word));

  async function voice(): Promise<RtpSource> {
    const packets = await voiceAfterSilence(0, 4);
    return { kind: 'audio', frameMs: 20, frame: (index) => packets[(index + 7) % 150] ?? null };
  }

  const segments = (playlist: string): string[] => playlist.match(/^voice-[\w-]+-\d+\.m4s$/gm) ?? [];

  async function text(recorder: Recorder, name: string): Promise<string> {
    const file = await recorder.file('bell', name);
    assert.ok(file, `no ${name}`);
    return 'text' in file ? file.text : await readFile(await pathOf(recorder, 'bell', name), 'utf8');
  }

  /** Its segments as they are now, with their beginning. */
  async function sound(recorder: Recorder, playlist: string): Promise<string> {
    const names = segments(await text(recorder, playlist));
    const init = playlist.replace('.m3u8', '-init.mp4');
    const parts = await Promise.all(
      [init, ...names].map(async (name) => readFile(await pathOf(recorder, 'bell', name))),
    );
    const path = join(place, `${playlist}.mp4`);
    await writeFile(path, Buffer.concat(parts));
    return path;
  }

  it('has a voice to play at once, which goes on when the replay’s own has taken its place', async () => {
    const origin = performance.now();
    const now = () => performance.now() - origin;
    media = createRtpMedia({ now });
    const recorder = await bench.open(media.api, { ffmpegBin: await slowFfmpeg() });
    const feed = new TestFeed('bell', [], now);
    feed.join('teacher', 'lead');
    feed.join('pupil', 'room');
    feed.publish({ type: 'lesson.started', at: Date.now() });
    recorder.follow(feed);
    for (const participant of ['teacher', 'pupil'] as const) {
      media.add(participant, await voice());
      feed.publish({ type: 'stream.opened', stream: { id: participant, participant, source: 'mic' } });
    }
    const count = async () => segments(await text(recorder, 'voice-live.m3u8').catch(() => '')).length;
    await eventually(async () => (await count()) >= WINDOWS, 'windows', 30_000);
    const before = await Promise.all(
      segments(await text(recorder, 'voice-live.m3u8')).map(async (name) =>
        readFile(await pathOf(recorder, 'bell', name)),
      ),
    );
    // The bell rings while a window is being mixed, which does not come to its end.
    await writeFile(held, '');
    const mixes = (await runsOf('began')).length;
    await eventually(async () => (await runsOf('began')).length > mixes, 'a window that waits', 10_000);
    const atTheBell = (await runsOf('nice')).length;

    const bell = performance.now();
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    const offered = (found: Recording) => found.live === undefined && found.renditions.length > 0;
    const early = await untilRecorded(recorder, 'bell', offered, BELL_MS);
    assert.ok(performance.now() - bell < BELL_MS);
    assert.notEqual(early.state.voice, 'ready', 'its own voice has not come yet');
    assert.equal(early.renditions[0]?.url, '/replays/bell/voice-live.m3u8');
    const growing = await text(recorder, 'voice-live.m3u8');
    assert.ok(segments(growing).length >= WINDOWS);
    assert.doesNotMatch(growing, /ENDLIST/, 'its last seconds are coming');

    await rm(held);
    const ready = await untilRecorded(recorder, 'bell', isReady);
    assert.equal(ready.renditions[0]?.url, '/replays/bell/voice.m3u8');
    const whole = await text(recorder, 'voice-live.m3u8');
    assert.match(whole, /ENDLIST/);
    assert.ok(whole.includes(segments(growing).at(-1) ?? '-'), 'what was there is there');
    for (const [index, data] of before.entries()) {
      const name = segments(whole)[index] ?? '';
      assert.ok((await readFile(await pathOf(recorder, 'bell', name))).equals(data), `${name} is as it was`);
    }
    const lasts = ready.to - ready.from;
    for (const playlist of ['voice-live.m3u8', 'voice-opus.m3u8']) {
      const levels = await loudness(await sound(recorder, playlist));
      assert.ok(
        Math.abs(levels.length * 10 - lasts) < 150,
        `${playlist}: ${levels.length * 10} of ${lasts} ms`,
      );
      // Both have spoken from their first moment on: nothing of it was lost when a window was broken off.
      const silent = levels.findIndex(
        (_, at) => at > 50 && levels.slice(at, at + 20).every((level) => level < 0.02),
      );
      assert.ok(
        silent < 0 || silent * 10 > lasts - 300,
        `${playlist} is silent at ${silent * 10} of ${lasts} ms`,
      );
    }
    // The one that the bell broke off, and what had not begun by then: in one go, and with nobody before it.
    const mixed = (await runsOf('nice')).slice(atTheBell).filter((line) => line.includes('mixed.ogg'));
    assert.equal(mixed.length, 1, mixed.join('\n'));
    assert.match(mixed[0] ?? '', new RegExp(`^nice +${getPriority()} `));
  });
});
