import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ErrorRequestHandler, Request, Response } from 'express';
import { type Answer, type ErrorCode, TongkeError } from '../../protocol/errors.ts';
import { RateLimited } from '../auth/limits.ts';
import type { Log } from '../log.ts';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  bad_request: 400,
  too_large: 413,
  too_many_requests: 429,
  unknown_request: 404,
  version_mismatch: 409,
  not_signed_in: 401,
  wrong_password: 401,
  forbidden: 403,
  not_found: 404,
  lesson_not_started: 409,
  lesson_ended: 409,
  not_in_lesson: 409,
  connection_lost: 503,
  not_on_stage: 403,
  media_unavailable: 503,
  stream_gone: 410,
  replay_not_ready: 409,
  replay_part_coming: 503,
  replay_deleted: 410,
  merge_impossible: 409,
  edit_outdated: 409,
  captions_unreadable: 422,
  captions_too_many: 409,
  share_ended: 410,
  package_damaged: 422,
  package_forged: 422,
  package_untrusted: 403,
  package_hostile: 422,
  package_older: 409,
  room_not_found: 404,
  pairing_code_unknown: 404,
  device_revoked: 403,
  update_running: 409,
  proof_refused: 401,
  file_too_large: 413,
  file_kind_unknown: 415,
  file_damaged: 422,
  file_locked: 422,
  file_active: 422,
  file_swells: 422,
  picture_too_large: 422,
  drawing_too_complex: 422,
  pages_too_many: 422,
  slides_unavailable: 501,
  pdf_unavailable: 501,
  conversion_failed: 500,
  storage_full: 507,
  recordings_full: 507,
  storage_unavailable: 503,
  database_unavailable: 503,
  shutting_down: 503,
  internal: 500,
};

/** A voice that waits behind others is asked for again after so long, seconds: each takes some ten to make. */
const PART_COMES_S = 5;

/** Shorter answers fit into one packet anyway. */
const GZIP_FROM_BYTES = 1_400;

const compress = promisify(gzip);

/** Answers with JSON, compressed where it pays; a lesson's log shrinks to a fifth. */
export async function sendAnswer<T>(request: Request, response: Response, answer: Answer<T>): Promise<void> {
  response.type('json');
  await sendBody(request, response, JSON.stringify(answer));
}

/** Sends what has its type already, compressed where it pays. */
export async function sendBody(
  request: Request,
  response: Response,
  content: string | Uint8Array,
): Promise<void> {
  const body = Buffer.from(content);
  response.vary('Accept-Encoding');
  if (body.length < GZIP_FROM_BYTES || !request.acceptsEncodings('gzip')) {
    response.send(body);
    return;
  }
  const compressed = await compress(body);
  response.set('Content-Encoding', 'gzip').send(compressed);
}

/** What express or a library threw, as one of our codes. Its own words stay in the log: they may hold what was sent. */
export function asTongkeError(error: unknown): TongkeError {
  if (error instanceof TongkeError) return error;
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  const code = status === 413 ? 'too_large' : status === 404 ? 'not_found' : 'bad_request';
  const fromClient = typeof status === 'number' && status >= 400 && status < 500;
  return fromClient ? new TongkeError(code) : new TongkeError('internal', 'internal error', { cause: error });
}

/** The last stop of every request that failed. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const { code, message, cause } = asTongkeError(error);
    if (code === 'internal') log.error({ err: cause ?? error, path: request.path }, 'a request failed');
    if (response.headersSent) {
      next(error); // express ends the connection: half an answer must not look like a whole one
      return;
    }
    if (error instanceof RateLimited) response.set('Retry-After', String(error.retryAfterSeconds));
    if (code === 'replay_part_coming') response.set('Retry-After', String(PART_COMES_S));
    response.removeHeader('Content-Encoding');
    response
      .status(STATUS[code])
      .set('Cache-Control', 'no-store')
      .json({ ok: false, error: { code, message } });
  };
}
