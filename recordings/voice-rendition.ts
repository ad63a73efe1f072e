import { join } from 'node:path';
import type { RecordingCut } from '../protocol/recording.ts';
import { isMissing, replaceFile } from './durable.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { SegmentError } from './fmp4.ts';
import {
  AAC_BITRATE,
  AAC_FRAME,
  AAC_NAME,
  AAC_PLAYLIST,
  AAC_RATE,
  AAC_SEGMENT_S,
  type GrowingAac,
} from './growing-aac.ts';
import { hlsOutput, probePlaylists, type VerifiedPlaylist, verifyPlaylist, voicePlaylist } from './hls.ts';
import type { LessonFolder, TrackSummary } from './lesson-folder.ts';
import { isThere } from './served.ts';
import { comparedWithSums, noteSums } from './sums.ts';
import type { Stretch } from './timeline.ts';
import { OPUS_PLAYLIST, VOICE_PLAYLIST, type VoicePackager } from './voice-packager.ts';

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

/** ffmpeg's AAC encoder puts one frame of nothing before the sound, and its segments don't say so. */
const AAC_DELAY_S = AAC_FRAME / AAC_RATE;
/** How often an encoder says how far it is, s: whoever waits for its next segment waits for that. */
const REPORT_S = 0.2;

/**
 * Every voice of the lesson in one, in Opus. What was made during the lesson was read back then: a class that waits at
 * the bell waits for the last seconds only. All of it is read once more before AAC is made of it.
 */
export async function makeVoice(context: RenditionContext, packager: VoicePackager): Promise<MadeRendition> {
  const { folder, stretch, signal, onProgress } = context;
  const { from, to } = stretch;
  try {
    await packager.advance({ from, until: to, ended: true }, signal, onProgress);
    const opus = packager.verified(to - from);
    await noteSums(folder, 'voice', packager.sums);
    await replaceFile(join(folder.renditions, VOICE_PLAYLIST), voicePlaylist([opus]));
    return { playlist: VOICE_PLAYLIST, bytes: opus.bytes };
  } catch (error) {
    // The next try begins from nothing: whatever is wrong with what is there, it is not built upon.
    if (!signal.aborted) await packager.discard();
    throw error;
  }
}

/**
 * The same voice in AAC, for those who cannot play Opus (Apple), and beside a picture. It takes twice the processor that Opus
 * did: of a lesson without a picture it is made once somebody asks for it, and then whenever the voice is
 * made again. The voice is read over either way.
 */
export async function makeAac(
  { folder, tracks, stretch, ffmpeg, signal, onProgress }: RenditionContext,
  growing: GrowingAac,
): Promise<MadeRendition | null> {
  const length = stretch.to - stretch.from;
  const opus = await readVoice(folder, length, signal);
  const isNeeded =
    tracks.some(({ source }) => source !== 'mic') || (await isThere(join(folder.renditions, AAC_PLAYLIST)));
  if (!isNeeded && !growing.isAsked) {
    await probePlaylists(folder.renditions, [opus], length, { ffmpeg, signal });
    if (!growing.isAsked) return null;
  }
  const directory = await folder.freshWork('aac');
  growing.begin(directory, folder.renditions);
  const onReport = (milliseconds: number): void => {
    growing.look().catch(() => undefined); // told when it is looked at for the last time
    onProgress(Math.min(1, milliseconds / length));
  };
  await ffmpeg.run(
    [
      ...['-stats_period', String(REPORT_S)],
      // libopus fills the pauses of a sender with the comfort noise it has learnt; ffmpeg's own decoder mutes them.
      ...['-c:a', 'libopus', '-i', join(folder.renditions, OPUS_PLAYLIST)],
      ...[
        '-af',
        `aformat=channel_layouts=mono,atrim=start=${AAC_DELAY_S}:end=${length / 1000},asetpts=PTS-STARTPTS`,
      ],
      ...['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', String(AAC_BITRATE), '-ar', String(AAC_RATE)],
      ...hlsOutput(directory, AAC_NAME, AAC_SEGMENT_S),
    ],
    { signal, onProgress: onReport },
  );
  await growing.look();
  const aac = await verifyPlaylist(directory, AAC_PLAYLIST, length, signal);
  await probePlaylists(directory, [aac], length, { ffmpeg, signal });
  await probePlaylists(folder.renditions, [opus], length, { ffmpeg, signal });
  return { directory, playlist: AAC_PLAYLIST, bytes: aac.bytes };
}

/** The voice that is offered is not what was written: it has to be made again. */
export class VoiceDamaged extends Error {
  override readonly name = 'VoiceDamaged';
}

async function readVoice(
  folder: LessonFolder,
  length: number,
  signal: AbortSignal,
): Promise<VerifiedPlaylist> {
  try {
    const [changed] = (await comparedWithSums(folder, 'voice')) ?? [];
    if (changed !== undefined) throw new SegmentError(`${changed} is not what was written`);
    return await verifyPlaylist(folder.renditions, OPUS_PLAYLIST, length, signal);
  } catch (error) {
    if (error instanceof SegmentError || isMissing(error))
      throw new VoiceDamaged('The voice is damaged', { cause: error });
    throw error;
  }
}

/** Offers AAC beside Opus, once both are in their place. */
export async function offerAac({ folder, stretch, signal }: RenditionContext): Promise<void> {
  const length = stretch.to - stretch.from;
  const opus = await verifyPlaylist(folder.renditions, OPUS_PLAYLIST, length, signal);
  const aac = await verifyPlaylist(folder.renditions, AAC_PLAYLIST, length, signal);
  await replaceFile(join(folder.renditions, VOICE_PLAYLIST), voicePlaylist([opus, aac]));
}
