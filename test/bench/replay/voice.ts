import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ffmpeg } from '../../../recordings/ffmpeg.ts';
import { GrowingAac } from '../../../recordings/growing-aac.ts';
import { LessonFolder } from '../../../recordings/lesson-folder.ts';
import { TrackWriter } from '../../../recordings/track-writer.ts';
import { VoicePackager } from '../../../recordings/voice-packager.ts';
import { makeAac } from '../../../recordings/voice-rendition.ts';
import { FRAME_MS, type lessonVoices } from '../../support/lesson-voices.ts';
import { quietLog } from '../../support/log.ts';
import type { Report } from '../bench.ts';
import { cpuSeconds } from './cpu.ts';
import { hourOfInk } from './ink.ts';

export interface VoiceOptions {
  readonly directory: string;
  readonly voices: Awaited<ReturnType<typeof lessonVoices>>;
  readonly minutes: number;
  readonly ffmpegBin: string;
  readonly ffprobeBin: string;
}

/**
 * What a lesson's voice and ink weigh and cost, from tracks whose times are exact: a hurried clock trembles as much more
 * as it is faster, and every correction of a voice's time is a packet.
 */
export async function measureVoice(print: Report, options: VoiceOptions): Promise<void> {
  const { ffmpegBin, ffprobeBin, minutes } = options;
  const folder = await recorded(options);
  const packager = new VoicePackager({
    folder,
    ffmpeg: new Ffmpeg({ ffmpegBin, ffprobeBin, log: quietLog }),
  });
  const before = await cpuSeconds();
  const lesson = { from: 0, until: minutes * 60_000, ended: true };
  await packager.advance(lesson, new AbortController().signal);
  const used = (await cpuSeconds()) - before;
  const withAac = used + (await cpuOfAac(folder, options));
  const { served, payload, segments } = await weigh(folder);
  const ink = hourOfInk();
  const anHour = 60 / minutes;
  const voice = Math.round(served * anHour);
  print({
    ...{ name: 'hour_bytes', value: voice + ink.served, unit: 'B', goal: 6_000_000, better: 'less' },
    against: { voice, opus_payload: Math.round(payload * anHour), ink: ink.served },
  });
  print({
    ...{ name: 'hour_ink_bytes', value: ink.served, unit: 'B', goal: 150_000, better: 'less' },
    against: { coded: ink.coded, as_json: ink.json, points: ink.points, entries: ink.entries },
  });
  print({
    ...{ name: 'container_ratio', value: Number((served / payload).toFixed(4)) },
    ...{ unit: 'x', goal: 1.03, better: 'less' },
    against: { segments, payload_bytes: payload },
  });
  print({
    ...{ name: 'light_cpu_s_per_h', value: Number((used * anHour).toFixed(2)) },
    ...{ unit: 's', goal: 10, better: 'less' },
    against: {
      // Of a lesson with a picture, or that somebody without Opus watches.
      with_aac: Number((withAac * anHour).toFixed(2)),
      ...{ windows_mixed: packager.mixed, windows: Math.ceil(packager.packagedMs / 3000) },
    },
  });
}

async function cpuOfAac(
  folder: LessonFolder,
  { ffmpegBin, ffprobeBin, minutes }: VoiceOptions,
): Promise<number> {
  const growing = new GrowingAac();
  growing.ask();
  const before = await cpuSeconds();
  await makeAac(
    {
      ...{ folder, tracks: [], cut: undefined, stretch: { from: 0, to: minutes * 60_000 } },
      ffmpeg: new Ffmpeg({ ffmpegBin, ffprobeBin, log: quietLog }),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
    growing,
  );
  return (await cpuSeconds()) - before;
}

async function recorded({ directory, voices, minutes }: VoiceOptions): Promise<LessonFolder> {
  const folder = new LessonFolder(directory, 'weighed');
  await folder.create();
  for (const participant of ['teacher', 'pupil'] as const) {
    const writer = new TrackWriter(
      join(folder.tracks, `${participant}.0.track`),
      {
        ...{ version: 1, lesson: 'weighed', stream: participant, participant, part: 'lead', source: 'mic' },
        ...{ mimeType: 'audio/opus', clockRate: 48_000, from: 0 },
      },
      (error) => {
        throw error;
      },
    );
    const frames = (minutes * 60_000) / FRAME_MS;
    for (let index = 0; index < frames; index++) {
      const payload = voices[participant].frame(index);
      const time = index * FRAME_MS;
      if (payload) writer.append({ time, timestamp: time * 48, keyFrame: true, end: false, payload });
      if (index % 1000 === 0) await writer.written();
    }
    await writer.close();
  }
  return folder;
}

/** A voice as it is served, bytes. */
async function weigh({ renditions }: LessonFolder) {
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
