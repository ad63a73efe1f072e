import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Part, StreamSource } from '../../protocol/events.ts';
import type { Log } from '../log.ts';
import type { LessonScript } from './lesson-script.ts';
import { SYLLABLE_MS, type Utterance } from './script-writer.ts';
import { SPEECH_RATE, type Speaker, speak } from './speech.ts';

/** A lesson whose media lies in files, as the recorder's `import` takes it. Lesson times, ms. */
export interface RecordedLesson {
  readonly lesson: string;
  readonly from: number;
  readonly to: number;
  readonly tracks: readonly {
    readonly path: string;
    readonly participant: string;
    readonly part: Part;
    readonly source: StreamSource;
    readonly at: number;
  }[];
}

export interface DemoReplayOptions {
  readonly lesson: string;
  readonly script: LessonScript;
  readonly ffmpegBin: string;
  /** Takes the media in; from there on it is a recording like any other. */
  readonly importRecording: (recording: RecordedLesson) => Promise<void>;
  readonly log: Log;
}

/** People are waiting for nothing that happens here: it goes after everything else. */
const NICE = 15;
const TEACHER: Speaker = { pitch: 205, throat: 1 };
const CHILD: Speaker = { pitch: 285, throat: 0.84 };
/** espeak-ng's name for Mandarin. */
const MANDARIN = 'cmn';
/** Its WAV files: 22,050 samples a second of 16 bits, behind a head of 44 bytes. */
const ESPEAK_BYTES_A_MS = 44.1;
const WAV_HEAD = 44;
const OPUS = ['-ac', '1', '-c:a', 'libopus', '-b:a', '20k', '-application', 'voip', '-frame_duration', '20'];

/**
 * Makes the media of a scripted lesson (its voices, and a card instead of the teacher's camera) and hands them to
 * the recorder. Some ten seconds of CPU, in the background. Rejects where ffmpeg or the recorder does.
 */
