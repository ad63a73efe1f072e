import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ffmpeg } from './ffmpeg.ts';
import { OggOpusWriter, readOggPackets } from './ogg.ts';
import { isSpoken, opusSamples } from './opus.ts';
import { DRIFT, PacketLine, PER_MS, sampleAt } from './packet-line.ts';
import { packLanes } from './timeline.ts';
import type { TrackPart } from './track-cursors.ts';
import type { TrackFrame } from './track-format.ts';

/** A piece of the voice rendition: one segment. Samples at 48 kHz. */
export interface VoiceWindow {
  /** Lesson time of the rendition's sample 0, ms. */
  readonly from: number;
  /** Frames that begin from `begin` to before `end` are the window's own. */
  readonly begin: number;
  readonly end: number;
  /** Where its first packet lies: the window before may have ended with a packet that reached over, or short of `end`. */
  readonly start: number;
  /** The lesson ends with it. */
  readonly last: boolean;
}

export interface MixOptions {
  readonly ffmpeg: Ffmpeg;
  readonly signal: AbortSignal;
  /** A folder for what passes between us and ffmpeg. */
  readonly directory: string;
  /** Somebody waits for it. */
  readonly isAwaited?: boolean;
}

/** What was sent in a window by those who are heard in it. */
type Voices = readonly TrackPart[];

/** Mixing begins this much earlier, so that its codecs have learnt the voices where the window begins. */
const LEAD_IN_FRAMES = 8;
const MIX_FRAME_MS = 60;
export const MIX_FRAME = MIX_FRAME_MS * PER_MS;
const LEAD_IN = LEAD_IN_FRAMES * MIX_FRAME;
/** Lesson time beyond a window's own that it may need, before and after, ms. */
export const WINDOW_REACH_MS = LEAD_IN / PER_MS + 2 * MIX_FRAME_MS;
/** An hour of it, with its container and the lesson's ink, stays below 6 MB. */
const MIX_BITRATE = 12_000;
/** The least of libopus: a fifth of the best's CPU, for speech that has been through a better encoder already. */
const MIX_COMPLEXITY = 0;
/** Two frames of 60 ms. */
const LOSS = 120 * PER_MS;
/** The sum of voices is held below clipping. */
const LIMIT = 0.9;

/** Those parts in which somebody is heard in the window. */
export function voicesIn(parts: readonly TrackPart[], window: VoiceWindow): TrackPart[] {
  return parts.filter(({ frames }) =>
    frames.some((frame) => isSpoken(frame.payload) && isWithin(frame, window)),
  );
}

function isWithin({ time }: TrackFrame, { from, begin, end }: VoiceWindow): boolean {
  const at = sampleAt(time, from);
  return at >= begin && at < end;
}

/**
 * The window's packets as they were sent, where voices took turns. Null where two are heard at once: nobody may be
 * left out.
 */
export function takeTurns(voices: Voices, window: VoiceWindow): Buffer[] | null {
  if (areTogether(voices, window)) return null;
  const turns = voices
    .flatMap(({ file, frames }) =>
      frames.filter((frame) => isWithin(frame, window)).map((frame) => ({ file, frame })),
    )
    .sort((a, b) => a.frame.time - b.frame.time);
  const line = new PacketLine(window.from, window.start);
  let speaker: string | undefined;
  for (const { file, frame } of turns) {
    if (file !== speaker) {
      if (!isSpoken(frame.payload)) continue; // another's comfort noise
      if (speaker !== undefined) line.turn();
      speaker = file;
    }
    line.place(frame);
  }
  if (window.last) line.endAt(window.end);
  else line.pauseUntil(window.end);
  return line.packets;
}

/** Whether somebody begins while another has not finished, by more than is heard. */
function areTogether(voices: Voices, window: VoiceWindow): boolean {
  const runs = voices.flatMap((voice) => speechOf(voice, window)).sort((a, b) => a.begin - b.begin);
  let until = Number.NEGATIVE_INFINITY;
  for (const { begin, end } of runs) {
    if (begin < until - DRIFT) return true;
    until = Math.max(until, end);
  }
  return false;
}

