import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeInk } from '../../protocol/ink.ts';
import { createRecorder } from '../../recordings/recorder.ts';
import { Lesson } from '../../server/lessons/lesson.ts';
import { connect, database } from '../../server/store/database.ts';
import { logStore } from '../../server/store/log.ts';
import { eventually } from '../support/eventually.ts';
import { quietLog } from '../support/log.ts';
import { opusVoice } from '../support/opus.ts';
import { createRtpMedia } from '../support/rtp-media.ts';
import { vp8Picture } from '../support/vp8.ts';

/**
 * A process to be killed: a lesson that goes on from run to run, written to by its teacher, and its recorder, with what a voice and
 * a picture send. Says `on` when it records, `sent <lesson ms>` with every frame of voice, `acked <seq>` with every stroke that
 * the journal holds, what becomes of the recording, and `ready` when all is made.
 *
 * `end`: ends the lesson. `finish`: it has ended, and its replay is to be made. `fill`: fills the disk, says what warnings there are once
 * the recording has failed, and makes room again when some more has been written; fills it anew for the end of the lesson, and makes
 * room when its replay has waited a while.
 */
const [directory = '', uri = '', run = '', mode = ''] = process.argv.slice(2);
const LESSON = 'chaos';
const WRITE_MS = 100;
/** Written while the disk is full. */
const STROKES_MEANWHILE = 20;
/** Longer than a replay is tried for, where it fails by itself. */
const FULL_MS = 4000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await connect(uri, quietLog);
const lesson = await Lesson.open(LESSON, logStore, quietLog);
if (lesson.state().phase === 'ready') {
  const participant = { id: 'teacher', part: 'lead' as const, name: { 'zh-CN': 'teacher' } };
  await lesson.publish({ type: 'participant.joined', participant });
  await lesson.publish({ type: 'lesson.started', at: Date.now() });
}
let isOn = false;
let strokes = 0;
let hasFailed = false;
let isEnding = false;
const media = createRtpMedia({
  now: () => lesson.now(),
  onSent: (tap, index) => {
    if (!tap.startsWith('voice')) return;
    if (!isOn) say('on');
    isOn = true;
    say(`sent ${index * 60}`);
  },
});
const recorder = await createRecorder({
  directory,
  media: media.api,
  database: database(),
  ffmpegBin: process.env.FFMPEG_BIN || 'ffmpeg',
  ffprobeBin: process.env.FFPROBE_BIN || 'ffprobe',
  log: quietLog,
  renditionRetryMs: 200,
  picturesWait: false,
  ...(mode === 'fill' && { reserveBytes: 0, retryMs: 500 }),
});
const voice = await opusVoice();
const picture = await vp8Picture();
const streams = { mic: `voice${run}`, camera: `camera${run}` } as const;
media.add(streams.mic, {
  ...{ kind: 'audio', frameMs: voice.frameMs },
  frame: (index) => voice.packets[index % voice.packets.length] ?? null,
});
media.add(streams.camera, {
  ...{ kind: 'video', frameMs: 1000 / picture.framesPerSecond },
  frame: (index) => picture.frames[index % picture.frames.length] ?? null,
});
lesson.subscribe(({ event }) => {
  if (event.type === 'recording.changed') void onRecording(event.recording);
});
if (mode === 'finish') say('on');
else await record();

async function record(): Promise<void> {
  // Streams in a log just read are those of a process that is gone.
  if (Object.keys(lesson.state().streams).length > 0) await lesson.publish({ type: 'media.moved' });
  recorder.follow(lesson);
  for (const [source, id] of Object.entries(streams))
    await lesson.publish({
      type: 'stream.opened',
      stream: { id, participant: 'teacher', source: source === 'mic' ? 'mic' : 'camera' },
    });
}

const writing = setInterval(() => {
  if (lesson.state().phase === 'ended') return;
  const stroke = `s${run}n${strokes++}`;
  const brush = { tool: 'pen', colour: '#1f2937', width: 6, grid: 1 } as const;
  const data = encodeInk([], [[100, 100, 0, 128]]);
  lesson
    .publish({ type: 'ink.drawn', stroke, page: 'page1', brush, data, done: true }, { actor: 'teacher' })
    .then(
      (seq) => say(`acked ${seq}`),
      () => undefined, // refused: nobody was told that it is kept
    );
}, WRITE_MS);

const ballast = join(directory, 'ballast');
/** Writes until the disk takes no more. */
async function fill(): Promise<void> {
  const block = Buffer.alloc(64 * 1024);
  for (;;) {
    try {
      await writeFile(ballast, block, { flag: 'a' });
    } catch {
      return;
    }
  }
}

async function onRecording(recording: string): Promise<void> {
  say(`recording ${recording}`);
  if (mode !== 'fill' || isEnding) return;
  if (recording === 'failed') {
    hasFailed = true;
    await eventually(() => recorder.warnings().length > 0, 'a warning');
    say(`warned ${recorder.warnings().join('; ')}`);
    const since = strokes;
    await eventually(() => strokes > since + STROKES_MEANWHILE, 'strokes');
    await rm(ballast);
  } else if (hasFailed) {
    isEnding = true;
    await delay(FULL_MS);
    await fill();
    end();
    await delay(FULL_MS);
    say('room');
    await rm(ballast, { force: true });
  }
}

function sayWhenMade(): void {
  const look = async (): Promise<void> => {
    const found = await recorder.recording(LESSON);
    if (found?.state.picture === 'failed' || found?.state.voice === 'failed') say('failed');
    if (found?.state.picture === 'ready') say('ready');
  };
  recorder.onChange(() => void look());
  void look();
}

function end(): void {
  sayWhenMade();
  setTimeout(() => {
    clearInterval(writing);
    void lesson.publish({ type: 'lesson.ended', reason: 'teacher' });
  }, 1000);
}

if (mode === 'finish') sayWhenMade();
if (mode === 'end') end();
if (mode === 'fill') setTimeout(() => void fill(), 2500);
