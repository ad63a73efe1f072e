import { TongkeError } from '../../protocol/errors.ts';
import type { Stream } from '../../protocol/events.ts';
import type { MediaApi } from '../../protocol/media.ts';
import { VoiceLineWriter } from '../../protocol/voice-line.ts';
import type { Lesson } from './lesson.ts';

export interface HeardVoicesOptions {
  readonly lesson: Lesson;
  readonly media: Pick<MediaApi, 'listen'>;
  /** Who listens: does not hear themselves. */
  readonly participant: string;
  heard(bytes: Uint8Array): void;
  /** The lesson is over. */
  ended(): void;
}

/** The voices of a lesson but one's own, those that begin later too, as one line of bytes; until the function is called. */
export function hearVoices({ lesson, media, participant, heard, ended }: HeardVoicesOptions): () => void {
  const writer = new VoiceLineWriter();
  const ends: (() => void)[] = [];
  let voices = 0;
  const listen = (stream: Stream) => {
    if (stream.source !== 'mic' || stream.participant === participant) return;
    const voice = voices++;
    try {
      ends.push(media.listen(stream.id, (packet) => heard(writer.write({ voice, ...packet }))));
    } catch (error) {
      if (!(error instanceof TongkeError && error.code === 'stream_gone')) throw error;
    }
  };
  const streams = Object.values(lesson.state().streams);
  // Where somebody's link is so thin, this one may be: it takes half of the other, and is there sooner.
  const thin = new Set(streams.flatMap((each) => (each.thin ? [each.participant] : [])));
  for (const stream of streams) if (stream.thin || !thin.has(stream.participant)) listen(stream);
  ends.push(
    lesson.subscribe(({ event }) => {
      if (event.type === 'stream.opened' && !event.stream.thin) listen(event.stream);
      else if (event.type === 'lesson.ended') ended();
    }),
  );
  return () => {
    for (const end of ends) end();
  };
}
