import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ffmpeg } from './ffmpeg.ts';
import { hlsOutput, verifyPlaylist, voicePlaylist } from './hls.ts';
import type { LessonFolder, TrackSummary } from './lesson-folder.ts';
import { packLanes, type Stretch } from './timeline.ts';
import { writeLane } from './voice-lane.ts';

export interface RenditionContext {
  readonly folder: LessonFolder;
  readonly tracks: readonly TrackSummary[];
  /** Lesson times that the rendition covers, exactly. */
  readonly stretch: Stretch;
  readonly ffmpeg: Ffmpeg;
  readonly signal: AbortSignal;
  /** 0..1 */
  readonly onProgress: (share: number) => void;
}

/** Files that were made and checked, in the folder they were made in. */
export interface MadeRendition {
  readonly directory: string;
  readonly playlist: string;
  readonly bytes: number;
}

/** Six seconds are 100 Opus frames of 60 ms, as they are sent live: few headers, quick to seek. */
const SEGMENT_S = 6;
const OPUS_BITRATE = 16_000;
/** AAC-LC needs twice as much for the same speech. */
const AAC_BITRATE = 32_000;
const AAC_RATE = 24_000;
/** ffmpeg's AAC encoder puts one frame of nothing before the sound, and its segments don't say so. */
const AAC_DELAY_S = 1024 / AAC_RATE;
/** The sum of voices is held below clipping. */
const LIMIT = 0.9;

/** The media playlist that others may put a picture to. */
export const AAC_PLAYLIST = 'voice-aac.m3u8';

/** Every voice of the lesson in one: Opus for those who can, AAC for those who cannot (Apple). */
export async function makeVoice(context: RenditionContext): Promise<MadeRendition> {
  const { folder, stretch, ffmpeg, signal, onProgress } = context;
  const directory = await folder.freshWork('voice');
  const lanes = await writeLanes(context, directory);
  const length = stretch.to - stretch.from;
  await ffmpeg.run(
    [
      // libopus fills the pauses of a sender with the comfort noise it has learnt; ffmpeg's own decoder mutes them.
      ...lanes.flatMap((lane) => ['-c:a', 'libopus', '-i', lane]),
      ...['-filter_complex', mixFilter(lanes.length, length)],
      ...['-map', '[opus]', '-c:a', 'libopus', '-application', 'voip', '-b:a', String(OPUS_BITRATE)],
      ...['-vbr', 'on', '-frame_duration', '60', ...hlsOutput(directory, 'voice-opus', SEGMENT_S)],
      ...['-map', '[aac]', '-c:a', 'aac', '-b:a', String(AAC_BITRATE), '-ar', String(AAC_RATE)],
      ...hlsOutput(directory, 'voice-aac', SEGMENT_S),
    ],
    { signal, onProgress: (milliseconds) => onProgress(Math.min(1, milliseconds / length)) },
  );
  for (const lane of lanes) await rm(lane);
  const checks = { ffmpeg, signal };
  const opus = await verifyPlaylist(directory, 'voice-opus.m3u8', length, checks);
  const aac = await verifyPlaylist(directory, AAC_PLAYLIST, length, checks);
  const playlist = 'voice.m3u8';
  await writeFile(join(directory, playlist), voicePlaylist([opus, aac]));
  return { directory, playlist, bytes: opus.bytes + aac.bytes };
}

async function writeLanes(
  { folder, tracks, stretch, signal }: RenditionContext,
  directory: string,
): Promise<string[]> {
  const voices = tracks.filter(({ source, frames }) => source === 'mic' && frames > 0);
  const rows = packLanes(voices);
  const paths: string[] = [];
  // Where nobody spoke, a lane of silence still gives the replay its clock.
  for (const [index, row] of (rows.length > 0 ? rows : [[]]).entries()) {
    signal.throwIfAborted();
    const path = join(directory, `lane-${index}.ogg`);
    await writeLane(
      path,
      row.map(({ file }) => join(folder.tracks, file)),
      stretch,
    );
    paths.push(path);
  }
  return paths;
}

function mixFilter(lanes: number, milliseconds: number): string {
  const inputs = Array.from({ length: lanes }, (_, index) => `[${index}:a]`).join('');
  const mixed = lanes > 1 ? `amix=inputs=${lanes}:normalize=0,alimiter=limit=${LIMIT}:level=disabled,` : '';
  const cut = `aformat=channel_layouts=mono,atrim=end=${milliseconds / 1000}`;
  const ahead = `[late]atrim=start=${AAC_DELAY_S},asetpts=PTS-STARTPTS[aac]`;
  return `${inputs}${mixed}${cut},asplit[opus][late];${ahead}`;
}
