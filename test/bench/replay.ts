import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import type { Recording, ReplayFile } from '../../protocol/recording.ts';
import { createRecorder, type Recorder } from '../../recordings/recorder.ts';
import { startEmbeddedDatabase } from '../../server/database/embedded.ts';
import { TestFeed } from '../support/lesson-feed.ts';
import { lessonVoices } from '../support/lesson-voices.ts';
import { quietLog } from '../support/log.ts';
import { createRtpMedia, type RtpSource } from '../support/rtp-media.ts';
import type { Bench, BenchOptions, Report } from './bench.ts';
import { measureLadder } from './replay/ladder.ts';
import { measureVoice } from './replay/voice.ts';

const FFMPEG = process.env.FFMPEG_BIN || 'ffmpeg';
const FFPROBE = process.env.FFPROBE_BIN || 'ffprobe';
const execute = promisify(execFile);

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
  const { speed = '20', minutes = '30', parts = 'bell,voice,ladder' } = settings;
  const binaries = { ffmpegBin: FFMPEG, ffprobeBin: FFPROBE };
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
    const wanted = parts.split(',');
    if (wanted.includes('bell')) {
      await measureLesson(print, place, { name: 'ready_ms_1min', minutes: 1, speed: 1 });
      await measureLesson(print, twoAtOnce(place), {
        name: 'ready_ms_two_at_once_1min',
        minutes: 1,
        speed: 1,
      });
      const long = { name: 'ready_ms_30min', minutes: Number(minutes), speed: Number(speed) };
      await measureLesson(print, place, long);
      await measureLesson(print, twoAtOnce(place), { ...long, name: 'ready_ms_two_at_once_30min' });
    }
    const { voices } = place;
    if (wanted.includes('voice'))
      await measureVoice(print, { directory, voices, minutes: Number(minutes), ...binaries });
    if (wanted.includes('ladder')) await measureLadder(print, { directory, ...binaries });
  } finally {
    await client.close();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The worst of lessons: somebody speaks into what the teacher says from the first moment on, and still does at the bell. */
function twoAtOnce(place: Place): Place {
  const { teacher } = place.voices;
  const pupil: RtpSource = { ...teacher, frame: (index) => teacher.frame(index + OTHERS_AHEAD) };
  return { ...place, voices: { teacher, pupil } };
}

/** Frames: the other says something else, with its breaths elsewhere. */
const OTHERS_AHEAD = 700;

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
  const feed = new TestFeed(name.replaceAll('_', '-'), [], now);
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
    const until = (wanted: (found: Recording) => boolean) =>
      new Promise<Recording>((resolve, reject) => {
        recorder.onChange(() => {
          recorder.recording(feed.lesson).then((found) => found && wanted(found) && resolve(found), reject);
        });
      });
    const bell = performance.now();
    const since = () => Math.round(performance.now() - bell);
    const offered = until(({ live, renditions }) => live === undefined && renditions.length > 0);
    const own = until(({ state }) => state.voice === 'ready').then(since);
    feed.publish({ type: 'lesson.ended', reason: 'teacher' });
    const found = await offered;
    const readyMs = since();
    const playlist = (found.renditions[0]?.url ?? '').replace(/^.*\//, '');
    const inAac = playlist === 'voice-live.m3u8' ? 'voice-live-aac.m3u8' : 'voice-aac.m3u8';
    const aac = playFirst(recorder, feed.lesson, inAac, place.directory).then(since);
    await playFirst(recorder, feed.lesson, playlist, place.directory);
    const value = since();
    const [ownMs, aacMs] = await Promise.all([own, aac]);
    const lasts = Math.round((found.to - found.from) / 1000);
    print({
      ...{ name, value, unit: 'ms', goal: 2000, better: 'less' },
      against: {
        ...{ in_the_manifest_ms: readyMs, played: playlist, own_voice_ms: ownMs },
        ...{ lesson_s: lasts, clock_times_as_fast: speed },
      },
    });
    print({
      ...{ name: `${name}_aac`, value: aacMs, unit: 'ms', goal: 2000, better: 'less' },
      against: { played: inAac, lesson_s: lasts },
    });
  } finally {
    await recorder.close();
    media.close();
  }
}

/** Decodes the first second of a voice as a device gets it: the list, where it names variants the first of them, the head and a segment. */
async function playFirst(recorder: Recorder, lesson: string, name: string, directory: string): Promise<void> {
  const read = async (file: string): Promise<Buffer> => {
    const found = await recorder.file(lesson, file);
    if (!found) throw new Error(`there is no ${file}`);
    return await bytesOf(found);
  };
  const playlist = (await read(name)).toString();
  const [first] = /^voice-[\w-]+\.m4s$/m.exec(playlist) ?? [];
  if (!first) {
    const [variant = ''] = /^voice-\w+\.m3u8$/m.exec(playlist) ?? [];
    await playFirst(recorder, lesson, variant, directory);
    return;
  }
  const path = join(directory, `${lesson}-${first}.mp4`);
  await writeFile(
    path,
    Buffer.concat([await read(first.replace(/\d+\.m4s$/, 'init.mp4')), await read(first)]),
  );
  await execute(FFMPEG, ['-v', 'error', '-i', path, '-t', '1', '-f', 'null', '-']);
}

async function bytesOf(file: ReplayFile): Promise<Buffer> {
  if ('text' in file) return Buffer.from(file.text);
  if ('path' in file) return await readFile(file.path);
  return await buffer(await file.read());
}
