import { MongoNetworkError, MongoServerSelectionError } from 'mongodb';

/** What a socket says when its other end has just died; the driver passes some of these on as they are. */
const SOCKET_CODES = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ENOENT']);

/**
 * Whether an operation failed because the database could not be reached, not because of what was asked. Whether a
 * write was carried out is then unknown: it may be repeated only where carrying it out twice does no harm (a unique
 * key answers 11000 to the second).
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return (
    error.name === 'MongooseServerSelectionError' || (typeof code === 'string' && SOCKET_CODES.has(code))
  );
}
