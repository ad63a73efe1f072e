import { extname } from 'node:path';
import type { RequestHandler } from 'express';
import { TongkeError } from '../../protocol/errors.ts';
import type { RecordingsApi } from '../../protocol/recording.ts';
import { type Auth, subjectOf } from '../auth/auth.ts';
import type { LessonRecords } from '../lessons/record.ts';
import { sendText } from './answer.ts';
import { authoriseLesson } from './authorise.ts';

/** What a rendition may consist of (RFC 8216 section 10, RFC 4337); nothing else is served. */
const TYPES: Readonly<Record<string, string>> = {
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.m4s': 'video/iso.segment',
  '.mp4': 'video/mp4',
  '.m4a': 'audio/mp4',
  '.ts': 'video/mp2t',
  '.vtt': 'text/vtt',
};

export interface ReplayFilesOptions {
  readonly auth: Auth;
  readonly records: LessonRecords;
  readonly recordings: RecordingsApi;
}

/** `/replays/:lesson/*name`: playlists and segments, each authorised like the replay itself, in parts if asked for. */
export function replayFiles({ auth, records, recordings }: ReplayFilesOptions): RequestHandler {
  return async (request, response, next) => {
    const account = await auth.accountOf(request);
    const lesson = await authoriseLesson(
      records,
      account && subjectOf(account),
      'lesson.attend',
      request.params.lesson,
    );
    const name = [request.params.name ?? ''].flat().join('/');
    const extension = extname(name);
    const type = Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined;
    const skip = request.query._HLS_skip !== undefined;
    const file = type ? await recordings.file(lesson.id, name, { skip }) : null;
    if (!type || !file) throw new TongkeError('not_found');
    // Playlists grow while a rendition is made; a segment never changes.
    const cacheControl = extension === '.m3u8' ? 'private, no-cache' : 'private, max-age=86400';
    const headers = { 'Content-Type': type, 'Cache-Control': cacheControl };
    if ('text' in file) {
      response.set(headers);
      await sendText(request, response, file.text);
      return;
    }
    response.sendFile(file.path, { headers, cacheControl: false, dotfiles: 'allow' }, (error?: Error) => {
      if (!error || isAborted(error)) return;
      // A player that asks for more than there is goes by the status, not by our codes.
      if ('status' in error && error.status === 416) response.status(416).end();
      else next(error);
    });
  };
}

/** A player that seeks lets go of what it was loading. */
function isAborted(error: Error): boolean {
  return (
    'code' in error &&
    (error.code === 'ECONNABORTED' || error.code === 'EPIPE' || error.code === 'ECONNRESET')
  );
}
