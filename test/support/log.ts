import type { Log } from '../../server/log.ts';

/** For tests in which trouble is expected; `TONGKE_TEST_LOG=1` shows it all the same. */
export const quietLog: Log = process.env.TONGKE_TEST_LOG
  ? { info: console.error, warn: console.error, error: console.error }
  : { info() {}, warn() {}, error() {} };
