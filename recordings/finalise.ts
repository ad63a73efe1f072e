import { join } from 'node:path';
import { type LessonFolder, type RenditionRecord, type TrackSummary, WAITING } from './lesson-folder.ts';
import type { RecorderLog } from './log.ts';
import { findGaps } from './timeline.ts';
import { repairTrack } from './track-reader.ts';

/**
 * Reads every track of a lesson to its end, cutting off what a crash has torn. Those that are `known`, from those who
 * wrote them to their end, are not read: at the bell of a long lesson that would take longer than anybody waits.
 */
export async function surveyTracks(
  folder: LessonFolder,
  log: RecorderLog,
  known: ReadonlyMap<string, TrackSummary> = new Map(),
): Promise<TrackSummary[]> {
  const summaries: TrackSummary[] = [];
  for (const file of await folder.listTracks()) {
    const summary = known.get(file);
    if (summary) {
      summaries.push(summary);
      continue;
    }
    const found = await repairTrack(join(folder.tracks, file));
    if (!found) {
      log.warn({ lesson: folder.lesson, file }, 'a track file without a header: left as it is');
      continue;
    }
    if (found.torn > 0)
      log.warn({ lesson: folder.lesson, file, bytes: found.torn }, 'a torn end was cut off a track');
    const { version: _version, lesson: _lesson, ...header } = found.header;
    summaries.push({
      ...header,
      file,
      to: Math.ceil(Math.max(found.to, found.from)),
      frames: found.frames,
      bytes: found.bytes,
    });
  }
  return summaries;
}

/** The recording of a lesson that is over: its tracks, its gaps, and renditions to be made. Nobody writes it any more. */
export async function finaliseRecording(
  folder: LessonFolder,
  { from, to }: { from: number; to: number },
  log: RecorderLog,
  known?: ReadonlyMap<string, TrackSummary>,
): Promise<void> {
  await folder.create();
  const tracks = await surveyTracks(folder, log, known);
  const end = Math.max(from, to);
  // A lesson ended by mistake in its first moment leaves nothing that could be played.
  const rendition: RenditionRecord = end - from < LEAST_LENGTH_MS ? { ...WAITING, state: 'ready' } : WAITING;
  await folder.change((file) => {
    const { sessions = [], moves = [] } = file ?? {};
    return {
      version: 1,
      lesson: folder.lesson,
      from,
      to: end,
      sessions,
      moves,
      gaps: findGaps({ sessions, moves }, tracks, { from, to: end }),
      tracks,
      voice: rendition,
      aac: rendition,
      picture: rendition,
    };
  });
}

const LEAST_LENGTH_MS = 1000;
