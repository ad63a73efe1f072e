import type { RequestHandler } from 'express';
import { TongkeError } from '../../protocol/errors.ts';
import type { MediaApi } from '../../protocol/media.ts';
import { type Auth, subjectOf } from '../auth/auth.ts';
import { hearVoices } from '../lessons/heard-voices.ts';
import type { Lessons } from '../lessons/lessons.ts';
import type { LessonRecords } from '../lessons/record.ts';
import { authoriseLesson } from './authorise.ts';

/** Packets travel together for so long, or headers would weigh as much as the voice. */
const TOGETHER_MS = 240;
/** Then whoever still needs it asks again, and is asked whether they may. */
const LONGEST_MS = 60_000;
/** Of one participant at a time: their pages' and devices', and what is still being found to be gone. */
const MOST_LINES = 8;
/** Bytes on their way beyond which the link does not carry a voice: ten seconds of it. */
const MOST_WAITING = 16 * 1024;

export interface LiveVoiceOptions {
  readonly auth: Auth;
  readonly records: LessonRecords;
  readonly lessons: Lessons;
  readonly media: MediaApi;
}

/**
 * `GET /live/:lesson/voice`: the voices of a live lesson as a line of bytes (`protocol/voice-line.ts`) that goes on. Two
 * exchanges over TCP and they are heard, where WebRTC takes six, and HTTP passes where nothing else does.
 */
export function liveVoice({ auth, records, lessons, media }: LiveVoiceOptions): RequestHandler {
  const lines = new Map<string, number>();
  return async (request, response) => {
    const account = await auth.accountOf(request);
    const subject = account && subjectOf(account);
    const { id } = await authoriseLesson(records, subject, 'lesson.attend', request.params.lesson);
    const participant = subject?.id ?? '';
    const { lesson } = await lessons.open(id);
    if (response.destroyed) return; // hung up meanwhile, which would not be told again
    response.set('Cache-Control', 'no-store, no-transform');
    const { streams } = lesson.state();
    if (Object.values(streams).every((each) => each.source !== 'mic' || each.participant === participant)) {
      response.status(204).end(); // nobody speaks: what one will hear comes over WebRTC
      return;
    }
    const open = lines.get(participant) ?? 0;
    if (open >= MOST_LINES) throw new TongkeError('too_many_requests');
    lines.set(participant, open + 1);
    // A proxy in front is not to collect it.
    response.type('application/octet-stream').set('X-Accel-Buffering', 'no').flushHeaders();

    let waiting: Uint8Array[] = [];
    const send = () => {
      if (response.writableLength > MOST_WAITING) response.destroy();
      else if (waiting.length > 0) response.write(Buffer.concat(waiting));
      waiting = [];
    };
    const stop = hearVoices({
      ...{ lesson, media, participant },
      heard: (bytes) => waiting.push(bytes),
      ended: () => response.end(),
    });
    send(); // the last moments, at once
    const sending = setInterval(send, TOGETHER_MS);
    const longest = setTimeout(() => response.end(), LONGEST_MS);
    response.once('close', () => {
      stop();
      clearInterval(sending);
      clearTimeout(longest);
      const left = (lines.get(participant) ?? 1) - 1;
      if (left > 0) lines.set(participant, left);
      else lines.delete(participant);
    });
  };
}