/** Where somebody is heard in the window, in samples; a frame's loss is no pause. */
function speechOf({ frames }: TrackPart, window: VoiceWindow): { begin: number; end: number }[] {
  const runs: { begin: number; end: number }[] = [];
  for (const frame of frames) {
    if (!isSpoken(frame.payload) || !isWithin(frame, window)) continue;
    const begin = sampleAt(frame.time, window.from);
    const end = begin + opusSamples(frame.payload);
    const last = runs.at(-1);
    if (last && begin - last.end < LOSS) last.end = Math.max(last.end, end);
    else runs.push({ begin, end });
  }
  return runs;
}

/** Packets that a window has when it is mixed: the last may reach over its end. */
export function mixedFrames({ start, end }: VoiceWindow): number {
  return Math.ceil((end - start) / MIX_FRAME);
}

/** The window's packets with every voice in them, mixed and coded anew. */
export async function mixVoices(
  voices: Voices,
  window: VoiceWindow,
  { ffmpeg, signal, directory, isAwaited = false }: MixOptions,
): Promise<Buffer[]> {
  const frames = mixedFrames(window);
  const begin = window.start - LEAD_IN;
  const end = window.start + frames * MIX_FRAME;
  const lanes = packLanes(voices.map((voice) => ({ ...voice, ...spanOf(voice) })));
  const paths: string[] = [];
  const mixed = join(directory, 'mixed.ogg');
  try {
    for (const [index, lane] of lanes.entries()) {
      const path = join(directory, `lane-${index}.ogg`);
      paths.push(path);
      await writeLane(path, lane, { from: window.from, begin, end });
    }
    await ffmpeg.run(mixArguments(paths, mixed), { signal, isAwaited });
    const packets: Buffer[] = [];
    let index = 0;
    for await (const packet of readOggPackets(mixed)) {
      // The first two are headers.
      if (index >= 2 + LEAD_IN_FRAMES && packets.length < frames) packets.push(packet);
      index++;
    }
    if (packets.length < frames) throw new Error(`${packets.length} packets were mixed, not ${frames}`);
    return packets;
  } finally {
    for (const path of [...paths, mixed]) await rm(path, { force: true });
  }
}

function spanOf({ frames }: TrackPart): { from: number; to: number } {
  const last = frames.at(-1);
  const to = last ? last.time + opusSamples(last.payload) / PER_MS : 0;
  return { from: frames[0]?.time ?? 0, to };
}

async function writeLane(
  path: string,
  lane: readonly TrackPart[],
  { from, begin, end }: { from: number; begin: number; end: number },
): Promise<void> {
  const line = new PacketLine(from, begin);
  for (const { frames } of lane) {
    line.turn();
    for (const frame of frames) {
      const at = sampleAt(frame.time, from);
      if (at >= begin && at < end) line.place(frame);
    }
  }
  line.endAt(end);
  const ogg = await OggOpusWriter.create(path);
  try {
    for (const packet of line.packets) await ogg.write(packet);
  } catch (error) {
    await ogg.abandon();
    throw error;
  }
  await ogg.close();
}

function mixArguments(lanes: readonly string[], mixed: string): string[] {
  const inputs = lanes.map((_, index) => `[${index}:a]`).join('');
  const sum =
    lanes.length > 1 ? `amix=inputs=${lanes.length}:normalize=0,alimiter=limit=${LIMIT}:level=disabled,` : '';
  return [
    // libopus fills the pauses of a sender with the comfort noise it has learnt; ffmpeg's own decoder mutes them.
    ...lanes.flatMap((lane) => ['-c:a', 'libopus', '-i', lane]),
    ...['-filter_complex', `${inputs}${sum}aformat=channel_layouts=mono[voice]`, '-map', '[voice]'],
    ...['-c:a', 'libopus', '-application', 'voip', '-b:a', String(MIX_BITRATE), '-vbr', 'on'],
    ...['-compression_level', String(MIX_COMPLEXITY), '-frame_duration', String(MIX_FRAME_MS)],
    ...['-f', 'ogg', mixed],
  ];
}
