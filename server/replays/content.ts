import { createReadStream } from 'node:fs';
import type { ReplayFile } from '../../protocol/recording.ts';

/** All of a replay's file, wherever it lies. */
export async function contentOf(file: ReplayFile): Promise<AsyncIterable<Uint8Array>> {
  if ('path' in file) return createReadStream(file.path);
  return 'text' in file ? inOnePiece(file.text) : await file.read();
}

export async function textOf(file: ReplayFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await contentOf(file)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* inOnePiece(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
