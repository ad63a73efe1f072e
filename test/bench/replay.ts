import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import type { Recording } from '../../protocol/recording.ts';
import { Ffmpeg } from '../../recordings/ffmpeg.ts';
import { LessonFolder } from '../../recordings/lesson-folder.ts';
import { ladderFilter, ladderOutputs, rungsFor } from '../../recordings/picture-ladder.ts';
import { createRecorder, type Recorder } from '../../recordings/recorder.ts';
import { VoicePackager } from '../../recordings/voice-packager.ts';
import { startEmbeddedDatabase } from '../../server/database/embedded.ts';
import { clip, clipPath } from '../support/clip.ts';
import { noMedia, TestFeed } from '../support/lesson-feed.ts';
import { lessonVoices } from '../support/lesson-voices.ts';
import { quietLog } from '../support/log.ts';
import { createRtpMedia, type RtpSource } from '../support/rtp-media.ts';
import type { Bench, BenchOptions, Report } from './bench.ts';

const FFMPEG = process.env.FFMPEG_BIN || 'ffmpeg';
const FFPROBE = process.env.FFPROBE_BIN || 'ffprobe';
const execute = promisify(execFile);
const LADDER_S = 60;

interface Place {
  readonly directory: string;
  readonly recorder: (media: Parameters<typeof createRecorder>[0]['media']) => Promise<Recorder>;
  readonly voices: { teacher: RtpSource; pupil: RtpSource };
}

export const bench: Bench = {
  about: 'replays: how soon after the bell, how many bytes, how much processor',
  run: measureReplay,
};

