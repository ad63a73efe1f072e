import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSpoken } from '../../recordings/opus.ts';
import type { Utterance } from '../../server/demo/script-writer.ts';
import { SPEECH_RATE, speak } from '../../server/demo/speech.ts';
import { oggPackets } from './opus.ts';
import type { RtpSource } from './rtp-media.ts';

/** Voices of a lesson as its clients send them: 60 ms of Opus at 16 kbit/s, and next to nothing in pauses (DTX). */

export const FRAME_MS = 60;
/** The voices begin anew after this long. */
const LOOP_MS = 180_000;
/** In a pause a sender says every so many frames that it is still there. */
const COMFORT_EVERY = 7;

/** One that speaks all the time but for breaths, and one that answers, now and then before the other has finished. */
function utterances(): { teacher: Utterance[]; pupil: Utterance[] } {
  const teacher: Utterance[] = [];
  const pupil: Utterance[] = [];
  const sentence = '我们今天来看一看分数是怎么加起来的';
  const answer = '我觉得是四分之三老师';
  for (let at = 0, count = 0; at < LOOP_MS - 10_000; count++) {
    teacher.push({ participant: 'teacher', at, text: sentence });
    at += sentence.length * 230 + 700;
    if (count % 6 !== 5) continue;
    // Every fourth answer comes before the question is over.
    pupil.push({ participant: 'pupil', at: count % 24 === 23 ? at - 1500 : at + 300, text: answer });
    at += answer.length * 230 + 800;
  }
  return { teacher, pupil };
}

/** Sources to be tapped. `directory`: where ffmpeg works. */
export async function lessonVoices(
  directory: string,
  encode: (args: readonly string[]) => Promise<void>,
): Promise<{ teacher: RtpSource; pupil: RtpSource }> {
  const said = utterances();
  return {
    teacher: await voice(directory, 'teacher', said.teacher, { pitch: 200, throat: 1 }, encode),
    pupil: await voice(directory, 'pupil', said.pupil, { pitch: 290, throat: 0.8 }, encode),
  };
}

async function voice(
  directory: string,
  name: string,
  said: readonly Utterance[],
  speaker: { pitch: number; throat: number },
  encode: (args: readonly string[]) => Promise<void>,
): Promise<RtpSource> {
  const pcm: Buffer[] = [];
  for await (const part of speak(said, { from: 0, durationMs: LOOP_MS, speaker })) pcm.push(part);
  const sound = Buffer.concat(pcm);
  const raw = join(directory, `${name}.s16`);
  const ogg = join(directory, `${name}.ogg`);
  await writeFile(raw, sound);
  await encode([
    ...['-f', 's16le', '-ar', String(SPEECH_RATE), '-ac', '1', '-i', raw, '-c:a', 'libopus', '-b:a', '16k'],
    ...['-application', 'voip', '-frame_duration', String(FRAME_MS), ogg],
  ]);
  const packets = oggPackets(await readFile(ogg)).slice(2);
  const frames = packets.map((packet, index) => (isSilent(sound, index) ? null : packet));
  const [first = Buffer.alloc(1)] = packets.filter(isSpoken);
  const comfort = first.subarray(0, 1);
  return {
    kind: 'audio',
    frameMs: FRAME_MS,
    frame: (index) => frames[index % frames.length] ?? (index % COMFORT_EVERY === 0 ? comfort : null),
  };
}

/** Whether nothing is said in a frame, nor just before it. */
function isSilent(sound: Buffer, index: number): boolean {
  const bytes = (SPEECH_RATE * 2 * FRAME_MS) / 1000;
  const part = sound.subarray(Math.max(0, (index - 2) * bytes), (index + 1) * bytes);
  for (let at = 0; at + 2 <= part.length; at += 2) {
    if (Math.abs(part.readInt16LE(at)) > 50) return false;
  }
  return true;
}
