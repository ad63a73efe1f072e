import type { Attachment, Trouble } from './hls.ts';
import { HAVE_FUTURE_DATA } from './player-types.ts';

/** First and longest wait before a lost link is tried again, milliseconds. */
export const RETRY_FIRST_MS = 1000;
export const RETRY_LONGEST_MS = 15_000;
/** Who has had nothing to play for so long, milliseconds, may wait for more than the link. */
const STARVED_MS = 3000;

/** Two segments may lie so far apart, s, by their rounded lengths. */
const ROUNDED_S = 0.1;

/** What the server says of what is to be played next. */
type Finding = 'there' | 'coming' | 'away' | 'network' | 'refused';

export interface NativeOptions {
  readonly media: HTMLMediaElement;
  /** Playlists, the best first. */
  readonly sources: readonly string[];
  /** Seconds. */
  readonly startAt: number;
  readonly report: (trouble: Trouble | null) => void;
}

/**
 * Has the system's own player play it. That gives up where it gets no answer, or another one than it wanted, and does not say which: so the
 * server is asked for what the player could not get, until that is there.
 */
export function attachNative({ media, sources: given, startAt, report }: NativeOptions): Attachment {
  const sources = [...given];
  const closing = new AbortController();
  const { signal } = closing;
  let delay = RETRY_FIRST_MS;
  let timer: number | undefined;
  /** The server had nothing to give, or could not be reached: once it can, the player begins anew. */
  let isHeldUp = false;
  let isAsking = false;
  /** Where it stood when it had nothing to play, or got nothing more, seconds. */
  let stoodAt: number | null = null;
  /** Where it gave up last, seconds. */
  let failedAt: number | null = null;

  const open = (at: number) => {
    isHeldUp = false;
    media.src = sources[0] ?? '';
    media.currentTime = at;
  };
  const later = (ms: number) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), ms);
  };
  const holdUp = (trouble: Trouble) => {
    isHeldUp = true;
    report(trouble);
    later(delay);
    delay = Math.min(delay * 2, RETRY_LONGEST_MS);
  };
  const ask = async () => {
    window.clearTimeout(timer);
    if (isAsking) return;
    isAsking = true;
    const finding = await look(sources[0] ?? '', wantedAt(media), signal);
    isAsking = false;
    if (signal.aborted || !(isHeldUp || media.error || isStarved(media, stoodAt))) return;
    if (finding === 'coming' || finding === 'away' || finding === 'network') holdUp(finding);
    else if (isHeldUp && finding === 'there') open(media.currentTime);
    else if (media.error) unplayable(finding);
  };
  /** It is there, perhaps only just, or never will be, and does not play. */
  const unplayable = (finding: Finding) => {
    const isFirst = failedAt === null || media.currentTime > failedAt + 1;
    failedAt = media.currentTime;
    if (finding === 'there' && isFirst) open(media.currentTime);
    else if (finding === 'there' && media.error?.code === MediaError.MEDIA_ERR_NETWORK) holdUp('network');
    else if (sources.length > 1) {
      sources.shift();
      open(media.currentTime);
    } else report('format');
  };
  const on = (target: EventTarget, type: string, listener: () => void) =>
    target.addEventListener(type, listener, { signal });
  on(media, 'error', () => void ask());
  // Chromium may stand still without either of them, having begun with what it had.
  for (const type of ['waiting', 'stalled'])
    on(media, type, () => {
      stoodAt = media.currentTime;
      later(STARVED_MS);
    });
  on(media, 'playing', () => {
    if (media.error) return; // told of what it had begun before it gave up
    window.clearTimeout(timer);
    isHeldUp = false;
    delay = RETRY_FIRST_MS;
    report(null);
  });
  on(window, 'online', () => {
    if (isHeldUp) void ask();
  });
  open(startAt);
  return {
    close() {
      closing.abort();
      window.clearTimeout(timer);
      media.removeAttribute('src');
      media.load();
    },
  };
}

/** From where it has nothing yet, seconds: Chromium gives up while it still has some to play. */
function wantedAt({ buffered, currentTime }: HTMLMediaElement): number {
  for (let i = 0; i < buffered.length; i++)
    if (buffered.start(i) <= currentTime + ROUNDED_S && buffered.end(i) > currentTime)
      return buffered.end(i) + ROUNDED_S;
  return currentTime;
}

function isStarved(media: HTMLMediaElement, stoodAt: number | null): boolean {
  return !media.paused && (media.readyState < HAVE_FUTURE_DATA || media.currentTime === stoodAt);
}

/** Asks, without fetching them, for what of a playlist is played at `at` seconds. */
async function look(url: string, at: number, signal: AbortSignal): Promise<Finding> {
  try {
    const listed = await fetch(url, { signal });
    if (!listed.ok) return (await isAway(listed)) ? 'away' : findingOf(listed);
    for (const name of partsAt(await listed.text(), at)) {
      const part = await fetch(new URL(name, listed.url), { method: 'HEAD', signal });
      if (!part.ok) return findingOf(part);
    }
    return 'there';
  } catch {
    return 'network';
  }
}

/** The store that it lies in does not answer (`storage_unavailable`). */
async function isAway(response: Response): Promise<boolean> {
  return response.status === 503 && (await response.text()).includes('storage_unavailable');
}

function findingOf({ status, headers }: Response): Finding {
  // `replay_part_coming`: of the answers of 503 the one that says when to ask again.
  if (status === 503 && headers.has('Retry-After')) return 'coming';
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? 'refused' : 'network';
}

/** Names of the head of a media playlist and of its segment at so many seconds; none of a list of variants. */
export function partsAt(playlist: string, at: number): string[] {
  const head = /^#EXT-X-MAP:URI="([^"]+)"/m.exec(playlist)?.[1];
  let end = 0;
  let segment: string | undefined;
  for (const [, seconds, name] of playlist.matchAll(/^#EXTINF:([\d.]+),[^\n]*\n([^#\n]+)$/gm)) {
    end += Number(seconds);
    segment = name;
    if (end > at) break;
  }
  return [head, segment].filter((name) => name !== undefined);
}
