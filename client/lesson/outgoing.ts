import { type ErrorCode, TongkeError } from '../../protocol/errors.ts';
import type { StreamSource } from '../../protocol/events.ts';
import { ConnectionLost, isGone } from './answer.ts';
import type { Sound } from './encodings.ts';
import type { MediaPath } from './media-path.ts';
import type { MediaView } from './types.ts';

/** One may not send: asking again would not help. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not_on_stage',
  'forbidden',
  'lesson_not_started',
  'lesson_ended',
  'bad_request',
]);

interface Wanted {
  readonly track: MediaStreamTrack;
  readonly sound: Sound;
  held: boolean;
  /** It has been sent before: a reconnect sends it again. */
  begun: boolean;
  readonly settle: { resolve(): void; reject(error: unknown): void };
}

/** Tracks that are to be sent, each until it is taken back or refused. */
export class Outgoing {
  readonly #wanted = new Map<StreamSource, Wanted>();

  get isEmpty(): boolean {
    return this.#wanted.size === 0;
  }

  get sources(): StreamSource[] {
    return [...this.#wanted.keys()];
  }

  get microphone(): Readonly<Wanted> | undefined {
    return this.#wanted.get('mic');
  }

  /** In place of any before. Settles once it is sent, refused or taken back. */
  want(source: StreamSource, track: MediaStreamTrack, sound: Sound): Promise<void> {
    const before = this.#wanted.get(source);
    before?.settle.resolve();
    const { held = false, begun = false } = before ?? {};
    return new Promise((resolve, reject) => {
      this.#wanted.set(source, { track, sound, held, begun, settle: { resolve, reject } });
    });
  }

  takeBack(source: StreamSource): void {
    this.#wanted.get(source)?.settle.resolve();
    this.#wanted.delete(source);
  }

  /** False where there is nothing to hold. */
  hold(source: StreamSource, held: boolean): boolean {
    const wanted = this.#wanted.get(source);
    if (wanted) wanted.held = held;
    return wanted !== undefined;
  }

  /** Makes it so. Rejects where it is to be tried again. */
  async send(path: MediaPath, source: StreamSource): Promise<void> {
    const wanted = this.#wanted.get(source);
    try {
      if (!wanted) return await path.stop(source, true);
      await bringAbout(path, source, wanted);
      wanted.begun = true;
      wanted.settle.resolve();
    } catch (error) {
      if (isGone(error)) return; // ended meanwhile, which is all that was wanted, or is to be sent again
      if (!wanted || error instanceof ConnectionLost) throw error;
      if (this.#wanted.get(source) !== wanted) return; // taken back meanwhile, and its track ended
      const refused = error instanceof TongkeError && REFUSALS.has(error.code);
      if (!refused && wanted.begun) throw error;
      // Refused, or could not even begin: whoever gave the track is told, and may give it again.
      this.#refuse(source, wanted, error);
    }
  }

  /** There is no way to send. What has been sent before is kept for when there is one again. */
  failed(error: unknown): void {
    if (error instanceof ConnectionLost) return;
    for (const [source, wanted] of this.#wanted) if (!wanted.begun) this.#refuse(source, wanted, error);
  }

  /** What is sent, to be shown. */
  view(): Pick<MediaView, 'sending' | 'held'> {
    const begun = [...this.#wanted].filter(([, wanted]) => wanted.begun);
    return {
      sending: Object.fromEntries(begun.map(([source, { track }]) => [source, track])),
      held: Object.fromEntries(begun.map(([source, { held }]) => [source, held])),
    };
  }

  close(): void {
    for (const source of this.sources) this.takeBack(source);
  }

  #refuse(source: StreamSource, { settle }: Wanted, error: unknown): void {
    this.#wanted.delete(source);
    settle.reject(error instanceof TongkeError ? error : unavailable(error));
  }
}

export const unavailable = (cause: unknown) =>
  new TongkeError('media_unavailable', 'media could not begin', { cause });

async function bringAbout(path: MediaPath, source: StreamSource, wanted: Wanted): Promise<void> {
  const producer = path.producer(source);
  if (source === 'mic' && producer && path.sound !== wanted.sound) {
    await path.stop(source, true);
    await path.produce(source, wanted.track, wanted.sound);
  } else if (!producer) await path.produce(source, wanted.track, wanted.sound);
  else if (producer.track !== wanted.track) await producer.replaceTrack({ track: wanted.track });
  if ((path.producer(source)?.paused ?? false) !== wanted.held) await path.hold(source, wanted.held);
}
