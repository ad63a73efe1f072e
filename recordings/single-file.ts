import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { VoiceFile } from '../protocol/recording.ts';
import { isMissing } from './durable.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { AAC_PLAYLIST } from './growing-aac.ts';
import type { LessonFolder, RecordingFile } from './lesson-folder.ts';
import { OPUS_PLAYLIST } from './voice-packager.ts';

/** Names in the folder of renditions: they go with what they were made of. No address leads to them. */
const FILES = [
  { kind: 'voice', playlist: OPUS_PLAYLIST, name: 'single-opus.mp4', type: 'audio/mp4; codecs="opus"' },
  { kind: 'aac', playlist: AAC_PLAYLIST, name: 'single-aac.m4a', type: 'audio/mp4; codecs="mp4a.40.2"' },
] as const;

/**
 * The voice as files that play where nothing serves segments, made when first asked for: the same packets, copied; an hour
 * takes less than a second. Those that are not ready to be copied yet are left out.
 */
export async function voiceFiles(
  folder: LessonFolder,
  file: RecordingFile,
  { ffmpeg, signal }: { ffmpeg: Ffmpeg; signal: AbortSignal },
): Promise<VoiceFile[]> {
  const files: VoiceFile[] = [];
  for (const { kind, playlist, name, type } of FILES) {
    const { state } = file[kind];
    if (state !== 'ready') continue;
    const path = join(folder.renditions, name);
    const bytes = (await sizeOf(path)) ?? (await make(folder, playlist, path, { ffmpeg, signal }));
    if (bytes !== null) files.push({ path, bytes, type });
  }
  return files;
}

async function make(
  folder: LessonFolder,
  playlist: string,
  path: string,
  { ffmpeg, signal }: { ffmpeg: Ffmpeg; signal: AbortSignal },
): Promise<number | null> {
  const source = join(folder.renditions, playlist);
  if ((await sizeOf(source)) === null) return null; // a lesson of no length has no voice
  const work = folder.work('voice');
  await mkdir(work, { recursive: true, mode: 0o700 });
  const fresh = join(work, `${Date.now()}-${playlist}.mp4`);
  const args = ['-i', source, '-map', '0:a:0', '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', fresh];
  await ffmpeg.run(args, { signal });
  await rename(fresh, path);
  return sizeOf(path);
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
