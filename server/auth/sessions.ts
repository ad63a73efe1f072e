import { type IncomingMessage, ServerResponse } from 'node:http';
import { MongoStore } from 'connect-mongo';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import { isSecure } from './origin.ts';

declare module 'express-session' {
  interface SessionData {
    account: string;
  }
}

const LIFETIME_MS = 30 * 24 * 3_600_000;
/** A session in use is written once an hour, not with every request. */
const TOUCH_SECONDS = 3_600;

export interface SessionsOptions {
  readonly secret: string;
  readonly behindProxy: boolean;
  readonly store: session.Store;
}

/** Sessions in the given client's database, dropped by the database itself when they lapse. */
export function sessionStore(client: import('../store/database.ts').DatabaseClient): session.Store {
  return MongoStore.create({
    client,
    collectionName: 'sessions',
    ttl: LIFETIME_MS / 1000,
    touchAfter: TOUCH_SECONDS,
    stringify: false,
  });
}

/**
 * The session of every request, by cookie. HTTPS has a cookie of its own: `__Host-` binds it to this very host and to
 * encryption, and a page on plain HTTP (another port of the same host, so the same cookies) can neither read nor
 * replace it.
 */
export function createSessions({ secret, behindProxy, store }: SessionsOptions): RequestHandler {
  const common = {
    secret,
    store,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    proxy: behindProxy,
    // A function, since both below share the store, and with it the making of new sessions.
    cookie: (request: Request) => ({
      httpOnly: true,
      sameSite: 'lax' as const,
      path: '/',
      maxAge: LIFETIME_MS,
      secure: isSecure(request, behindProxy),
    }),
  };
  const plain = session({ ...common, name: 'tongke' });
  const encrypted = session({ ...common, name: '__Host-tongke' });
  return (request, response, next) =>
    isSecure(request, behindProxy) ? encrypted(request, response, next) : plain(request, response, next);
}
