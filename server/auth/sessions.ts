import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { MongoStore } from 'connect-mongo';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import { type DatabaseClient, translate } from '../store/database.ts';
import { isSecure } from './origin.ts';

declare module 'express-session' {
  interface SessionData {
    /** Id of the account that signed in. */
    account: string;
    /** The device that signed in by this key, for that room's account. */
    device?: DeviceIdentity;
  }
}

export interface DeviceIdentity {
  readonly id: string;
  readonly key: string;
}

const LIFETIME_MS = 30 * 24 * 3_600_000;
/** A session in use is written once an hour, not with every request. */
const TOUCH_SECONDS = 3_600;

/**
 * HTTPS has a cookie of its own: `__Host-` binds it to this very host and to encryption. A page on plain HTTP (another
 * port of the same host, hence the same cookie jar) can neither read nor replace it.
 */
const COOKIE = { plain: 'tongke', encrypted: '__Host-tongke' } as const;

export interface SessionsOptions {
  readonly client: DatabaseClient;
  readonly secret: string;
  readonly behindProxy: boolean;
}

/** Who is signed in where: a cookie that says nothing, and a row in the database that can be taken away. */
export class Sessions {
  /** Gives a request its `session`. Passes `database_unavailable` on to the error handler. */
  readonly middleware: RequestHandler;
  readonly #store: session.Store;
  readonly #secret: string;
  readonly #behindProxy: boolean;

  constructor({ client, secret, behindProxy }: SessionsOptions) {
    this.#secret = secret;
    this.#behindProxy = behindProxy;
    this.#store = MongoStore.create({
      client,
      collectionName: 'sessions',
      ttl: LIFETIME_MS / 1000,
      touchAfter: TOUCH_SECONDS,
      stringify: false,
    });
    this.middleware = this.#createMiddleware();
  }

  /** The session that a request's cookie names, without touching it: for sockets, which answer with no cookie. */
  async find(
    request: IncomingMessage,
  ): Promise<{ id: string; account: string; device?: DeviceIdentity } | null> {
    const name = isSecure(request, this.#behindProxy) ? COOKIE.encrypted : COOKIE.plain;
    const id = signedId(request.headers.cookie ?? '', name, this.#secret);
    if (id === null) return null;
    const found = await new Promise<session.SessionData | null | undefined>((resolve, reject) => {
      this.#store.get(id, (error, data) => (error ? reject(translate(error)) : resolve(data)));
    });
    return found?.account === undefined ? null : { id, account: found.account, device: found.device };
  }

  #createMiddleware(): RequestHandler {
    const common = {
      secret: this.#secret,
      store: this.#store,
      resave: false,
      saveUninitialized: false,
      rolling: true,
      proxy: this.#behindProxy,
      // A function, because both of these share the store, and with it the making of new sessions.
      cookie: (request: Request) => ({
        httpOnly: true,
        sameSite: 'lax' as const,
        path: '/',
        maxAge: LIFETIME_MS,
        secure: isSecure(request, this.#behindProxy),
      }),
    };
    const plain = session({ ...common, name: COOKIE.plain });
    const encrypted = session({ ...common, name: COOKIE.encrypted });
    return (request, response, next) => {
      const handle = isSecure(request, this.#behindProxy) ? encrypted : plain;
      handle(request, response, (error?: unknown) =>
        next(error === undefined ? undefined : translate(error)),
      );
    };
  }
}

/** Makes the request's session a new one of this account; the id from before (a planted one, perhaps) is worthless. */
export async function beginSession(
  request: Request,
  account: string,
  device?: DeviceIdentity,
): Promise<void> {
  await renewSession(request);
  request.session.account = account;
  if (device !== undefined) request.session.device = device;
  await keepSession(request);
}

/** An empty session under a new id. */
export async function renewSession(request: Request): Promise<void> {
  await settled((done) => request.session.regenerate(done));
}

/** Writes the session now rather than with the answer: whoever reads the answer may use it at once. */
export async function keepSession(request: Request): Promise<void> {
  await settled((done) => request.session.save(done));
}

export async function endSession(request: Request): Promise<void> {
  await settled((done) => request.session.destroy(done));
}

function settled(operation: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    operation((error) => (error ? reject(translate(error)) : resolve()));
  });
}

/** The id in a cookie as express-session writes it, `s:ID.SIGNATURE`, or null where it is missing or not ours. */
function signedId(cookies: string, name: string, secret: string): string | null {
  const value = cookies
    .split(';')
    .map((cookie) => cookie.trim())
    .find((cookie) => cookie.startsWith(`${name}=s%3A`))
    ?.slice(`${name}=s%3A`.length);
  const [, id, signature] = /^([\w-]+)\.([\w+/%]+)$/.exec(value ?? '') ?? [];
  if (!id || !signature) return null;
  const expected = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '');
  return sameText(encodeURIComponent(expected), signature) ? id : null;
}

export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
