import type { LogEntry } from '../../../protocol/events.ts';
import type { LessonState } from '../../../protocol/lesson.ts';
import type { LessonMedia, LessonView } from '../types.ts';
import type { Arrivals } from './arrivals.ts';
import { Breaks } from './breaks.ts';
import { LateLog } from './late-log.ts';
import type { LateVoice } from './late-voice.ts';
import { fetchInit, MissedVoice } from './missed-voice.ts';
import { Patience } from './patience.ts';

/** What is heard and shown is so late. */
export interface Behind {
  readonly ms: number;
  /** What comes next is not here yet. */
  readonly waiting: boolean;
  /** To be heard instead of the voices that are live; null until it is there. */
  readonly voice: MediaStreamTrack | null;
}

export interface CatchUpOptions {
  readonly lesson: string;
  /** Lesson time, ms. */
  now(): number;
  /** The confirmed state. */
  state(): LessonState | null;
  you(): LessonView['you'];
  readonly media: Pick<LessonMedia, 'view'> & { arrivals(): Promise<Arrivals | null> };
  /** One is in the lesson, over a connection that is there. */
  isJoined(): boolean;
  /** What was written meanwhile is still on its way. */
  isBehind(): boolean;
  /** What the link carried before, as far as that is known. */
  carriesKbps(): number | null;
  /** Voices come again, and nothing from the server yet. */
  linkBack(): void;
  /** These are shown now. */
  shown(entries: readonly LogEntry[]): void;
  /** So much is not heard and will not be, without anyone having asked for that, ms. */
  leftOut(ms: number): void;
  /** `behind` or what `over` makes has changed. */
  changed(): void;
  report(error: unknown): void;
}

const LOOK_EVERY_MS = 500;
const SHOW_EVERY_MS = 60;
/** Neither a voice nor a ping for so long: the link is away. The server pings every 4 s (server/connection/socket.ts). */
const AWAY_MS = 5_500;
/** A ping is overdue by then, and a voice that pauses sends something more often than that. */
const OVERDUE_MS = { ping: 4_500, voice: 2_500 };
/** Beyond this a lesson is watched from its replay. */
const LONGEST_MS = 15 * 60_000;
/** The link is back and nobody speaks: there is nothing to be late for. */
const QUIET_MS = 8_000;
/** Playout buffers have found their length by then: what is captured before cannot be told when it was said. */
const SETTLED_MS = 3_000;
/** By then the recorder has made the first piece. */
const INIT_AFTER_MS = 8_000;
/** Begins a little before the link was lost, in the middle of a sentence as it mostly is. */
const RUN_UP_MS = 700;
/** What was fetched and what was kept lie over each other for so long. */
const BOTH_MS = 100;
/** A break that a resend does not mend: the server has a second of voice at hand. */
const BREAK_MS = 900;
const BREAK_PACKETS = 6;
/** Where a link flaps one stays behind by what it takes to mend a break: until a piece is made, and fetched. */
const HOLD_MS = 8_500;
/** Pieces of the missed voice: on a lossy link each takes many round trips, and two are as many as it has room for. */
const AT_ONCE = 2;
/** What is live takes 20 kbit/s; a missed voice 12 and more, or one falls further behind. Below that only the live one is heard. */
const ENOUGH_KBPS = 36;
/** Of a word or two nothing is said. */
const WORTH_SAYING_MS = 1_000;
/** Until something was measured. */
const USUAL_DELAY_MS = 300;

type Phase =
  | { readonly name: 'live' }
  | { readonly name: 'away'; readonly lostAt: number; backAt: number | null }
  | {
      readonly name: 'late';
      readonly from: number;
      readonly missed: MissedVoice;
      voice: LateVoice | null;
      readonly patience: Patience;
      readonly stop: AbortController;
    };

