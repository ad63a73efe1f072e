import { createHash } from 'node:crypto';
import type { KeptFile } from '../../../protocol/api-watching.ts';
import { TongkeError } from '../../../protocol/errors.ts';
import type { ReplayFile } from '../../../protocol/recording.ts';
import { contentOf, textOf } from '../../replays/content.ts';
import type { ReplayReader } from '../../replays/reader.ts';
import type { RouteHandlers } from '../api.ts';
import { lessonOf } from './lessons.ts';

/** Lists at hand: a class keeps the same lesson on the same evening. */
const LISTS_AT_HAND = 32;
/** Files of a finished rendition change where a disk has lost them and they are made again: so long, ms, nobody hears of it. */
const KNOWN_MS = 10 * 60_000;

/** What a rendition's playlist consists of, with hashes, for whoever keeps it on a device. Each file is read for this once in a while. */
export function replayFileRoutes(reader: Pick<ReplayReader, 'file'>): Pick<RouteHandlers, 'replay.files'> {
  const lists = new Map<string, { readonly made: Promise<KeptFile[]>; readonly at: number }>();

  function list(lesson: string, playlist: string): Promise<KeptFile[]> {
    const key = `${lesson}/${playlist}`;
    const known = lists.get(key);
    if (known && performance.now() - known.at < KNOWN_MS) return known.made;
    const made = listFiles(reader, lesson, playlist);
    lists.delete(key);
    lists.set(key, { made, at: performance.now() });
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
  const text = await textOf(listed);
  // One that still grows would be kept with its end missing.
  if (!text.includes('#EXT-X-ENDLIST')) throw new TongkeError('replay_not_ready');
  const files: KeptFile[] = [];
  const place = playlist.slice(0, playlist.lastIndexOf('/') + 1);
  for (const name of [playlist, ...namesIn(text).map((one) => place + one)]) {
    const file = await reader.file(lesson, name);
    if (!file) throw new TongkeError('not_found');
    files.push({ url: `/replays/${lesson}/${name}`, ...(await measure(file)) });
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

async function measure(file: ReplayFile): Promise<Pick<KeptFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of await contentOf(file)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
