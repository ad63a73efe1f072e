import type { LogEntry } from '../../protocol/events.ts';
import type { Replay, WrittenPages } from '../../protocol/replay.ts';
import type { Cue } from '../../protocol/replay-edit.ts';

/** What `replay.js` beside the page says: as the server wrote it, from what it had checked. */
export interface ArchivedReplay {
  readonly replay: Replay;
  readonly entries: readonly LogEntry[];
  /** The voice, several times: whichever this browser plays. */
  readonly voices: readonly { readonly name: string; readonly type: string }[];
  /** By track. */
  readonly captions: Readonly<Record<string, readonly Cue[]>>;
  /** What is written on pages that were brought, by their file. */
  readonly words: WrittenPages['pages'];
}

declare global {
  interface Window {
    readonly tongkeReplay?: ArchivedReplay;
  }
}
