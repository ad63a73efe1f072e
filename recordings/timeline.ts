import type { RecordingFile, TrackSummary } from './lesson-folder.ts';

/** A stretch of a lesson, ms on its clock. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A voice that was there just before an interruption and soon after it was interrupted; a later one had paused. */
const NEAR_MS = 15_000;
/** Shorter than this nobody notices, and a replay need not step over it. */
const LEAST_GAP_MS = 500;

/**
 * Where nothing could be recorded: the recorder was away (between its sessions), or the lesson's media was moving.
 * Each lasts until the lead is heard again, if the lead was heard when it began.
 */
export function findGaps(
  recording: Pick<RecordingFile, 'sessions' | 'moves'>,
  tracks: readonly TrackSummary[],
  { from, to }: Stretch,
): Stretch[] {
  const interruptions: Stretch[] = recording.moves.map((at) => ({ from: at, to: at }));
  let heardUntil = from;
  for (const session of recording.sessions) {
    if (session.from > heardUntil) interruptions.push({ from: heardUntil, to: session.from });
    heardUntil = Math.max(heardUntil, session.to ?? lastFrame(tracks, session.from, recording.sessions));
  }
  if (heardUntil < to) interruptions.push({ from: heardUntil, to });
  const voices = tracks.filter(({ source, part }) => source === 'mic' && part === 'lead');
  const gaps = interruptions.map((interruption) => untilVoice(interruption, voices));
  return merge(gaps.map((gap) => ({ from: Math.max(from, gap.from), to: Math.min(to, gap.to) })));
}

/** A session that a crash ended lasted until the last frame that any of its tracks has. */
function lastFrame(
  tracks: readonly TrackSummary[],
  from: number,
  sessions: RecordingFile['sessions'],
): number {
  const next = sessions.find((session) => session.from > from)?.from ?? Number.POSITIVE_INFINITY;
  const ends = tracks.filter((track) => track.from >= from && track.from < next).map((track) => track.to);
  return Math.max(from, ...ends);
}

function untilVoice(gap: Stretch, voices: readonly TrackSummary[]): Stretch {
  const wasHeard = voices.some((voice) => voice.from < gap.from && voice.to > gap.from - NEAR_MS);
  if (!wasHeard) return gap;
  const next = Math.min(...voices.filter((voice) => voice.from >= gap.from).map((voice) => voice.from));
  return next > gap.to && next < gap.to + NEAR_MS ? { from: gap.from, to: next } : gap;
}

/** Those that touch are one; the shortest are left out. In order. */
export function merge(stretches: readonly Stretch[]): Stretch[] {
  const merged: Stretch[] = [];
  for (const stretch of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && stretch.from <= last.to)
      merged.splice(-1, 1, { from: last.from, to: Math.max(last.to, stretch.to) });
    else merged.push(stretch);
  }
  return merged.filter((gap) => gap.to - gap.from >= LEAST_GAP_MS);
}

/** Puts tracks into as few rows as possible so that those of a row don't overlap: as many as ever spoke at once. */
export function packLanes<T extends Stretch>(tracks: readonly T[]): T[][] {
  const lanes: T[][] = [];
  for (const track of [...tracks].sort((a, b) => a.from - b.from)) {
    const lane = lanes.find((row) => (row.at(-1)?.to ?? 0) <= track.from);
    if (lane) lane.push(track);
    else lanes.push([track]);
  }
  return lanes;
}
