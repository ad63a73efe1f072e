import type { ObjectStore } from '../../protocol/storage.ts';
import type { Log } from '../log.ts';
import { Archives } from './archive.ts';
import { ReplayEditor } from './editor.ts';
import { Merger } from './merger.ts';
import { ReplayReader, type ReplayReaderOptions } from './reader.ts';
import { Shares } from './shares.ts';

/** What a lesson becomes after it. */
export interface ReplayService {
  readonly reader: ReplayReader;
  readonly editor: ReplayEditor;
  readonly shares: Shares;
  readonly archives: Archives;
  readonly merger: Merger;
  close(): Promise<void>;
}

export interface ReplayServiceOptions extends ReplayReaderOptions {
  /** Where the files of pages are. */
  readonly objects: ObjectStore;
  /** Where `vite build` puts the player that works without a server. */
  readonly player: string;
}

export function openReplays(options: ReplayServiceOptions, log: Log): ReplayService {
  const reader = new ReplayReader(options);
  const editor = new ReplayEditor({ ...options, reader, log });
  const archives = new Archives({ ...options, reader });
  const merger = new Merger({ ...options, reader });
  return { reader, editor, shares: new Shares(), archives, merger, close: () => editor.close() };
}
