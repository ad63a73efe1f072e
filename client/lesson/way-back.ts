import { type Input, type Output, requests } from '../../protocol/requests.ts';
import { KEPT, remember, remembered } from '../ui/remember.ts';
import { makeIdentity } from './handshake.ts';
import { knownMedia } from './known-media.ts';
import { toOpen } from './opening.ts';

type Opened = Output<'media.open'>;

export interface WayBackOptions {
  readonly lesson: string;
  ask(name: 'media.open', input: Input<'media.open'>): Promise<Opened>;
}

/** Forgotten with the person. */
const PLACE = `${KEPT}way-back`;
/** Once all else has been said, and who speaks has settled. */
const SETTLED_MS = 5_000;
/** So often it is noted that the page is still there. */
const NOTED_EVERY_MS = 15_000;
/** The server keeps it for six minutes after the page is gone (server/lessons/ways.ts). */
const GOOD_FOR_MS = 5 * 60_000;

/**
 * A second way to receive, opened while the first is there and kept on this device: the page that comes after this one,
 * after a power cut or a reload, hears the voices over it before it has joined. Of all that stands before a voice over a
 * satellite only ICE and DTLS are left, which do not wait for TCP to repair what was lost.
 */
export class WayBack {
  readonly #options: WayBackOptions;
  #for = '';
  #opened: Opened | null = null;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #noting: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(options: WayBackOptions) {
    this.#options = options;
  }

  /** There is a way, over which these voices come. What is kept is good for them and for no others. */
  follow(voices: readonly string[]): void {
    const now = voices.toSorted().join();
    if (now === this.#for || this.#closed) return;
    this.#for = now;
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => void this.#open(now), SETTLED_MS);
  }

  /** The lesson is over here, and nothing is to be come back to. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#asking);
    clearInterval(this.#noting);
    if (this.#opened) remember(PLACE, '');
  }

  async #open(voices: string): Promise<void> {
    const identity = await makeIdentity();
    const known = knownMedia();
    if (!identity?.isKept || !known || this.#closed) return;
    try {
      this.#opened = await this.#options.ask('media.open', { ...toOpen('receive', known), spare: true });
    } catch {
      // Without it, the next page joins first and hears then.
      if (this.#for === voices) this.#for = '';
      return;
    }
    this.#note();
    clearInterval(this.#noting);
    this.#noting = setInterval(() => this.#note(), NOTED_EVERY_MS);
  }

  #note(): void {
    if (this.#closed || !this.#opened) return;
    const { lesson } = this.#options;
    remember(PLACE, JSON.stringify({ build: import.meta.url, lesson, at: Date.now(), opened: this.#opened }));
  }
}

/** Whether the page before this one left something that is worth trying. */
export function hasWayBack(lesson: string): boolean {
  return 'RTCPeerConnection' in globalThis && knownMedia() !== null && read(lesson) !== null;
}

/** What the page before this one left, once; null where it would not do. */
export async function takeWayBack(lesson: string): Promise<Opened | null> {
  const opened = read(lesson);
  remember(PLACE, '');
  // Another certificate than that which the server was told would not do.
  return (await makeIdentity())?.isKept ? opened : null;
}

function read(lesson: string): Opened | null {
  try {
    const kept = JSON.parse(remembered(PLACE) || 'null');
    const isGood = kept?.build === import.meta.url && kept.lesson === lesson;
    if (!isGood || Date.now() - kept.at > GOOD_FOR_MS) return null;
    return requests['media.open'].output.safeParse(kept.opened).data ?? null;
  } catch {
    return null; // written by half, before the power went
  }
}