export async function makeDemoReplay(options: DemoReplayOptions): Promise<void> {
  const { lesson, script, log } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tongke-demo-'));
  try {
    const { from, to, lead } = script;
    const speakers = [...new Set(script.utterances.map(({ participant }) => participant))];
    const tracks: RecordedLesson['tracks'][number][] = [];
    for (const [index, participant] of speakers.entries()) {
      const path = join(folder, `voice${index}.ogg`);
      const said = script.utterances.filter((utterance) => utterance.participant === participant);
      await makeVoice(options, path, said, participant === lead ? TEACHER : CHILD);
      tracks.push({
        path,
        participant,
        part: participant === lead ? 'lead' : 'room',
        source: 'mic',
        at: from,
      });
    }
    const card = join(folder, 'card.ivf');
    await ffmpeg(options.ffmpegBin, cardArguments((to - from) / 1000, card));
    tracks.push({ path: card, participant: lead, part: 'lead', source: 'camera', at: from });
    await options.importRecording({ lesson, from, to, tracks });
    log.info({ lesson }, 'the demo lesson’s voice and picture are made');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Spoken where this computer can speak Chinese, hummed in its melody where it can't. */
async function makeVoice(
  { script: { from, to }, ffmpegBin, log }: DemoReplayOptions,
  path: string,
  said: readonly Utterance[],
  speaker: Speaker,
): Promise<void> {
  const clips = await speakAloud(`${path}-`, said, speaker);
  if (clips) {
    await ffmpeg(ffmpegBin, [...placeArguments(clips, said, { from, to }), ...OPUS, path]);
    return;
  }
  log.info({}, 'no espeak-ng here: the demo lesson hums');
  const raw = ['-f', 's16le', '-ar', String(SPEECH_RATE), '-ac', '1', '-i', 'pipe:0'];
  await ffmpeg(ffmpegBin, [...raw, ...OPUS, path], speak(said, { from, durationMs: to - from, speaker }));
}

interface SpokenClip {
  readonly path: string;
  /** How many times as fast it must be said to be over in the time that the script gives it. */
  readonly tempo: number;
}

/** A sound file an utterance; null where espeak-ng is not there. */
async function speakAloud(
  prefix: string,
  said: readonly Utterance[],
  { pitch }: Speaker,
): Promise<SpokenClip[] | null> {
  const clips: SpokenClip[] = [];
  for (const [index, { text }] of said.entries()) {
    const clip = `${prefix}${index}.wav`;
    const tuned = ['-v', MANDARIN, '-s', '170', '-p', String(Math.round(pitch / 4)), '-w', clip];
    try {
      await run('espeak-ng', [...tuned, text]);
    } catch (error) {
      if (index === 0) return null; // not installed, or without this language
      throw error;
    }
    const spokenMs = ((await stat(clip)).size - WAV_HEAD) / ESPEAK_BYTES_A_MS;
    const givenMs = Array.from(text).length * SYLLABLE_MS;
    clips.push({ path: clip, tempo: Math.min(2, Math.max(1, spokenMs / givenMs)) });
  }
  return clips;
}

/** Every clip at its time, the whole exactly as long as the lesson. */
function placeArguments(
  clips: readonly SpokenClip[],
  said: readonly Utterance[],
  { from, to }: { from: number; to: number },
): string[] {
  const placed = said.map(({ at }, index) => {
    const tempo = clips[index]?.tempo ?? 1;
    return `[${index}:a]atempo=${tempo.toFixed(3)},adelay=${at - from}:all=1[p${index}]`;
  });
  const inputs = clips.map((_, index) => `[p${index}]`).join('');
  const length = (to - from) / 1000;
  const mixed = `${inputs}amix=inputs=${clips.length}:normalize=0,apad,atrim=end=${length}[voice]`;
  const filter = [...placed, mixed].join(';');
  return [...clips.flatMap(({ path }) => ['-i', path]), '-filter_complex', filter, '-map', '[voice]'];
}

/** A calm card: two colours that drift into each other, and a pale window that wanders over them. */
function cardArguments(seconds: number, path: string): string[] {
  const size = '480x270';
  const back = `gradients=s=${size}:r=8:d=${seconds}:c0=0x17424f:c1=0xd9a066:nb_colors=2:speed=0.003:seed=4`;
  const pane = `color=c=0xf5f0e6@0.55:s=96x96:r=8:d=${seconds},format=yuva420p`;
  const path2d = "overlay=x='192+150*sin(t/7)':y='87+60*cos(t/5)':eval=frame:shortest=1";
  return [
    ...['-f', 'lavfi', '-i', back, '-f', 'lavfi', '-i', pane],
    ...['-filter_complex', `[0:v][1:v]${path2d},format=yuv420p`],
    ...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '100k', '-g', '80'],
    ...['-auto-alt-ref', '0', '-threads', '1', path],
  ];
}

function ffmpeg(bin: string, args: readonly string[], input?: AsyncIterable<Buffer>): Promise<void> {
  return run(
    bin,
    ['-hide_banner', '-loglevel', 'error', '-y', ...(input ? [] : ['-nostdin']), ...args],
    input,
  );
}

/** Rejects with what the program said on its way out. */
async function run(bin: string, args: readonly string[], input?: AsyncIterable<Buffer>): Promise<void> {
  const child = spawn(bin, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  const ended = once(child, 'close');
  if (child.pid !== undefined) setPriority(child.pid, NICE);
  const fed = input ? pipeline(Readable.from(input), child.stdin) : Promise.resolve(child.stdin.end());
  const [outcome, feeding] = await Promise.allSettled([ended, fed]);
  if (outcome.status === 'rejected') throw outcome.reason;
  const [code] = outcome.value;
  if (code !== 0) throw new Error(`${bin} ended with ${code}: ${complaint.trim()}`);
  if (feeding.status === 'rejected') throw feeding.reason;
}
