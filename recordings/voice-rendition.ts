import { join } from 'node:path';
import type { RecordingCut } from '../protocol/recording.ts';
import { replaceFile } from './durable.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { hlsOutput, verifyPlaylist, voicePlaylist } from './hls.ts';
import type { LessonFolder, TrackSummary } from './lesson-folder.ts';
import type { Stretch } from './timeline.ts';
import { OPUS_PLAYLIST, type VoicePackager } from './voice-packager.ts';

export interface RenditionContext {
  readonly folder: LessonFolder;
  readonly tracks: readonly TrackSummary[];
  /** What is hidden meanwhile. */
  readonly cut: RecordingCut | undefined;
  /** Lesson times that the rendition covers, exactly. */
  readonly stretch: Stretch;
  readonly ffmpeg: Ffmpeg;
  readonly signal: AbortSignal;
  /** 0..1 */
  readonly onProgress: (share: number) => void;
}

/** What was made and checked. */
export interface MadeRendition {
  /** Where its files are, if they still have to be put in their place. */
  readonly directory?: string;
  readonly playlist: string;
  readonly bytes: number;
}

/** Quick to seek. */
const AAC_SEGMENT_S = 6;
/** AAC-LC needs twice as much for the same speech. */
const AAC_BITRATE = 32_000;
const AAC_RATE = 24_000;
/** ffmpeg's AAC encoder puts one frame of nothing before the sound, and its segments don't say so. */
const AAC_DELAY_S = 1024 / AAC_RATE;

/** The media playlist that others may put a picture to. */
export const AAC_PLAYLIST = 'voice-aac.m3u8';
/** What one gives a player: every variant of the voice. */
export const VOICE_PLAYLIST = 'voice.m3u8';

/** Every voice of the lesson in one, in Opus: what was not made during the lesson, and the whole of it checked. */
export async function makeVoice(context: RenditionContext, packager: VoicePackager): Promise<MadeRendition> {
  const { folder, stretch, ffmpeg, signal, onProgress } = context;
  const { from, to } = stretch;
  try {
    await packager.advance({ from, until: to, ended: true }, signal, onProgress);
    const opus = await verifyPlaylist(folder.renditions, OPUS_PLAYLIST, to - from, { ffmpeg, signal });
    await replaceFile(join(folder.renditions, VOICE_PLAYLIST), voicePlaylist([opus]));
    return { playlist: VOICE_PLAYLIST, bytes: opus.bytes };
  } catch (error) {
    // The next try begins from nothing: whatever is wrong with what is there, it is not built upon.
    if (!signal.aborted) await packager.discard();
    throw error;
  }
}

/** The same voice in AAC, for those who cannot play Opus (Apple), and beside a picture. */
export async function makeAac({
  folder,
  stretch,
  ffmpeg,
  signal,
  onProgress,
}: RenditionContext): Promise<MadeRendition> {
  const directory = await folder.freshWork('aac');
  const length = stretch.to - stretch.from;
  await ffmpeg.run(
    [
      // libopus fills the pauses of a sender with the comfort noise it has learnt; ffmpeg's own decoder mutes them.
      ...['-c:a', 'libopus', '-i', join(folder.renditions, OPUS_PLAYLIST)],
      ...[
        '-af',
        `aformat=channel_layouts=mono,atrim=start=${AAC_DELAY_S}:end=${length / 1000},asetpts=PTS-STARTPTS`,
      ],
      ...['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', String(AAC_BITRATE), '-ar', String(AAC_RATE)],
      ...hlsOutput(directory, 'voice-aac', AAC_SEGMENT_S),
    ],
    { signal, onProgress: (milliseconds) => onProgress(Math.min(1, milliseconds / length)) },
  );
  const checks = { ffmpeg, signal };
  const aac = await verifyPlaylist(directory, AAC_PLAYLIST, length, checks);
  return { directory, playlist: AAC_PLAYLIST, bytes: aac.bytes };
}

/** Offers AAC beside Opus, once both are in their place. */
export async function offerAac({ folder, stretch, ffmpeg, signal }: RenditionContext): Promise<void> {
  const checks = { ffmpeg, signal };
  const length = stretch.to - stretch.from;
  const opus = await verifyPlaylist(folder.renditions, OPUS_PLAYLIST, length, checks);
  const aac = await verifyPlaylist(folder.renditions, AAC_PLAYLIST, length, checks);
  await replaceFile(join(folder.renditions, VOICE_PLAYLIST), voicePlaylist([opus, aac]));
}
