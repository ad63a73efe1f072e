import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { EntriesEncoder } from '../../protocol/entries-line.ts';
import { TongkeError } from '../../protocol/errors.ts';
import type { ReplayFile } from '../../protocol/recording.ts';
import { type Auth, subjectOf } from '../auth/auth.ts';
import type { Courier } from '../courier/courier.ts';
import type { LessonRecord, LessonRecords } from '../lessons/record.ts';
import type { Archives } from '../replays/archive.ts';
import { entriesAfter, type ReplayReader } from '../replays/reader.ts';
import { writeVtt } from '../replays/webvtt.ts';
import { sendBody } from './answer.ts';
import { authoriseLesson } from './authorise.ts';
import { isSharedWith } from './shared.ts';

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
  readonly reader: ReplayReader;
}

/** `/replays/:lesson/*name`: playlists and segments, each authorised like the replay itself, in parts if asked for. */
export function replayFiles({ auth, records, reader }: ReplayFilesOptions): RequestHandler {
  return async (request, response, next) => {
    const name = [request.params.name ?? ''].flat().join('/');
    const permission = name.startsWith('original/') ? 'replay.original' : 'replay.watch';
    const lesson = await authoriseFile({ auth, records }, request, permission);
    const extension = extname(name);
    const type = Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined;
    const skip = request.query._HLS_skip !== undefined;
    const file = type ? await reader.file(lesson.id, name, { skip }) : null;
    if (!type || !file) throw new TongkeError('not_found');
    // Kept by the browser, and asked for each time whether it may still be had: whoever sits at a school's computer next, has
    // signed out, or whose share is over, hears nothing of it. It costs a round trip where something is heard again, and
    // none of the bytes. `Vary: Cookie` with an age would cost none, but would not heed what the server ends: the cookie stays.
    const headers = { 'Content-Type': type, 'Cache-Control': 'private, no-cache' };
    if (!('path' in file)) {
      response.set(headers);
      if ('text' in file) await sendBody(request, response, file.text);
      else await sendStored(request, response, file);
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

/** A file out of the store, or the one part of it that is asked for (RFC 9110, section 14). */
async function sendStored(
  request: Request,
  response: Response,
  { bytes, tag, read }: Extract<ReplayFile, { bytes: number }>,
): Promise<void> {
  const asked = request.range(bytes, { combine: true });
  response.set({ 'Accept-Ranges': 'bytes', ETag: `W/"${tag}"` });
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  if (asked === UNSATISFIABLE) {
    response.status(416).set('Content-Range', `bytes */${bytes}`).end();
    return;
  }
  const part = Array.isArray(asked) && asked.type === 'bytes' && asked.length === 1 ? asked[0] : undefined;
  const [from, to] = part ? [part.start, part.end] : [0, bytes - 1];
  const content = request.method === 'HEAD' || bytes === 0 ? [] : await read({ from, to });
  if (part) response.status(206).set('Content-Range', `bytes ${from}-${to}/${bytes}`);
  response.set('Content-Length', String(bytes === 0 ? 0 : to - from + 1));
  try {
    await pipeline(content, response);
  } catch (error) {
    if (!isAborted(error)) throw error;
  }
}

/** What `request.range` answers for a range that lies outside. */
const UNSATISFIABLE = -1;

const After = z.coerce.number().int().min(0).catch(0);

/** `/replays/:lesson/log` and `/replays/:lesson/original/log`: the log as it travels, ink by reference. */
export function logFile(
  { auth, records, reader }: ReplayFilesOptions,
  permission: 'replay.watch' | 'replay.original',
): RequestHandler {
  return async (request, response) => {
    const record = await authoriseFile({ auth, records }, request, permission);
    const entries =
      permission === 'replay.watch' ? await reader.log(record) : await reader.originalLog(record);
    const lines = new EntriesEncoder().encode(entriesAfter(entries, After.parse(request.query.after)));
    response.set('Cache-Control', 'private, no-cache').type('application/octet-stream');
    await sendBody(request, response, lines);
  };
}

/** `/replays/:lesson/captions/:track`: a caption track as a WebVTT file on the replay's clock. */
export function captionFile({ auth, records, reader }: ReplayFilesOptions): RequestHandler {
  return async (request, response) => {
    const record = await authoriseFile({ auth, records }, request, 'replay.watch');
    const track = /^(\w+)\.vtt$/.exec(String(request.params.track))?.[1] ?? '';
    const { cues } = await reader.cues(record.id, track);
    const text = writeVtt(cues, await reader.beginning(record));
    response.set('Cache-Control', 'private, no-cache').type('text/vtt; charset=utf-8').send(text);
  };
}

/** `/replays/:lesson/archive.zip`: the replay to take away, made while it is sent. */
export function archiveFile({
  auth,
  records,
  archives,
}: ReplayFilesOptions & { archives: Archives }): RequestHandler {
  return async (request, response, next) => {
    const record = await authoriseFile({ auth, records }, request, 'replay.keep');
    const archive = await archives.open(record);
    if ('bytes' in archive) response.set('Content-Length', String(archive.bytes));
    response
      .type('application/zip')
      .set('Content-Disposition', `attachment; filename="tongke-${record.id}.zip"`)
      .set('Cache-Control', 'no-store');
    pipeline(archive.stream, response).catch((error: unknown) => {
      if (!(error instanceof Error && isAborted(error))) next(error);
    });
  };
}

/** `/courier/packages/:name`: a package that was made, in parts if asked for. */
export function packageFile({
  auth,
  records,
  courier,
}: ReplayFilesOptions & { courier: Courier }): RequestHandler {
  return async (request, response, next) => {
    const lesson = /^([\w-]+)\.tongke$/.exec(String(request.params.name))?.[1] ?? '';
    const account = await auth.accountOf(request);
    const record = await authoriseLesson(records, account && subjectOf(account), 'replay.export', lesson);
    const path = await courier.file(record.id);
    if (!path) throw new TongkeError('not_found');
    const headers = {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename="${record.id}.tongke"`,
    };
    response.sendFile(path, { headers, cacheControl: false }, (error?: Error) => {
      if (error && !isAborted(error)) next(error);
    });
  };
}

async function authoriseFile(
  { auth, records }: Pick<ReplayFilesOptions, 'auth' | 'records'>,
  request: Request,
  permission: 'replay.watch' | 'replay.keep' | 'replay.original',
): Promise<LessonRecord> {
  const account = await auth.accountOf(request);
  const subject = account && subjectOf(account);
  return authoriseLesson(records, subject, permission, request.params.lesson, (id) =>
    isSharedWith(request, id),
  );
}

/** A player that seeks lets go of what it was loading. */
function isAborted(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ECONNABORTED' ||
      error.code === 'EPIPE' ||
      error.code === 'ECONNRESET' ||
      error.code === 'ERR_STREAM_UNABLE_TO_PIPE' || // it went before the first byte
      error.code === 'ERR_STREAM_PREMATURE_CLOSE')
  );
}
