import type { ErrorData } from 'hls.js';
import type { Rendition } from '../../protocol/replay.ts';

/** What keeps a rendition from playing: the link (tried again without end), or the rendition or browser itself. */
export type Trouble = 'network' | 'format';

export interface Attachment {
  close(): void;
}

/**
 * Gives a media element a rendition, beginning `startAt` seconds into it. `report` hears of troubles, and of their end
 * with null. Rejects where the player's code cannot be loaded.
 */
export type Attach = (
  rendition: Rendition,
  startAt: number,
  report: (trouble: Trouble | null) => void,
) => Promise<Attachment>;

const HLS_TYPE = 'application/vnd.apple.mpegurl';

/** First and longest wait before a lost link is tried again, milliseconds. */
const RETRY_FIRST_MS = 1000;
const RETRY_LONGEST_MS = 15_000;

export const attachHls =
  (media: HTMLMediaElement): Attach =>
  async ({ kind, url }, startAt, report) => {
    // Apple's own player is kinder to the battery; it is also the only one on older iPhones.
    const apple = navigator.vendor.startsWith('Apple') && media.canPlayType(HLS_TYPE) !== '';
    if (apple) return attachNative(media, url, startAt, report);
    // A picture's sound is a track of its own, which the light build does not know.
    const { default: Hls } = await (kind === 'voice' ? import('hls.js/light') : import('hls.js'));
    if (Hls.isSupported()) return attachHlsJs(Hls, media, url, startAt, report);
    if (media.canPlayType(HLS_TYPE) !== '') return attachNative(media, url, startAt, report);
    report('format');
    return { close: () => {} };
  };

function attachNative(
  media: HTMLMediaElement,
  url: string,
  startAt: number,
  report: (trouble: Trouble | null) => void,
): Attachment {
  const failed = () => report(media.error?.code === MediaError.MEDIA_ERR_NETWORK ? 'network' : 'format');
  const retry = () => {
    if (media.error) open(media.currentTime);
  };
  const open = (at: number) => {
    media.src = url;
    media.currentTime = at;
    report(null);
  };
  media.addEventListener('error', failed);
  window.addEventListener('online', retry);
  open(startAt);
  return {
    close() {
      media.removeEventListener('error', failed);
      window.removeEventListener('online', retry);
      media.removeAttribute('src');
      media.load();
    },
  };
}

type HlsClass = typeof import('hls.js').default;

function attachHlsJs(
  Hls: HlsClass,
  media: HTMLMediaElement,
  url: string,
  startAt: number,
  report: (trouble: Trouble | null) => void,
): Attachment {
  const hls = new Hls({
    startPosition: startAt,
    // A minute ahead rides out a thin link's pauses; what was heard is kept for a step back of the same length.
    maxBufferLength: 60,
    backBufferLength: 60,
    // The segments are fMP4 already: there is nothing to convert, and so nothing for a worker to do.
    enableWorker: false,
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
  const onNetworkError = () => {
    report('network');
    timer ??= window.setTimeout(retry, delay);
    delay = Math.min(delay * 2, RETRY_LONGEST_MS);
  };
  hls.on(Hls.Events.FRAG_BUFFERED, () => {
    delay = RETRY_FIRST_MS;
    report(null);
  });
  hls.on(Hls.Events.ERROR, (_event, data: ErrorData) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR && !isRefusal(data)) onNetworkError();
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
  };
}

/** The server answered, and will answer the same next time: asking again helps nobody. */
function isRefusal(data: ErrorData): boolean {
  const status = data.response?.code ?? 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
