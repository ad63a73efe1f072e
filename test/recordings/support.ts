import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import { TongkeError } from '../../protocol/errors.ts';
import type { MediaApi } from '../../protocol/media.ts';
import type { Recording, ReplayFile } from '../../protocol/recording.ts';
import { createRecorder, type Recorder, type RecorderOptions } from '../../recordings/recorder.ts';
import { clip } from '../support/clip.ts';
import { freshDatabaseUri } from '../support/database.ts';
import { quietLog } from '../support/log.ts';
import { oggPackets } from '../support/opus.ts';

export { noMedia, TestFeed } from '../support/lesson-feed.ts';

const run = promisify(execFile);
export const FFMPEG = process.env.FFMPEG_BIN || 'ffmpeg';
export const FFPROBE = process.env.FFPROBE_BIN || 'ffprobe';

export interface Bench {
  readonly directory: string;
  /** Opens a recorder on the folder, after closing the one before. */
  open(media: MediaApi, options?: Partial<RecorderOptions>): Promise<Recorder>;
  close(): Promise<void>;
}

/** A folder and a database for recorders to follow each other on. */
export async function createBench(): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'tongke-recordings-'));
  const client = await MongoClient.connect(await freshDatabaseUri());
  let recorder: Recorder | undefined;
  return {
    directory,
    async open(media, options) {
      await recorder?.close();
      recorder = await createRecorder({
        directory,
        media,
        database: client.db(),
        ffmpegBin: FFMPEG,
        ffprobeBin: FFPROBE,
        log: quietLog,
        reserveBytes: 0,
        picturesWait: false,
        ...options,
      });
      return recorder;
    },
    async close() {
      await recorder?.close();
      await client.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits, without asking again and again, until a lesson's recording is as wanted. */
export async function untilRecorded(
  recorder: Recorder,
  lesson: string,
  wanted: (recording: Recording) => boolean,
  timeoutMs = 60_000,
): Promise<Recording> {
  let wake: () => void = () => undefined;
  const stop = recorder.onChange((changed) => {
    if (changed === lesson) wake();
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    wake();
  }, timeoutMs);
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const found = await recorder.recording(lesson);
      if (found && wanted(found)) return found;
      if (late) throw new Error(`${lesson} did not get there: ${JSON.stringify(found)}`);
      await changed;
    }
  } finally {
    clearTimeout(timer);
    stop();
  }
}

export function isReady({ state }: Recording): boolean {
  assert.notEqual(state.voice, 'failed');
  assert.notEqual(state.picture, 'failed');
  return state.voice === 'ready' && state.picture === 'ready';
}

/** Path of a rendition's playlist. */
export async function playlistOf(
  recorder: Recorder,
  lesson: string,
  kind: 'voice' | 'picture',
): Promise<string> {
  const recording = await recorder.recording(lesson);
  const url = recording?.renditions.find((rendition) => rendition.kind === kind)?.url;
  assert.ok(url, `no ${kind}`);
  const name = url.split('/').at(-1) ?? '';
  // What lists the variants of a voice may be made as it is served.
  return await pathOf(
    recorder,
    lesson,
    kind === 'voice' ? name.replace(/^voice\.m3u8$/, 'voice-opus.m3u8') : name,
  );
}

/** A file of a replay; null where there is none, or none yet: the machine may be busy. */
export async function fileIfMade(
  recorder: Recorder,
  lesson: string,
  name: string,
): Promise<ReplayFile | null> {
  try {
    return await recorder.file(lesson, name);
  } catch (error) {
    if (error instanceof TongkeError && error.code === 'replay_part_coming') return null;
    throw error;
  }
}

/** Where a rendition's file is on the disk. */
export async function pathOf(recorder: Recorder, lesson: string, name: string): Promise<string> {
  const file = await recorder.file(lesson, name);
  assert.ok(file && 'path' in file, `no file ${name}`);
  return file.path;
}

const PCM_RATE = 16_000;

/** Loudness (0..1, root mean square) of every 10 ms of a file or playlist. `filter`: of ffmpeg, before measuring. */
export async function loudness(path: string, filter = 'anull'): Promise<number[]> {
  const { stdout } = await run(
    FFMPEG,
    [
      '-v',
      'error',
      '-i',
      path,
      '-map',
      '0:a:0',
      '-af',
      filter,
      '-ac',
      '1',
      '-ar',
      String(PCM_RATE),
      '-f',
      's16le',
      '-',
    ],
    { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 },
  );
  const window = PCM_RATE / 100;
  const levels: number[] = [];
  for (let at = 0; at + window * 2 <= stdout.length; at += window * 2) {
    let sum = 0;
    for (let i = 0; i < window; i++) sum += (stdout.readInt16LE(at + i * 2) / 32768) ** 2;
    levels.push(Math.sqrt(sum / window));
  }
  return levels;
}

/** Milliseconds at which it is first louder than `threshold`, or -1. */
export function onset(levels: readonly number[], threshold = 0.02, since = 0): number {
  const found = levels.findIndex((level, index) => index * 10 >= since && level > threshold);
  return found < 0 ? -1 : found * 10;
}

export interface Probe {
  readonly duration: number;
  readonly streams: readonly {
    readonly codec_name: string;
    readonly width?: number;
    readonly height?: number;
  }[];
}

/** What ffprobe says of a file or playlist; seconds. */
export async function probe(path: string): Promise<Probe> {
  const { stdout } = await run(FFPROBE, [
    '-v',
    'error',
    '-show_format',
    '-show_streams',
    '-of',
    'json',
    path,
  ]);
  const { format, streams } = JSON.parse(stdout);
  return { duration: Number(format.duration), streams };
}

/** Mean brightness (0..255) of single frames of a picture at these seconds. `filter`: of ffmpeg, before measuring. */
export async function brightness(
  path: string,
  seconds: readonly number[],
  filter = 'null',
): Promise<number[]> {
  const means: number[] = [];
  for (const second of seconds) {
    const { stdout } = await run(
      FFMPEG,
      [
        ...['-v', 'error', '-i', path, '-ss', String(second), '-frames:v', '1', '-vf', filter],
        '-pix_fmt',
        'gray',
        '-f',
        'rawvideo',
        '-',
      ],
      { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
    );
    means.push(stdout.reduce((sum, value) => sum + value, 0) / Math.max(1, stdout.length));
  }
  return means;
}

/** Opus packets of a voice that begins after some silence. */
export async function voiceAfterSilence(silenceS: number, toneS: number, frameMs = 20): Promise<Buffer[]> {
  const ogg = await clip(`late-voice-${silenceS}-${toneS}-${frameMs}.ogg`, [
    ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${silenceS + toneS}`],
    ...['-af', `volume=0:enable='lt(t,${silenceS})'`, '-ac', '1', '-c:a', 'libopus', '-b:a', '24k'],
    ...['-application', 'voip', '-frame_duration', String(frameMs)],
  ]);
  return oggPackets(ogg).slice(2);
}
