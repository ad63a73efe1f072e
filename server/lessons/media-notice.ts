import type { MediaApi } from '../../protocol/media.ts';
import type { Log } from '../log.ts';
import type { Ceilings } from './ceilings.ts';
import type { Downloads } from './downloads.ts';
import type { Lesson } from './lesson.ts';

/** Who asks for media: a participant over one of their connections. */
export interface MediaUser {
  readonly participant: string;
  readonly connection: string;
  /** The device, or where it is none the session, in whose name: what it leaves behind ends with it. */
  readonly by: string;
  /** From the connection's request to its first message: all that is known of the link as yet, ms. */
  readonly roundTripMs: number;
}

/** How a lesson's entries reach somebody: over the socket at most so often, 0: at once; or fresh over `feed`. */
export interface Pace {
  readonly everyMs: number;
  readonly feed: string | null;
}

export type MediaNotice =
  | { readonly type: 'levels'; readonly levels: Record<string, number> }
  /** For the one connection that used it. */
  | {
      readonly type: 'paused';
      readonly connection: string;
      readonly consumer: string;
      readonly paused: boolean;
    }
  | ({ readonly type: 'paced'; readonly connection: string } & Pace)
  | {
      readonly type: 'closed';
      readonly connection: string;
      readonly what: 'consumer' | 'transport';
      readonly id: string;
    };

export interface LessonMediaOptions {
  readonly lesson: Lesson;
  readonly media: MediaApi;
  readonly log: Log;
  readonly notify: (notice: MediaNotice) => void;
  readonly ceilings: Ceilings;
  readonly downloads: Downloads;
}