/** The clock of the 30-minute lesson runs `speed` times as fast as the wall's; everything else is the real path. */
async function measureReplay({ settings }: BenchOptions, print: Report): Promise<void> {
  const { speed = '20', minutes = '30' } = settings;
  const directory = await mkdtemp(join(tmpdir(), 'tongke-bench-replay-'));
  const database = await startEmbeddedDatabase({ directory: join(directory, 'database') });
  const client = await MongoClient.connect(database.uri);
  try {
    const encode = async (args: readonly string[]): Promise<void> => {
      await execute(FFMPEG, ['-v', 'error', '-y', ...args]);
    };
    const place: Place = {
      directory,
      voices: await lessonVoices(directory, encode),
      recorder: (media) =>
        createRecorder({
          directory: join(directory, 'recordings'),
          media,
          database: client.db(),
          ffmpegBin: FFMPEG,
          ffprobeBin: FFPROBE,
          log: quietLog,
        }),
    };
    const short = { name: 'ready_ms_1min', minutes: 1, speed: 1 };
    await measureLesson(print, place, short);
    const long = { name: 'ready_ms_30min', minutes: Number(minutes), speed: Number(speed) };
    await measureLesson(print, place, long);
    await measureSize(print, place, { short, long });
    await measureLight(print, place, long);
    await measureLadder(print, directory);
  } finally {
    await client.close();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Lesson {
  readonly name: string;
  readonly minutes: number;
  readonly speed: number;
}

/** From `lesson.ended` until the first second of the replay has been decoded from the files that are served. */
async function measureLesson(print: Report, place: Place, { name, minutes, speed }: Lesson): Promise<void> {
  const origin = performance.now();
  const now = (): number => (performance.now() - origin) * speed;
  const media = createRtpMedia({ now });
  const feed = new TestFeed(lessonId(minutes), [], now);
  const recorder = await place.recorder(media.api);
  try {
    feed.join('teacher', 'lead');
    feed.join('pupil', 'room');
    feed.publish({ type: 'lesson.started', at: Date.now() });
    recorder.follow(feed);
    for (const participant of ['teacher', 'pupil'] as const) {
      media.add(participant, place.voices[participant]);
      feed.publish({ type: 'stream.opened', stream: { id: participant, participant, source: 'mic' } });
    }
    await delay((minutes * 60_000) / speed - (performance.now() - origin));
    const ready = new Promise<Recording>((resolve, reject) => {
      recorder.onChange(() => {
        recorder.recording(feed.lesson).then((found) => found?.renditions[0] && resolve(found), reject);
      });
    });
    const bell = performance.now();
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    const found = await ready;
    const readyMs = performance.now() - bell;
    const playlist = await recorder.file(feed.lesson, 'voice-opus.m3u8');
    if (!playlist || !('path' in playlist)) throw new Error('a voice that is ready has no file');
    await execute(FFMPEG, ['-v', 'error', '-i', playlist.path, '-t', '1', '-f', 'null', '-']);
    const value = Math.round(performance.now() - bell);
    const lasts = Math.round((found.to - found.from) / 1000);
    print({
      ...{ name, value, unit: 'ms', goal: 2000, better: 'less' },
      against: { in_the_manifest_ms: Math.round(readyMs), lesson_s: lasts, clock_times_as_fast: speed },
    });
  } finally {
    await recorder.close();
    media.close();
  }
}

function lessonId(minutes: number): string {
  return `minutes${minutes}`;
}

function folderOf({ directory }: Place, { minutes }: Lesson): LessonFolder {
  return new LessonFolder(join(directory, 'recordings'), lessonId(minutes));
}

/** A voice as it is served, bytes. */
async function weigh(
  place: Place,
  lesson: Lesson,
): Promise<{ served: number; payload: number; segments: number }> {
  const { renditions } = folderOf(place, lesson);
  const playlist = await readFile(join(renditions, 'voice-opus.m3u8'), 'utf8');
  const names = [...playlist.matchAll(/^voice-opus-\d+\.m4s$/gm)].map(([name]) => name);
  let served = Buffer.byteLength(playlist);
  let payload = 0;
  for (const name of names) {
    const data = await readFile(join(renditions, name));
    served += data.length;
    payload += data.length - data.readUInt32BE(0) - 8; // one moof, then the mdat's own head
  }
  return { served, payload, segments: names.length };
}

/**
 * What an hour weighs, by the long lesson; how much is not Opus, by the one whose clock was not hurried: a hurried clock
 * trembles as much more as it is faster, and every correction of a voice's time is a packet.
 */
async function measureSize(print: Report, place: Place, { short, long }: Record<'short' | 'long', Lesson>) {
  const whole = await weigh(place, long);
  const timed = await weigh(place, short);
  const ratio = ({ served, payload }: typeof whole): number => Number((served / payload).toFixed(4));
  const anHour = 60 / long.minutes;
  const common = { better: 'less' } as const;
  print({
    ...{
      ...common,
      name: 'hour_bytes',
      value: Math.round(whole.served * anHour),
      unit: 'B',
      goal: 5_850_000,
    },
    against: { opus_payload: Math.round(whole.payload * anHour), hurried_clock_ratio: ratio(whole) },
  });
  print({
    ...{ ...common, name: 'container_ratio', value: ratio(timed), unit: 'x', goal: 1.03 },
    against: { segments: timed.segments, payload_bytes: timed.payload },
  });
}

/** CPU of this process and of its children that have ended, s. */
async function cpuSeconds(): Promise<number> {
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ') ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / 100; // USER_HZ
}

/** The whole voice of the long lesson made once more from its tracks, in one go: nothing else runs here meanwhile. */
async function measureLight(print: Report, place: Place, lesson: Lesson): Promise<void> {
  const folder = folderOf(place, lesson);
  const file = await folder.read();
  if (!file || file.to === null) throw new Error('the lesson is gone');
  const ffmpeg = new Ffmpeg({ ffmpegBin: FFMPEG, ffprobeBin: FFPROBE, log: quietLog });
  const packager = new VoicePackager({ folder, ffmpeg });
  await packager.discard();
  const before = await cpuSeconds();
  await packager.advance({ from: file.from, until: file.to, ended: true }, new AbortController().signal);
  const used = (await cpuSeconds()) - before;
  const hours = (file.to - file.from) / 3_600_000;
  print({
    ...{ name: 'light_cpu_s_per_h', value: Number((used / hours).toFixed(2)) },
    ...{ unit: 's', goal: 10, better: 'less' },
    against: { windows_mixed: packager.mixed, windows: Math.ceil((file.to - file.from) / 12_000) },
  });
}

/** The ladder of an imported picture beside plain ffmpeg with the same settings on the same frames. */
async function measureLadder(print: Report, directory: string): Promise<void> {
  const name = `bench-picture-${LADDER_S}.ivf`;
  await clip(name, [
    ...['-f', 'lavfi', '-i', `testsrc2=size=854x480:rate=15:duration=${LADDER_S}`, '-g', '150'],
    ...['-c:v', 'libvpx', '-b:v', '500k', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0'],
  ]);
  const database = await startEmbeddedDatabase({ directory: join(directory, 'ladder-database') });
  const client = await MongoClient.connect(database.uri);
  const recorder = await createRecorder({
    directory: join(directory, 'ladder'),
    ...{ media: noMedia, database: client.db(), ffmpegBin: FFMPEG, ffprobeBin: FFPROBE, log: quietLog },
  });
  let before = Number.NaN;
  const ready = new Promise<void>((resolve, reject) => {
    recorder.onChange(async (lesson) => {
      const found = await recorder.recording(lesson).catch(reject);
      if (found?.state.picture === 'working' && Number.isNaN(before)) before = await cpuSeconds();
      if (found?.state.picture === 'failed') reject(new Error('the picture failed'));
      if (found?.state.picture === 'ready') resolve();
    });
  });
  const track = {
    path: clipPath(name),
    participant: 'teacher',
    part: 'lead',
    source: 'camera',
    at: 0,
  } as const;
  await recorder.import({ lesson: 'ladder', from: 0, to: LADDER_S * 1000, tracks: [track] });
  await ready;
  const ours = (await cpuSeconds()) - before;
  await recorder.close();
  await client.close();
  await database.close();
  const rungs = rungsFor(480);
  const plainStart = await cpuSeconds();
  await execute(FFMPEG, [
    ...['-v', 'error', '-y', '-i', clipPath(name)],
    ...['-filter_complex', `[0:v]scale=854:480,fps=15[picture];${ladderFilter(rungs)}`],
    ...ladderOutputs(directory, rungs, 0),
  ]);
  const plain = (await cpuSeconds()) - plainStart;
  print({
    ...{ name: 'ladder_cpu_ratio', value: Number((ours / plain).toFixed(3)) },
    ...{ unit: 'x', goal: 1.05, better: 'less' },
    against: {
      ours_s: Number(ours.toFixed(2)),
      plain_ffmpeg_s: Number(plain.toFixed(2)),
      lesson_s: LADDER_S,
    },
  });
}
