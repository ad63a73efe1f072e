import { type ErrorCode, TongkeError } from '../../protocol/errors.ts';
import type { Log } from '../log.ts';

/** Why a connection is not admitted: socket.io hands `data` to the client beside the message. */
export function refusalOf(error: unknown, log: Log): Error & { data: { code: ErrorCode } } {
  const code = error instanceof TongkeError ? error.code : 'internal';
  if (code === 'internal') log.error({ err: error }, 'a connection could not be admitted');
  return Object.assign(new Error(code), { data: { code } });
}
