import type { Replay } from '../../protocol/replay.ts';
import type { Attach, Trouble } from './hls.ts';
import type { Watching } from './renditions.ts';

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

export interface PlayerView {
  /** What is played: see `Watching`. */
  readonly watching: Watching;
  /** It plays, or will as soon as it can. */
  readonly playing: boolean;
  /** It would play, but waits for data. */
  readonly waiting: boolean;
  readonly ended: boolean;
  /** As chosen. */
  readonly rate: number;
  /** The lesson goes on, and there is little or nothing left of it to play yet. */
  readonly atEdge: boolean;
  /** The link did not carry the picture: it was left out. */
  readonly tooMuch: boolean;
  /** `blocked`: the browser wants a touch before anything may sound. */
  readonly trouble: Trouble | 'blocked' | null;
  /** Lines of the pictures to choose from; of the one that plays; and of the one that was chosen, null for none. */
  readonly heights: readonly number[];
  readonly height: number | null;
  readonly chosenHeight: number | null;
  /** Bytes that came over the link since this was opened. */
  readonly loaded: number;
}

/** What the player needs of the media element. */
export type PlayerMedia = EventTarget &
  Pick<
    HTMLMediaElement,
    | 'currentTime'
    | 'defaultPlaybackRate'
    | 'duration'
    | 'ended'
    | 'error'
    | 'pause'
    | 'paused'
    | 'play'
    | 'playbackRate'
    | 'readyState'
    | 'seeking'
  >;

/** Of lesson time, ms. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface PlayerOptions {
  /** One element for every rendition: a touch that let it sound once lets it sound for good. */
  readonly media: PlayerMedia;
  readonly replay: Replay;
  /** What of it is played; null: all. */
  readonly part?: Stretch | null;
  readonly watching: Watching;
  /** Lesson time to begin at. */
  readonly startAt: number;
  readonly rate: number;
  /** Lines of the picture, as chosen before; null: as the link carries. */
  readonly height?: number | null;
  /** To `media`. */
  readonly attach: Attach;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Stretches of lesson time in which there is neither sound nor ink. */
  readonly pauses: readonly Stretch[];
}

/** HTMLMediaElement.HAVE_METADATA and HAVE_FUTURE_DATA, by number: Node's tests have no such class. */
export const HAVE_METADATA = 1;
export const HAVE_FUTURE_DATA = 3;
