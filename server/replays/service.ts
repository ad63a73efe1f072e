import type { ObjectStore } from '../../protocol/storage.ts';
import type { Log } from '../log.ts';
import { Archives } from './archive.ts';
import { ReplayEditor, type ReplayEditorOptions } from './editor.ts';
import { Merger } from './merger.ts';
import type { ReplayReader } from './reader.ts';
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

export interface ReplayServiceOptions extends Omit<ReplayEditorOptions, 'log'> {
  /** Where the files of pages are. */
  readonly objects: ObjectStore;
  /** Where `vite build` puts the player that works without a server. */
  readonly player: string;
}

export function openReplays(options: ReplayServiceOptions, log: Log): ReplayService {
  const { reader } = options;
  const editor = new ReplayEditor({ ...options, log });
  const archives = new Archives(options);
  const merger = new Merger(options);
  return { reader, editor, shares: new Shares(), archives, merger, close: () => editor.close() };
}
