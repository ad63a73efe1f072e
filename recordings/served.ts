import { access } from 'node:fs/promises';
import type { Recording } from '../protocol/recording.ts';
import type { Rendition } from '../protocol/replay.ts';
import { offered } from './cut.ts';
import { isMissing } from './durable.ts';
import { isAacUnasked, type LessonFolder, type RecordingFile, type RenditionKind } from './lesson-folder.ts';
import type { LessonRecorder } from './lesson-recorder.ts';
import { LIVE_NAME, LIVE_PLAYLIST, VOICE_PLAYLIST } from './voice-packager.ts';

/** Names of renditions' files, as their makers choose them. No name can lead out of its folder. */
const FILE_NAME = /^(voice|picture)(-[a-z0-9]+)*\.(m3u8|mp4|m4s)$/;

/** Only the voice: a picture is not made while a lesson needs the processor. */
export function liveRecording(lesson: string, live: NonNullable<LessonRecorder['live']>): Recording {
  const { from, to, now, bytes } = live;
  return {
    state: { voice: 'working', picture: 'waiting', progress: 0 },
    renditions: liveVoice(lesson, bytes),
    ...{ from, to, gaps: [], recorded: { from, to }, revision: 0, live: { now } },
  };
}

function liveVoice(lesson: string, bytes: number): Rendition[] {
  return bytes > 0 ? [{ kind: 'voice', url: `/replays/${lesson}/${LIVE_PLAYLIST}`, bytes }] : [];
}

/** What can be played of a lesson that is over. Until its voice is made, that is what was made while it went on, of so many bytes. */
export function endedRenditions(file: RecordingFile, liveBytes: number): Rendition[] {
  const { lesson, cut, voice } = file;
  const made = offered(file, cut ? `/replays/${lesson}/e${cut.revision}` : `/replays/${lesson}`);
  const isBeingMade = voice.state === 'waiting' || voice.state === 'working';
  return isBeingMade && !cut ? [...liveVoice(lesson, liveBytes), ...made] : made;
}

/** What had been made of all of a lesson that is cut. */
export function originalRecording(file: RecordingFile): Recording | null {
  const { lesson, from, to, gaps, whole } = file;
  if (!whole || to === null) return null;
  const state = { voice: whole.voice.state, picture: whole.picture.state, progress: 1 };
  const renditions = offered(whole, `/replays/${lesson}/original`);
  return { state, renditions, from, to, gaps, recorded: { from, to }, revision: 0 };
}

export interface Located {
  /** Its own name in the lesson's. */
  readonly folder: string;
  readonly base: string;
  /** It is, or names, what is still to be made, perhaps: the voice in AAC. */
  readonly isComing: boolean;
  /** Of all of a lesson that is cut: nothing more is made of that for good. */
  readonly isOriginal: boolean;
}

/** Which file of a lesson's folder a name stands for, if that is to be served. */
export function locate(name: string, file: RecordingFile | null, folder: LessonFolder): Located | null {
  const [, prefix, base = ''] = /^(?:(original|e\d+)\/)?([^/]+)$/.exec(name) ?? [];
  if (!FILE_NAME.test(base)) return null;
  const current = file?.cut ? `e${file.cut.revision}` : undefined;
  const records = prefix === 'original' ? file?.whole : prefix === current ? file : undefined;
  // Each of those that are made in mid-lesson is good by itself; of a lesson that is cut they show too much.
  const isLive = base.startsWith(LIVE_NAME) && !file?.cut;
  const isDone = (kind: RenditionKind) => file?.to !== null && records?.[kind].state === 'ready';
  const aacComes = records && isDone('voice') && isToCome(records);
  const isComing = aacComes === true && (base === VOICE_PLAYLIST || kindOf(base) === 'aac');
  if (!isLive && !isComing && !isDone(kindOf(base))) return null;
  const isOriginal = prefix === 'original';
  const path = isOriginal ? folder.original : folder.renditions;
  return { folder: path.slice(folder.path.length + 1), base, isComing, isOriginal };
}

/** Of AAC: it is made, waits for that, or would be if it were asked for. */
export function isToCome(records: Pick<RecordingFile, 'voice' | 'aac'>): boolean {
  const { state } = records.aac;
  return state === 'waiting' || state === 'working' || isAacUnasked(records);
}

function kindOf(name: string): RenditionKind {
  if (name.startsWith('voice-aac')) return 'aac';
  return name.startsWith('voice') ? 'voice' : 'picture';
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
