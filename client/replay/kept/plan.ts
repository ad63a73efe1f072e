import type { KeptFile } from '../../../protocol/api-watching.ts';
import type { LogEntry } from '../../../protocol/events.ts';
import type { Rendition, Replay } from '../../../protocol/replay.ts';
import { call, NetworkError } from '../../api.ts';
import { fileUrl } from '../../board/page-file.ts';
import { mediaSource } from '../media-source.ts';
import { type Plan, sum } from './keeper.ts';
import { type Variant, variantsOf, withOnly } from './master.ts';
import type { Keeping } from './shelf.ts';

/** One thing that can be kept, with what it weighs as far as is known before it is planned. */
export interface Offer {
  readonly keeping: Keeping;
  /** Bytes; of a picture from its average bit rate. */
  readonly bytes: number;
  readonly source: { readonly url: string; readonly master: string; readonly variant: Variant } | null;
}

/** What every way to keep a lesson holds: the log, packed, and the files beneath its pages. */
export interface Board {
  readonly log: Blob;
  readonly pages: readonly KeptFile[];
}

/** The log as it is kept is a fifth of its JSON. */
export async function boardOf(lesson: string, entries: readonly LogEntry[]): Promise<Board> {
  const stream = new Blob([JSON.stringify(entries)]).stream().pipeThrough(new CompressionStream('gzip'));
  const files = entries.flatMap(({ event }) =>
    event.type === 'page.laid' ? event.pages.flatMap(({ file }) => file ?? []) : [],
  );
  const once = new Map(files.map((file) => [file.sha256, file]));
  const pages = [...once.values()].map((file) => ({
    ...{ url: fileUrl(lesson, file), bytes: file.bytes, sha256: file.sha256 },
  }));
  return { log: await new Response(stream).blob(), pages };
}

/** What of this lesson can be kept on this device, lightest first. Rejects with NetworkError. */
export async function offersOf(replay: Replay, board: Board): Promise<Offer[]> {
  const least = board.log.size + sum(board.pages);
  const ink: Offer = { keeping: { watching: 'ink', height: null }, bytes: least, source: null };
  const offers = await Promise.all(replay.renditions.map((rendition) => offersIn(rendition, replay)));
  return [ink, ...offers.flat().map((offer) => ({ ...offer, bytes: offer.bytes + least }))].sort(
    (a, b) => a.bytes - b.bytes,
  );
}

async function offersIn({ kind, url, bytes }: Rendition, { from, to }: Replay): Promise<Offer[]> {
  const master = await textOf(url);
  const playable = variantsOf(master).filter(({ codecs }) => plays(kind, codecs));
  if (kind === 'voice') {
    const [variant] = playable;
    const keeping: Keeping = { watching: 'voice', height: null };
    return variant ? [{ keeping, bytes, source: { url, master, variant } }] : [];
  }
  return playable.map((variant) => ({
    keeping: { watching: 'picture', height: variant.height },
    bytes: Math.round((variant.average * (to - from)) / 8000),
    source: { url, master, variant },
  }));
}

/** All of it, to the byte. Rejects with NetworkError, or with what the server says. */
export async function planOf(
  replay: Replay,
  { log, pages }: Board,
  { keeping, source }: Offer,
): Promise<Plan> {
  const main = source && { url: source.url, text: withOnly(source.master, source.variant) };
  const lists = await Promise.all(
    playlistsOf(replay, source).map((playlist) =>
      call('replay.files', { params: { lesson: replay.lesson }, query: { playlist } }),
    ),
  );
  const files = [...pages, ...lists.flatMap((list) => list.files)];
  const captions = await captionsOf(replay);
  const words = JSON.stringify(
    pages.length > 0 ? await call('replay.words', { params: { lesson: replay.lesson } }) : { pages: [] },
  );
  const letters = [...captions.values(), words].reduce((total, { length }) => total + length, 0);
  const bytes = sum(files) + log.size + letters;
  return { keeping, master: main, files, replay, log, captions, words, bytes };
}

/** As the server names them: a main playlist names what lies beside it, in a folder of its own once something is cut. */
function playlistsOf({ lesson }: Replay, source: Offer['source']): string[] {
  if (!source) return [];
  const { uri, sound } = source.variant;
  const main = new URL(source.url, location.href);
  return [uri, sound]
    .filter((name) => name !== null)
    .map((name) => new URL(name, main).pathname.slice(`/replays/${lesson}/`.length));
}

async function captionsOf({ lesson, captions = [] }: Replay): Promise<Map<string, string>> {
  const cues = await Promise.all(
    captions.map(({ id }) => call('captions.show', { params: { lesson, track: id } })),
  );
  return new Map(captions.map(({ id }, i) => [id, JSON.stringify(cues[i])]));
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new NetworkError(url, { cause: error });
  });
  if (!response.ok) throw new NetworkError(`${url}: ${response.status}`);
  return response.text();
}

/** Kept files are given to the player piece by piece, which not every browser can do. */
function plays(kind: Rendition['kind'], codecs: string): boolean {
  const source = mediaSource();
  if (!source) return false;
  if (kind === 'voice') return source.isTypeSupported(`audio/mp4; codecs="${codecs}"`);
  return codecs
    .split(',')
    .every((codec) =>
      source.isTypeSupported(`${codec.startsWith('avc') ? 'video' : 'audio'}/mp4; codecs="${codec.trim()}"`),
    );
}
