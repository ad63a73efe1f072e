import { NotFoundError, WorkerClosedError } from 'mediasoup/errors';
import { TongkeError } from '../protocol/errors.ts';

/** What a closed worker or an id that is gone meanwhile mean to a caller: the same. */
export function isGone(error: unknown): boolean {
  return error instanceof NotFoundError || error instanceof WorkerClosedError;
}

export function gone(id: string): TongkeError {
  return new TongkeError('stream_gone', `no such stream: ${id}`);
}

/**
 * Runs a call of mediasoup and says its errors in the protocol's codes. What is neither gone nor ours was refused
 * by mediasoup for its parameters (TypeError, UnsupportedError, or a plain Error from the worker).
 */
export async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TongkeError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new TongkeError(isGone(error) ? 'stream_gone' : 'bad_request', message, { cause: error });
  }
}
