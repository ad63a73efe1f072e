import { join } from 'node:path';
import { hider } from './cut.ts';
import type { LessonFolder } from './lesson-folder.ts';
import type { Stretch } from './timeline.ts';
import type { TrackFrame } from './track-format.ts';
import { TrackReader } from './track-reader.ts';

/** A track's frames within a stretch. */
export interface TrackPart {
  readonly file: string;
  readonly frames: readonly TrackFrame[];
}

/** How far one track has been read. */
interface Place {
  /** Byte to go on from; undefined is the first frame. */
  since: number | undefined;
  /** Nothing of it is of use any more, or it is no voice. */
  done: boolean;
}

/**
 * Reads a lesson's voices stretch by stretch, forwards, while they are still being written. What was read is not
 * read again, so that a long lesson costs no more a minute than a short one.
 */
export class TrackCursors {
  readonly #folder: LessonFolder;
  readonly #places = new Map<string, Place>();

  constructor(folder: LessonFolder) {
    this.#folder = folder;
  }

  /** To the beginning of all of them. */
  back(): void {
    this.#places.clear();
  }

  /** Frames in a stretch of lesson time, ms, by track. `keep`: before this nothing will be asked for again. */
  async read(stretch: Stretch, keep: number): Promise<TrackPart[]> {
    const parts: TrackPart[] = [];
    for (const file of await this.#folder.listTracks()) {
      const place = this.#places.get(file) ?? { since: undefined, done: false };
      this.#places.set(file, place);
      if (place.done) continue;
      const frames = await this.#readTrack(file, place, stretch, keep);
      if (frames.length > 0) parts.push({ file, frames });
    }
    return parts;
  }

  async #readTrack(file: string, place: Place, { from, to }: Stretch, keep: number): Promise<TrackFrame[]> {
    const reader = await TrackReader.open(join(this.#folder.tracks, file));
    if (!reader) return []; // its header is on its way
    if (reader.header.source !== 'mic') {
      place.done = true;
      await reader.close();
      return [];
    }
    const isHidden = hider((await this.#folder.read())?.cut, reader.header.participant);
    const found: TrackFrame[] = [];
    let before = place.since;
    let kept = false;
    for await (const frame of reader.frames(place.since)) {
      if (!kept && frame.time >= keep) {
        kept = true;
        place.since = before;
      }
      if (frame.end) {
        place.done = frame.time < keep;
        break;
      }
      if (frame.time >= to) break;
      if (frame.time >= from && !isHidden(frame.time)) found.push(frame);
      before = reader.soundBytes;
    }
    if (!kept) place.since = before;
    return found;
  }
}
