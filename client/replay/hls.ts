import type { ErrorData } from 'hls.js';
import type { Rendition } from '../../protocol/replay.ts';
import { dataUse } from '../data-use/data-use.ts';
import { isKept, keptFirst } from './kept/loader.ts';
import { mediaSource } from './media-source.ts';
import { attachNative, RETRY_FIRST_MS, RETRY_LONGEST_MS } from './native.ts';

/**
 * What keeps a rendition from playing: the link, its being made, the store that it is in (all tried again without end), its being
 * shown no more, or the rendition or browser itself.
 */
export type Trouble = 'network' | 'coming' | 'away' | 'gone' | 'format';

export interface Attachment {
  close(): void;
  /** Holds the picture to so many lines; null: as many as the link carries. */
  choose?(height: number | null): void;
}

/** What a player learns of its rendition while it plays. */
export interface MediaNews {
  /** Lines of the pictures there are, fewest first; empty for a voice, and where the system's own player chooses. */
  readonly heights?: readonly number[];
  /** Of the picture that plays now. */
  readonly height?: number;
  /** Bytes that came over the link just now. */
  readonly bytes?: number;
}

/**
 * Gives a media element a rendition, beginning `startAt` seconds into it. `report` hears of troubles, and of their end
 * with null; `tell` of what is played. Rejects where the player's code cannot be loaded.
 */
export type Attach = (
  rendition: Rendition,
  startAt: number,
  report: (trouble: Trouble | null) => void,
  tell: (news: MediaNews) => void,
) => Promise<Attachment>;

/** A file that this device keeps, by its path from the site's root; null: ask the server. */
export type ReadKept = (path: string) => Promise<ArrayBuffer | null>;

const HLS_TYPE = 'application/vnd.apple.mpegurl';

export const attachHls =
  (media: HTMLMediaElement, readKept: ReadKept | null): Attach =>
  async ({ kind, url: given }, startAt, report, tell) => {
    const url = playsOpus() ? given : liveInAac(given);
    const native = media.canPlayType(HLS_TYPE) !== '';
    // Apple's own player is kinder to the battery; it is also the only one on older iPhones. It reads no kept file.
    const apple = navigator.vendor.startsWith('Apple') && native && !readKept;
    if (apple) return attachNative({ media, sources: nativeSources(url), startAt, report });
    // A picture's sound is a track of its own, which the light build does not know.
    const { default: Hls } = await (kind === 'voice' ? import('hls.js/light') : import('hls.js'));
    if (Hls.isSupported()) return attachHlsJs(Hls, { media, url, startAt, readKept, report, tell });
    if (native) return attachNative({ media, sources: nativeSources(url), startAt, report });
    report('format');
    return { close: () => {} };
  };

function playsOpus(): boolean {
  return mediaSource()?.isTypeSupported('audio/mp4; codecs="opus"') ?? false;
}

/** The voice of a lesson that goes on comes without a list of variants, which would be one more exchange. */
function liveInAac(url: string): string {
  return url.replace(/\/voice-live\.m3u8$/, '/voice-live-aac.m3u8');
}

/** Given both codecs, such a player may go over to the other in mid-lesson, and some break then: it gets what all of them play. */
function nativeSources(url: string): string[] {
  const inAac = liveInAac(url.replace(/\/voice\.m3u8$/, '/voice-aac.m3u8'));
  return [...new Set([inAac, url])];
}

type HlsClass = typeof import('hls.js').default;

interface HlsJsOptions {
  readonly media: HTMLMediaElement;
  readonly url: string;
  readonly startAt: number;
  readonly readKept: ReadKept | null;
  readonly report: (trouble: Trouble | null) => void;
  readonly tell: (news: MediaNews) => void;
}

function attachHlsJs(Hls: HlsClass, options: HlsJsOptions): Attachment {
  const { media, url, startAt, readKept, report, tell } = options;
  const hls = new Hls({
    startPosition: startAt,
    // A minute ahead rides out a thin link's pauses; what was heard is kept for a step back of the same length.
    maxBufferLength: 60,
    maxMaxBufferLength: 60, // or as much as 60 MB hold, whoever pays for it
    backBufferLength: 60,
    // The segments are fMP4 already: there is nothing to convert, and so nothing for a worker to do.
    enableWorker: false,
    ...(readKept && { loader: keptFirst(Hls, readKept) }),
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => tell({ heights: heightsOf(hls.levels) }));
  hls.on(Hls.Events.LEVEL_SWITCHED, (_event, { level }) => {
    const height = hls.levels[level]?.height;
    if (height) tell({ height });
  });
  hls.on(Hls.Events.FRAG_LOADED, (_event, { frag }) => {
    if (isKept(frag.stats)) return;
    dataUse.add({ received: frag.stats.loaded, sent: 0 });
    tell({ bytes: frag.stats.loaded });
  });
  let delay = RETRY_FIRST_MS;
  let timer: number | undefined;
  let recovered = false;

  const retry = () => {
    window.clearTimeout(timer);
    timer = undefined;
    if (hls.levels.length === 0) hls.loadSource(url);
    else hls.startLoad();
  };
  const onNetworkError = (data: ErrorData) => {
    report(saidOf(data) ?? 'network');
    timer ??= window.setTimeout(retry, delay);
    delay = Math.min(delay * 2, RETRY_LONGEST_MS);
  };
  hls.on(Hls.Events.FRAG_BUFFERED, () => {
    delay = RETRY_FIRST_MS;
    report(null);
  });
  hls.on(Hls.Events.ERROR, (_event, data: ErrorData) => {
    // Of a segment hls.js asks again all the same.
    if (isRefusal(data)) {
      report('gone');
      return;
    }
    if (!data.fatal) {
      const said = saidOf(data);
      if (said) report(said); // hls.js asks again by itself for a while
      return;
    }
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR) onNetworkError(data);
    else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !recovered) {
      recovered = true;
      hls.recoverMediaError();
    } else report('format');
  });
  window.addEventListener('online', retryIfWaiting);
  function retryIfWaiting() {
    if (timer !== undefined) retry();
  }

  hls.loadSource(url);
  hls.attachMedia(media);
  return {
    close() {
      window.removeEventListener('online', retryIfWaiting);
      window.clearTimeout(timer);
      hls.destroy();
    },
    choose(height) {
      // From the next segment on: what is buffered is played, not thrown away.
      hls.nextLevel = height === null ? -1 : hls.levels.findIndex((level) => level.height === height);
    },
  };
}

function heightsOf(levels: readonly { readonly height: number }[]): number[] {
  return [...new Set(levels.map(({ height }) => height))]
    .filter((height) => height > 0)
    .sort((a, b) => a - b);
}

/**
 * What the server says of it: it makes it, behind others (`replay_part_coming`: of its answers of 503 the one that says when to
 * ask again), or the store that it is in does not answer (`storage_unavailable`).
 */
function saidOf({ response, networkDetails }: ErrorData): 'coming' | 'away' | null {
  const request: unknown = networkDetails;
  if (response?.code !== 503 || !(request instanceof XMLHttpRequest)) return null;
  if (request.getResponseHeader('Retry-After') !== null) return 'coming';
  const { response: body } = request;
  const text = body instanceof ArrayBuffer ? new TextDecoder().decode(body) : String(body);
  return text.includes('storage_unavailable') ? 'away' : null;
}

/** The server answered, and will answer the same next time: asking again helps nobody. */
function isRefusal(data: ErrorData): boolean {
  const status = data.response?.code ?? 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