/**
 * After an outage: the missed part of the lesson is heard faster, with the board as it was then, until it is what is
 * being said. What was missed comes from the recorder; what is said meanwhile is kept here, so that nothing of the
 * lesson is brought over the link twice. All times are lesson times, ms.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  #phase: Phase = { name: 'live' };
  #log: LateLog | null = null;
  #behind: Behind | null = null;
  #prepared: Promise<AudioContext | null> | undefined;
  #asked: Promise<ArrayBuffer | null> | undefined;
  readonly #breaks = new Breaks();
  #lost = 0;
  #packets = 0;
  #delayMs = USUAL_DELAY_MS;
  #voiceAt = 0;
  #serverAt = 0;
  #watchedFrom = 0;
  #looking = false;
  #looks: ReturnType<typeof setInterval> | undefined;
  #shows: ReturnType<typeof setInterval> | undefined;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  get behind(): Behind | null {
    return this.#behind;
  }

  /** The lesson has been joined: from here on its silences are noticed. */
  watch(): void {
    if (this.#looks || !('AudioContext' in globalThis)) return;
    this.#voiceAt = this.#serverAt = this.#watchedFrom = this.#options.now();
    this.#looks = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    // Fetched while the link is there: after an outage it would keep what was missed waiting.
    this.#prepared = import('./late-voice.ts').then(({ LateVoice }) => LateVoice.prepare());
    this.#prepared.catch((error: unknown) => this.#options.report(error)); // then nothing is caught up with
  }

  /** Something came from the server. */
  heard(): void {
    if (!this.#looks) return;
    this.#noteSilence();
    this.#serverAt = this.#options.now();
    if (this.#phase.name === 'away') this.#phase.backAt ??= this.#serverAt;
  }

  /** Whether these entries are shown later, with the voice that belongs to them. */
  take(entries: readonly LogEntry[]): boolean {
    this.#log?.take(entries);
    return this.#log !== null;
  }

  /** The state as it is shown. */
  over(live: LessonState | null): LessonState | null {
    return live && (this.#log?.over(live) ?? live);
  }

  /** What was missed stays missed, whether one likes it or not. */
  leaveOut(): void {
    const phase = this.#phase;
    const now = this.#options.now();
    let ms = 0;
    if (phase.name === 'away') ms = now - phase.lostAt;
    else if (phase.name === 'late') ms = now - this.#delayMs - (phase.voice?.heard().at ?? phase.from);
    if (ms >= WORTH_SAYING_MS) this.#options.leftOut(ms);
    this.goLive();
  }

  /** What was missed stays missed. */
  goLive(): void {
    const phase = this.#phase;
    if (phase.name === 'live' && !this.#log) return;
    this.#phase = { name: 'live' };
    if (phase.name === 'late') {
      phase.stop.abort();
      phase.voice?.close();
    }
    clearInterval(this.#shows);
    this.#behind = null;
    const rest = this.#log?.rest() ?? [];
    this.#log = null;
    this.#options.shown(rest);
    this.#options.changed();
  }

  close(): void {
    clearInterval(this.#looks);
    this.goLive();
    void this.#prepared?.then((context) => context?.close());
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const arrivals = await this.#options.media.arrivals();
      this.#noteSilence();
      if (arrivals?.delayMs != null) this.#delayMs = arrivals.delayMs;
      if (arrivals && arrivals.packets !== this.#packets) this.#onVoice(arrivals);
      this.#onLook();
    } catch (error) {
      this.#options.report(error);
    } finally {
      this.#looking = false;
    }
  }

  /** Who leads, or has been called on, must be in the lesson as it is. */
  #mayBeLate(): boolean {
    const you = this.#options.you();
    const stage = this.#options.state()?.stage ?? [];
    return you !== null && you.part !== 'lead' && !stage.includes(you.participant);
  }

  /** Those that are received. */
  #voices(): MediaStreamTrack[] {
    const streams = this.#options.state()?.streams ?? {};
    return Object.entries(this.#options.media.view().received).flatMap(([id, track]) =>
      streams[id]?.source === 'mic' ? [track] : [],
    );
  }

  #noteSilence(): void {
    const lostAt = Math.max(this.#voiceAt, this.#serverAt);
    if (this.#phase.name !== 'live' || this.#options.now() - lostAt < AWAY_MS || !this.#holdBack()) return;
    this.#phase = { name: 'away', lostAt, backAt: null };
    this.#tell(true, null);
  }

  /** From here on entries are shown with the voice that belongs to them; false where there is no such voice. */
  #holdBack(): boolean {
    const shown = this.#options.state();
    const isRecorded = shown?.recording === 'on' || shown?.recording === 'voice';
    if (!this.#mayBeLate() || shown?.phase !== 'live' || !isRecorded) return false;
    this.#log = new LateLog(shown);
    return true;
  }

  #onVoice({ packets, lost }: Arrivals): void {
    const before = this.#voiceAt;
    const now = this.#options.now();
    // A voice that pauses leaves a gap in time and none in its numbers.
    const broke = now - before > BREAK_MS && lost - this.#lost >= BREAK_PACKETS;
    this.#packets = packets;
    this.#lost = lost;
    this.#voiceAt = now;
    if (broke) this.#breaks.add(before, now);
    if (now - before > OVERDUE_MS.voice && now - this.#serverAt > OVERDUE_MS.ping) this.#options.linkBack();
    const phase = this.#phase;
    if (phase.name === 'away') void this.#begin(phase.lostAt - this.#delayMs - RUN_UP_MS);
    else if (phase.name === 'late' && broke) {
      phase.patience.renew();
      this.#lack(phase, before - this.#delayMs - LOOK_EVERY_MS, now + SETTLED_MS);
    } else if (broke && this.#breaks.flaps(now) && this.#holdBack())
      void this.#begin(before - this.#delayMs - RUN_UP_MS);
  }

  /** Kept from when the link was there, where it has been. */
  #init(): Promise<ArrayBuffer | null> {
    this.#asked ??= fetchInit(this.#options.lesson).then((init) => {
      if (!init) this.#asked = undefined;
      return init;
    });
    return this.#asked;
  }

  #onLook(): void {
    const phase = this.#phase;
    const { now } = this.#options;
    if (phase.name === 'live') {
      // Some while into the lesson there are pieces; and joining it has the link to itself.
      const { recording, startedAt } = this.#options.state() ?? {};
      const since = Math.max(startedAt ?? now(), this.#watchedFrom);
      const made = recording === 'on' && now() - since > INIT_AFTER_MS;
      if (made && this.#mayBeLate() && !this.#asked) void this.#init();
      return;
    }
    if (!this.#mayBeLate()) this.leaveOut();
    else if (phase.name === 'late') {
      phase.voice?.capture(this.#voices());
      const flaps = this.#breaks.flaps(now());
      phase.voice?.hold(flaps ? HOLD_MS : 0);
      // While there is no connection nothing more can be there: it counts from when there is.
      if (this.#options.isJoined() && phase.patience.isOver(now(), phase.voice?.heard().at ?? 0, flaps))
        this.leaveOut();
    } else if (phase.backAt !== null && now() - phase.backAt > QUIET_MS) this.goLive();
    else this.#tell(true, null);
  }

  async #begin(from: number): Promise<void> {
    const { now, state, isJoined, isBehind, carriesKbps, report } = this.#options;
    const startedAt = state()?.startedAt ?? null;
    const carries = carriesKbps() ?? ENOUGH_KBPS;
    if (startedAt === null || now() - from > LONGEST_MS || carries < ENOUGH_KBPS) return this.leaveOut();
    const stop = new AbortController();
    const { lesson } = this.#options;
    const init = () => this.#init();
    const missed = new MissedVoice({
      ...{ lesson, startedAt, now, init, signal: stop.signal },
      // Coming back goes first: all are over the same thin link.
      atOnce: () => (isJoined() ? AT_ONCE : isBehind() ? 0 : 1),
    });
    const phase: Phase = { name: 'late', from, missed, voice: null, patience: new Patience(), stop };
    this.#phase = phase;
    try {
      const { LateVoice } = await import('./late-voice.ts');
      const context = await this.#prepared;
      const voice = context && (await LateVoice.open(context, Math.max(from, startedAt)));
      if (stop.signal.aborted) return voice?.close();
      if (!voice) return this.leaveOut();
      phase.voice = voice;
      this.#lack(phase, Math.max(from, startedAt), now() + SETTLED_MS);
      this.#shows = setInterval(() => this.#show(voice), SHOW_EVERY_MS);
      const keep = setTimeout(() => this.#keep(voice), SETTLED_MS);
      stop.signal.addEventListener('abort', () => clearTimeout(keep));
      await missed.fetchInto(voice);
    } catch (error) {
      if (stop.signal.aborted) return;
      report(error);
      this.leaveOut();
    }
  }

  /** From now on what is said is kept. */
  #keep(voice: LateVoice): void {
    const { now } = this.#options;
    const at = now() - this.#delayMs;
    voice.captureFrom(at);
    voice.capture(this.#voices());
    // A moment of both, so that one can go over into the other.
    this.#lack(this.#phase, at, at + BOTH_MS);
  }

  #lack(phase: Phase, from: number, to: number): void {
    if (phase.name !== 'late') return;
    phase.voice?.lack(from, to);
    phase.missed.lacking.add(from, to);
  }

  #show(voice: LateVoice): void {
    const heard = voice.heard();
    if (heard.live) {
      this.goLive();
      return;
    }
    // Live ink is ahead of a live voice by what that is held back: here too, so that nothing jumps at the end.
    const due = this.#log?.advance(heard.at + this.#delayMs) ?? [];
    if (due.length > 0) this.#options.shown(due);
    this.#tell(heard.waiting, voice.track, this.#options.now() - this.#delayMs - heard.at);
    if (due.length > 0) this.#options.changed();
  }

  #tell(waiting: boolean, voice: MediaStreamTrack | null, late?: number): void {
    const since = this.#phase.name === 'away' ? this.#options.now() - this.#phase.lostAt : 0;
    const ms = Math.max(0, Math.round((late ?? since) / 1_000)) * 1_000;
    const { ms: before, waiting: waited, voice: track } = this.#behind ?? {};
    if (before === ms && waited === waiting && track === voice) return;
    this.#behind = { ms, waiting, voice };
    this.#options.changed();
  }
}
