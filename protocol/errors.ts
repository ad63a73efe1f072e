import { z } from 'zod';

/**
 * Every refusal a person can meet. The code is stable and documented; the sentence is in the client's
 * catalogues under `error.<code>`, in three languages, and says what happened and what to do.
 */
export const ErrorCode = z.enum([
  'bad_request', // the payload does not fit the schema
  'too_large',
  'too_many_requests',
  'unknown_request',
  'version_mismatch', // the page is older or newer than the server: reload
  'not_signed_in',
  'wrong_password',
  'forbidden',
  'not_found',
  'lesson_not_started',
  'lesson_ended',
  'not_in_lesson',
  'connection_lost', // a client's own: the line broke before the answer came
  'not_on_stage',
  'media_unavailable', // no media worker can take the lesson just now
  'stream_gone', // the stream or consumer asked for has closed meanwhile
  'replay_not_ready',
  'replay_part_coming', // it is being made, behind others
  'replay_deleted', // by the administrator of its school
  'merge_impossible', // not two lessons of one teacher
  'edit_outdated', // somebody saved meanwhile
  'captions_unreadable', // no WebVTT; the message names the line
  'captions_too_many', // of this lesson: one has to go before another can come
  'share_ended', // or never there: who guesses learns nothing
  'package_damaged', // cut off, or a file of it is not as its hash says
  'package_forged', // the signature does not fit
  'package_untrusted', // signed by a school that is not trusted here; the message is its fingerprint
  'package_hostile', // made to do harm: names that lead out, packed or oversized files
  'package_older', // than the one that its lesson was taken from
  'room_not_found',
  'pairing_code_unknown', // wrong, used, or older than ten minutes
  'device_revoked', // its key is no longer good: it must be paired anew
  'update_running', // of the screens of one of these schools: one at a time
  'proof_refused', // a signature that does not fit, or was shown before
  'file_too_large', // more bytes than are taken of one file
  'file_kind_unknown', // by its content neither PDF, picture nor slides, whatever its name says
  'file_damaged', // not complete, or not what it begins as
  'file_locked', // asks for a password
  'file_active', // a drawing or document with program code in it
  'file_swells', // an archive that becomes far more than it is
  'picture_too_large', // in pixels
  'drawing_too_complex',
  'pages_too_many',
  'slides_unavailable', // no LibreOffice on the server
  'pdf_unavailable', // no poppler on the server
  'conversion_failed', // took too long, or too much; trying again may help
  'storage_full', // the school's share, or the disk
  'recordings_full', // the school's recordings take all that they may
  'storage_unavailable', // where recordings and courseware are kept does not answer
  'database_unavailable',
  'shutting_down',
  'internal',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** Refusals of the moment: the same request may be taken a little later. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'too_many_requests',
  'not_in_lesson',
  'not_signed_in', // signing in again gives the same person back
  'connection_lost',
  'replay_part_coming',
  'proof_refused', // with a new challenge
  'storage_unavailable',
  'database_unavailable',
  'shutting_down',
  'internal',
]);

export function isPassing(code: ErrorCode): boolean {
  return PASSING.has(code);
}

export { TongkeError } from './tongke-error.ts';

export const ErrorBody = z.object({ code: ErrorCode, message: z.string() });
export type ErrorBody = z.infer<typeof ErrorBody>;

/** What answers every request, over sockets and HTTP alike. */
export type Answer<T> = { ok: true; data: T } | { ok: false; error: ErrorBody };
