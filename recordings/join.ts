import { join } from 'node:path';
import { type LessonFolder, trackName, WAITING } from './lesson-folder.ts';
import { merge, type Stretch } from './timeline.ts';
import { TrackReader } from './track-reader.ts';
import { TrackWriter } from './track-writer.ts';

export interface JoinedPart {
  readonly folder: LessonFolder;
  /** Added to its times, ms: where it lies in the whole. */
  readonly shift: number;
}

/** Frames written at once. */
const BATCH = 500;

/** Makes one lesson's tracks of those of others, one behind the other; gives its beginning and end. The others stay as they are. */
export async function joinTracks(folder: LessonFolder, parts: readonly JoinedPart[]): Promise<Stretch> {
  const sessions: Stretch[] = [];
  for (const part of parts) {
    const file = await part.folder.read();
    if (!file || file.to === null) throw new Error(`${part.folder.lesson} has no recording to be joined`);
    for (const track of file.tracks) await copyTrack(folder, part, track.file);
    // Where nothing was recorded of a part, nothing is there of it in the whole.
    let from = file.from;
    for (const gap of [...merge(file.gaps), { from: file.to, to: file.to }]) {
      sessions.push({ from: from + part.shift, to: gap.from + part.shift });
      from = gap.to;
    }
  }
  const from = sessions[0]?.from ?? 0;
  const to = sessions.at(-1)?.to ?? from;
  await folder.change(() => ({
    ...{ version: 1, lesson: folder.lesson, from, to: null, sessions, moves: [], gaps: [], tracks: [] },
    ...{ voice: WAITING, aac: WAITING, picture: WAITING },
  }));
  return { from, to };
}

async function copyTrack(
  folder: LessonFolder,
  { folder: source, shift }: JoinedPart,
  file: string,
): Promise<void> {
  const reader = await TrackReader.open(join(source.tracks, file));
  if (!reader) throw new Error(`${file} of ${source.lesson} is no track`);
  const { header } = reader;
  const from = header.from + shift;
  let failure: unknown;
  const path = join(folder.tracks, trackName(header.stream, from));
  const writer = new TrackWriter(path, { ...header, lesson: folder.lesson, from }, (error) => {
    failure ??= error;
  });
  try {
    let count = 0;
    for await (const frame of reader.frames()) {
      writer.append({ ...frame, time: frame.time + shift });
      if (++count % BATCH === 0) await writer.written();
    }
  } finally {
    await writer.close();
  }
  if (failure) throw failure;
}
