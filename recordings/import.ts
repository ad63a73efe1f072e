import { join } from 'node:path';
import type { Part, StreamSource } from '../protocol/events.ts';
import { openIvf } from './ivf.ts';
import { type LessonFolder, trackName, WAITING } from './lesson-folder.ts';
import { oggPreSkip, readOggPackets } from './ogg.ts';
import { OPUS_RATE, opusSamples } from './opus.ts';
import type { TrackFrame, TrackHeader } from './track-format.ts';
import { TrackWriter } from './track-writer.ts';

/** A lesson that was recorded elsewhere. Lesson times, ms. */
export interface ImportedRecording {
  readonly lesson: string;
  readonly from: number;
  readonly to: number;
  readonly tracks: readonly ImportedTrack[];
}

export interface ImportedTrack {
  /** Ogg with Opus for a microphone, IVF with VP8 for a camera or a screen. */
  readonly path: string;
  readonly participant: string;
  readonly part: Part;
  readonly source: StreamSource;
  /** Lesson time of the file's beginning. */
  readonly at: number;
}

const VIDEO_RATE = 90_000;
/** Frames written at once: a file is read faster than a disk may take it. */
const BATCH = 500;

/** Makes track files of media files in a folder that has none. Rejects where one cannot be read; what it made then is not used. */
export async function importTracks(folder: LessonFolder, recording: ImportedRecording): Promise<void> {
  for (const [index, track] of recording.tracks.entries()) {
    await importTrack(folder, track, `imported${index}`);
  }
  // At the end: a folder with its state file is taken for a recording that needs only be finished.
  await folder.change(() => ({
    version: 1,
    lesson: folder.lesson,
    from: recording.from,
    to: null,
    sessions: [{ from: recording.from, to: recording.to }],
    moves: [],
    gaps: [],
    tracks: [],
    voice: WAITING,
    aac: WAITING,
    picture: WAITING,
  }));
}

async function importTrack(folder: LessonFolder, track: ImportedTrack, stream: string): Promise<void> {
  const voice = track.source === 'mic';
  const header: TrackHeader = {
    version: 1,
    lesson: folder.lesson,
    stream,
    participant: track.participant,
    part: track.part,
    source: track.source,
    mimeType: voice ? 'audio/opus' : 'video/VP8',
    clockRate: voice ? OPUS_RATE : VIDEO_RATE,
    from: track.at,
  };
  let failure: unknown;
  const writer = new TrackWriter(join(folder.tracks, trackName(stream, track.at)), header, (error) => {
    failure ??= error;
  });
  try {
    let count = 0;
    for await (const frame of voice ? opusFrames(track) : vp8Frames(track)) {
      writer.append(frame);
      if (++count % BATCH === 0) await writer.written();
    }
  } finally {
    await writer.close();
  }
  if (failure) throw failure;
}

async function* opusFrames({ path, at }: ImportedTrack): AsyncGenerator<TrackFrame> {
  let index = 0;
  let samples = 0;
  for await (const payload of readOggPackets(path)) {
    // The first packet says how much of the beginning is the encoder's delay, the second holds the tags.
    if (index === 0) samples = -oggPreSkip(payload);
    if (index++ < 2) continue;
    const time = at + (samples * 1000) / OPUS_RATE;
    // RTP time starts one second late, so that the encoder's delay does not lie below zero.
    if (time >= 0) yield { time, timestamp: samples + OPUS_RATE, keyFrame: true, end: false, payload };
    samples += opusSamples(payload);
  }
}

async function* vp8Frames({ path, at }: ImportedTrack): AsyncGenerator<TrackFrame> {
  const { fourcc, frames } = await openIvf(path);
  if (fourcc !== 'VP80') throw new Error(`${path} holds ${fourcc}, not VP8`);
  for await (const { time, frame } of frames) {
    yield {
      time: at + time * 1000,
      timestamp: Math.round(time * VIDEO_RATE),
      keyFrame: ((frame[0] ?? 1) & 1) === 0,
      end: false,
      payload: frame,
    };
  }
}
