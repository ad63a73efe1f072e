import type { Log } from '../log.ts';
import { ReplayEditor } from './editor.ts';
import { ReplayReader, type ReplayReaderOptions } from './reader.ts';
import { Shares } from './shares.ts';

/** What a lesson becomes after it. */
export interface ReplayService {
  readonly reader: ReplayReader;
  readonly editor: ReplayEditor;
  readonly shares: Shares;
  close(): Promise<void>;
}

export function openReplays(options: ReplayReaderOptions, log: Log): ReplayService {
  const reader = new ReplayReader(options);
  const editor = new ReplayEditor({ ...options, reader, log });
  return { reader, editor, shares: new Shares(), close: () => editor.close() };
}
