import { type ErrorCode, TongkeError } from '../../protocol/errors.ts';
import type { Sound } from './encodings.ts';

/** One may not send: asking again would not help. */
export const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not_on_stage',
  'forbidden',
  'lesson_not_started',
  'lesson_ended',
  'bad_request',
]);

/** A track that is to be sent, until it is taken back or refused. */
export interface Wanted {
  readonly track: MediaStreamTrack;
  readonly sound: Sound;
  held: boolean;
  /** It has been sent before: a reconnect sends it again. */
  begun: boolean;
  readonly settle: { resolve(): void; reject(error: unknown): void };
}

export const unavailable = (cause: unknown) =>
  new TongkeError('media_unavailable', 'media could not begin', { cause });
