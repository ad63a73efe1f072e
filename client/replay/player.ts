import type { Rendition, Replay } from '../../protocol/replay.ts';
import { Listeners } from '../listeners.ts';
import { RunningClock } from './clock.ts';
import type { Attach, Attachment, MediaNews, Trouble } from './hls.ts';
import { isNear, rateNear } from './live-edge.ts';
import { Patience } from './patience.ts';
import {
  HAVE_FUTURE_DATA,
  HAVE_METADATA,
  type PlayerMedia,
  type PlayerOptions,
  type PlayerView,
} from './player-types.ts';
import { playedAs, type Watching } from './renditions.ts';

/** The renditions may be a little shorter than the lesson: below this the end is the end. */
const TAIL_MS = 250;
/** So far from the end of a voice that grows there is something to play, seconds. */
const EDGE_S = 1;

/**
 * One clock for voice, picture and ink. Where a rendition plays, its media element drives: lesson time is
 * that of its rendition's second 0 and the element's own time; otherwise (ink only, or past the rendition's end) a running clock does.
 * All times are lesson times in milliseconds.
 */
export class Player {
  readonly #media: PlayerMedia;
  readonly #attach: Attach;
  readonly #clock: RunningClock;
  readonly #listeners = new Listeners();
  readonly #removers: (() => void)[] = [];
  readonly #part: PlayerOptions['part'];
  readonly #now: PlayerOptions['now'];
  #replay: Replay;
  #pauses: PlayerOptions['pauses'];
  #view: PlayerView;
  /** Whether the running clock drives, and not the media element. */
  #free = true;
  /** Where to go once the element knows its media; null when it is there. */
  #target: number | null = null;
  #peek: number | null = null;
  #attachment: Attachment | null = null;
  /** Of the rendition that is played, or was. */
  #url = '';
  /** Lesson time of its second 0: another cut's may begin elsewhere. */
  #zero: number;
  #patience = new Patience();
  /** Counts sources, so that one that arrives late does not replace a later one. */
  #source = 0;

