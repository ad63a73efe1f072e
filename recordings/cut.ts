import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingCut } from '../protocol/recording.ts';
import type { Gap, Rendition } from '../protocol/replay.ts';
import { syncDirectory } from './durable.ts';
import { type LessonFolder, type RecordingFile, WAITING } from './lesson-folder.ts';
import { merge, type Stretch } from './timeline.ts';
import { TrackReader } from './track-reader.ts';
import { TrackWriter } from './track-writer.ts';

/**
 * A packet of Opus lasts 120 ms at most, and holds, for its loss, a copy of the one before it: of those that touch a
 * hidden passage, and of the first one behind it, nothing may be heard.
 */
const PACKET_MS = 120;
/** Frames written at once. */
const BATCH = 500;

/** What the renditions show, lesson times in ms. */
export function stretchOf({ from, to, cut }: Pick<RecordingFile, 'from' | 'to' | 'cut'>): Stretch {
  const end = to ?? from;
  const begin = Math.min(Math.max(from, cut?.from ?? from), end);
  return { from: begin, to: Math.max(begin, Math.min(end, cut?.to ?? end)) };
}

/** Whether a frame that `participant` sent at a time is hidden. */
export function hider(cut: RecordingCut | undefined, participant: string): (time: number) => boolean {
  const own = (cut?.hidden ?? []).filter((one) => (one.participant ?? participant) === participant);
  return (time) => own.some(({ from, to }) => time > from - PACKET_MS && time < to + PACKET_MS);
}

/** The passages of which nothing at all is shown of `participant`, or, without one, of anybody. */
export function passages(cut: RecordingCut | undefined, participant?: string): Stretch[] {
  const hidden = (cut?.hidden ?? []).filter(
    (one) => one.participant === undefined || one.participant === participant,
  );
  return hidden.map(({ from, to }) => ({ from, to }));
}

/** What playback steps over: where nothing was recorded, and what is hidden. */
export function gapsOf(file: RecordingFile): Gap[] {
  const { from, to } = stretchOf(file);
  const within = (gaps: readonly Stretch[]) =>
    merge(gaps.map((gap) => ({ from: Math.max(from, gap.from), to: Math.min(to, gap.to) })));
  // What was brought has the hidden ones of where it was taught among its own.
  const hidden = within([...file.gaps.filter((gap) => gap.hidden), ...passages(file.cut)]);
  const lost = within(file.gaps.filter((gap) => !gap.hidden)).flatMap((gap) => subtract(gap, hidden));
  return [...merge(lost), ...hidden.map((gap) => ({ ...gap, hidden: true }))].sort((a, b) => a.from - b.from);
}

/** `whole` without the `taken` stretches. */
export function subtract(whole: Stretch, taken: readonly Stretch[]): Stretch[] {
  const free: Stretch[] = [];
  let cursor = whole.from;
  for (const stretch of [...taken].sort((a, b) => a.from - b.from)) {
    if (stretch.from > cursor) free.push({ from: cursor, to: Math.min(stretch.from, whole.to) });
    cursor = Math.max(cursor, stretch.to);
  }
  if (cursor < whole.to) free.push({ from: cursor, to: whole.to });
  return free.filter(({ from, to }) => from < to);
}

/** Takes every frame that is hidden out of a lesson's tracks; what was only trimmed away stays. What a crash leaves half done is done by the next call. */
export async function eraseFromTracks(folder: LessonFolder, file: RecordingFile): Promise<void> {
  for (const track of file.tracks) {
    await rewrite(join(folder.tracks, track.file), hider(file.cut, track.participant));
  }
}

async function rewrite(path: string, isGone: (time: number) => boolean): Promise<void> {
  const reader = await TrackReader.open(path);
  if (!reader) return;
  const fresh = `${path}.erasing`;
  await rm(fresh, { force: true });
  let failure: unknown;
  const writer = new TrackWriter(fresh, reader.header, (error) => {
    failure ??= error;
  });
  try {
    let count = 0;
    for await (const frame of reader.frames()) {
      if (frame.end || isGone(frame.time)) continue;
      writer.append(frame);
      if (++count % BATCH === 0) await writer.written();
    }
  } finally {
    await writer.close();
  }
  if (failure) throw failure;
  await rename(fresh, path);
  await syncDirectory(join(path, '..'));
}

/** A cut that hides nothing gives back what was made of all of it, if that is still there. */
export function cutFile(file: RecordingFile | null, cut: RecordingCut): RecordingFile {
  if (!file) throw new Error('The recording’s state file is gone');
  const { whole, place, ...rest } = file;
  const { voice, aac, picture } = rest;
  const original = whole ?? (place === undefined ? { voice, aac, picture } : undefined);
  const isNone = cut.from === null && cut.to === null && cut.hidden.length === 0;
  if (isNone && original) return { ...rest, ...original, cut };
  const made = { voice: WAITING, aac: WAITING, picture: WAITING };
  return { ...rest, ...made, cut, place: `-${cut.revision}`, whole: original };
}

/** What a viewer chooses from; AAC is the voice's other half. */
const OFFERED = ['voice', 'picture'] as const;

export function offered(records: Pick<RecordingFile, 'voice' | 'picture'>, base: string): Rendition[] {
  return OFFERED.flatMap((kind) => {
    const { state, playlist, bytes } = records[kind];
    return state === 'ready' && playlist ? [{ kind, url: `${base}/${playlist}`, bytes }] : [];
  });
}
