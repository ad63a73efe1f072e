import type { Request } from 'express';
import { keepSession, renewSession } from '../auth/sessions.ts';
import { isShared } from '../store/replays.ts';

declare module 'express-session' {
  interface SessionData {
    /** Shares that were opened with this browser. Each is looked at again whenever it is used. */
    shares?: string[];
  }
}

/** A browser that opens more than so many forgets the first. */
const SHARES_KEPT = 20;

/** Whether a share that this browser has opened lets it watch that lesson's replay now. */
export async function isSharedWith(request: Request, lesson: string): Promise<boolean> {
  const { shares = [] } = request.session;
  return shares.length > 0 && (await isShared(lesson, shares, new Date()));
}

/**
 * Remembers in the browser's session that it came by this share. A browser without an account gets a new session: one that
 * somebody else had planted would watch along.
 */
export async function rememberShare(request: Request, share: string): Promise<void> {
  const others = (request.session.shares ?? []).filter((known) => known !== share);
  if (request.session.account === undefined) await renewSession(request);
  request.session.shares = [...others, share].slice(-SHARES_KEPT);
  await keepSession(request);
}