  constructor(options: PlayerOptions) {
    this.#media = options.media;
    this.#attach = options.attach;
    this.#replay = options.replay;
    this.#zero = options.replay.from;
    this.#part = options.part;
    this.#pauses = options.pauses;
    this.#now = options.now;
    this.#clock = new RunningClock(options.now);
    this.#view = {
      watching: 'ink',
      playing: false,
      waiting: false,
      ended: false,
      rate: options.rate,
      atEdge: false,
      tooMuch: false,
      trouble: null,
      heights: [],
      height: null,
      chosenHeight: options.height ?? null,
      loaded: 0,
    };
    this.#listen();
    this.setRate(options.rate);
    this.#clock.set(this.#clamp(options.startAt));
    this.watch(options.watching);
  }

  readonly view = (): PlayerView => this.#view;

  /** Called when the view has changed, and after every leap in time. */
  readonly subscribe = this.#listeners.add;

  /** What is played: from the first lesson time to the last. */
  span(): { readonly from: number; readonly to: number } {
    return this.#part ?? this.#replay;
  }

  /** Lesson time now. */
  time(): number {
    return this.#clamp(this.#at());
  }

  #at(): number {
    if (this.#free) return this.#clock.time;
    return this.#target ?? this.#zero + this.#media.currentTime * 1000;
  }

  /** What the board shows: `time()`, or where the scrubber is held meanwhile. */
  shownTime(): number {
    return this.#peek ?? this.time();
  }

  /** Shows the board of another time while the lesson plays on, until null. */
  peek(t: number | null): void {
    this.#peek = t === null ? null : this.#clamp(t);
    this.#tell();
  }

  /** For every animation frame, and when a tab comes back: ends at the end, steps over pauses. */
  tick(): void {
    this.#pace();
    this.#spare();
    const t = this.time();
    if (!this.#view.playing) return;
    if ((this.#free || this.#part) && t >= this.span().to) {
      // A lesson that goes on: here one waits for what comes.
      if (this.#replay.live) this.#clock.set(this.#replay.to);
      else this.#end();
      return;
    }
    const pause = this.#pauses.find((gap) => t >= gap.from && t < gap.to);
    if (pause && this.#target === null) this.seek(pause.to);
  }

  toggle(): void {
    if (this.#view.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.time() >= this.span().to && !this.#replay.live) this.seek(this.span().from);
    const { trouble } = this.#view;
    this.#set({ playing: true, ended: false, trouble: trouble === 'blocked' ? null : trouble });
    this.#drive();
  }

  pause(): void {
    this.#set({ playing: false });
    this.#drive();
  }

  seek(to: number): void {
    const t = this.#clamp(to);
    this.#set({ ended: false });
    this.#clock.set(t);
    if (this.#view.watching !== 'ink') {
      this.#target = t;
      this.#free = false;
      this.#approach();
    }
    this.#drive();
    this.#tell();
  }

  setRate(rate: number): void {
    // A new source falls back to the default rate.
    this.#media.defaultPlaybackRate = rate;
    this.#set({ rate });
    this.#pace();
  }

  /** Plays as `watching` from here on, playing or not as before. What has no rendition yet is played as ink only. */
  watch(watching: Watching): void {
    const t = this.time();
    const rendition = playedAs(this.#replay, watching);
    const source = ++this.#source;
    // Before the element is touched: what it says while it changes is no news.
    this.#target = t;
    this.#attachment?.close();
    this.#attachment = null;
    this.#clock.set(t);
    this.#free = !rendition;
    this.#patience = new Patience();
    this.#set({
      ...{ watching: rendition ? watching : 'ink', trouble: null, tooMuch: false },
      ...{ heights: [], height: null },
    });
    if (!rendition) {
      this.#target = null;
      this.#drive();
      return;
    }
    this.#open(rendition, t, source);
    this.#drive();
  }

  /** Holds the picture to so many lines, where there is such a one; null: as many as the link carries. */
  chooseHeight(height: number | null): void {
    this.#set({ chosenHeight: height });
    this.#hold();
  }

  /** The manifest again, with renditions that were not ready before; goes on playing what it plays. */
  update(replay: Replay, pauses: PlayerOptions['pauses']): void {
    this.#replay = replay;
    this.#pauses = pauses;
    this.#pace();
    // Offered as before, and not there: that is no change of a teacher's.
    if (this.#view.trouble === 'gone' && !this.#replace() && playedAs(replay, this.#view.watching))
      this.#set({ trouble: 'format' });
  }

  close(): void {
    this.#source += 1;
    for (const remove of this.#removers) remove();
    this.#media.pause();
    this.#attachment?.close();
    this.#attachment = null;
    this.#listeners.clear();
  }

  /** False where there is nothing else to play instead. */
  #replace(): boolean {
    const { watching } = this.#view;
    const now = playedAs(this.#replay, watching);
    if (!now || now.url === this.#url) return false;
    this.watch(watching);
    return true;
  }

  #open(rendition: Rendition, t: number, source: number): void {
    this.#url = rendition.url;
    this.#zero = this.#replay.from;
    const report = (trouble: Trouble | null) => {
      if (source !== this.#source) return;
      // What is offered from the bell on is there for an hour: by then the replay's own voice has taken its place.
      if ((trouble === 'format' || trouble === 'gone') && this.#replace()) return;
      if (trouble !== 'gone' || this.#view.trouble !== 'format') this.#set({ trouble });
    };
    const tell = (news: MediaNews) => {
      if (source === this.#source) this.#hear(news);
    };
    this.#attach(rendition, (t - this.#zero) / 1000, report, tell).then(
      (attachment) => {
        if (source !== this.#source) {
          attachment.close();
          return;
        }
        this.#attachment = attachment;
        this.#hold();
        this.#drive();
      },
      // The code that plays it could not be loaded: the link, as far as anyone can tell.
      () => report('network'),
    );
  }

  #hear({ heights, height, bytes = 0 }: MediaNews): void {
    const { view } = this;
    const loaded = view().loaded + bytes;
    this.#set({ loaded, heights: heights ?? view().heights, height: height ?? view().height });
    if (heights) this.#hold();
  }

  #hold(): void {
    const { heights, chosenHeight } = this.#view;
    if (chosenHeight !== null && !heights.includes(chosenHeight)) return;
    if (heights.length > 1) this.#attachment?.choose?.(chosenHeight);
  }

  /** Makes what drives the clock run or stop, as is wanted. */
  #drive(): void {
    const { playing } = this.#view;
    if (playing && this.#free) this.#clock.run();
    else this.#clock.stop();
    if (playing && !this.#free) this.#playMedia();
    else if (!this.#media.paused) this.#media.pause();
    this.#weigh();
  }

  /** While a lesson goes on: see `rateNear`. */
  #pace(): void {
    const { live, to } = this.#replay;
    const left = live ? to - this.#at() : Number.POSITIVE_INFINITY;
    const rate = rateNear(left, this.#view.rate);
    this.#set({ atEdge: isNear(left) });
    if (this.#clock.rate !== rate) this.#clock.setRate(rate);
    if (this.#media.playbackRate === rate) return;
    this.#media.playbackRate = rate;
    this.#weigh();
  }

  /** Where the link does not carry the picture, the voice would stand still with it: it goes on without. */
  #spare(): void {
    const { playing, waiting, watching, trouble } = this.#view;
    if (!playing || trouble || watching !== 'picture' || !playedAs(this.#replay, 'voice')) return;
    if (!this.#patience.look(this.#now(), waiting)) return;
    this.watch('voice');
    this.#set({ tooMuch: true });
  }

  #playMedia(): void {
    const source = this.#source;
    this.#media.play().catch((error: unknown) => {
      const name = error instanceof DOMException ? error.name : '';
      // Interrupted by a pause or a new source, which say themselves how it goes on; or its attachment says why it cannot be played.
      if (name === 'AbortError' || name === 'NotSupportedError' || source !== this.#source) return;
      if (name === 'NotAllowedError') this.#set({ playing: false, trouble: 'blocked' });
      else this.#set({ trouble: 'format' });
      this.#weigh();
    });
  }

  /** Moves the element to the target, once it has media to move in. */
  #approach(): void {
    if (this.#target === null || this.#media.readyState < HAVE_METADATA) return;
    const seconds = (this.#target - this.#zero) / 1000;
    const { duration } = this.#media;
    // Of a lesson that goes on the voice has only not come yet.
    if (seconds >= duration && this.#replay.live) this.#media.currentTime = Math.max(0, duration - EDGE_S);
    else if (seconds >= duration) this.#runFree(this.#target);
    else if (Math.abs(this.#media.currentTime - seconds) > 0.001) this.#media.currentTime = seconds;
    this.#target = null;
    this.#drive();
  }

  /** The rest of the lesson is ink alone. */
  #runFree(t: number): void {
    this.#clock.set(t);
    this.#free = true;
  }

  #end(): void {
    this.#runFree(this.span().to);
    this.#set({ playing: false, ended: true });
    this.#drive();
  }

  #onMediaEnded(): void {
    if (this.#free || this.#target !== null) return;
    const t = this.time();
    if (this.#replay.to - t < TAIL_MS) this.#end();
    else {
      this.#runFree(t);
      this.#drive();
    }
  }

  /** Paused or played from outside: a headset's button, a phone call, the lock screen. */
  #onMediaSwitched(): void {
    // One that gives up pauses, too: whoever attached it opens it again.
    if (this.#media.error) return;
    // As it is now: the event may be of a while ago, and overtaken.
    const playing = !this.#media.paused;
    if (this.#free || this.#target !== null || this.#media.ended || this.#view.playing === playing) return;
    this.#set({ playing });
    this.#weigh();
  }

  #weigh(): void {
    const { playing } = this.#view;
    const fed = this.#media.readyState >= HAVE_FUTURE_DATA && !this.#media.seeking;
    const stands = this.#target !== null || !fed || this.#media.playbackRate === 0;
    this.#set({ waiting: playing && !this.#free && stands });
  }

  #listen(): void {
    const on = (type: keyof HTMLMediaElementEventMap, listener: () => void) => {
      this.#media.addEventListener(type, listener);
      this.#removers.push(() => this.#media.removeEventListener(type, listener));
    };
    on('loadedmetadata', () => this.#approach());
    // One that was opened again stands still.
    on('loadstart', () => this.#drive());
    // Without frames, in a tab that is not looked at, the voice goes on: gaps are stepped over there too.
    on('timeupdate', () => this.tick());
    on('ended', () => this.#onMediaEnded());
    on('pause', () => this.#onMediaSwitched());
    on('play', () => this.#onMediaSwitched());
    for (const type of ['waiting', 'playing', 'canplay', 'seeking', 'seeked', 'stalled'] as const) {
      on(type, () => this.#weigh());
    }
  }

  #clamp(t: number): number {
    const { from, to } = this.span();
    return Math.min(Math.max(t, from), to);
  }

  #set(patch: Partial<PlayerView>): void {
    const next = { ...this.#view, ...patch };
    const keys = Object.keys(next) as (keyof PlayerView)[];
    if (keys.every((key) => next[key] === this.#view[key])) return;
    this.#view = next;
    this.#tell();
  }

  #tell(): void {
    this.#listeners.tell();
  }
}
