import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { KeptFile } from '../../../protocol/api-watching.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import type { ReplayReader } from '../../replays/reader.ts';
import type { RouteHandlers } from '../api.ts';
import { lessonOf } from './lessons.ts';

/** Lists at hand: a class keeps the same lesson on the same evening. */
const LISTS_AT_HAND = 32;

/**
 * What a rendition's playlist consists of, with hashes, for whoever keeps it on a device. Files of a finished rendition
 * never change, so that each is read for this once.
 */
export function replayFileRoutes(reader: Pick<ReplayReader, 'file'>): Pick<RouteHandlers, 'replay.files'> {
  const lists = new Map<string, Promise<KeptFile[]>>();

  function list(lesson: string, playlist: string): Promise<KeptFile[]> {
    const key = `${lesson}/${playlist}`;
    const known = lists.get(key);
    if (known) return known;
    const made = listFiles(reader, lesson, playlist);
    lists.set(key, made);
    made.catch(() => lists.delete(key));
    const [oldest] = lists.keys();
    if (lists.size > LISTS_AT_HAND && oldest !== undefined) lists.delete(oldest);
    return made;
  }

  return {
    'replay.files': async (context, { playlist }) => {
      const { id } = lessonOf(context);
      // What was listed of another cut than today's is not told either.
      if (!(await reader.file(id, playlist))) throw new TongkeError('not_found');
      return { files: await list(id, playlist) };
    },
  };
}

async function listFiles(
  reader: Pick<ReplayReader, 'file'>,
  lesson: string,
  playlist: string,
): Promise<KeptFile[]> {
  const listed = await reader.file(lesson, playlist);
  if (!listed) throw new TongkeError('not_found');
  const text = 'text' in listed ? listed.text : await readFile(listed.path, 'utf8');
  // One that still grows would be kept with its end missing.
  if (!text.includes('#EXT-X-ENDLIST')) throw new TongkeError('replay_not_ready');
  const files: KeptFile[] = [];
  const place = playlist.slice(0, playlist.lastIndexOf('/') + 1);
  for (const name of [playlist, ...namesIn(text).map((one) => place + one)]) {
    const file = await reader.file(lesson, name);
    if (!file || !('path' in file)) throw new TongkeError('not_found');
    const [sha256, { size }] = await Promise.all([hashOf(file.path), stat(file.path)]);
    files.push({ url: `/replays/${lesson}/${name}`, bytes: size, sha256 });
  }
  return files;
}

/** The map and the segments of a media playlist, in its order. */
function namesIn(playlist: string): string[] {
  return Array.from(
    playlist.matchAll(/^#EXT-X-MAP:URI="([^"]+)"|^([^#\s].*)$/gm),
    ([, map, segment]) => map ?? segment ?? '',
  );
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
