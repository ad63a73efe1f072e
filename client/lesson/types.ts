import type { ErrorBody } from '../../protocol/errors.ts';
import type { LogEntry, Part, StreamSource } from '../../protocol/events.ts';
import type { LessonState } from '../../protocol/lesson.ts';
import type { DurableName, Input, LinkQuality, Output, RequestName } from '../../protocol/requests.ts';
import type { Sound } from './encodings.ts';
import type { Behind } from './late/catch-up.ts';
import type { LinkMeasure } from './link-meter.ts';

/**
 * What a face knows of the lesson it shows. Framework-free: `useSyncExternalStore(session.subscribe, session.view)`.
 * A new object whenever anything in it changed, the same object otherwise.
 */
export interface LessonView {
  /** `lost`: coming back by itself. `outdated`: the page must be reloaded. `refused`: see `error`. */
  readonly connection: 'connecting' | 'joined' | 'lost' | 'outdated' | 'refused' | 'signed_out';
  readonly error: ErrorBody | null;
  readonly you: { readonly participant: string; readonly part: Part } | null;
  /** The confirmed log with one's own unsent operations on top; null until first joined. */
  readonly state: LessonState | null;
  /** Pages of the board that have not all come yet, in a long lesson that one has just joined. */
  readonly arriving: readonly string[];
  /** Operations made but not yet acknowledged by the server's journal. */
  readonly unsent: number;
  /** dBov (-127..0) by participant; absent when silent. */
  readonly levels: Readonly<Record<string, number>>;
  readonly links: Readonly<Record<string, LinkQuality>>;
  /** After an outage: the board in `state` is as late as what is heard. Null where both are live. */
  readonly behind: Behind | null;
}

export interface LessonSession {
  view(): LessonView;
  subscribe(listener: () => void): () => void;
  /** Every confirmed entry as it is shown, and nobody's twice: for what fades (laser) and what sounds. */
  onEntry(listener: (entry: LogEntry) => void): () => void;
  /** A refusal of something performed: it has been taken back already, this is to say so. */
  onRefusal(listener: (error: ErrorBody) => void): () => void;
  /** After an outage: so much of the lesson, ms, could not be caught up with, and is in its replay alone. */
  onLeftOut(listener: (ms: number) => void): () => void;
  /** Asks once; rejects with a TongkeError. */
  request<N extends Exclude<RequestName, DurableName>>(name: N, input: Input<N>): Promise<Output<N>>;
  /** Takes effect at once here and, once or later, everywhere: kept until acknowledged. */
  perform(name: DurableName, input: Input<DurableName>): void;
  /** Skips what was missed and is being caught up with. */
  goLive(): void;
  /** The lesson's clock now, milliseconds, from the server's answers. */
  now(): number;
  readonly media: LessonMedia;
  close(): void;
}

export interface MediaView {
  /** Path to the media server. `off` before anything is sent or received. */
  readonly connection: 'off' | 'connecting' | 'connected' | 'lost';
  /** What is received, by stream id: give each to an <audio> or <video>. */
  readonly received: Readonly<Record<string, MediaStreamTrack>>;
  /** To be heard instead of the voices among `received`, until those come; else null. */
  readonly early: MediaStreamTrack | null;
  /** What one sends oneself. */
  readonly sending: Readonly<Partial<Record<StreamSource, MediaStreamTrack>>>;
  readonly held: Readonly<Partial<Record<StreamSource, boolean>>>;
}

/** Voices and pictures of a lesson. Receives every stream of the lesson by itself; sends what it is given. */
export interface LessonMedia {
  view(): MediaView;
  subscribe(listener: () => void): () => void;
  /**
   * Sends this track from now on, or stops with null. Kept through reconnects and a move to another worker: it is
   * sent again without being asked. Rejects (`not_on_stage`, `media_unavailable`) when it cannot begin.
   */
  send(source: StreamSource, track: MediaStreamTrack | null, sound?: Sound): Promise<void>;
  /** Silences or continues what is being sent. */
  hold(source: StreamSource, held: boolean): Promise<void>;
  /** How one's own link did when it was last looked at; null where nothing is received. */
  measured(): LinkMeasure | null;
}
